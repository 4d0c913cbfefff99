"""What `discreet serve` says to its operator: once, with a way out, and before it says that it serves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from discreet.compiler import SigningKey
from discreet.runtime import Keyring
from support.products import TEST_KEY
from support.readme import FENCE
from support.served import PLACEMENTS, Server, Shelf, refused, serving, shelf, versioned, workers_of
from support.source import REPOSITORY
from support.system import needs, wait_until

PAGE = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
STRANGER = SigningKey.from_seed(bytes([9]) * 32)
GRANIAN = ("--server", "granian")
TWO = ("--workers", "2")


def changes(server: Server) -> list[str]:
    """The lines on what became of bundles, without their clock."""
    lines = re.findall(r"^\S+ \S+ ((?:INFO|WARNING) .*)$", server.said(), re.MULTILINE)
    return [each for each in lines if "discreet.serving: " in each]


def with_a_bundle(shop: Shelf) -> set[int]:
    """The process ids of the workers that have loaded a bundle: from then on each shares what it counts."""
    return {int(each.name.partition("-")[0]) for each in shop.state.glob("metrics/*/[0-9]*-*.json")}


@pytest.mark.parametrize("more", [(), GRANIAN], ids=["uvicorn", "granian"])
def test_a_swap_and_a_recovery_are_said_once(tmp_path: Path, more: tuple[str, ...]) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *more) as server:
        shop.put(versioned(2))
        wait_until(lambda: server.version == 2, "it is swapped")
        shop.put(b"nonsense")
        wait_until(lambda: server.ready()["refused"] is not None, "it is refused")
        shop.put(versioned(3))
        wait_until(lambda: len(changes(server)) == 4, "the last is said")

    said = changes(server)
    assert said[0].startswith("INFO discreet.serving: in service: `versions` version 2, ")
    assert said[1].startswith(f"WARNING discreet.serving: refused, from {shop.bundle}: MalformedBundle: ")
    assert said[2].startswith("INFO discreet.serving: in service: `versions` version 3, ")
    assert said[3] == f"INFO discreet.serving: good again: {shop.bundle}"


@pytest.mark.parametrize("more", [TWO, (*TWO, *GRANIAN)], ids=["uvicorn", "granian"])
def test_of_several_workers_each_says_so_and_which_it_is(tmp_path: Path, more: tuple[str, ...]) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *more) as server:
        # One that loads only after the swap begins with version 2, and has no change to tell.
        wait_until(lambda: len(with_a_bundle(shop)) == 2, "both have loaded version 1")
        workers = {*workers_of(server.process)}
        shop.put(versioned(2))
        wait_until(lambda: len(changes(server)) >= 2, "both have said it")

    said = [
        re.match(r"INFO (\d+) discreet.serving: in service: `versions` version 2, ", each)
        for each in changes(server)
    ]
    pids = [int(each[1]) for each in said if each is not None]
    assert len(pids) == len(said) == len({*pids}) == 2
    assert {*pids} <= workers


def test_granian_without_its_extra_is_refused_and_nothing_is_announced(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    without = (
        "import sys; sys.modules['granian'] = None; from discreet.cli.entry import main; main(sys.argv[1:])"
    )
    arguments = ("serve", str(shop.bundle), "--trust", str(shop.ring), *GRANIAN)

    ran = subprocess.run(
        [sys.executable, "-c", without, *arguments], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert 'serving with granian needs the extra `granian`: pip install "discreet[granian]"' in ran.stderr


def test_the_app_without_its_extra_says_which() -> None:
    program = (
        "import sys\n"
        "sys.modules['starlette'] = None\n"
        "from discreet.errors import MissingExtra\n"
        "try:\n"
        "    from discreet_edge import create_app\n"
        "except MissingExtra as error:\n"
        "    print(error)\n"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == 'the edge server needs the extra `server`: pip install "discreet[server]"'


def test_what_keeps_it_from_starting_is_said_once(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    Keyring([STRANGER.public]).write(shop.ring)
    stranger = refused(str(shop.bundle), "--trust", str(shop.ring), status=1)
    nowhere = refused(f"{shop.bundle}x", "--trust", str(shop.ring), status=2)

    assert stranger == (
        f"discreet: signed with key `{TEST_KEY.id}`, which is not in the keyring: it has `{STRANGER.id}`; "
        "`discreet keys trust` makes a keyring\n"
    )
    assert nowhere == f"discreet: `{shop.bundle}x` cannot be read: No such file or directory\n"


def test_notes_tell_of_a_region_without_a_row_and_of_a_secret_without_a_journal(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text("[journal]\nsecret = 'nowhere'\n")
    with serving(shelf(tmp_path), "--region", "EU", "--settings", str(file)) as server:
        said = server.said()

    assert (
        "note: the table has no row for `EU`, so the strictest rules apply; a region is an ISO 3166" in said
    )
    assert f"note: `{file}`: `journal.secret`: nothing is recorded, for there is no `journal.to`" in said


def test_the_admin_token_is_made_and_sent_as_the_page_says(tmp_path: Path) -> None:
    needs("curl")
    section = PAGE.partition("## The admin token\n")[2].partition("\n## ")[0]
    make, send = (code for language, code in FENCE.findall(section) if language == "sh")
    made = subprocess.run(
        ["/bin/sh", "-ec", f'{make}\necho "$TOKEN"'], capture_output=True, text=True, check=True
    )
    digest, token = made.stdout.split()

    with serving(shelf(tmp_path), DISCREET_EDGE_ADMIN_TOKEN_SHA256=digest) as server:
        sent = subprocess.run(
            ["/bin/sh", "-ec", send.replace("8080", str(server.port))],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "TOKEN": token},
        )
    reloaded, explained = sent.stdout.replace("}{", "}\n{").splitlines()

    assert json.loads(reloaded) == {"outcome": "unchanged", "version": 1}
    assert len(json.loads(explained)["explanations"]) == len(PLACEMENTS)


def test_a_journal_that_cannot_be_written_any_more_is_named_by_its_path(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with serving(shelf(tmp_path), "--journal", str(journal), DISCREET_JOURNAL_HOLD_S="0") as server:
        journal.mkdir()
        server.decide()
        wait_until(lambda: "discreet.events" in server.said(), "it is said")

        assert f"discreet.events: JsonLinesSink `{journal}`: is a directory" in server.said()
