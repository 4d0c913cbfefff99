"""A real `discreet serve` over bundles whose every content says which version it is of."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from discreet.compiler import build
from discreet.model import models_from_dicts

from .products import TEST_KEY, TEST_RING
from .system import free_port, running, wait_until

PLACEMENTS = ("home.hero", "home.aside", "account.tip")
HOUR_S = 3_600


def versioned(
    version: int, *, floor: int = 0, created_s: float | None = None, lasts_s: float = 48 * HOUR_S
) -> bytes:
    """The signed bundle of that version, made an hour ago: each of its contents holds the version."""
    made_s = int(time.time()) - HOUR_S if created_s is None else int(created_s)
    offers = [
        {
            "id": f"offer_{number}",
            "placements": [placement],
            "content": {"version": version, "title": f"v{version}"},
        }
        for number, placement in enumerate(PLACEMENTS)
    ]
    model = {
        "model": "versions",
        "channel": "web",
        "stages": [{"id": "always"}],
        "placements": {placement: {"fallback": "nothing"} for placement in PLACEMENTS},
        "offers": [{"id": "nothing", "content": {"version": version, "title": "none"}}, *offers],
    }
    return build(
        models_from_dicts([model]),
        [TEST_KEY],
        name="versions",
        version=version,
        floor=floor,
        created_s=made_s,
        expires_s=made_s + int(lasts_s),
    )


@dataclass(frozen=True)
class Shelf:
    """Where a server takes its bundle from, and where it keeps the last good one."""

    folder: Path

    @property
    def bundle(self) -> Path:
        return self.folder / "shop.bundle"

    @property
    def ring(self) -> Path:
        return self.folder / "trusted-keys.json"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def put(self, data: bytes) -> None:
        """Replace the bundle, as a deployment does."""
        part = self.folder / "shop.bundle.new"
        part.write_bytes(data)
        part.replace(self.bundle)

    def command(self, port: int, *more: str) -> list[str]:
        """`discreet serve` over this shelf; it looks for a bundle often."""
        serve = [sys.executable, "-m", "discreet", "serve", str(self.bundle), "--trust", str(self.ring)]
        return [*serve, "--port", str(port), "--state", str(self.state), *more]


def shelf(folder: Path, data: bytes | None = None) -> Shelf:
    """A shelf in `folder` with its first bundle, version 1 if none is given."""
    made = Shelf(folder)
    TEST_RING.write(made.ring)
    made.put(versioned(1) if data is None else data)
    return made


OFTEN = {"DISCREET_BUNDLE_EVERY_S": "0.1"}


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    process: Popen[bytes]
    log: Path

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of one answer, over a connection of its own."""
        return ask(self.port, method, path, body, **headers)

    def decide(self, body: Any = None) -> Any:
        """The answer of /v1/decide."""
        status, _, answer = self.ask("POST", "/v1/decide", {} if body is None else body)
        assert status == 200, answer
        return answer

    @property
    def version(self) -> int:
        """The version in service."""
        version: int = self.decide()["bundle"]["version"]
        return version

    def ready(self) -> Any:
        """What /readyz says."""
        return self.ask("GET", "/readyz")[2]

    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace")


def refused(*arguments: str, status: int, **environment: str) -> str:
    """What `discreet serve` says when it does not start."""
    command = [sys.executable, "-m", "discreet", "serve", *arguments]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )
    assert ran.returncode == status, ran.stderr
    assert "a bug in discreet" not in ran.stderr
    return ran.stderr + ran.stdout


@contextmanager
def serving(shelf: Shelf, *more: str, **environment: str) -> Generator[Server]:
    """`discreet serve` over `shelf` until the block ends."""
    chosen = free_port()
    log = shelf.folder / f"server-{chosen}.log"
    command = shelf.command(chosen, *more)
    with running(command, port=chosen, log=log, environment={**OFTEN, **environment}) as process:
        server = Server(chosen, process, log)
        wait_until(lambda: answers(chosen), "the server answers")
        yield server


def ask(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        sent = None if body is None else json.dumps(body)
        given = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, sent, {**given, **headers})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    found = {name.lower(): value for name, value in answer.getheaders()}
    is_json = "json" in found.get("content-type", "")
    return answer.status, found, json.loads(data) if is_json else data


def answers(port: int) -> bool:
    """Whether the server answers."""
    try:
        return ask(port, "GET", "/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def workers_of(process: Popen[bytes]) -> list[int]:
    """The process ids of its children."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in children.read_text().split()]


def contents_agree(answer: Any) -> int:
    """The one version of which all of `answer` is."""
    versions: set[int] = {answer["bundle"]["version"]}
    versions |= {each["content"]["version"] for each in answer["decisions"]}
    assert len(versions) == 1, f"mixed: {sorted(versions)}"
    assert [each["placement"] for each in answer["decisions"]] == list(PLACEMENTS)
    return versions.pop()


def sequence(first: int, count: int) -> Sequence[bytes]:
    """Bundles of `count` versions in a row."""
    return [versioned(first + number) for number in range(count)]
