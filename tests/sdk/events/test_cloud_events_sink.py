"""CloudEvents over HTTP, against a real server."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from discreet.events import CloudEventsSink, Event, EventsRefused, Journal, SinkFailed
from support.journals import AGREED, PERSONAL_ONLY, SCHEMA, decided, shop, visit_to
from support.system import free_port, wait_until

SHOP = shop()


class Receiver(ThreadingHTTPServer):
    """Answers with the statuses it is told to, then with 202; keeps every request."""

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.requests: list[tuple[dict[str, str], Any]] = []
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/events"


class Answer(BaseHTTPRequestHandler):
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride] # always ours

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((headers, json.loads(body)))
        status = self.server.statuses.pop(0) if self.server.statuses else 202
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 302:
            self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def event(number: int) -> Event:
    return Event(f"id-{number}", {"kind": "decision", "placement": "p", "hour": None, "number": number})


def test_no_logger_of_the_client_tells_of_a_batch(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sink = CloudEventsSink(f"{receiver.url}?token=canary", headers={"Authorization": "canary"})
    caplog.clear()

    sink.write([event(1)])
    sink.close()

    assert receiver.requests
    assert "canary" not in caplog.text
    assert "httpx" not in [each.name for each in caplog.records]


def test_a_batch_is_one_request_in_the_format_of_the_standard(receiver: Receiver) -> None:
    sink = CloudEventsSink(
        receiver.url, headers={"Authorization": "Bearer canary-token"}, source="/shop/edge-1"
    )
    journal = Journal([sink])
    for consent in (AGREED, PERSONAL_ONLY):
        visit = visit_to(SHOP, {"n": 5}, consent, 1_772_325_000.5)
        journal.decided(SHOP, decided(SHOP, visit), visit, surface="test")
    assert journal.close()

    sent = [each for _, batch in receiver.requests for each in batch]
    assert journal.counts["written"] == len(sent) == 4
    for headers, _ in receiver.requests:
        assert headers["content-type"] == "application/cloudevents-batch+json; charset=utf-8"
        assert headers["authorization"] == "Bearer canary-token"
    assert len({each["id"] for each in sent}) == 4
    for each in sent:
        SCHEMA.validate(each["data"])
        assert {name: each[name] for name in each if name not in ("id", "data", "subject")} == {
            "specversion": "1.0", "source": "/shop/edge-1", "type": "discreet.decision.v1",
            "datacontenttype": "application/json", "time": "2026-03-01T00:00:00Z",
        }  # fmt: skip
        assert each["subject"] == each["data"]["placement"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_busy_endpoint_gets_the_same_events_again(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    journal = Journal([CloudEventsSink(receiver.url)])
    visit = visit_to(SHOP, {"n": 5})
    journal.decided(SHOP, decided(SHOP, visit), visit, surface="test")

    wait_until(lambda: journal.counts["written"] == 2, "it is tried again")
    assert journal.close()
    (_, first), (_, again) = receiver.requests
    assert first == again


@pytest.mark.parametrize("status", [302, 400, 401, 413])
def test_an_endpoint_that_refuses_is_not_asked_again(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    sink = CloudEventsSink(receiver.url, headers={"Authorization": "canary-token"})

    with pytest.raises(SinkFailed, match=f"^answered with status {status}$") as failed:
        sink.write([event(1)])
    sink.close()

    assert failed.value.is_final
    assert len(receiver.requests) == 1


def test_batches_are_no_larger_than_was_asked_for(receiver: Receiver) -> None:
    journal = Journal([CloudEventsSink(receiver.url, batch=3)])
    visit = visit_to(SHOP, {"n": 5})
    for _ in range(5):
        journal.decided(SHOP, decided(SHOP, visit), visit, surface="test")
    assert journal.close()

    sizes = [len(batch) for _, batch in receiver.requests]
    assert sum(sizes) == 10
    assert max(sizes) == 3


def test_without_an_answer_it_may_pass_and_says_neither_where_nor_what() -> None:
    sink = CloudEventsSink(f"http://127.0.0.1:{free_port()}/canary", headers={"Authorization": "canary"})

    with pytest.raises(SinkFailed, match=r"^no answer: ConnectError$") as failed:
        sink.write([event(1)])

    assert not failed.value.is_final
    assert "canary" not in repr(sink)
    sink.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "file:///etc/passwd"}, {"url": "127.0.0.1/x"}, {"url": "http://"}, {"url": "http://[canary"},
        {"url": "http://h:99999999/"}, {"url": "http://user:canary@h/"},
        {"source": ""}, {"batch": 0}, {"timeout_s": 0}, {"headers": {"a": "\u20ac"}},
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"url": "http://127.0.0.1/", **wrong}
    with pytest.raises(EventsRefused) as refused:
        CloudEventsSink(given.pop("url"), **given)

    assert "canary" not in str(refused.value)


def test_without_httpx_it_is_a_sentence() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "from discreet.events import CloudEventsSink\n"
        "from discreet.errors import MissingExtra\n"
        "try:\n    CloudEventsSink('http://127.0.0.1/')\n"
        "except MissingExtra as error:\n    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == 'sending events needs the extra `server`: pip install "discreet[server]"\n'
