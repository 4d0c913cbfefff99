"""The promises, seen through HTTP: what is not permitted changes no byte of any answer, and withdrawal adds nothing."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent import Consent
from support.asgi import Reply, ask
from support.edge import ALL_TCF, LIMITED_TCF, NO_TCF, edge_app, edge_bundle, edge_evaluator, edge_visitors

APP = edge_app(visitors=edge_visitors(accept_stated=True))
EVALUATOR = edge_evaluator()
PURPOSES = ("personalize.content.limited", "personalize.content.profiled", "functional.storage")
PATHS = ("/v1/decide", "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/home.hero")

VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from(["IT", "FR", "US"]),
    "device": st.sampled_from(["mobile", "desktop"]),
    "campaign": st.sampled_from(["spring", "autumn"]),
    "basket_items": st.integers(0, 5),
    "purchases": st.integers(0, 3),
    "last_visit": st.sampled_from(["2026-01-01T00:00:00Z", "2026-06-10T00:00:00Z"]),
    "first_name": st.text(string.ascii_letters, min_size=1, max_size=8),
    "interests": st.lists(st.sampled_from(["running", "reading"]), max_size=2),
    "allergic": st.booleans(),
    "income_band": st.sampled_from(["high", "low"]),
}
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
)
VISITORS = st.fixed_dictionaries({}, optional={name: value | ODD for name, value in VALUES.items()})
UNDECLARED = st.dictionaries(st.text(string.ascii_lowercase, min_size=9, max_size=12), ODD, max_size=3)
GRANTS = st.sets(st.sampled_from(PURPOSES))


def asked(path: str, attributes: Mapping[str, Any], purposes: set[str]) -> Reply:
    consent = {"purposes": sorted(purposes)}
    document = {"context": {**attributes, "consent": consent}} if "ofrep" in path else {
        "attributes": attributes, "consent": consent}  # fmt: skip
    return ask(APP, "POST", path, document=document)


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(PATHS), one=VISITORS, other=VISITORS, more=UNDECLARED, purposes=GRANTS)
def test_what_is_not_permitted_changes_no_byte_of_the_answer(
    path: str, one: dict[str, Any], other: dict[str, Any], more: dict[str, Any], purposes: set[str]
) -> None:
    permitted = EVALUATOR.permit({}, Consent.granting(*purposes)).plan
    allowed = {name: value for name, value in one.items() if name not in permitted.withheld}
    hidden = {name: value for name, value in {**other, **more}.items() if name not in allowed}
    hidden = {name: value for name, value in hidden.items() if name in permitted.withheld or name in more}

    a, b = asked(path, allowed, purposes), asked(path, {**hidden, **allowed}, purposes)

    assert (a.status, a.pairs, a.body) == (b.status, b.pairs, b.body)


@settings(max_examples=40, deadline=None)
@given(visitor=VISITORS, purposes=GRANTS, more=GRANTS)
def test_withdrawal_never_adds_an_offer(visitor: dict[str, Any], purposes: set[str], more: set[str]) -> None:
    def eligible(granted: set[str]) -> set[tuple[str, str]]:
        document = {"attributes": visitor, "consent": {"purposes": sorted(granted)}, "top": 100}
        decisions = ask(APP, "POST", "/v1/decide", document=document).json["decisions"]
        return {(each["placement"], each["offer"]) for each in decisions if each["reason"] == "matched"}

    assert eligible(purposes) <= eligible(purposes | more)


def test_no_slot_goes_dark_and_every_decision_says_why() -> None:
    odd: dict[str, Any] = {name: {"odd": []} for name in VALUES}
    documents: list[dict[str, Any]] = [{}, {"attributes": odd}, {"consent": {"tcf": "broken"}}]
    for document in documents:
        decisions = ask(APP, "POST", "/v1/decide", document=document).json["decisions"]

        assert len(decisions) == 5
        assert all(each["content"] and each["reason"] in {"matched", "fallback"} for each in decisions)


def test_a_signal_that_is_cut_permits_less_and_never_more() -> None:
    app = edge_app()
    document = {"placement": "home.hero", "attributes": {"first_name": "Ada", "interests": ["running"]}}

    for cut in range(0, len(ALL_TCF) - 1, 3):
        cookie = f"euconsent-v2={ALL_TCF[:cut]}"
        headers = {"cf-ipcountry": "IT", "cookie": cookie}
        reply = ask(app, "POST", "/v1/decide", document=document, headers=headers)
        assert reply.json["decisions"][0]["content"].get("title") in {"Welcome", "Summer by the sea"}


def test_the_same_bundle_is_given_out_whoever_asks() -> None:
    app = edge_app()
    seen = {
        ask(
            app, "GET", "/v1/bundle", headers={"cookie": f"euconsent-v2={tcf}", "cf-ipcountry": country}
        ).everything
        for tcf in (ALL_TCF, LIMITED_TCF, NO_TCF)
        for country in ("IT", "US")
    }

    assert len(seen) == 1
    assert edge_bundle() in seen.pop()
