"""The whole way: models, bundle, consent, decisions for every customer, and the report.

One clock serves everything: midnight UTC of the demo's day. The purchases are moved to it by 28 years (see
`histories`); the consent strings keep the dates that they carry, so some of them have expired by then.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple, TextIO

from discreet_consent import Consent

from ..compiler import SigningKey, build
from ..errors import DiscreetError
from ..model import Model, read_models
from ..runtime import Decision, Evaluator, Keyring, Reason, load
from .consents import Choice, Outcome, read_choices
from .folder import BUNDLE, KEYRING, decisions_log, prepare
from .histories import CDNOW, DAY_S, customer_attributes, midnight_s, read_histories, request_attributes
from .report import ConsentCount, Report, Tally, Withdrawal

TODAY: Final = datetime.date(2026, 7, 1)  # the day after the last purchase of the data
MODELS: Final = ("web.yaml", "mail.yaml", "call_centre.yaml")
LIFE_DAYS: Final = 3_650  # so that the files that are left behind can be looked at for a long time
LAST_DAY: Final = datetime.date.max - datetime.timedelta(LIFE_DAYS)  # the bundle expires within the year 9999
_CHUNK: Final = 500  # customers between two reports of progress
_EVERY: Final = 1_000  # more offers than any placement has: all that are eligible

Advance = Callable[[str, int, int], None]
"""Is told about the work: the step, how many customers are done, of how many."""


class NobodyYet(DiscreetError):
    """Nobody had bought anything before the day that was asked for."""


class Visitor(NamedTuple):
    """A customer on the demo's day: everything that is known of them, and the consent string that they got."""

    row: int
    attributes: Mapping[str, object]
    choice: Choice


class _Shop(NamedTuple):
    """What is needed to decide: the loaded bundle and the clock."""

    evaluator: Evaluator
    now_s: int

    def decide(self, attributes: Mapping[str, object], consent: Consent) -> dict[str, Decision]:
        permitted = self.evaluator.permit(attributes, consent, now_s=self.now_s)
        return self.evaluator.decide_all(permitted, now_s=self.now_s)

    def eligible(self, attributes: Mapping[str, object], consent: Consent) -> list[tuple[str, ...]]:
        """For each placement all offers that may show there, best first; without the fallback."""
        permitted = self.evaluator.permit(attributes, consent, now_s=self.now_s)
        ranked = (
            self.evaluator.decide_top(placement, permitted, _EVERY, now_s=self.now_s)
            for placement in self.evaluator.placements
        )
        return [tuple(each.offer for each in offers if each.reason is Reason.MATCHED) for offers in ranked]


def run(
    folder: Path,
    *,
    today: datetime.date = TODAY,
    limit: int | None = None,
    advance: Advance = lambda *_: None,
) -> Report:
    """Walk the whole way for the first `limit` customers, all when None, and leave the files in `folder`.

    The signing key is made for this run and kept nowhere; the keyring holds its public half. The decisions are there
    whole or not at all.

    Args:
        today: `LAST_DAY` at the latest.

    Raises:
        ValueError: `today` is later than that.
        NobodyYet: no customer had bought anything before `today`.
        FolderRefused: `folder` holds something that no demo made.
        OSError: a file cannot be written.
    """
    if today > LAST_DAY:
        raise ValueError(f"the demo's day is {LAST_DAY} at the latest")
    now_s = midnight_s(today)
    known = _known_customers(today, limit)
    models = read_models([CDNOW / name for name in MODELS])
    prepare(folder)
    key = SigningKey.generate()
    shop = _Shop(_publish(models, key, folder, now_s), now_s)
    asked = frozenset(purpose for attribute in shop.evaluator.catalogue for purpose in attribute.purposes)
    choices = read_choices(now_s, asked)
    visitors = [
        Visitor(row, attributes, choices[(row - 1) % len(choices)]) for row, attributes in known.items()
    ]

    with decisions_log(folder) as log:
        own = _decide_for_all(shop, visitors, "own", lambda each: each.choice.consent, advance, log)
    everything, nothing = Consent.granting(*asked), Consent.refusing()
    full = _decide_for_all(shop, visitors, "full", lambda _: everything, advance)
    none = _decide_for_all(shop, visitors, "no", lambda _: nothing, advance)
    withdrawals = _withdrawals(shop, visitors, asked, advance)
    return Report(
        today=today,
        folder=str(folder),
        customers=len(visitors),
        channels=tuple(model.channel for model in models),
        stages=tuple(stage.id for stage in models[0].stages),
        placements=shop.evaluator.placements,
        offers=sum(len(model.offers) for model in models),
        attributes=len(shop.evaluator.catalogue),
        bundle_bytes=(folder / BUNDLE).stat().st_size,
        key_id=key.id,
        consents=_count_consents(choices, visitors),
        own=own,
        full=full,
        none=none,
        withdrawals=withdrawals,
    )


def _known_customers(today: datetime.date, limit: int | None) -> dict[int, Mapping[str, object]]:
    """What is known on `today` of everybody who had bought before, by row."""
    request = request_attributes(today)
    known: dict[int, Mapping[str, object]] = {}
    for history in read_histories(limit):
        purchases = history.before(today)
        if purchases:
            known[history.row] = {**request, **customer_attributes(purchases)}
    if not known:
        raise NobodyYet(f"nobody had bought anything before {today}: the purchases begin on 2025-01-01")
    return known


def _publish(models: Sequence[Model], key: SigningKey, folder: Path, now_s: int) -> Evaluator:
    """Build, sign and write the bundle and the keyring; then load both from their files, as an edge would."""
    bundle = build(
        models, [key], name="cdnow", version=1, created_s=now_s, expires_s=now_s + LIFE_DAYS * DAY_S
    )
    (folder / BUNDLE).write_bytes(bundle)
    Keyring([key.public]).write(folder / KEYRING)
    return load(folder / BUNDLE, Keyring.read(folder / KEYRING), now_s=now_s)


def _decide_for_all(
    shop: _Shop,
    visitors: Sequence[Visitor],
    name: str,
    consent_of: Callable[[Visitor], Consent],
    advance: Advance,
    log: TextIO | None = None,
) -> Tally:
    """Decide for everybody, measure only that, count, and log every decision where a log is given."""
    tally = Tally(name)
    for chunk in _chunks(visitors, f"deciding under {name} consent", advance):
        began = perf_counter()
        decided = [shop.decide(visitor.attributes, consent_of(visitor)) for visitor in chunk]
        tally.seconds += perf_counter() - began
        for visitor, decisions in zip(chunk, decided, strict=True):
            tally.add(decisions.values())
            if log is not None:
                _log(log, visitor, decisions.values())
    return tally


def _log(log: TextIO, visitor: Visitor, decisions: Iterable[Decision]) -> None:
    """Write the decisions for one visitor, a line each: names, and no value."""
    for decision in decisions:
        record = {"row": visitor.row, "consent": visitor.choice.id, **decision.as_record()}
        log.write(json.dumps(record, separators=(",", ":")) + "\n")


def _withdrawals(
    shop: _Shop, visitors: Sequence[Visitor], asked: frozenset[str], advance: Advance
) -> tuple[Withdrawal, ...]:
    """For each purpose: what changes for customers who granted all of them and withdraw this one."""
    everything = Consent.granting(*asked)
    without = {purpose: Consent.granting(*(asked - {purpose})) for purpose in sorted(asked)}
    counts: dict[str, Counter[str]] = {purpose: Counter() for purpose in without}
    for chunk in _chunks(visitors, "withdrawing one purpose at a time", advance):
        for visitor in chunk:
            before = shop.eligible(visitor.attributes, everything)
            for purpose, consent in without.items():
                after = shop.eligible(visitor.attributes, consent)
                for was, remains in zip(before, after, strict=True):
                    _compare(was, remains, counts[purpose])
    return tuple(
        Withdrawal(purpose, count["changed"], count["fell_back"], count["lost"], count["gained"])
        for purpose, count in counts.items()
    )


def _compare(was: tuple[str, ...], remains: tuple[str, ...], count: Counter[str]) -> None:
    """Count the difference between the offers that were eligible and those that still are, best first."""
    if was == remains:
        return
    count["changed"] += was[:1] != remains[:1]
    count["fell_back"] += bool(was) and not remains
    count["lost"] += len(set(was) - set(remains))
    count["gained"] += len(set(remains) - set(was))


def _count_consents(choices: Sequence[Choice], visitors: Sequence[Visitor]) -> tuple[ConsentCount, ...]:
    strings = Counter(choice.outcome for choice in choices)
    customers = Counter(visitor.choice.outcome for visitor in visitors)
    return tuple(ConsentCount(each.value, strings[each], customers[each]) for each in Outcome)


def _chunks(visitors: Sequence[Visitor], step: str, advance: Advance) -> Iterator[Sequence[Visitor]]:
    """`visitors` in chunks, telling `advance` before the first and after each."""
    advance(step, 0, len(visitors))
    for start in range(0, len(visitors), _CHUNK):
        chunk = visitors[start : start + _CHUNK]
        yield chunk
        advance(step, start + len(chunk), len(visitors))
