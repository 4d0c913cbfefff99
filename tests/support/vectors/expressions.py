"""Every operator against every state of its attribute.

An expression `e` becomes a placement with two offers: one when `e`, one when `not (e)`. So the offer that wins
tells which of the three values `e` has: `..._true`, `..._false`, or the fallback `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from .cases import (
    DAY_S,
    GRANTS,
    INFINITY,
    MINUS_INFINITY,
    NAN,
    NOW_S,
    Case,
    Document,
    VectorFile,
    case,
    observed,
)

Visitor: TypeAlias = "Mapping[str, object]"
Rows: TypeAlias = "Sequence[tuple[str, Visitor, str]]"  # what is special, the visitor, T / F / U
T, F, U = "T", "F", "U"

NOW_MS = NOW_S * 1_000
DAY_MS = DAY_S * 1_000
OLD_S = NOW_S - 31 * DAY_S  # every retention below is 30 days

PURPOSES = list(GRANTS)
ATTRIBUTES: Document = {
    "n": {"type": "number", "provenance": "first_party", "purposes": PURPOSES, "retention": "30d"},
    "m": {"type": "number", "provenance": "first_party", "purposes": ["analytics"]},
    "s": {"type": "string", "provenance": "contextual", "purposes": PURPOSES, "retention": "30d"},
    "low": {"type": "string", "provenance": "declared", "purposes": PURPOSES, "lower": True},
    "b": {"type": "boolean", "provenance": "declared", "purposes": PURPOSES, "retention": "30d"},
    "c": {"type": "boolean", "provenance": "declared", "purposes": ["analytics"]},
    "tags": {"type": "strings", "provenance": "declared", "purposes": PURPOSES, "retention": "30d"},
    "lowtags": {"type": "strings", "provenance": "declared", "purposes": PURPOSES, "lower": True},
    "d": {"type": "datetime", "provenance": "first_party", "purposes": PURPOSES, "retention": "30d"},
}
CONDITIONS: Document = {
    "many": {"says": "The number is at least ten", "when": "n >= 10"},
    "few": {"says": "The number is not at least ten", "when": "not many"},
    "flagged": {"says": "The flag is set", "when": "b"},
    "abroad": {"says": "The text is not home", "when": 's not in ["home"]'},
    "any_of_it": {"says": "One of three", "when": {"any": ["many", "flagged", 's == "x"']}},
    "all_of_it": {"says": "All of three", "when": {"all": ["many", "flagged", 's == "x"']}},
}


def ways_to_be_unknown(name: str, sound: object, *wrong: object) -> Rows:
    """`sound` makes the expression true; it is unknown where the value is lacking, too old, stripped or wrong."""
    rows: list[tuple[str, Visitor, str]] = [
        ("absent", {}, U),
        ("null", {name: None}, U),
        ("stale", {name: observed(sound, OLD_S)}, U),
        ("observed just in time", {name: observed(sound, NOW_S - 30 * DAY_S)}, T),
        ("stripped", {name: sound, "$grants": []}, U),
    ]
    rows += [(f"wrong type {number}", {name: value}, U) for number, value in enumerate(wrong, start=1)]
    return rows


N_WRONG: Sequence[object] = ("10", True, False, NAN, INFINITY, MINUS_INFINITY, [10], {}, 10**400)
S_WRONG: Sequence[object] = (10, True, ["x"], {}, "\ud800", "x" * 1_025, "x" * 4_097)
B_WRONG: Sequence[object] = (1, 0, "true", "", [], NAN)
SET_WRONG = ("x", {"x": True}, ["x", 1], ["x", None], ["\udfff"], ["x"] * 1_025)
D_WRONG = (
    "2026-03-01T00:00:00",
    "2026-02-29",
    "1 March 2026",
    "",
    True,
    NAN,
    8.64e15 + 2,
    [0],
    "2026-03-01T24:00Z",
)


def n(value: object, truth: str, what: str = "") -> tuple[str, Visitor, str]:
    return what or f"{value}", {"n": value}, truth


def s(value: object, truth: str, what: str = "") -> tuple[str, Visitor, str]:
    return what or f"{value!a}", {"s": value}, truth


def tags(value: Sequence[str], truth: str) -> tuple[str, Visitor, str]:
    return " ".join(f"{each!a}" for each in value) or "empty set", {"tags": list(value)}, truth


def d(value: object, truth: str) -> tuple[str, Visitor, str]:
    return f"{value}", {"d": value}, truth


NUMBERS: Sequence[tuple[str, Rows]] = (
    ("n == 10", [n(10, T), n(10.0, T, "10 as a float"), n(10.000000000000002, F), n(-10, F), n(0, F),
                 *ways_to_be_unknown("n", 10, *N_WRONG)]),
    ("n != 10", [n(10, F), n(11, T), *ways_to_be_unknown("n", 11, *N_WRONG)]),
    ("not (n == 10)", [n(10, F), n(11, T), *ways_to_be_unknown("n", 11, NAN, "x")]),
    ("n < 10", [n(9.999, T), n(10, F), n(-1e308, T), *ways_to_be_unknown("n", 0, NAN, "x")]),
    ("n <= 10", [n(10, T), n(10.5, F), *ways_to_be_unknown("n", 0, NAN, "x")]),
    ("n > 10", [n(10, F), n(10.5, T), n(1e308, T), *ways_to_be_unknown("n", 11, NAN, INFINITY)]),
    ("n >= 10", [n(10, T), n(9.999999999999998, F), *ways_to_be_unknown("n", 11, INFINITY, "10")]),
    ("10 <= n", [n(10, T), n(9, F), *ways_to_be_unknown("n", 11)]),
    ("10 > n", [n(10, F), n(9, T)]),
    ("10 == n", [n(10, T), n(9, F), ("absent", {}, U)]),
    ("10 <= n < 20", [n(10, T), n(20, F), n(19.5, T), n(9, F), *ways_to_be_unknown("n", 15, NAN)]),
    ("20 > n >= 10", [n(10, T), n(20, F), n(9, F), ("absent", {}, U)]),
    ("not 10 <= n < 20", [n(10, F), n(20, T), n(9, T), ("absent", {}, U)]),
    ("n in [1, 2.5, -3]", [n(1, T), n(1.0, T, "1 as a float"), n(2.5, T), n(-3, T), n(3, F), n(True, U, "true"),
                           *ways_to_be_unknown("n", 1, NAN, "1")]),
    ("n not in [1, 2.5, -3]", [n(1, F), n(4, T), *ways_to_be_unknown("n", 4, NAN, "1")]),
    ("not (n in [1, 2.5, -3])", [n(1, F), n(4, T), *ways_to_be_unknown("n", 4, NAN)]),
    ("n == 0", [n(0, T), n(-0.0, T, "minus zero"), n(0.0, T, "zero as a float"), n(5e-324, F), n(False, U, "false")]),
    ("n < 0", [n(-0.0, F, "minus zero"), n(-5e-324, T), n(0, F)]),
    ("n in [0]", [n(-0.0, T, "minus zero"), n(1, F), ("absent", {}, U)]),
    ("n >= 0", [n(-0.0, T, "minus zero"), n(-1, F)]),
    ("n == 9007199254740992", [n(9007199254740992, T, "2^53"), n(9007199254740993, T, "2^53 + 1 is the same double"),
                               n(9007199254740994, F, "2^53 + 2"), n(9007199254740991, F, "2^53 - 1"),
                               n(9007199254740992.0, T, "2^53 as a float")]),
    ("n > 9007199254740992", [n(9007199254740993, F, "2^53 + 1 is the same double"),
                              n(9007199254740995, T, "2^53 + 3 rounds up")]),
    ("n >= 1e300", [n(10**300, T, "an integer of 301 digits"), n(10**308, T, "309 digits"), n(10**400, U, "no double"),
                    n(-(10**400), U, "minus no double"), n(1e299, F)]),
    ("n == 0.1", [n(0.1, T), n(0.30000000000000004, F), n(0.1000000000000000055511151231257827, T, "more digits")]),
    ("n == 0.30000000000000004", [n(0.3, F), n(0.30000000000000004, T)]),
)  # fmt: skip

STRINGS: Sequence[tuple[str, Rows]] = (
    ('s == "x"', [s("x", T), s("X", F), s("x ", F), s("", F), s("xx", F), *ways_to_be_unknown("s", "x", *S_WRONG)]),
    ('s != "x"', [s("x", F), s("y", T), s("", T), *ways_to_be_unknown("s", "y", *S_WRONG)]),
    ('not (s == "x")', [s("x", F), s("y", T), *ways_to_be_unknown("s", "y", 10)]),
    ('"x" == s', [s("x", T), s("y", F), ("absent", {}, U)]),
    ('s in ["IT", "FR"]', [s("IT", T), s("FR", T), s("it", F), s("US", F), *ways_to_be_unknown("s", "IT", *S_WRONG)]),
    ('s not in ["IT", "FR"]', [s("IT", F), s("US", T), *ways_to_be_unknown("s", "US", *S_WRONG)]),
    ('not (s in ["IT", "FR"])', [s("IT", F), s("US", T), *ways_to_be_unknown("s", "US", 10)]),
    ('s != "IT" and s != "FR"', [s("IT", F), s("FR", F), s("US", T), ("absent", {}, U)]),
    ('not (s == "IT" or s == "FR")', [s("IT", F), s("FR", F), s("US", T), ("absent", {}, U)]),
    ('s == "NO"', [s("NO", T), s("no", F), ("false", {"s": False}, U)]),
    ('s == "caf\u00e9"', [s("caf\u00e9", T), s("cafe\u0301", T), s("cafe", F), s("CAF\u00c9", F)]),
    ('s == "cafe\u0301"', [s("caf\u00e9", T), s("cafe\u0301", T), s("cafe", F)]),
    ('s in ["\u212b"]', [s("\u00c5", T), s("A\u030a", T), s("\u212b", T), s("A", F)]),
    ('s == "\ufb01"', [s("\ufb01", T), s("fi", F)]),
    ('s == "\U0001f600"', [s("\U0001f600", T), s("\U0001f601", F), s("\ud83d", U, "half a surrogate pair")]),
    ('starts_with(s, "ab")', [s("ab", T), s("abc", T), s("a", F), s("", F), s("AB", F), s("cab", F),
                              *ways_to_be_unknown("s", "abc", *S_WRONG)]),
    ('not starts_with(s, "ab")', [s("ab", F), s("c", T), *ways_to_be_unknown("s", "c", 10)]),
    ('ends_with(s, "ab")', [s("ab", T), s("cab", T), s("b", F), s("", F), s("abc", F),
                            *ways_to_be_unknown("s", "ab", *S_WRONG)]),
    ('not ends_with(s, "ab")', [s("ab", F), s("c", T), *ways_to_be_unknown("s", "c", 10)]),
    ('contains(s, "ab")', [s("ab", T), s("xaby", T), s("a b", F), s("", F), s("ba", F),
                           *ways_to_be_unknown("s", "ab", *S_WRONG)]),
    ('not contains(s, "ab")', [s("ab", F), s("c", T), s("", T), *ways_to_be_unknown("s", "c", 10)]),
    ('starts_with(s, "e")', [s("e\u0301", F, "e with an accent composes"), s("e", T), s("ex", T)]),
    ('ends_with(s, "\u00e9")', [s("cafe\u0301", T), s("caf\u00e9", T), s("cafe", F)]),
    ('starts_with(s, "ab") and ends_with(s, "ba")', [s("aba", T, "overlapping"), s("ab", F), s("abba", T)]),
    ('contains(s, "a") or contains(s, "b")', [s("a", T), s("b", T), s("c", F), ("absent", {}, U)]),
    ('contains(s, "a") and not contains(s, "b")', [s("a", T), s("ab", F), s("c", F), ("absent", {}, U)]),
    ('low == "Stra\u00dfe"', [("as written", {"low": "Stra\u00dfe"}, T), ("capitals", {"low": "STRA\u00dfE"}, T),
                              ("ss is not sharp s", {"low": "STRASSE"}, F), ("absent", {}, U)]),
    ('low in ["ABC"]', [("lower", {"low": "abc"}, T), ("upper", {"low": "ABC"}, T), ("other", {"low": "abd"}, F)]),
    ('starts_with(low, "AB")', [("lower", {"low": "abc"}, T), ("mixed", {"low": "aBC"}, T),
                              ("other", {"low": "b"}, F)]),
    ('low == "\u0130"', [("dotted capital i", {"low": "\u0130"}, T), ("i and a dot", {"low": "i\u0307"}, T),
                         ("i", {"low": "i"}, F)]),
    ('low == "\u039f\u03a3"', [("final sigma", {"low": "\u03bf\u03c2"}, T), ("capitals", {"low": "\u039f\u03a3"}, T),
                               ("medial sigma", {"low": "\u03bf\u03c3"}, F)]),
    ('s == "' + "x" * 1_024 + '"', [s("x" * 1_024, T, "the longest text"), s("x" * 1_023, F, "shorter"),
                                    s("x" * 1_025, U, "too long")]),
    ('contains(s, "\u00e9\u00e9")', [s("e\u0301" * 1_024, T, "1,024 after normalization"),
                                     s("e\u0301" * 1_025, U, "1,025 after normalization"), s("e\u0301", F)]),
)  # fmt: skip

SETS: Sequence[tuple[str, Rows]] = (
    ('"x" in tags', [tags(["x"], T), tags(["y", "x"], T), tags(["y"], F), tags([], F), tags(["X"], F), tags(["xx"], F),
                     tags(["x", "x"], T), *ways_to_be_unknown("tags", ["x"], *SET_WRONG)]),
    ('"x" not in tags', [tags(["x"], F), tags(["y"], T), tags([], T), *ways_to_be_unknown("tags", ["y"], *SET_WRONG)]),
    ('not ("x" in tags)', [tags(["x"], F), tags(["y"], T), tags([], T), *ways_to_be_unknown("tags", [], "x")]),
    ('any_of(tags, "x", "y")', [tags(["x"], T), tags(["y", "z"], T), tags(["z"], F), tags([], F), tags(["x", "y"], T),
                                *ways_to_be_unknown("tags", ["x"], *SET_WRONG)]),
    ('not any_of(tags, "x", "y")', [tags(["x"], F), tags(["z"], T), tags([], T), *ways_to_be_unknown("tags", [])]),
    ('all_of(tags, "x", "y")', [tags(["x"], F), tags(["y", "x", "z"], T), tags([], F), tags(["z"], F),
                                *ways_to_be_unknown("tags", ["x", "y"], *SET_WRONG)]),
    ('not all_of(tags, "x", "y")', [tags(["x"], T), tags(["x", "y"], F), tags([], T), *ways_to_be_unknown("tags", [])]),
    ('any_of(tags, "x")', [tags(["x"], T), tags([], F), ("absent", {}, U)]),
    ('all_of(tags, "x")', [tags(["x"], T), tags([], F), ("absent", {}, U)]),
    ('"x" in tags and "y" not in tags', [tags(["x"], T), tags(["x", "y"], F), tags(["y"], F), tags([], F),
                                         ("absent", {}, U)]),
    ('"x" not in tags and "y" not in tags', [tags(["x"], F), tags(["z"], T), tags([], T), ("absent", {}, U)]),
    ('"caf\u00e9" in tags', [tags(["cafe\u0301"], T), tags(["cafe"], F)]),
    ('"ABC" in lowtags', [("upper", {"lowtags": ["ABC"]}, T), ("lower", {"lowtags": ["z", "abc"]}, T),
                          ("other", {"lowtags": ["z"]}, F), ("absent", {}, U)]),
    ('any_of(lowtags, "ABC", "Def")', [("folded", {"lowtags": ["deF"]}, T), ("empty set", {"lowtags": []}, F)]),
    ('"" in tags', [tags([""], T), tags([], F), tags(["x"], F)]),
)  # fmt: skip

BOOLEANS: Sequence[tuple[str, Rows]] = (
    ("b", [("true", {"b": True}, T), ("false", {"b": False}, F), *ways_to_be_unknown("b", True, *B_WRONG)]),
    (
        "not b",
        [("true", {"b": True}, F), ("false", {"b": False}, T), *ways_to_be_unknown("b", False, *B_WRONG)],
    ),
    ("not not b", [("true", {"b": True}, T), ("false", {"b": False}, F), ("absent", {}, U)]),
    (
        "b == True",
        [("true", {"b": True}, T), ("false", {"b": False}, F), ("absent", {}, U), ("one", {"b": 1}, U)],
    ),
    (
        "b == False",
        [("true", {"b": True}, F), ("false", {"b": False}, T), ("absent", {}, U), ("zero", {"b": 0}, U)],
    ),
    ("b != True", [("true", {"b": True}, F), ("false", {"b": False}, T), ("absent", {}, U)]),
    (
        "b in [True]",
        [("true", {"b": True}, T), ("false", {"b": False}, F), ("absent", {}, U), ("one", {"b": 1}, U)],
    ),
    ("b not in [True]", [("true", {"b": True}, F), ("false", {"b": False}, T), ("absent", {}, U)]),
    ("b in [True, False]", [("true", {"b": True}, T), ("false", {"b": False}, T), ("absent", {}, U)]),
)

DATETIMES: Sequence[tuple[str, Rows]] = (
    ('d >= "2026-03-01"', [d("2026-03-01", T), d("2026-02-28", F), d(NOW_MS, T), d(NOW_MS - 1, F), d(NOW_MS - 0.5, F),
                           d("2026-03-01T00:00Z", T), d("2026-03-01T00:00:00Z", T), d("2026-03-01T00:30:00+01:00", F),
                           d("2026-02-28T23:30:00-01:00", T), d("2026-02-28T23:59:59.999Z", F),
                           *ways_to_be_unknown("d", "2026-03-02", *D_WRONG)]),
    ('d < "2026-03-01T00:00:00.5Z"', [d("2026-03-01T00:00:00.499Z", T), d("2026-03-01T00:00:00.5Z", F),
                                      d("2026-03-01T00:00:00.50Z", F), d(NOW_MS + 499, T),
                                      *ways_to_be_unknown("d", 0, *D_WRONG)]),
    ('d == "2024-02-29"', [d("2024-02-29", T), d("2024-02-29T00:00Z", T), d("2024-02-29T01:00+01:00", T), d(0, F),
                           d("2023-02-29", U), ("absent", {}, U)]),
    ('d != "1970-01-01"', [d(0, F), d(-0.0, F), d(1, T), d("1969-12-31T23:59:59.999Z", T), ("absent", {}, U)]),
    ('d in ["2026-01-01", "2026-02-01"]', [d("2026-02-01", T), d("2026-03-01", F), ("absent", {}, U)]),
    ('d not in ["2026-01-01"]', [d("2026-01-01", F), d("2026-03-01", T), ("absent", {}, U)]),
    ('"2026-01-01" <= d < "2026-02-01"', [d("2026-01-01", T), d("2026-01-31T23:59:59.999Z", T), d("2026-02-01", F),
                                          ("absent", {}, U)]),
    ('d > "0001-01-01"', [d("0001-01-01", F), d("0001-01-02", T), d(-8.64e15, F), d(8.64e15, T), d(8.64e15 + 2, U),
                          d("0000-01-01", U), d("9999-12-31T23:59:59.999Z", T)]),
    ('d < "2026-03-01"', [d("2026-03-01T05:29+05:30", T), d("2026-03-01T05:30+05:30", F), d("2026-3-1", U),
                          d("2026-03-01 00:00:00Z", U), d("2026-03-01T00:00:00z", U), d("2026-03-01T00:00:60Z", U),
                          d("2026-03-01T00:00:00.1234Z", U), d("2026-03-01T00:00:00+24:00", U), d("2026-13-01", U),
                          d("2026-00-01", U), d("20260301", U), d("2026-03-01Z", U), d(" 2026-02-01", U)]),
    ("days_since(d) < 30", [d(NOW_MS, T), d(NOW_MS - 30 * DAY_MS, F), d(NOW_MS - 30 * DAY_MS + 1, T),
                            d("2026-01-30", F), d(NOW_MS + DAY_MS, T),
                            *ways_to_be_unknown("d", "2026-03-01", *D_WRONG)]),
    ("days_since(d) >= 30", [d(NOW_MS - 30 * DAY_MS, T), d(NOW_MS - 30 * DAY_MS + 1, F), ("absent", {}, U)]),
    ("not (days_since(d) >= 30)", [d(NOW_MS - 30 * DAY_MS, F), d(NOW_MS, T), ("absent", {}, U)]),
    ("days_since(d) == 1", [d(NOW_MS - DAY_MS, T), d(NOW_MS - DAY_MS + 1, F), d("2026-02-28", T), ("absent", {}, U)]),
    ("days_since(d) != 1", [d(NOW_MS - DAY_MS, F), d(NOW_MS, T), ("absent", {}, U)]),
    ("days_since(d) > 0.5", [d(NOW_MS - DAY_MS // 2, F), d(NOW_MS - DAY_MS // 2 - 1, T)]),
    ("days_since(d) <= -1", [d(NOW_MS + DAY_MS, T), d(NOW_MS + DAY_MS - 1, F), d(NOW_MS, F)]),
    ("1 <= days_since(d) < 7", [d(NOW_MS - DAY_MS, T), d(NOW_MS - 7 * DAY_MS, F), d(NOW_MS - 6.5 * DAY_MS, T),
                                ("absent", {}, U)]),
    ("days_since(d) in [0, 1, 2]", [d(NOW_MS, T), d(NOW_MS - 2 * DAY_MS, T), d(NOW_MS - 1, F), ("absent", {}, U)]),
    ("days_since(d) not in [0, 1]", [d(NOW_MS, F), d(NOW_MS - 2 * DAY_MS, T), ("absent", {}, U)]),
)  # fmt: skip

YES, NO = {"b": True}, {"b": False}


def two(left: object, right: object, truth: str) -> tuple[str, Visitor, str]:
    """`b` and `c` of two booleans; None: unknown."""
    visitor = {"b": left, "c": right, "$grants": ["personalize.content", "analytics"]}
    return f"{left} {right}".lower().replace("none", "unknown"), visitor, truth


def table(*truths: str) -> Rows:
    """The nine rows of a table of two operands, in the order true, false, unknown."""
    pairs = [(left, right) for left in (True, False, None) for right in (True, False, None)]
    return [two(left, right, truth) for (left, right), truth in zip(pairs, truths, strict=True)]


LOGIC: Sequence[tuple[str, Rows]] = (
    ("b and c", table(T, F, U, F, F, F, U, F, U)),
    ("b or c", table(T, T, T, T, F, U, T, U, U)),
    ("not (b and c)", table(F, T, U, T, T, T, U, T, U)),
    ("not b or not c", table(F, T, U, T, T, T, U, T, U)),
    ("not (b or c)", table(F, F, F, F, T, U, F, U, U)),
    ("not b and not c", table(F, F, F, F, T, U, F, U, U)),
    ("b and not c", table(F, T, U, F, F, F, F, U, U)),
    ("not (not b or c)", table(F, T, U, F, F, F, F, U, U)),
    ("(b and c) or (not b and not c)", table(T, F, U, F, T, U, U, U, U)),
    ("b and not b", table(F, F, F, F, F, F, U, U, U)),
    ("b or not b", table(T, T, T, T, T, T, U, U, U)),
    ("b or (b and c)", table(T, T, T, F, F, F, U, U, U)),
    ("flagged", [("true", YES, T), ("false", NO, F), ("absent", {}, U)]),
    ("not flagged", [("true", YES, F), ("false", NO, T), ("absent", {}, U)]),
    ("many", [n(10, T), n(9, F), *ways_to_be_unknown("n", 10, "10")]),
    ("not many", [n(10, F), n(9, T), ("absent", {}, U)]),
    ("few", [n(10, F), n(9, T), ("absent", {}, U)]),
    ("not few", [n(10, T), n(9, F), ("absent", {}, U)]),
    ("abroad", [s("home", F), s("away", T), *ways_to_be_unknown("s", "away", 1)]),
    ("not abroad", [s("home", T), s("away", F), ("absent", {}, U)]),
    ("many and flagged", [("both", {"n": 10, "b": True}, T), ("false and unknown", {"n": 9}, F),
                          ("one", {"n": 10}, U)]),
    ("any_of_it", [("one true", {"s": "x"}, T), ("false, unknown", {"n": 1, "b": False}, U),
                   ("all false", {"n": 1, "b": False, "s": "y"}, F), ("absent", {}, U)]),
    ("all_of_it", [("two true", {"n": 10, "b": True}, U), ("one false", {"s": "y"}, F),
                   ("all true", {"n": 10, "b": True, "s": "x"}, T), ("absent", {}, U)]),
    ("not any_of_it", [("all false", {"n": 1, "b": False, "s": "y"}, T), ("one true", {"b": True}, F),
                        ("absent", {}, U)]),
    ("not all_of_it", [("one false", {"b": False}, T), ("two true", {"n": 10, "b": True}, U), ("absent", {}, U)]),
    ("known(n)", [n(0, T), *ways_to_be_unknown("n", 0, *N_WRONG)]),
    ("not known(n)", [n(0, F), ("absent", {}, U), n(NAN, U, "NaN"), n("0", U, "text")]),
    ("known(tags)", [tags([], T), tags(["x"], T), *ways_to_be_unknown("tags", [], "x")]),
    ("known(b)", [("false", NO, T), ("true", YES, T), ("absent", {}, U)]),
    ("known(s)", [s("", T), ("absent", {}, U)]),
    ("known(d)", [d(0, T), d("never", U), ("absent", {}, U)]),
    ("known(n) and n < 5", [n(4, T), n(6, F), ("absent", {}, U)]),
    ("known(n) or b", [n(4, T), ("false", NO, U), ("true", YES, T), ("absent", {}, U)]),
    ("m > 3", [("not granted", {"m": 4}, U), ("granted", {"m": 4, "$grants": ["analytics"]}, T)]),
    ("not (m > 3) or b", [("not granted", {"m": 1, "b": False}, U), ("one side true", {"m": 1, "b": True}, T)]),
    ("n > 3 or n <= 3", [n(1, T), n(5, T), ("absent", {}, U)]),
    ("n > 3 and n <= 3", [n(1, F), n(5, F), ("absent", {}, U)]),
)  # fmt: skip

UNKNOWNS: Sequence[tuple[str, Rows]] = (
    ("unknown(n)", [n(0, F), ("absent", {}, T), ("null", {"n": None}, T), n(NAN, T, "NaN"), n("1", T, "text"),
                    ("stale", {"n": observed(0, OLD_S)}, T), ("stripped", {"n": 0, "$grants": []}, T)]),
    ("not unknown(n)", [n(0, T), ("absent", {}, F), ("stripped", {"n": 0, "$grants": []}, F)]),
    ("unknown(tags)", [tags([], F), ("absent", {}, T)]),
    ("unknown(n) or n < 5", [n(4, T), n(6, F), ("absent", {}, T)]),
    ("unknown(n) and n < 5", [n(4, F), n(6, F), ("absent", {}, U)]),
)  # fmt: skip

SUBJECTS: Mapping[str, Sequence[tuple[str, Rows]]] = {
    "numbers": NUMBERS, "strings": STRINGS, "sets": SETS, "booleans": BOOLEANS, "datetimes": DATETIMES,
    "logic": LOGIC, "unknowns": UNKNOWNS,
}  # fmt: skip


def file() -> VectorFile:
    """All of the above as one file, a model for each subject."""
    models = {subject: [_model(subject, table)] for subject, table in SUBJECTS.items()}
    cases = [each for subject, table in SUBJECTS.items() for each in _cases(subject, table)]
    about = "the value of an expression, seen by the offer that wins: <placement>_true, <placement>_false, unknown"
    return VectorFile("expressions.json", about, models, cases)


def _model(subject: str, expressions: Sequence[tuple[str, Rows]]) -> Document:
    offers: list[Document] = [{"id": "unknown", "content": {}}]
    for number, (text, _) in enumerate(expressions):
        for truth, when in (("true", text), ("false", f"not ({text})")):
            offer: Document = {
                "id": f"x{number}_{truth}",
                "placements": [f"x{number}"],
                "when": when,
                "content": {},
            }
            offers.append({**offer, "waive": "withdrawal"} if "unknown(" in text else offer)
    return {
        "model": subject,
        "channel": "web",
        "attributes": ATTRIBUTES,
        "conditions": CONDITIONS,
        "stages": [{"id": "only"}],
        "placements": {f"x{number}": {"fallback": "unknown"} for number in range(len(expressions))},
        "offers": offers,
    }


def _cases(subject: str, expressions: Sequence[tuple[str, Rows]]) -> list[Case]:
    made: list[Case] = []
    for number, (text, rows) in enumerate(expressions):
        for what, visitor, truth in rows:
            attributes = {name: value for name, value in visitor.items() if name != "$grants"}
            grants: Any = visitor.get("$grants", GRANTS)
            name = f"{subject}: {text[:60]!a}: {what}".replace("'", "")
            made.append(case(name, subject, f"x{number}", attributes, _expect(number, truth), grants=grants))
    return made


def _expect(number: int, truth: str) -> Document:
    if truth == U:
        return {"offer": "unknown", "reason": "fallback"}
    return {"offer": f"x{number}_{'true' if truth == T else 'false'}", "reason": "matched"}
