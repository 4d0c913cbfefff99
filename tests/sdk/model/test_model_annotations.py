"""What an author writes for people and for checks: owners, ranges, promises, limits, and what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from discreet.compiler import compile_models, pack
from discreet.errors import ModelError
from discreet.model import Accepted, Model, ModelBuilder, model_schema, models_from_dicts, read_models
from support.authoring import LIMITED, Document, as_json, changed, document, problems, read

Change = Callable[[Document], object]


def annotate(m: Document) -> None:
    """Say everything that decides nothing."""
    m["owner"] = "Ada, web team"
    m["accepted"] = [{"check": "D104", "of": "italians", "because": "The reports group by it"}]
    m["attributes"]["purchases"]["range"] = [0, None]
    m["conditions"]["returning"]["owner"] = "Insights"
    m["segments"]["italians"]["owner"] = "Market Italy"
    m["placements"]["home.hero"].update(
        says="The stage of the home page", shows=["title", "image"], purposes=[LIMITED, "functional.storage"]
    )
    m["placements"]["home.aside"]["purposes"] = []
    m["offers"][0]["says"] = "A first word"
    m["offers"][1].update(says="New shoes", owner="Shoes", exclusive="spring", promises=["mail", "app"])


def model() -> Model:
    return read(changed(annotate))


def test_everything_that_is_said_is_in_the_model() -> None:
    said = model()
    hero, aside = said.placements
    welcome, shoes = said.offers

    assert said.owner == "Ada, web team"
    assert said.accepted == (Accepted("D104", "italians", "The reports group by it"),)
    assert said.ranges == {"purchases": (0.0, None)}
    assert [each.owner for each in said.conditions] == ["Insights", "Market Italy"]
    assert (hero.says, hero.shows) == ("The stage of the home page", ("title", "image"))
    assert (hero.purposes, aside.purposes) == ((LIMITED, "functional.storage"), ())
    assert (welcome.says, welcome.owner, welcome.exclusive, welcome.promises) == (
        "A first word",
        None,
        None,
        (),
    )
    assert (shoes.says, shoes.owner) == ("New shoes", "Shoes")
    assert (shoes.exclusive, shoes.promises) == ("spring", ("mail", "app"))


def test_what_is_not_said_is_empty() -> None:
    plain = read(document())

    assert (plain.owner, plain.accepted, plain.ranges) == (None, (), {})
    assert (plain.placements[0].says, plain.placements[0].shows, plain.placements[0].purposes) == (
        "",
        (),
        None,
    )
    assert (plain.offers[1].says, plain.offers[1].promises) == ("", ())


def test_the_schema_knows_all_of_it() -> None:
    jsonschema.Draft202012Validator(model_schema()).validate(changed(annotate))


def test_nothing_of_it_enters_the_bundle() -> None:
    bundles = [
        pack(compile_models([each]), name="n", version=1, created_s=0, expires_s=1)
        for each in (model(), read(document()))
    ]

    assert bundles[0] == bundles[1]


def test_offers_and_stages_keep_the_words_of_their_author() -> None:
    plain = read(document())

    assert [each.source for each in plain.stages] == ["", "returning"]
    assert plain.offers[0].source == ""
    assert plain.offers[1].source == '(returning) and ((italians) or (country == "FR"))'


def test_the_builder_has_the_same_words() -> None:
    built = (
        ModelBuilder("m", channel="web", owner="Ada")
        .attribute("age", type="number", provenance="declared", purposes=[LIMITED], range=(0, 130))
        .condition("adult", says="Of age", when="age >= 18", owner="Law")
        .segment("elder", says="Long of age", when="age >= 70", owner="Reports")
        .stage("first")
        .placement("p", fallback="o", says="A slot", shows=["title"], purposes=[])
        .offer("o", content={}, says="A word", owner="Web")
        .offer("q", content={}, placements=["p"], exclusive="g", promises=["mail"])
        .accept("D105", of="adult", because="It is the law")
        .build()
    )

    assert (built.owner, built.ranges) == ("Ada", {"age": (0.0, 130.0)})
    assert [each.owner for each in built.conditions] == ["Law", "Reports"]
    assert (built.placements[0].says, built.placements[0].shows, built.placements[0].purposes) == (
        "A slot",
        ("title",),
        (),
    )
    assert (built.offers[0].says, built.offers[0].owner) == ("A word", "Web")
    assert (built.offers[1].exclusive, built.offers[1].promises) == ("g", ("mail",))
    assert built.accepted == (Accepted("D105", "adult", "It is the law"),)


def purchases(**keys: object) -> Change:
    return lambda m: m["attributes"]["purchases"].update(keys)


def hero(**keys: object) -> Change:
    return lambda m: m["placements"]["home.hero"].update(keys)


def shoes(**keys: object) -> Change:
    return lambda m: m["offers"][1].update(keys)


def welcome(**keys: object) -> Change:
    return lambda m: m["offers"][0].update(keys)


def accepting(*findings: object) -> Change:
    return lambda m: m.update(accepted=list(findings))


def accepted(**keys: object) -> Document:
    return {"check": "D104", "of": "returning", "because": "It is so", **keys}


RANGE = "attributes.purchases.range"
HERO = 'placements["home.hero"]'

MISTAKES: dict[str, tuple[Change, list[str]]] = {
    "owner without words": (lambda m: m.update(owner=" "), ["owner empty-text"]),
    "owner as a list": (lambda m: m.update(owner=["Ada"]), ["owner wrong-type"]),
    "owner of an offer as a number": (shoes(owner=5), ["offers[1].owner wrong-type"]),
    "owner of a condition without words": (
        lambda m: m["conditions"]["returning"].update(owner=""),
        ["conditions.returning.owner empty-text"],
    ),
    "range of one number": (purchases(range=[1]), [f"{RANGE} bad-range"]),
    "range as a number": (purchases(range=1), [f"{RANGE} wrong-type"]),
    "range of texts": (purchases(range=["1", 2]), [f"{RANGE} bad-range"]),
    "range of booleans": (purchases(range=[False, True]), [f"{RANGE} bad-range"]),
    "range that is open on both sides": (purchases(range=[None, None]), [f"{RANGE} bad-range"]),
    "range without end": (purchases(range=[0, float("inf")]), [f"{RANGE} bad-range"]),
    "range that is not a number": (purchases(range=[float("nan"), 1]), [f"{RANGE} bad-range"]),
    "range in the wrong order": (purchases(range=[2, 1]), [f"{RANGE}[1] bad-range"]),
    "range of a text": (
        lambda m: m["attributes"]["country"].update(range=[0, 1]),
        ["attributes.country.range wrong-type"],
    ),
    "range of a substitute": (
        lambda m: m["attributes"].update(
            few={"coarsens": "purchases", "by": {"decimals": 0}, "purposes": [LIMITED], "range": [0, 1]}
        ),
        ["attributes.few.range inherited-key"],
    ),
    "shows nothing": (hero(shows=[]), [f"{HERO}.shows bad-list"]),
    "shows as text": (hero(shows="title"), [f"{HERO}.shows wrong-type"]),
    "shows a field twice": (hero(shows=["a", "a"]), [f"{HERO}.shows[1] named-twice"]),
    "shows a blank": (hero(shows=[" "]), [f"{HERO}.shows[0] bad-text"]),
    "placement with an unknown purpose": (hero(purposes=["ads"]), [f"{HERO}.purposes[0] unknown-purpose"]),
    "placement with a purpose twice": (hero(purposes=[LIMITED] * 2), [f"{HERO}.purposes[1] named-twice"]),
    "placement with purposes as text": (hero(purposes=LIMITED), [f"{HERO}.purposes wrong-type"]),
    "placement that says nothing": (hero(says=""), [f"{HERO}.says empty-text"]),
    "exclusive with a space": (shoes(exclusive="in spring"), ["offers[1].exclusive bad-id"]),
    "exclusive as a boolean": (shoes(exclusive=True), ["offers[1].exclusive wrong-type"]),
    "exclusive and never competing": (welcome(exclusive="g"), ["offers[0].exclusive never-competes"]),
    "promises and never competing": (welcome(promises=["mail"]), ["offers[0].promises never-competes"]),
    "promises nothing": (shoes(promises=[]), ["offers[1].promises bad-list"]),
    "promises as text": (shoes(promises="mail"), ["offers[1].promises wrong-type"]),
    "promises twice": (shoes(promises=["mail", "mail"]), ["offers[1].promises[1] named-twice"]),
    "promises the own channel": (shoes(promises=["web"]), ["offers[1].promises[0] own-channel"]),
    "promises to no id": (shoes(promises=["a b"]), ["offers[1].promises[0] bad-id"]),
    "accepted as a mapping": (lambda m: m.update(accepted={}), ["accepted wrong-type"]),
    "accepted without reason": (accepting({"check": "D104", "of": "shoes"}), ["accepted[0] missing-key"]),
    "accepted for no reason": (accepting(accepted(because=" ")), ["accepted[0].because empty-text"]),
    "accepted of nothing known": (accepting(accepted(of="retruning")), ["accepted[0].of unknown-name"]),
    "accepted of another check": (accepting(accepted(check="E1")), ["accepted[0].check bad-check"]),
    "accepted twice": (accepting(accepted(), accepted(because="Again")), ["accepted[1] declared-twice"]),
    "accepted with an unknown key": (accepting(accepted(until="2027")), ["accepted[0].until unknown-key"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_at_its_place_and_alone(mistake: str) -> None:
    change, expected = MISTAKES[mistake]

    assert problems(changed(change)) == expected


@pytest.mark.parametrize("name", ["shoes", "returning", "italians", "stay", "home.aside", "country"])
def test_a_finding_about_anything_with_a_name_can_be_accepted(name: str) -> None:
    assert read(changed(accepting(accepted(of=name)))).accepted[0].of == name


def message(change: Change) -> str:
    with pytest.raises(ModelError) as caught:
        models_from_dicts([changed(change)])
    (problem,) = caught.value.problems
    return problem.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            purchases(range=[None, None]),
            "attribute `purchases`: `range` is two numbers, of which one may be `null`: `[0, 10]`, `[0, null]`",
        ),
        (
            accepting(accepted(of="retruning")),
            (
                "an accepted finding: no offer, condition, segment, stage, placement or attribute `retruning`; "
                "did you mean `returning`?"
            ),
        ),
        (
            accepting(accepted(check="104")),
            "an accepted finding: `check` is a code such as `D104`, not `104`",
        ),
        (
            welcome(exclusive="g"),
            "offer `welcome` has no `placements` and never competes: it has no `exclusive`",
        ),
        (
            hero(show=["title"]),
            "placement `home.hero`: unknown key `show`; did you mean `shows`?",
        ),
    ],
)
def test_a_message_says_what_is_wrong_and_what_to_do(change: Change, expected: str) -> None:
    assert message(change) == expected


def mail(**keys: object) -> Document:
    other = document()
    other["model"], other["channel"] = "mail", "mail"
    other["placements"] = {"mail.top": {"fallback": "welcome"}}
    other["offers"][1].update(placements=["mail.top"], **keys)
    return other


def test_a_promise_for_a_channel_of_which_nobody_heard_is_a_problem_where_that_can_be_said() -> None:
    with pytest.raises(ModelError) as caught:
        models_from_dicts([document(), mail(promises=["wep"])])

    (problem,) = caught.value.problems
    assert problem.code == "unknown-channel"
    assert problem.message == "offer `shoes`: unknown channel `wep`; did you mean `web`?"
    assert models_from_dicts([mail(promises=["wep"])])[0].offers[1].promises == ("wep",)


def test_models_agree_on_the_range_of_an_attribute() -> None:
    other = mail()
    other["attributes"]["purchases"]["range"] = [0, 10]

    with pytest.raises(ModelError) as caught:
        models_from_dicts([document(), other])

    (problem,) = caught.value.problems
    assert problem.code == "declared-differently"
    assert problem.message.endswith("they differ in `range`")


def test_a_shared_offer_may_promise_each_channel_that_has_it(tmp_path: Path) -> None:
    offer = {"id": "o", "content": {}, "placements": ["web.a", "mail.a"], "promises": ["web", "mail"]}
    shared = {"offers": [offer]}
    (tmp_path / "shared.json").write_text(as_json(shared))
    for channel in ("web", "mail"):
        own = {
            "model": channel,
            "channel": channel,
            "include": ["shared.json"],
            "stages": [{"id": "s"}],
            "placements": {f"{channel}.a": {"fallback": "f"}},
            "offers": [{"id": "f", "content": {}}],
        }
        (tmp_path / f"{channel}.json").write_text(as_json(own))

    models = read_models([tmp_path / "web.json", tmp_path / "mail.json"])

    assert [each.offers[0].promises for each in models] == [("mail",), ("web",)]
