"""OFREP 0.3 over the same decisions, in the shapes that the clients insist on."""

from __future__ import annotations

from typing import Any

from support.asgi import Reply, ask
from support.edge import ALL_TCF, NOW_S, PLACEMENTS, edge_app, edge_evaluator

FLAGS = "/ofrep/v1/evaluate/flags"
ITALY = {"cf-ipcountry": "IT"}
EVERYTHING = {**ITALY, "cookie": f"euconsent-v2={ALL_TCF}"}
RUNNER = {"targetingKey": "somebody", "first_name": "Ada", "interests": ["running"]}


def flag(key: str, context: Any = None, headers: dict[str, str] | None = None) -> Reply:
    document = {} if context is None else {"context": context}
    return ask(edge_app(), "POST", f"{FLAGS}/{key}", document=document, headers=headers or ITALY)


def test_a_placement_is_an_object_flag() -> None:
    bundle = edge_evaluator().bundle

    assert flag("home.hero", RUNNER, EVERYTHING).json == {
        "key": "home.hero",
        "value": {"title": "New shoes, Ada", "rate": 10.0, "image": "shoes.avif", "dark": True},
        "reason": "TARGETING_MATCH",
        "variant": "spring_shoes",
        "metadata": {"bundle": "edge-shop", "version": 12, "digest": bundle.digest, "stage": "discover"},
    }


def test_a_field_is_a_flag_of_its_own_type() -> None:
    values = {
        name: flag(f"home.hero/{name}", RUNNER, EVERYTHING).json["value"]
        for name in ("title", "rate", "dark")
    }

    assert values == {"title": "New shoes, Ada", "rate": 10.0, "dark": True}
    assert b'"value":10.0' in flag("home.hero/rate", RUNNER, EVERYTHING).body


def test_reasons_are_openfeatures() -> None:
    assert flag("home.hero", RUNNER, EVERYTHING).json["reason"] == "TARGETING_MATCH"
    assert flag("home.hero", RUNNER).json["reason"] == "DEFAULT"
    assert flag("page.footer").json["reason"] == "STATIC"


def test_an_expired_bundle_is_disabled() -> None:
    app = edge_app(clock_s=lambda: NOW_S + 10 * 365 * 86_400.0)

    assert ask(app, "POST", f"{FLAGS}/page.footer", document={}).json["reason"] == "DISABLED"


def test_consent_may_come_in_the_context() -> None:
    assert flag("home.hero", {**RUNNER, "consent": {"tcf": ALL_TCF}}).json["variant"] == "spring_shoes"


def test_an_unknown_flag_is_not_found_and_not_repeated() -> None:
    for key in ("sallys-diary", "home.hero/sally", "home.hero/", "home.aside/note", "home.aside/tags"):
        reply = flag(key)

        assert (reply.status, reply.json["key"], reply.json["errorCode"]) == (404, "", "FLAG_NOT_FOUND")
        assert b"sally" not in reply.everything


def test_what_is_no_context_is_refused_in_the_protocols_words() -> None:
    no_json = ask(edge_app(), "POST", f"{FLAGS}/home.hero", body=b"{")
    bulk = ask(edge_app(), "POST", FLAGS, body=b"{")

    assert (no_json.status, no_json.json["key"], no_json.json["errorCode"]) == (400, "", "PARSE_ERROR")
    assert (bulk.status, bulk.json["errorCode"], "key" in bulk.json) == (400, "PARSE_ERROR", False)
    contexts: list[Any] = [[], "text", {"consent": 1}, {"consent": None}]
    for context in contexts:
        assert flag("home.hero", context).json["errorCode"] == "INVALID_CONTEXT"


def test_all_flags_are_the_placements_and_their_plain_fields() -> None:
    reply = ask(edge_app(), "POST", FLAGS, document={"context": RUNNER}, headers=EVERYTHING)

    flags = {each["key"]: each for each in reply.json["flags"]}
    assert set(PLACEMENTS) <= flags.keys()
    assert flags["home.hero/title"]["value"] == "New shoes, Ada"
    assert all({"key", "value", "reason", "variant", "metadata"} == each.keys() for each in flags.values())
    assert all(each["value"] is not None for each in flags.values())
    assert reply.json["metadata"]["version"] == 12


def test_all_flags_are_the_same_as_each_alone() -> None:
    reply = ask(edge_app(), "POST", FLAGS, document={"context": RUNNER}, headers=EVERYTHING)

    for each in reply.json["flags"]:
        assert flag(each["key"], RUNNER, EVERYTHING).json == each


def test_a_client_that_has_them_already_gets_304() -> None:
    app = edge_app()
    first = ask(app, "POST", FLAGS, document={"context": RUNNER}, headers=EVERYTHING)
    tag = first.header("etag")
    assert tag is not None

    again = ask(
        app, "POST", FLAGS, document={"context": RUNNER}, headers={**EVERYTHING, "if-none-match": tag}
    )
    other = ask(app, "POST", FLAGS, document={}, headers={**ITALY, "if-none-match": tag})

    assert (again.status, again.body, again.header("etag")) == (304, b"", tag)
    assert other.status == 200
    assert first.header("cache-control") == again.header("cache-control") == "private, no-store"


def test_the_tag_does_not_tell_visitors_apart_by_what_is_not_permitted() -> None:
    app = edge_app()
    tags = {
        ask(app, "POST", FLAGS, document={"context": context}, headers=ITALY).header("etag")
        for context in (RUNNER, {"first_name": "Bea", "purchases": 7}, {"targetingKey": "nobody"}, {})
    }

    assert len(tags) == 1
