"""consent-precedence.json: the truth table of precedence, and how keys above and below one another meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product
from typing import Any, TypeAlias

from ..cmp_cookies import cookiebot, cookieyes, didomi
from ..reference.consent_statements import Statement, verdict
from .consenting import ConsentFile, Expected, case
from .consenting_texts import KEYS, NOW_S

TERM = "personalize.content.profiled"
AT_S = {"older": 1_780_300_800, "newer": 1_781_164_800, "undated": None}  # 1 and 11 June 2026, 08:00Z
VARIANTS = (
    *((says, date) for says in ("granted", "refused", "nothing") for date in AT_S),
    ("unreadable", "undated"),
)
REGION = "IT"
POLICY: dict[str, dict[str, Any]] = {
    "regimes": {
        "gdpr_opt_in": {
            "hears": ["us_privacy", "consent_mode", "cmp", "gpc"],
            "default": [],
            "opt_out_ends": [TERM],
            "opt_in_grants": [TERM],
            "us_privacy_speaks": True,
            "accept_undated": True,
        }
    },
    "groups": {
        "didomi": {"select_personalized_content": [TERM], "measure_ad_performance": []},
        "cookiebot": {"preferences": [TERM], "statistics": [], "marketing": []},
        "cookieyes": {"functional": [TERM], "analytics": [], "performance": [], "advertisement": []},
        "consent_mode": {
            **{key: list[str]() for key in KEYS},
            "personalization_storage": [TERM],
        },
    },
}  # fmt: skip
DATED, UNDATED, IN_THEORY = ("didomi", "cookiebot"), ("cookieyes", "us_privacy", "consent_mode"), "none"

Reading: TypeAlias = tuple[str, str]  # what it says, and when
Carrier: TypeAlias = tuple[Reading, ...]
Source: TypeAlias = tuple[Carrier, ...]
Row: TypeAlias = tuple[bool, list[list[str]], bool]


def texts() -> dict[str, dict[str, str]]:
    """By source, the texts that say a thing of the term at a date."""
    purpose = "select_personalized_content"
    dates = {"older": "2026-06-01T08:00:00Z", "newer": "2026-06-11T08:00:00Z"}
    found: dict[str, dict[str, str]] = {
        "didomi": {
            "refused undated": didomi([], [purpose], updated=None),
            "nothing undated": didomi(["measure_ad_performance"], updated=None),
            "unreadable undated": "!",
        },
        "cookiebot": {"refused undated": "0", "nothing undated": "-1", "unreadable undated": "{stamp:"},
        "cookieyes": {
            "granted undated": cookieyes({"functional": True}, renewed_ms=1_780_300_800_000),
            "refused undated": cookieyes({"functional": False}, renewed_ms=1_780_300_800_000),
            "nothing undated": cookieyes({"analytics": True}, renewed_ms=1_780_300_800_000),
            "unreadable undated": "consentid:x,consent:maybe",
        },
        "us_privacy": {
            "granted undated": "1YNN",
            "refused undated": "1YYN",
            "nothing undated": "1---",
            "unreadable undated": "1YN",
        },
        "consent_mode": {
            "granted undated": '{"update":{"personalization_storage":"granted"}}',
            "refused undated": '{"update":{"personalization_storage":"denied"}}',
            "nothing undated": "{}",
            "unreadable undated": "{",
        },
    }
    for date, at in dates.items():
        found["didomi"] |= {
            f"granted {date}": didomi([purpose], updated=at),
            f"refused {date}": didomi([], [purpose], updated=at),
            f"nothing {date}": didomi(["measure_ad_performance"], updated=at),
        }
        utc_ms = 1_000 * (AT_S[date] or 0)
        whole = cookiebot(True, utc_ms=utc_ms)
        found["cookiebot"] |= {
            f"granted {date}": whole,
            f"refused {date}": cookiebot(False, utc_ms=utc_ms),
            f"nothing {date}": whole.replace("preferences:true%2C", ""),
        }
    return found


def rows() -> Iterator[Row]:
    """All combinations of what one to three readings say, and whether the term is granted then."""
    for sources in sorted(
        {each for count in (1, 2, 3) for each in _arranged(count)}, key=lambda each: (_size(each), each)
    ):
        said = _named(sources)
        for default in (False, True):
            yield default, said, _is_granted(said, default)


def _size(sources: Sequence[Source]) -> int:
    return sum(len(carrier) for source in sources for carrier in source)


def _arranged(count: int) -> Iterator[tuple[Source, ...]]:
    """So many readings in every way in which they share sources and carriers; order apart, each way once."""
    for sizes in _partitions(count):
        for sources in product(*(_sources(size) for size in sizes)):
            yield tuple(sorted(sources))


def _sources(count: int) -> list[Source]:
    found: set[Source] = set()
    for sizes in _partitions(count):
        for carriers in product(*(combinations_with_replacement(VARIANTS, size) for size in sizes)):
            found.add(tuple(sorted(tuple(sorted(each)) for each in carriers)))
    return sorted(found)


def _partitions(count: int) -> list[tuple[int, ...]]:
    ways: dict[int, list[tuple[int, ...]]] = {1: [(1,)], 2: [(2,), (1, 1)], 3: [(3,), (2, 1), (1, 1, 1)]}
    return ways[count]


def _named(sources: Sequence[Source]) -> list[list[str]]:
    """The readings with a real source for each where there is one whose texts can say it all."""
    written, free = texts(), [*DATED, *UNDATED]
    said: list[list[str]] = []
    for number, source in enumerate(sources):
        words = {f"{says} {date}" for carrier in source for says, date in carrier}
        name = next(
            (each for each in _first(words, free) if words <= written[each].keys()), f"{IN_THEORY} {number}"
        )
        free = [each for each in free if each != name]
        for carrier, letter in zip(source, "abc", strict=False):
            said += [[name, f"cookie {letter}", *reading] for reading in carrier]
    return said


def _first(words: set[str], free: Sequence[str]) -> list[str]:
    """The sources in the order in which they are tried: those with dates are spared for what has dates."""
    dated = any(not each.endswith("undated") for each in words)
    return sorted(free, key=lambda each: (each in UNDATED) == dated)


def _is_granted(said: Sequence[Sequence[str]], default: bool) -> bool:
    return TERM in verdict(statements(said), {TERM} if default else set()).terms


def statements(said: Sequence[Sequence[str]]) -> list[Statement]:
    """The statements that a row is about."""
    return [
        Statement(
            source,
            carrier,
            granted=frozenset({TERM} if says == "granted" else ()),
            refused=frozenset({TERM} if says == "refused" else ()),
            unreadable=says == "unreadable",
            chose_s=AT_S[date],
        )
        for source, carrier, says, date in said
    ]


def given_of(row: Sequence[Any], written: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    """A row as the `given` of a case; None where no real signals say it."""
    default, said, _ = row
    if any(source not in written for source, *_ in said):
        return None
    regimes = {"gdpr_opt_in": {**POLICY["regimes"]["gdpr_opt_in"], "default": [TERM] if default else []}}
    return {
        "region": REGION,
        "now_s": NOW_S,
        "signals": [
            [source, carrier, written[source][f"{says} {date}"]] for source, carrier, says, date in said
        ],
        "policy": {**POLICY, "regimes": regimes},
    }


LEVELS = ("personalize", "personalize.content", TERM, f"{TERM}.homepage")


def _levels() -> Iterator[Expected]:
    """Two sources that speak of keys above, below and beside each other."""
    words = {"granted": {"update": "granted"}, "refused": {"update": "denied"}}
    for (one, one_key), (other, other_key) in combinations_with_replacement(
        [(says, key) for says in words for key in (*LEVELS, "personalize.system")], 2
    ):
        for default in ([], ["personalize"], [f"{TERM}.homepage"]):
            signals = [
                ["consent_mode", "argument", f'{{"update":{{"ad_storage":"{words[one]["update"]}"}}}}'],
                [
                    "cookieyes",
                    "cookie a",
                    cookieyes({"functional": other == "granted"}, renewed_ms=1_780_300_800_000),
                ],
            ]
            none = {key: list[str]() for key in POLICY["groups"]["consent_mode"]}
            groups = {
                "consent_mode": {**none, "ad_storage": [one_key]},
                "cookieyes": {"functional": [other_key]},
            }
            rules = {"hears": ["consent_mode", "cmp", "gpc"], "default": default, "accept_undated": True}
            yield case(
                f"{one} {one_key}, {other} {other_key}, default {'+'.join(default) or 'nothing'}",
                {
                    "region": REGION, "now_s": NOW_S, "signals": signals,
                    "policy": {"regimes": {"gdpr_opt_in": rules}, "groups": groups},
                },
            )  # fmt: skip


def file() -> ConsentFile:
    """The file, with the table beside the cases."""
    return ConsentFile(
        "consent-precedence.json",
        "How what several signals say of one term comes to one answer: spec/consent.md, Precedence and Several of one"
        " source. `table` holds all combinations of one to three readings; `cases` keys above and below one another.",
        list(_levels()),
        {
            "term": TERM,
            "at_s": AT_S,
            "region": REGION,
            "now_s": NOW_S,
            "policy": POLICY,
            "texts": texts(),
            "table": list(rows()),
        },
    )
