"""A small HTTP origin on the loopback address that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer. `drip_s`: between its bytes; `late_s`: before the first; `cut`: how many bytes are never sent;
    `endless`: the body again and again, until nobody reads it any more.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    drip_s: float = 0.0
    late_s: float = 0.0
    cut: int = 0
    endless: bool = False


@dataclass
class Origin:
    """Where it listens, what it answers, and the headers of every request, with its path under `:path`."""

    url: str
    answer: Callable[[Message], Answer] = lambda _: Answer(404)
    asked: list[Message] = field(default_factory=list[Message])

    def holds(self, data: bytes, etag: str | None = None, **headers: str) -> None:
        """From now on it answers with `data`, or with 304 to who has that tag."""

        def answer(asked: Message) -> Answer:
            if etag is not None and asked["if-none-match"] == etag:
                return Answer(304)
            tagged = {} if etag is None else {"etag": etag}
            return Answer(body=data, headers={**tagged, **headers})

        self.answer = answer


@contextmanager
def origin() -> Generator[Origin]:
    """An origin that listens until the block ends."""
    made = Origin("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.headers[":path"] = self.path
            made.asked.append(self.headers)
            with suppress(OSError):  # who asked may be gone
                self._send(made.answer(self.headers))

        def _send(self, answer: Answer) -> None:
            time.sleep(answer.late_s)
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if not answer.endless and "content-length" not in answer.headers and answer.status != 304:
                self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self._send_body(answer)

        def _send_body(self, answer: Answer) -> None:
            sent = answer.body[: len(answer.body) - answer.cut]
            if not answer.drip_s:
                self.wfile.write(sent)
            for at in range(len(sent) if answer.drip_s else 0):
                self.wfile.write(sent[at : at + 1])
                time.sleep(answer.drip_s)
            while answer.endless:
                self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_port}/shop.bundle"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
