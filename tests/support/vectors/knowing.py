"""Tokens in content, and permission: what is known, and what a decision says of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from . import beside
from .cases import DAY_S, INFINITY, NAN, NOW_S, Case, Document, VectorFile, case, observed
from .decisions import FALLBACK, model, offer

PURPOSES = ["personalize.content"]


def declared(kind: str, *purposes: str, provenance: str = "first_party", **words: object) -> Document:
    return {"type": kind, "provenance": provenance, "purposes": list(purposes) or PURPOSES, **words}


# --- tokens ------------------------------------------------------------------------------------------------------

CONTENTS: Sequence[tuple[str, object]] = (
    ("n", "{n|none}"),
    ("s", "{s|none}"),
    ("low", "{low|none}"),
    ("b", "{b|none}"),
    ("stripped", "{hidden|none}"),
    ("between", "Hello {s|friend}, {n|no} orders!"),
    ("twice", "{s|a}{s|b}"),
    ("empty", "{s|}"),
    ("braces", "{{ {s|x} }} {{s|x}}"),
    ("around", "{{{s|x}}}"),
    ("none", "plain"),
    ("unicode", "\u4f60\u597d {s|\u00e9\U0001f600}"),
    ("markup", "<b>{s|&amp;}</b>"),
    ("spaces", "{s| a default, with: signs! }"),
)
NESTED = {"list": ["{s|x}", ["{n|y}", {"deep": "{b|z}"}]], "{s|key}": 1, "whole": 10, "float": 10.0, "no": False,
          "empty": "", "nothing": None, "list2": [], "map": {}}  # fmt: skip
TYPED: Document = {"whole": 10, "float": 10.0, "big": 1e21, "no": False, "empty": "", "nothing": None}
TOKENS = model(
    "tokens",
    attributes={
        "n": declared("number", retention="1d"), "s": declared("string"), "low": declared("string", lower=True),
        "b": declared("boolean"), "hidden": declared("string", "marketing"),
        "a": declared("boolean", "essential.service"),
    },
    placements={**{f"t_{name}": {"fallback": "nothing"} for name, _ in CONTENTS}, "t_nested": {"fallback": "nothing"},
                "t_fallback": {"fallback": "typed"}},
    offers=[
        FALLBACK,
        {"id": "typed", "content": TYPED},
        *(offer(f"o_{name}", placements=[f"t_{name}"], content={"text": text}) for name, text in CONTENTS),
        offer("o_nested", placements=["t_nested"], content=NESTED),
    ],
)  # fmt: skip


def tokens() -> VectorFile:
    """How values print, what braces mean, and that everything else keeps its type."""
    numbers: Sequence[tuple[object, str]] = (
        (10, "10"), (10.0, "10"), (-10.5, "-10.5"), (0, "0"), (-0.0, "0"), (0.1, "0.1"),
        (0.30000000000000004, "0.30000000000000004"),
        (1e21, "1e+21"), (1e20, "100000000000000000000"), (10**21, "1e+21"),
        (123456789012345680000, "123456789012345680000"),
        (123456789012345678901, "123456789012345680000"), (999999999999999900000.0, "999999999999999900000"),
        (1.5e300, "1.5e+300"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (0.00001234, "0.00001234"),
        (123e-20, "1.23e-18"), (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740993, "9007199254740992"), (9007199254740992, "9007199254740992"),
        (-9007199254740991, "-9007199254740991"),
        (100, "100"), (1e2, "100"), (1234.5, "1234.5"), (-1e-7, "-1e-7"), (-1e21, "-1e+21"),
        (1e16, "10000000000000000"),
        (4.35, "4.35"), (2.5e-6, "0.0000025"), (1 / 3, "0.3333333333333333"), (123456789.125, "123456789.125"),
        (NAN, "none"), (INFINITY, "none"), ("10", "none"), (True, "none"), (None, "none"), (10**400, "none"),
    )  # fmt: skip
    strings: Sequence[tuple[object, str]] = (
        ("Ada", "Ada"), ("", ""), ("{n|1}", "{n|1}"), ("{{", "{{"), ("cafe\u0301", "caf\u00e9"),
        ("\U0001f600", "\U0001f600"),
        ("<b>&\"'", "<b>&\"'"), ("STRASSE", "STRASSE"), (5, "none"), (["x"], "none"), ("\ud800", "none"),
    )  # fmt: skip
    rows = [_text("n", {"n": value}, shown, f"number {_short(value)}") for value, shown in numbers]
    rows += [_text("s", {"s": value}, shown, f"string {_short(value)}") for value, shown in strings]
    rows += [
        _text("b", {"b": True}, "true", "true"),
        _text("b", {"b": False}, "false", "false"),
        _text("b", {"b": 1}, "none", "one is not true"),
        _text("low", {"low": "STRASSE"}, "strasse", "in its normal form"),
        _text("n", {"n": observed(3, NOW_S - DAY_S - 1)}, "none", "stale"),
        _text("n", {"n": observed(3, NOW_S - DAY_S)}, "3", "just fresh"),
        _text("s", {}, "none", "absent"),
        _text("stripped", {"hidden": "secret"}, "none", "stripped"),
        _text("between", {"s": "Ada", "n": 2.0}, "Hello Ada, 2 orders!", "both known"),
        _text("between", {"s": "Ada"}, "Hello Ada, no orders!", "one known"),
        _text("between", {}, "Hello friend, no orders!", "none known"),
        _text("twice", {}, "ab", "each token has its own default"),
        _text("twice", {"s": "x"}, "xx", "each token is filled"),
        _text("empty", {}, "", "an empty default"),
        _text("braces", {"s": "v"}, "{ v } {s|x}", "doubled braces are braces"),
        _text("around", {"s": "v"}, "{v}", "a token in braces"),
        _text("around", {}, "{x}", "a default in braces"),
        _text("none", {"s": "v"}, "plain", "no token"),
        _text("unicode", {}, "\u4f60\u597d \u00e9\U0001f600", "unicode default"),
        _text("unicode", {"s": "\u00fc"}, "\u4f60\u597d \u00fc", "unicode value"),
        _text("markup", {"s": "<i>"}, "<b><i></b>", "nothing is escaped"),
        _text("markup", {}, "<b>&amp;</b>", "a default as it is"),
        _text("spaces", {}, " a default, with: signs! ", "spaces of a default stay"),
        _content("nested known", "t_nested", {"s": "v", "n": 1, "b": True}, "o_nested",
                 {**NESTED, "list": ["v", ["1", {"deep": "true"}]]}),
        _content("nested unknown", "t_nested", {}, "o_nested", {**NESTED, "list": ["x", ["y", {"deep": "z"}]]}),
        _content("types of a fallback", "t_fallback", {}, "typed",
                 TYPED),
    ]  # fmt: skip
    return VectorFile("tokens.json", "tokens in content, and JSON types kept", {"tokens": [TOKENS]}, rows)


def _short(value: object) -> str:
    return f"{value!a}" if len(f"{value!a}") < 40 else f"of {len(f'{value!a}')} characters"


def _text(content: str, attributes: Document, shown: str, name: str) -> Case:
    return _content(f"{content}: {name}", f"t_{content}", attributes, f"o_{content}", {"text": shown})


def _content(name: str, placement: str, attributes: Document, winner: str, content: Document) -> Case:
    return case(f"tokens: {name}", "tokens", placement, attributes, {"offer": winner, "content": content})


# --- permission --------------------------------------------------------------------------------------------------

CATALOGUE = {
    "one": declared("number", "personalize.content.profiled", retention="10s"),
    "two": declared("number", "personalize.content.profiled", "functional.storage"),
    "free": declared("string", "essential.service", provenance="contextual"),
    "root": declared("boolean", "essential"),
    "ops": declared("boolean", "operations"),
    "third": declared("string", "essential.service", provenance="third_party"),
    "set": declared("strings", "personalize", provenance="declared", retention="2m"),
    "when": declared("datetime", "functional", retention="3h"),
    "long": declared("string", "personalize.content", retention="1d", lower=True),
}
NAMES = tuple(sorted(CATALOGUE))
PERMISSION = model(
    "permission",
    attributes=CATALOGUE,
    placements={f"p_{name}": {"fallback": "nothing"} for name in NAMES},
    offers=[
        FALLBACK,
        *(
            offer(f"knows_{name}", placements=[f"p_{name}"], when=f"known({name})")
            for name in NAMES
            if name != "third"
        ),
    ],  # no sound model asks about a third-party attribute
)
EVERYTHING = ["functional", "operations", "personalize"]
SOUND: Document = {"one": 1, "two": 2, "free": "x", "root": True, "ops": True, "third": "x", "set": ["x"],
                   "when": "2026-03-01", "long": "x"}  # fmt: skip


def permission() -> VectorFile:
    """Grants and what they cover, provenance, retention, types, and what stands in `beside`.

    `knows_<name>` wins when <name> is known.
    """
    about = "what is known of a visitor, and what a decision names as withheld, malformed or stale"
    models = {"permission": [PERMISSION], "beside": [beside.BESIDE]}
    return VectorFile(
        "permission.json", about, models, [*_grants(), *_retention(), *_types(), *beside.cases()]
    )


def _row(
    name: str, attribute: str, known: bool, grants: Sequence[str], attributes: Document, **named: object
) -> Case:
    winner = {
        "offer": f"knows_{attribute}" if known else "nothing",
        "reason": "matched" if known else "fallback",
    }
    expect = {**winner, "malformed": [], "stale": [], **named}
    return case(f"permission: {name}", "permission", f"p_{attribute}", attributes, expect, grants=grants)


def _grants() -> list[Case]:
    def row(name: str, attribute: str, known: bool, grants: Sequence[str], withheld: Sequence[str]) -> Case:
        return _row(f"grants: {name}", attribute, known, grants, SOUND, withheld=sorted(withheld))

    gated = ["long", "ops", "one", "set", "third", "two", "when"]  # without any grant

    def without(*names: str) -> list[str]:
        return [name for name in gated if name not in names]

    rows = [
        row("none", "one", False, [], gated),
        row("essential needs none", "free", True, [], gated),
        row("essential itself", "root", True, [], gated),
        row("granting essential changes nothing", "free", True, ["essential"], gated),
        row("essential covers nothing else", "ops", False, ["essential"], gated),
        row("a key of one word", "ops", True, ["operations"], without("ops")),
        row("part of a word is no key", "ops", False, ["operation"], gated),
        row("third party, all granted", "third", False, EVERYTHING, ["third"]),
        row("the very key", "one", True, ["personalize.content.profiled"], without("one")),
        row("the key above", "one", True, ["personalize.content"], without("one", "long")),
        row("two keys above", "one", True, ["personalize"], without("one", "long", "set")),
        row("a key below does not cover", "long", False, ["personalize.content.profiled"], without("one")),
        row("a sibling does not cover", "one", False, ["personalize.content.limited"], gated),
        row("a prefix of a name is no key", "one", False, ["personalize.content.prof"], gated),
        row("a longer name is no key", "one", False, ["personalize.content.profiled2"], gated),
        row("a trailing dot is no key", "one", False, ["personalize.content."], gated),
        row("the empty key covers nothing", "one", False, [""], gated),
        row("case matters", "one", False, ["Personalize"], gated),
        row("the first of two purposes", "two", False, ["personalize.content.profiled"], without("one")),
        row("the second of two purposes", "two", False, ["functional.storage"], gated),
        row(
            "both purposes",
            "two",
            True,
            ["personalize.content.profiled", "functional.storage"],
            without("one", "two"),
        ),
        row("both by keys above", "two", True, ["personalize", "functional"], ["ops", "third"]),
        row("everything", "set", True, EVERYTHING, ["third"]),
    ]
    nobody = "withheld names do not depend on what the visitor has"
    rows.append(_row(nobody, "one", False, [], {}, withheld=sorted(gated)))
    undeclared = {"one": 1, "stranger": 1, "": 2}
    rows.append(_row("undeclared names are ignored", "one", True, EVERYTHING, undeclared, withheld=["third"]))
    rows.append(
        _row(
            "withheld values are not judged", "one", False, [], {"one": "x", "set": 5}, withheld=sorted(gated)
        )
    )
    return rows


def _retention() -> list[Case]:
    def row(name: str, attribute: str, value: object, age_s: float, known: bool) -> Case:
        attributes = {attribute: observed(value, NOW_S - age_s)}
        stale = [] if known else [attribute]
        return _row(f"retention: {name}", attribute, known, EVERYTHING, attributes, stale=stale)

    def bad(name: str, at_s: object, attribute: str = "one", value: object = 1) -> Case:
        attributes = {attribute: observed(value, at_s)}
        return _row(f"retention: {name}", attribute, False, EVERYTHING, attributes, malformed=[attribute])

    return [
        row("its age is its retention", "one", 1, 10, True),
        row("a second older", "one", 1, 11, False),
        row("an eighth of a second older", "one", 1, 10.125, False),
        row("observed now", "one", 1, 0, True),
        row("observed an hour from now", "one", 1, -3_600, True),
        row("observed a day from now", "one", 1, -DAY_S, True),
        bad("observed a day and a second from now", NOW_S + DAY_S + 1),
        bad("observed in milliseconds", NOW_S * 1_000),
        bad("observed in milliseconds without a retention", NOW_S * 1_000, "two", 2),
        row("minutes, at the end", "set", ["x"], 120, True),
        row("minutes, after", "set", ["x"], 121, False),
        row("hours, at the end", "when", 0, 3 * 3_600, True),
        row("hours, after", "when", 0, 3 * 3_600 + 1, False),
        row("days, at the end", "long", "x", DAY_S, True),
        row("days, after", "long", "x", DAY_S + 1, False),
        row("no retention, very old", "two", 2, 10 * 365 * DAY_S, True),
        row("stale comes before malformed", "one", "text", 11, False),
        bad("a fresh value of the wrong type", NOW_S, value="text"),
        bad("observed at NaN", NAN),
        bad("observed at infinity", INFINITY),
        bad("observed at a text", "2026-03-01"),
        bad("observed at true", True),
        bad("observed at no instant", None),
        bad("observed at NaN without a retention", NAN, "two", 2),
        bad("observed at a number beyond the doubles", 10**400),
        _row("retention: nothing observed is absent", "one", False, EVERYTHING, {"one": observed(None, 0)}),
        _row(
            "retention: nothing observed at NaN is absent",
            "one",
            False,
            EVERYTHING,
            {"one": observed(None, NAN)},
        ),
        _row("retention: a value without an instant", "one", True, EVERYTHING, {"one": 1}),
        _row(
            "retention: a withheld value is not stale", "one", False, ["functional"], {"one": observed(1, 0)}
        ),
    ]


def _types() -> list[Case]:
    wrong: Sequence[tuple[str, Sequence[object]]] = (
        ("one", ("1", True, NAN, INFINITY, [1], {"$number": "-Infinity"}, {"a": 1})),
        ("root", (0, 1, "true", [True])),
        ("free", (1, False, ["x"], "\udc00", "x" * 1_025)),
        ("set", ("x", [1], [["x"]], ["x", None], {"x": 1}, [f"{n}" for n in range(1_025)], ["x" * 1_025])),
        ("when", ("yesterday", "2026-03-01T10:00", True, NAN, [], 8.64e15 + 2, "2026-02-30")),
    )
    right: Sequence[tuple[str, Sequence[object]]] = (
        ("one", (0, -1, 1.5, 10**30)),
        ("root", (True, False)),
        ("free", ("", "x" * 1_024, "\U0001f600" * 1_024)),
        ("set", ([], ["x"], [f"{n}" for n in range(1_024)])),
        ("when", (0, 0.5, -8.64e15, "2026-03-01", "2026-03-01T10:00Z", "2026-03-01T10:00:00.1-11:30")),
    )
    bad = [
        _row(f"malformed: {name} {number}", name, False, EVERYTHING, {name: value}, malformed=[name])
        for name, values in wrong
        for number, value in enumerate(values, start=1)
    ]
    good = [
        _row(f"known: {name} {number}", name, True, EVERYTHING, {name: value})
        for name, values in right
        for number, value in enumerate(values, start=1)
    ]
    several = {"one": "1", "root": 1, "set": observed([], 0), "when": True, "free": "x"}
    together = _row("several at once", "free", True, EVERYTHING, several,
                    malformed=["one", "root", "when"], stale=["set"], withheld=["third"])  # fmt: skip
    return [*bad, *good, together]
