"""Lambda's Runtime API, as far as a function's own client asks for it, and that client as a process of its own."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_INVOCATION = "/2018-06-01/runtime/invocation/"
_PATIENCE_S = 30.0


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events one by one, and takes what the function answers.

    Attributes:
        answers: `("response" or "error", what was posted)`, in order.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client is killed while it waits for an event."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def invoke(self, event: Any) -> tuple[str, Any]:
        """What the function answers to `event`: `response` or `error`, and the document.

        Raises:
            queue.Empty: it does not answer.
        """
        self.events.put(event)
        return self.answer()

    def answer(self) -> tuple[str, Any]:
        """What the function posts next; `error` when it cannot start.

        Raises:
            queue.Empty: it posts nothing.
        """
        return self.answers.get(timeout=_PATIENCE_S)


class _Call(BaseHTTPRequestHandler):
    """One call of the client."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one write: in two, Nagle's algorithm holds the second back for 40 ms
    server: RuntimeApi  # pyright: ignore[reportIncompatibleVariableOverride] - it is called by no other

    def do_GET(self) -> None:
        event = self.server.events.get()
        now_ms = int(time.time() * 1000)
        self._answer(
            200,
            json.dumps(event).encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": f"{time.monotonic_ns()}",
                "Lambda-Runtime-Deadline-Ms": f"{now_ms + 5_000}",
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:edge:1",
            },
        )

    def do_POST(self) -> None:
        kind = self.path.rpartition("/")[2]
        body = self._body()
        self._answer(202, b'{"status": "OK"}', {})
        self.server.answers.put((kind, json.loads(body)))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the class has
        """Say nothing: it would come between the tests' dots."""


@contextmanager
def function(folder: Path, handler: str, *, log: Path) -> Generator[RuntimeApi]:
    """The function `handler` ("module.name") of `folder`, run by Lambda's own Python client until the block ends.

    It is a process of its own: the client reads events for as long as it lives, and prints.
    """
    api = RuntimeApi()
    threading.Thread(target=api.serve_forever, daemon=True).start()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "edge",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "LAMBDA_TASK_ROOT": str(folder),
        "PATH": "/usr/bin:/bin",
    }
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield api
    finally:
        process.kill()
        process.wait()
        api.events.put(None)  # for the call that still waits
        api.shutdown()
        api.server_close()
