"""What an author hears about a model: one table from a mistake to its place and code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from discreet.errors import ModelError
from discreet.model import models_from_dicts
from support.authoring import LIMITED, Document, changed, document, problems

Change = Callable[[Document], object]

WHEN = 'country == "IT"'


def offer(**keys: object) -> Change:
    return lambda m: m["offers"][1].update(keys)


def without(key: str) -> Change:
    return lambda m: m["offers"][1].pop(key)


def fallback(**keys: object) -> Change:
    return lambda m: m["offers"][0].update(keys)


def attribute(**keys: object) -> Change:
    return lambda m: m["attributes"]["country"].update(keys)


def named(name: str) -> Change:
    return lambda m: m["attributes"].update({name: dict(m["attributes"]["purchases"])})


def conditions(**whens: object) -> Change:
    return lambda m: m["conditions"].update({n: {"says": "It is so", "when": w} for n, w in whens.items()})


def top(**keys: object) -> Change:
    return lambda m: m.update(keys)


def keyed_by_number(m: dict[Any, Any]) -> None:
    m[5] = 1


def nested(depth: int) -> object:
    return "x" if depth == 0 else [nested(depth - 1)]


MISTAKES: dict[str, tuple[Change, list[str]]] = {
    # the top
    "unknown key": (top(ofers=[]), ["ofers unknown-key"]),
    "key of the wrong type": (top(offers={}), ["offers wrong-type", "placements.HERO", "placements.ASIDE"]),
    "missing model": (lambda m: m.pop("model"), ["<python> missing-key"]),
    "missing stages": (lambda m: m.pop("stages"), ["<python> missing-key"]),
    "missing placements": (lambda m: m.pop("placements"), ["<python> missing-key"]),
    "id with a space": (top(model="spring shop"), ["model bad-id"]),
    "id that begins with a dot": (top(channel=".web"), ["channel bad-id"]),
    "id that is too long": (top(model="x" * 129), ["model bad-id"]),
    "id that is a number": (top(model=5), ["model wrong-type"]),
    "include without files": (top(include=["x.yaml"]), ["include[0] no-files"]),
    "a value that is no plain data": (top(model=datetime(2026, 3, 1)), ["model bad-value"]),
    "a key that is no text": (keyed_by_number, ["<python> bad-key"]),
    # attributes
    "unknown type": (attribute(type="integer"), ["attributes.country.type unknown-word"]),
    "type of the wrong type": (attribute(type=["string"]), ["attributes.country.type wrong-type"]),
    "unknown provenance": (attribute(provenance="cookie"), ["attributes.country.provenance unknown-word"]),
    "unknown purpose": (attribute(purposes=["ads"]), ["attributes.country.purposes[0] unknown-purpose"]),
    "no purpose": (attribute(purposes=[]), ["attributes.country.purposes no-purpose"]),
    "purpose twice": (attribute(purposes=[LIMITED] * 2), ["attributes.country.purposes[1] named-twice"]),
    "purposes as text": (attribute(purposes=LIMITED), ["attributes.country.purposes wrong-type"]),
    "unknown attribute key": (attribute(retentoin="1d"), ["attributes.country.retentoin unknown-key"]),
    "retention without unit": (attribute(retention="365"), ["attributes.country.retention bad-retention"]),
    "retention as a number": (attribute(retention=365), ["attributes.country.retention bad-retention"]),
    "no retention": (attribute(retention="0d"), ["attributes.country.retention bad-retention"]),
    "endless retention": (attribute(retention="36501d"), ["attributes.country.retention bad-retention"]),
    "bad category": (attribute(category="User Data"), ["attributes.country.category bad-category"]),
    "lower as text": (attribute(lower="yes"), ["attributes.country.lower wrong-type"]),
    "sensitive, and not how": (attribute(sensitive=True), ["attributes.country.sensitive wrong-type"]),
    "sensitive to nothing known": (
        attribute(sensitive="helth"),
        ["attributes.country.sensitive unknown-word"],
    ),
    "sensitive to two items": (
        attribute(sensitive=["health", "religion"]),
        ["attributes.country.sensitive wrong-type"],
    ),
    "lower number": (attribute(type="number", lower=True), ["attributes.country.lower wrong-type"]),
    "attribute named as a keyword": (named("class"), ["attributes.class bad-id"]),
    "attribute named as a function": (named("known"), ["attributes.known bad-id"]),
    "attribute named as another language's operator": (named("AND"), ["attributes.AND bad-id"]),
    "attribute named true": (named("true"), ["attributes.true bad-id"]),
    "attribute with a dash": (named("first-name"), ['attributes["first-name"] bad-id']),
    "attribute in another script": (named("größe"), ["attributes.größe bad-id"]),
    "attribute that is no mapping": (
        lambda m: m["attributes"].update(x="number"),
        ["attributes.x wrong-type"],
    ),
    # conditions
    "condition without says": (
        lambda m: m["conditions"]["returning"].pop("says"),
        ["conditions.returning missing-key"],
    ),
    "condition without when": (
        lambda m: m["conditions"]["returning"].pop("when"),
        ["conditions.returning missing-key"],
    ),
    "condition that says nothing": (
        lambda m: m["conditions"]["returning"].update(says=" "),
        ["conditions.returning.says empty-text"],
    ),
    "condition with an unknown basis": (
        lambda m: m["conditions"]["returning"].update(basis="guess"),
        ["conditions.returning.basis unknown-word"],
    ),
    "condition with a dash": (conditions(**{"is-it": WHEN}), ['conditions["is-it"] bad-id']),
    "condition named as an attribute": (conditions(country=WHEN), ["conditions.country name-taken"]),
    "condition named as a segment": (conditions(italians=WHEN), ["segments.italians name-taken"]),
    "condition on itself": (conditions(a="a"), ["conditions.a condition-cycle"]),
    "conditions in a circle": (
        conditions(a="b or country == 'IT'", b=["returning", "not c"], c="a"),
        ["conditions.a condition-cycle"],
    ),
    "two circles": (
        conditions(a="b", b="a", c="d", d="c"),
        ["conditions.a condition-cycle", "conditions.c condition-cycle"],
    ),
    "a long way of names": (
        conditions(c0=WHEN, **{f"c{n}": f"c{n - 1}" for n in range(1, 102)}),
        ["conditions.c100 too-deep"],
    ),
    "bad text in says": (
        lambda m: m["conditions"]["returning"].update(says="\ud83d"),
        ["conditions.returning.says bad-text"],
    ),
    # when
    "when as a boolean": (offer(when=True), ["offers[1].when wrong-type"]),
    "when as a number": (offer(when=1), ["offers[1].when wrong-type"]),
    "when as nothing": (offer(when=None), ["offers[1].when wrong-type"]),
    "empty when": (offer(when=[]), ["offers[1].when bad-when"]),
    "empty any": (offer(when={"any": []}), ["offers[1].when.any bad-when"]),
    "any that is no list": (offer(when={"any": WHEN}), ["offers[1].when.any wrong-type"]),
    "any and all": (offer(when={"any": [WHEN], "all": [WHEN]}), ["offers[1].when bad-when"]),
    "unknown joint": (offer(when={"none": [WHEN]}), ["offers[1].when bad-when"]),
    "mistakes in several parts": (
        offer(when=["contry == 1", {"any": ["known(x)", 5]}]),
        [
            "offers[1].when[0] unknown-name",
            "offers[1].when[1].any[0] unknown-name",
            "offers[1].when[1].any[1] wrong-type",
        ],
    ),
    "third party in a condition": (offer(when="bought > 1"), ["offers[1].when never-permitted"]),
    # stages
    "no stage": (top(stages=[]), ["stages no-stage"]),
    "first stage with when": (lambda m: m["stages"][0].update(when=WHEN), ["stages[0].when first-stage"]),
    "later stage without when": (lambda m: m["stages"][1].pop("when"), ["stages[1] missing-key"]),
    "stage without id": (
        lambda m: m["stages"][1].pop("id"),
        ["offers[1].stages[0] unknown-stage", "stages[1] missing-key"],
    ),
    "stage twice": (
        lambda m: m["stages"].append({"id": "stay", "when": WHEN}),
        ["stages[2].id declared-twice"],
    ),
    "unknown in a stage": (
        lambda m: m["stages"][1].update(when="unknown(country)"),
        ["stages[1].when unknown-in-stage"],
    ),
    "unknown in a stage through a name": (
        lambda m: (conditions(new="unknown(country)")(m), m["stages"][1].update(when="not new")),
        ["stages[1].when unknown-in-stage"],
    ),
    # placements
    "no placement": (
        top(placements={}),
        ["placements no-placement"],
    ),
    "placement without fallback": (
        lambda m: m["placements"]["home.hero"].pop("fallback"),
        ['placements["home.hero"] missing-key'],
    ),
    "unknown fallback": (
        lambda m: m["placements"]["home.hero"].update(fallback="welcom"),
        ['placements["home.hero"].fallback unknown-offer'],
    ),
    "placement with a bad id": (
        lambda m: m["placements"].update({"home hero": {"fallback": "welcome"}}),
        ['placements["home hero"] bad-id'],
    ),
    # offers
    "offer without id": (without("id"), ["offers[1] missing-key"]),
    "offer twice": (
        lambda m: m["offers"].append(dict(m["offers"][1])),
        ["offers[2].id declared-twice"],
    ),
    "unknown offer key": (offer(prority=1), ["offers[1].prority unknown-key"]),
    "offer without content": (without("content"), ["offers[1] missing-key"]),
    "unknown stage": (offer(stages=["staye"]), ["offers[1].stages[0] unknown-stage"]),
    "stage named twice": (offer(stages=["stay", "stay"]), ["offers[1].stages[1] named-twice"]),
    "empty stages": (offer(stages=[]), ["offers[1].stages bad-list"]),
    "unknown placement": (offer(placements=["home.hro"]), ["offers[1].placements[0] unknown-placement"]),
    "empty placements": (offer(placements=[]), ["offers[1].placements bad-list"]),
    "offer that never shows": (without("placements"), ["offers[1].id never-shown"]),
    "priority with a fraction": (offer(priority=1.5), ["offers[1].priority wrong-type"]),
    "priority as a boolean": (offer(priority=True), ["offers[1].priority wrong-type"]),
    "priority as text": (offer(priority="80"), ["offers[1].priority wrong-type"]),
    "priority too high": (offer(priority=2**31), ["offers[1].priority out-of-range"]),
    "window without edges": (offer(valid={}), ["offers[1].valid bad-window"]),
    "window from noon": (offer(valid={"from": "noon"}), ["offers[1].valid.from bad-datetime"]),
    "window without offset": (
        offer(valid={"until": "2026-03-01T00:00"}),
        ["offers[1].valid.until bad-datetime"],
    ),
    "window backwards": (
        offer(valid={"from": "2026-03-02", "until": "2026-03-01"}),
        ["offers[1].valid.until bad-window"],
    ),
    "window of no length": (
        offer(valid={"from": "2026-03-01", "until": "2026-03-01"}),
        ["offers[1].valid.until bad-window"],
    ),
    "window with an unknown edge": (offer(valid={"to": "2026-03-01"}), ["offers[1].valid.to unknown-key"]),
    "waiver of something else": (offer(waive="consent"), ["offers[1].waive unknown-word"]),
    "waiver missing": (offer(when="unknown(country)"), ["offers[1].when waiver-missing"]),
    "waiver not needed": (offer(waive="withdrawal"), ["offers[1].waive waiver-unneeded"]),
    # fallbacks
    "fallback with when": (fallback(when=WHEN), ["offers[0].when fallback-depends"]),
    "fallback with a window": (fallback(valid={"from": "2026-03-01"}), ["offers[0].valid fallback-depends"]),
    "fallback in a stage": (fallback(stages=["stay"]), ["offers[0].stages fallback-depends"]),
    "fallback with a token": (
        fallback(content={"a": ["Hi {country|you}"]}),
        ["offers[0].content.a[0] fallback-depends"],
    ),
    "fallback with a waiver": (
        fallback(waive="withdrawal", when="unknown(country)"),
        ["offers[0].waive fallback-depends", "offers[0].when fallback-depends"],
    ),
    # content
    "content that is a list": (offer(content=[1]), ["offers[1].content wrong-type"]),
    "content with infinity": (offer(content={"a": float("inf")}), ["offers[1].content.a bad-number"]),
    "content with a huge number": (offer(content={"a": 2**53 + 1}), ["offers[1].content.a bad-number"]),
    "content with half a character": (offer(content={"a": "\ud83d"}), ["offers[1].content.a bad-text"]),
    "content with half a character in a key": (
        offer(content={"\ud83d": 1}),
        ['offers[1].content[" "] bad-text'],
    ),
    "content with an object": (offer(content={"a": {1, 2}}), ["offers[1].content.a bad-value"]),
    "content too deep": (
        offer(content={"a": nested(16)}),
        ["offers[1].content.a" + "[0]" * 15 + " too-deep"],
    ),
    "token without default": (offer(content={"a": "{country}"}), ["offers[1].content.a bad-token"]),
    "brace alone": (offer(content={"a": "a } b {"}), ["offers[1].content.a bad-token"] * 2),
    "token of an unknown attribute": (
        offer(content={"a": "{contry|x}"}),
        ["offers[1].content.a unknown-name"],
    ),
    "token of a condition": (offer(content={"a": "{returning|x}"}), ["offers[1].content.a unknown-name"]),
    "token of a set": (offer(content={"a": "{interests|x}"}), ["offers[1].content.a wrong-type"]),
    "token of a datetime": (offer(content={"a": "{last_seen|x}"}), ["offers[1].content.a wrong-type"]),
    "token of a third party": (offer(content={"a": "{bought|x}"}), ["offers[1].content.a never-permitted"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_at_its_place_and_alone(mistake: str) -> None:
    change, expected = MISTAKES[mistake]
    hero, aside = 'placements["home.hero"].fallback', 'placements["home.aside"].fallback'
    spelled = {"placements.HERO": f"{hero} unknown-offer", "placements.ASIDE": f"{aside} unknown-offer"}

    assert problems(changed(change)) == sorted(spelled.get(each, each) for each in expected)


def test_what_is_changed_was_sound() -> None:
    assert models_from_dicts([document()])


def message(change: Change) -> str:
    with pytest.raises(ModelError) as caught:
        models_from_dicts([changed(change)])
    (problem,) = caught.value.problems
    return problem.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            conditions(a="b", b="c", c="a"),
            "condition `a` rests on itself: a -> b -> c -> a",
        ),
        (
            offer(when="unknown(country)"),
            "offer `shoes` rests on `unknown(...)` and needs `waive: withdrawal`",
        ),
        (
            fallback(when=WHEN),
            "offer `welcome` is the fallback of `home.hero` and depends on nothing: it has no `when`",
        ),
        (offer(prority=1), "offer `shoes`: unknown key `prority`; did you mean `priority`?"),
        (without("placements"), "offer `shoes` never shows: it names no placement and is nobody's fallback"),
        (offer(priority="80"), "offer `shoes`: `priority` must be a whole number, not text"),
        (offer(waive="consent"), "offer `shoes`: `waive` cannot be `consent`; it is one of `withdrawal`"),
        (named("class"), "an attribute cannot be `class`: the word belongs to the expression language"),
        (
            conditions(country=WHEN),
            "`country` is already the name of the attribute at <python>:attributes.country:1:1",
        ),
        (top(model=5), "`model` must be text in quotes, not a number"),
        (
            offer(content={"a": "{country}"}),
            "offer `shoes`: token `{country}` needs a default for when it is not known: `{country|...}`",
        ),
        *(
            (
                attribute(retention=written),
                "attribute `country`: `retention` has no unit; write a unit: `12h`, `12d`",
            )
            for written in (12, "12")
        ),
    ],
)
def test_a_message_says_what_is_wrong_and_what_to_do(change: Change, expected: str) -> None:
    assert message(change) == expected


def test_an_attribute_that_is_declared_wrongly_is_not_called_unknown_elsewhere() -> None:
    broken = changed(attribute(type="text"))

    assert problems(broken) == ["attributes.country.type unknown-word"]


def test_problems_of_one_run_are_sorted_and_none_is_said_twice() -> None:
    def break_much(m: Document) -> None:
        for change, _ in MISTAKES.values():
            try:
                change(m)
            except (KeyError, TypeError, AttributeError, IndexError):
                continue

    with pytest.raises(ModelError) as caught:
        models_from_dicts([changed(break_much)])
    found = caught.value.problems

    assert len(found) > 20
    assert list(found) == sorted(set(found))
    assert str(caught.value).splitlines() == [str(each) for each in found]


def together(change: Change) -> list[str]:
    other = document()
    other["model"], other["channel"] = "mail", "mail"
    other["placements"] = {"mail.top": {"fallback": "welcome"}}
    other["offers"][1]["placements"] = ["mail.top"]
    change(other)
    with pytest.raises(ModelError) as caught:
        models_from_dicts([document(), other])
    return [f"{each.place.file} {each.code}" for each in caught.value.problems]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (top(model="shop"), ["<python>[1]:model declared-twice"]),
        (top(channel="web"), ["<python>[1]:model channel-taken"]),
        (
            lambda m: m["placements"].update({"home.hero": {"fallback": "welcome"}}),
            ['<python>[1]:placements["home.hero"] declared-twice'],
        ),
        (attribute(purposes=["analytics"]), ["<python>[1]:attributes.country declared-differently"]),
        (attribute(retention="31d"), ["<python>[1]:attributes.country declared-differently"]),
    ],
)
def test_models_of_one_bundle_agree(change: Change, expected: list[str]) -> None:
    assert together(change) == expected


def test_an_own_offer_may_not_name_the_placement_of_another_model() -> None:
    assert together(offer(placements=["home.hero", "mail.top"])) == [
        "<python>[1]:offers[1].placements[0] unknown-placement"
    ]


def test_a_thousand_problems_are_shown_and_the_rest_is_not_hidden() -> None:
    found = problems(changed(top(attributes={f"a{n}": 5 for n in range(3_000)})))

    assert len(found) == 1_001
    assert sum(each.endswith("too-many") for each in found) == 1


@pytest.mark.parametrize("value", [None, 5, "x", [], [document()], {}])
def test_what_is_no_model_at_all_is_a_problem(value: Any) -> None:
    with pytest.raises(ModelError):
        models_from_dicts([value])


def test_data_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    assert problems(changed(offer(content={"a": endless})))[0].endswith("too-deep")
