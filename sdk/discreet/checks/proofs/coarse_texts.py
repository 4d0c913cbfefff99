"""Which exact texts have coarse values that are so and so: their beginnings, and the networks of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, cast

from .doubt import Doubt
from .texts import Texts

if TYPE_CHECKING:
    from discreet_consent import Attribute

_MAX_ALTERNATIVES = 4_096
_MOST_SPELLED = 1_500
_BEGUN = re.compile(r"(?:[0-9]{1,3}\.){3}|(?:[0-9A-Fa-f]{1,4}:){3}(?=[0-9A-Fa-f:])")
_TRIES = 64  # texts of one alternative that are tried
# Networks that documentation is written with; a visitor who is nobody comes from there.
_NETWORKS = ("192.0.2.0", "198.51.100.0", "203.0.113.0", "2001:db8::", "2001:db8:1::", "10.0.0.0")


@dataclass(frozen=True, slots=True)
class Exact:
    """Exact texts to try. `all`: where none of them will do, there is none."""

    texts: Iterable[str]
    all: bool


def exact_texts(asked: Sequence[tuple[Attribute, Texts]], *, lower: bool) -> Exact:
    """Texts of which the values, coarse or not, may be as asked. Raises Doubt."""
    every = [Texts(lower=lower)]
    tries: list[Texts] = []
    networks: list[tuple[Attribute, Texts]] = []
    letters = frozenset[str]().union(*(fact.letters() for _, fact in asked))
    for attribute, fact in asked:
        coarsens = attribute.coarsens
        if coarsens is None:
            every, tries = ([*_both(group, [fact])] for group in (every, tries))
        elif coarsens.method == "network":
            networks.append((attribute, fact))
        else:
            count = cast("int", coarsens.parameter)
            spelled = _spelled_out(fact, count, letters)
            beginnings = [*_beginnings(spelled, count, lower=lower)]
            examples = [*_examples(spelled, count, lower=lower)]
            tries = [*_both(every, examples), *_both(tries, beginnings), *_both(tries, examples)]
            every = [*_both(every, beginnings)]
        if len(every) + len(tries) > _MAX_ALTERNATIVES:
            raise Doubt("too many ways in which a text may begin")
    finite = all(each.among is not None for each in every)
    if not networks:
        return Exact(
            chain.from_iterable(islice(each.candidates(), _TRIES) for each in (*tries, *every)), finite
        )
    return _in_networks(networks, every, finite)


def _both(some: Iterable[Texts], others: Sequence[Texts]) -> Iterator[Texts]:
    for one in some:
        for other in others:
            both = one.both(other)
            if both is not None:
                yield both


def _beginnings(fact: Texts, count: int, *, lower: bool) -> Iterator[Texts]:
    """What follows for a text from a fact about its first `count` characters; all of it, but for ends and contents."""
    anything = Texts(lower=lower)
    if fact.among is not None:
        yield from filter(
            None, (_beginning(anything, each, count, wanted=True) for each in sorted(fact.among))
        )
        return
    if len(fact.starts) > count:
        return
    found: Texts | None = anything.starting(fact.starts, wanted=True)
    for each in sorted(fact.no_starts):
        if found is not None and len(each) <= count:
            found = found.starting(each, wanted=False)
    for each in sorted(fact.denied):
        if found is not None and len(each) <= count:
            found = _beginning(found, each, count, wanted=False)
    if found is not None:
        yield found


def _beginning(base: Texts, text: str, count: int, *, wanted: bool) -> Texts | None:
    """The texts whose first `count` characters are `text`, or are not."""
    if len(text) > count:
        return None if wanted else base
    return base.starting(text, wanted) if len(text) == count else base.named(frozenset((text,)), wanted)


def _spelled_out(fact: Texts, count: int, letters: frozenset[str]) -> Texts:
    """The same fact about `count` characters by naming each text, where it is about ends and contents and they are few.

    A character that is in no literal is as good as any other of that kind, so one of them will do.
    """
    if fact.among is not None or not _is_about_more(fact) or (len(letters) + 1) ** count > _MOST_SPELLED:
        return fact
    other = next(each for each in "x_0zqwk~#!%&<>;" if each not in letters or each == ";")
    spelled = chain.from_iterable(
        product(sorted(letters | {other}), repeat=length) for length in range(count + 1)
    )
    return replace(fact, among=frozenset(filter(fact.fits, map("".join, spelled))))


def _is_about_more(fact: Texts) -> bool:
    return bool(fact.ends or fact.holds or fact.no_ends or fact.no_holds)


def _examples(fact: Texts, count: int, *, lower: bool) -> Iterator[Texts]:
    """Texts that begin with an example of a fact about ends and contents, which `_beginnings` leaves out."""
    if fact.among is None and _is_about_more(fact):
        for example in islice(fact.candidates(), _TRIES):
            found = _beginning(Texts(lower=lower), example, count, wanted=True)
            if found is not None:
                yield found


def _in_networks(networks: Sequence[tuple[Attribute, Texts]], every: Sequence[Texts], finite: bool) -> Exact:
    if finite:
        return Exact(chain.from_iterable(each.candidates() for each in every), True)
    able = [each for each in every if _may_be_in(each, networks)]
    nets: list[str] = []
    for _, fact in networks:
        nets += sorted(fact.among or (*fact.denied, *fact.holds, fact.starts))
    beginnings = {
        text for each in able for text in (each.starts, each.ends, *each.holds, *each.denied) if text
    }
    texts = chain.from_iterable(_addresses_like(each) for each in sorted(beginnings))
    inside = chain.from_iterable(_addresses(each) for each in (*nets, *_NETWORKS))
    joined = (net + text for net in nets for text in sorted(beginnings))
    return Exact(chain(texts, inside, joined), not able or not _some_network(networks))


def _some_network(networks: Sequence[tuple[Attribute, Texts]]) -> bool:
    """Whether one of the networks that are named could be all of what is asked."""
    named = [fact.among for _, fact in networks if fact.among is not None]
    return not named or any(_is_network(networks[0][0], each) for each in frozenset[str].intersection(*named))


def _may_be_in(text: Texts, networks: Sequence[tuple[Attribute, Texts]]) -> bool:
    """Whether an address may begin as `text` does; False only where its beginning says that it may not."""
    begun = _BEGUN.match(text.starts)
    if begun is None or frozenset("0:").issuperset(begun[0]):  # an IPv4 address may stand behind zeros
        return True
    # Three numbers with a dot behind are an IPv4 address or none; three groups with a colon say which /48 it is.
    example = f"{begun[0]}0" if "." in begun[0] else f"{begun[0]}:1"
    coarse = [None if each.coarsens is None else each.coarsens.coarser(example) for each, _ in networks]
    if "." not in begun[0] and (None in coarse or any("." in str(each) for each in coarse)):
        return True  # an IPv6 address that holds an IPv4 one: its network lies further behind
    return all(each is not None and fact.fits(each) for each, (_, fact) in zip(coarse, networks, strict=True))


def _addresses_like(text: str) -> Iterator[str]:
    for more in ("", "1", "7", "10", "0.1", "::1", ":1", "::", "0:0:0:0:1"):
        yield text + more
    for less in ("1", "192.0.2.", "192.0.", "::ffff:", "::", "2001:db8::", "2001:db8:1::"):
        yield less + text


def _is_network(attribute: Attribute, text: str) -> bool:
    return attribute.coarsens is not None and attribute.coarsens.coarser(text) == text


def _address(text: str) -> Any:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _addresses(network: str) -> tuple[str, ...]:
    """Some addresses of a network: all of an IPv4 /24, also as IPv6 has them, and some of an IPv6 /48."""
    address = _address(network)
    if address is None:
        return ()
    if address.version == 4:
        first, *others = [str(each) for each in IPv4Network((int(address) & ~0xFF, 24))]
        return (*others, first, *(f"::ffff:{each}" for each in (*others, first)))
    hosts = IPv6Network((int(address) >> 80 << 80, 48))
    return tuple(str(hosts[number]) for number in (1, *range(2, 256), 0, 1 << 64, 1 << 16))
