"""Channels agree, or a visitor shows that they do not: exclusive offers, one offer's content, promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from discreet.checks import Finding
from discreet.checks.agreement import disagreements
from discreet.checks.proofs import Prover, journeys_of
from discreet.model import models_from_dicts
from support.compiled import NOW_S, document, offer
from support.products import evaluator_of
from support.witnesses import decided

Document = dict[str, Any]
LOYAL, NEW = "n >= 5", "n < 5"


def channel(name: str, *offers: Document, **fields: Any) -> Document:
    """A model for the channel `name` with the one placement `name.top`, whose fallback is `name.none`."""
    placed = [{**each, "placements": [f"{name}.top"]} for each in offers]
    made = document(*placed, **fields)
    fallback = {"id": f"{name}.none", "content": {"title": "none"}}
    made["offers"][0] = fallback
    return {
        "placements": {f"{name}.top": {"fallback": f"{name}.none"}},
        **{key: value for key, value in made.items() if key != "placements"},
        "model": name,
        "channel": name,
    }


def found(*documents: Document, **prover: Any) -> list[Finding]:
    models = models_from_dicts(documents)
    journeys = journeys_of(models)
    return [*disagreements(models, journeys, Prover(journeys, now_ms=NOW_S * 1000, **prover))]


def only(*documents: Document) -> Finding:
    (finding,) = found(*documents)
    return finding


def shown(finding: Finding, *documents: Document) -> Mapping[str, str]:
    """What real bundles show the witness of a finding, by placement."""
    assert finding.witness is not None
    decisions = decided(evaluator_of(documents), finding.witness)
    return {name: decision.offer for name, decision in decisions.items()}


def sale(**fields: Any) -> Document:
    return offer("sale", exclusive="price", **fields)


def loyalty(**fields: Any) -> Document:
    return offer("loyalty", exclusive="price", **fields)


# --- D501: exclusive offers ------------------------------------------------------------------------------------


def test_exclusive_offers_of_two_channels_meet() -> None:
    both = channel("web", sale(when="n >= 1")), channel("mail", loyalty(when=LOYAL))
    finding = only(*both)

    assert (finding.code, finding.subject, finding.models) == ("D501", "sale", ("web", "mail"))
    assert shown(finding, *both) == {"web.top": "sale", "mail.top": "loyalty"}
    assert finding.message == (
        "`sale` and `loyalty` exclude each other (`price`), and one visitor sees both, at `web.top` and at `mail.top`"
    )


def test_exclusive_offers_of_one_model_meet_at_two_placements() -> None:
    placements = {"p": {"fallback": "none"}, "q": {"fallback": "none"}}
    both = document(sale(placements=["p"]), loyalty(placements=["q"]), placements=placements)
    finding = only(both)

    assert finding.code == "D501"
    assert shown(finding, both) == {"p": "sale", "q": "loyalty"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sale(when=NEW), loyalty(when=LOYAL)),
        (
            sale(valid={"until": "2026-03-01"}),
            loyalty(valid={"from": "2026-03-01"}),
        ),
        (sale(), offer("loyalty", exclusive="another")),
        (sale(), offer("loyalty")),
        (sale(), sale()),
    ],
    ids=["conditions", "windows", "two groups", "no group", "the same offer"],
)
def test_offers_that_never_meet_agree(one: Document, other: Document) -> None:
    assert found(channel("web", one), channel("mail", other)) == []


def test_two_offers_of_one_placement_never_meet() -> None:
    assert found(document(sale(), loyalty())) == []


def test_an_offer_that_always_loses_meets_nobody() -> None:
    web = channel("web", sale(priority=1), offer("better", priority=2))

    assert found(web, channel("mail", loyalty())) == []


def test_what_was_too_much_to_prove_is_told_as_undecided() -> None:
    (finding,) = found(channel("web", sale(when=LOYAL)), channel("mail", loyalty(when="n >= 1")), budget=0)

    assert (finding.code, finding.subject, finding.witness) == ("D902", "sale", None)
    assert finding.message == "whether D501 holds of `sale` and `loyalty` is too much to decide"


# --- D502: one offer, two contents -----------------------------------------------------------------------------


def test_one_offer_says_two_things() -> None:
    web = channel("web", offer("sale", content={"off": 20, "image": "a.avif"}, when="n > 1"))
    mail = channel("mail", offer("sale", content={"off": 30, "subject": "Sale"}, when="n < 3"))
    finding = only(web, mail)

    assert (finding.code, finding.subject) == ("D502", "sale")
    assert finding.message == (
        "`sale` differs in `off` between `web` and `mail`, and one visitor sees both, at `web.top` and at `mail.top`"
    )
    assert finding.witness is not None
    decisions = decided(evaluator_of([web, mail]), finding.witness)
    assert [decisions[slot].content["off"] for slot in ("web.top", "mail.top")] == [20, 30]


def test_contents_that_nobody_sees_together_agree() -> None:
    web = channel("web", offer("sale", content={"off": 20}, when="n > 1"))
    mail = channel("mail", offer("sale", content={"off": 30}, when="n <= 1"))

    assert found(web, mail) == []


def test_what_only_one_channel_says_is_no_contradiction() -> None:
    web = channel("web", offer("sale", content={"off": 20, "image": "a.avif"}))
    mail = channel("mail", offer("sale", content={"off": 20, "subject": "Sale"}))

    assert found(web, mail) == []


@pytest.mark.parametrize(
    ("when", "texts"),
    [
        (("n == 5", "known(n)"), ("You have {n|5}", "You have 5")),
        (("known(n)", "known(n)"), ("You have {n|5}", "You have {n|6}")),
    ],
    ids=["the same value", "never the default"],
)
def test_two_templates_that_read_alike_agree(when: tuple[str, str], texts: tuple[str, str]) -> None:
    web, mail = (
        channel(name, offer("sale", when=asked, content={"text": text}))
        for name, asked, text in zip(("web", "mail"), when, texts, strict=True)
    )

    assert found(web, mail) == []


def test_two_templates_that_somebody_reads_otherwise_contradict() -> None:
    contents = ({"text": "You have {n|5}", "kept": "{n|5}"}, {"text": "You have 5", "kept": "{n|5}"})
    web, mail = (
        channel(name, offer("sale", content=each))
        for name, each in zip(("web", "mail"), contents, strict=True)
    )
    finding = only(web, mail)

    assert finding.message.startswith("`sale` differs in `text` between")
    assert finding.witness is not None
    decisions = decided(evaluator_of([web, mail]), finding.witness)
    assert len({decisions[slot].content["text"] for slot in ("web.top", "mail.top")}) == 2


# --- D503: promises --------------------------------------------------------------------------------------------


def promised(**fields: Any) -> Document:
    return offer("sale", promises=["web"], **fields)


def test_a_promise_that_the_web_cannot_keep() -> None:
    mail, web = channel("mail", promised(when="n >= 1")), channel("web", offer("sale", when=LOYAL))
    finding = only(mail, web)

    assert (finding.code, finding.subject) == ("D503", "sale")
    assert shown(finding, mail, web)["mail.top"] == "sale"
    assert shown(finding, mail, web)["web.top"] == "web.none"
    assert finding.message == (
        "`sale` promises `web` to a visitor who sees it at `mail.top`, and `web` cannot show it to them"
    )


def test_a_promise_of_an_offer_that_the_web_does_not_have() -> None:
    mail, web = channel("mail", promised()), channel("web", offer("other"))

    assert only(mail, web).message.endswith("and `web` has no such offer")


def test_a_promise_rests_on_the_consent_of_the_other_channel() -> None:
    attributes = {
        **document()["attributes"],
        "m": {"type": "number", "provenance": "first_party", "purposes": ["analytics"]},
    }
    mail = channel("mail", promised(when="n >= 1"), attributes=attributes)
    web = channel("web", offer("sale", when={"any": ["n >= 1", "m >= 1"]}), attributes=attributes)
    strict = channel("web", offer("sale", when={"all": ["n >= 1", "known(m)"]}), attributes=attributes)

    assert found(mail, web) == []
    finding = only(mail, strict)
    assert finding.witness is not None
    assert finding.witness.purposes == ("personalize.content.profiled",)


def kept() -> Iterator[tuple[str, Document]]:
    """What keeps the promise of `sale`, which is shown from n = 5 on."""
    yield "eligible", channel("web", offer("sale", when="n >= 4"))
    yield "eligible, and beaten", channel("web", offer("sale"), offer("better", priority=9))
    yield (
        "fallback",
        {
            **channel("web"),
            "offers": [{"id": "sale", "content": {}}],
            "placements": {"w": {"fallback": "sale"}},
        },
    )


@pytest.mark.parametrize("web", [pytest.param(each, id=name) for name, each in kept()])
def test_promises_that_are_kept(web: Document) -> None:
    assert found(channel("mail", promised(when=LOYAL)), web) == []


def test_a_promise_of_a_channel_that_is_not_there_is_not_judged() -> None:
    assert found(channel("mail", promised())) == []
