"""Exposures are recorded where the bundle in service can have shown them, under the consent of the request itself."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.events import Event, Journal
from support.asgi import Reply, ask
from support.edge import ALL_TCF, edge_app, edge_evaluator

SEEN = {"placement": "home.hero", "offer": "spring_shoes", "version": 12}


class Records:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def write(self, events: Any) -> None:
        events_: list[Event] = list(events)
        self.kept += [each.record for each in events_]

    def close(self) -> None:
        """Nothing to close."""


def tell(
    *exposures: object, headers: dict[str, str] | None = None, **more: object
) -> tuple[Reply, list[Any]]:
    records = Records()
    journal = Journal([records], hold_s=0)
    body = {"exposures": [*exposures], **more}
    reply = ask(edge_app(journal=journal), "POST", "/v1/exposures", document=body, headers=headers or {})
    journal.close()
    return reply, records.kept


def test_what_was_seen_is_recorded() -> None:
    reply, records = tell(
        SEEN, {"placement": "page.footer", "offer": "imprint", "digest": edge_evaluator().bundle.digest}
    )

    assert (reply.status, reply.json) == (202, {"recorded": 2, "outdated": 0})
    assert {(each["kind"], each["placement"], each["offer"]) for each in records} == {
        ("exposure", "home.hero", "spring_shoes"),
        ("exposure", "page.footer", "imprint"),
    }


def test_the_detail_needs_the_consent_of_the_request() -> None:
    _, (plain,) = tell(SEEN)
    _, (detailed,) = tell(SEEN, headers={"cookie": f"euconsent-v2={ALL_TCF}"})
    _, (stated,) = tell(SEEN, consent={"tcf": ALL_TCF})

    assert "now_s" not in plain
    assert detailed["now_s"] == stated["now_s"]


def test_what_an_earlier_bundle_showed_is_counted_and_not_recorded() -> None:
    reply, records = tell({**SEEN, "version": 11}, {"placement": "gone", "offer": "gone", "digest": "0" * 64})

    assert (reply.status, reply.json, records) == (202, {"recorded": 0, "outdated": 2}, [])


@pytest.mark.parametrize(
    "one",
    [
        {**SEEN, "placement": "sally"},
        {**SEEN, "offer": "sally"},
        {**SEEN, "offer": "app"},
        {**SEEN, "offer": "newsletter"},
    ],
)
def test_what_cannot_have_been_seen_is_refused_whole_and_not_repeated(one: dict[str, Any]) -> None:
    reply, records = tell(SEEN, one)

    assert (reply.status, reply.json["type"], records) == (422, "urn:discreet:problem:unknown-exposure", [])
    assert b"sally" not in reply.everything


@pytest.mark.parametrize(
    "body",
    [
        {}, {"exposures": []}, {"exposures": [SEEN] * 101}, {"exposures": {}}, {"exposures": [1]},
        {"exposures": [{**SEEN, "more": 1}]}, {"exposures": [{"placement": "home.hero", "offer": "spring_shoes"}]},
        {"exposures": [{**SEEN, "version": "12"}]}, {"exposures": [{**SEEN, "version": True}]},
        {"exposures": [{**SEEN, "digest": "0"}]}, {"exposures": [SEEN], "more": 1}, {"exposures": [SEEN], "consent": 1},
    ],
)  # fmt: skip
def test_what_is_no_exposure_is_refused(body: object) -> None:
    assert ask(edge_app(), "POST", "/v1/exposures", document=body).status == 400


def test_where_there_is_no_journal_nothing_is_said_to_be_recorded() -> None:
    app = edge_app()

    reply = ask(app, "POST", "/v1/exposures", document={"exposures": [SEEN, {**SEEN, "version": 11}]})

    assert (reply.status, reply.json) == (202, {"recorded": 0, "outdated": 1})
    assert app.counts()["exposures"] == {"recorded": 0, "outdated": 1}


def test_a_page_that_is_left_may_send_plain_text() -> None:
    body = b'{"exposures": [{"placement": "home.hero", "offer": "welcome", "version": 12}]}'

    for media_type in ("text/plain;charset=UTF-8", "text/plain", "application/json; charset=utf-8"):
        reply = ask(edge_app(), "POST", "/v1/exposures", body=body, headers={"content-type": media_type})
        assert reply.status == 202
