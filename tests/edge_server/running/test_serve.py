"""`discreet serve` as an operator runs it: what it says, what it refuses, what signals do, several workers."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from support.served import (
    Server,
    answers,
    ask,
    contents_agree,
    refused,
    serving,
    shelf,
    versioned,
    workers_of,
)
from support.system import free_port, running, wait_until

TWO = ("--workers", "2")


def counted(server: Server, name: str) -> float:
    """The sum of a metric over its labels."""
    text = server.ask("GET", "/metrics")[2].decode()
    return sum(float(found) for found in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def test_it_says_what_it_serves_and_where_and_what_is_missing_and_answers(tmp_path: Path) -> None:
    with serving(shelf(tmp_path)) as server:
        answer = server.decide()
        said = server.said()

    assert contents_agree(answer) == 1
    assert "serving versions version 1 until 20" in said
    assert (
        f"at http://127.0.0.1:{server.port}  (ask: curl --json '{{}}' http://127.0.0.1:{server.port}/v1/decide)"
        in said
    )
    assert "no --cdn and no --region" in said
    assert "no --secret" in said
    assert "no --state" not in said


def test_answers_have_a_date_and_do_not_name_the_server(tmp_path: Path) -> None:
    with serving(shelf(tmp_path)) as server:
        headers = server.ask("GET", "/healthz")[1]

    assert "date" in headers
    assert "server" not in headers


def test_sigterm_ends_it_with_0_and_so_does_ctrl_c(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with serving(shelf(tmp_path)) as server:
            server.process.send_signal(number)

            assert server.process.wait(timeout=20) == 0
            assert "Traceback" not in server.said()


def test_while_it_drains_readyz_says_so_and_requests_are_answered(tmp_path: Path) -> None:
    with serving(shelf(tmp_path), DISCREET_SERVER_DRAIN_S="60") as server:
        assert server.ask("GET", "/readyz")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.ask("GET", "/readyz")[0] == 503, "it drains")
        status, headers, problem = server.ask("GET", "/readyz")
        decided = server.ask("POST", "/v1/decide", {})
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(timeout=20) == 0
    assert (status, problem["title"]) == (503, "Draining")
    assert headers["connection"] == "close"
    assert decided[0] == 200
    assert decided[1]["connection"] == "close"


@pytest.mark.parametrize("more", [(), TWO], ids=["one", "two"])
def test_a_request_that_is_under_way_when_it_is_told_to_stop_is_answered(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    with serving(shelf(tmp_path), *more) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.putrequest("POST", "/v1/decide")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "2")
        connection.endheaders()
        wait_until(lambda: answers(server.port), "the head has come")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not answers(server.port), "it takes no more")
        connection.send(b"{}")

        assert connection.getresponse().status == 200
        connection.close()
        assert server.process.wait(timeout=20) == 0


@pytest.mark.parametrize("more", [(), TWO], ids=["one", "two"])
def test_sighup_looks_for_a_bundle_at_once(tmp_path: Path, more: tuple[str, ...]) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *more, DISCREET_BUNDLE_EVERY_S="86400") as server:
        shop.put(versioned(2))
        server.process.send_signal(signal.SIGHUP)

        wait_until(lambda: {server.version for _ in range(10)} == {2}, "every worker serves it")
        assert server.process.poll() is None


@pytest.mark.parametrize("more", [(), TWO], ids=["one", "two"])
def test_sighup_while_it_starts_is_no_end(tmp_path: Path, more: tuple[str, ...]) -> None:
    shop, port, log = shelf(tmp_path), free_port(), tmp_path / "log"
    with running(shop.command(port, *more), log=log) as process:
        wait_until(lambda: b"serving versions" in log.read_bytes(), "it says that it serves")
        while not answers(port):
            process.send_signal(signal.SIGHUP)
            assert process.poll() is None

        assert ask(port, "POST", "/v1/decide", {})[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_sighup_is_ignored_before_it_is_listened_to_and_after() -> None:
    code = """
import asyncio, os, signal
from discreet_edge.running.hangups import ignore_hangups, on_hangup

ignore_hangups()
os.kill(os.getpid(), signal.SIGHUP)

async def listen():
    heard = asyncio.Event()
    end = on_hangup(heard.set)
    os.kill(os.getpid(), signal.SIGHUP)
    await heard.wait()
    end()
    os.kill(os.getpid(), signal.SIGHUP)
    print("still here")

asyncio.run(listen())
os.kill(os.getpid(), signal.SIGHUP)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "still here\n"


def test_two_servers_on_one_state_folder_count_for_themselves_and_leave_nothing(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *TWO) as one, serving(shop, *TWO) as other:
        for _ in range(20):
            one.decide()
        wait_until(lambda: counted(one, "discreet_decisions_total") == 60, "all of one have written")
        assert counted(other, "discreet_decisions_total") == 0
        for server in (one, other):
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=20) == 0

    assert [each.name for each in (shop.state / "metrics").iterdir()] == ["lock"]


def test_without_a_state_folder_nothing_of_it_stays(tmp_path: Path) -> None:
    shop, port = shelf(tmp_path), free_port()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = shop.command(port, *TWO)
    del command[command.index("--state") : command.index("--state") + 2]
    with running(command, port=port, environment={"TMPDIR": str(temporary)}) as process:
        wait_until(lambda: answers(port), "it answers")
        assert len([*temporary.glob("discreet-*")]) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

    assert [*temporary.iterdir()] == []


@pytest.mark.parametrize("name", ["journal", "bundle"])
def test_a_token_that_everybody_may_read_is_refused(tmp_path: Path, name: str) -> None:
    shop, token = shelf(tmp_path), tmp_path / "a.token"
    token.write_text("canary-77c1")
    token.chmod(0o644)
    source = "http://127.0.0.1:9/x" if name == "bundle" else str(shop.bundle)
    environment = {
        "DISCREET_JOURNAL_TO": "http://127.0.0.1:9/x",
        f"DISCREET_{name.upper()}_TOKEN": str(token),
    }

    said = refused(source, "--trust", str(shop.ring), "--port", "0", status=2, **environment)

    assert f"`{token}`: everybody may read it" in said
    assert "canary" not in said


def test_a_worker_that_is_killed_is_replaced_and_counts_do_not_go_back(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *TWO) as server:
        for _ in range(40):
            server.decide()
        name = "discreet_requests_total"
        wait_until(lambda: counted(server, name) >= 40, "both have written")
        before = counted(server, name)
        old = workers_of(server.process)
        os.kill(old[0], signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(server.process)) - set(old)) == 1, "another is started")
        wait_until(lambda: answers(server.port), "it answers")

        assert len(old) == 2
        assert all(counted(server, name) >= before for _ in range(6))


def test_a_worker_that_is_started_when_the_source_is_gone_serves_what_the_others_serve(
    tmp_path: Path,
) -> None:
    shop = shelf(tmp_path)
    with serving(shop, *TWO) as server:
        shop.bundle.unlink()
        shutil_state(shop.state)
        for pid in workers_of(server.process):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: answers(server.port), "it answers")

        assert {server.version for _ in range(10)} == {1}


def shutil_state(folder: Path) -> None:
    """Lose what was kept on disk."""
    for each in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):
            each.rmdir() if each.is_dir() else each.unlink()


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with serving(shelf(tmp_path), *TWO) as server:
        children = workers_of(server.process)
        server.process.kill()
        server.process.wait()

        assert len(children) == 2
        wait_until(lambda: not answers(server.port), "they stop")


def test_granian_answers_too_and_swaps(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    with serving(shop, "--server", "granian") as server:
        assert contents_agree(server.decide()) == 1
        shop.put(versioned(2))
        wait_until(lambda: server.version == 2, "it is swapped")
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(timeout=30) == 0


def test_the_access_log_has_a_line_for_each_request_and_nothing_of_the_visitor(tmp_path: Path) -> None:
    canary = "c4n4ry"
    with serving(shelf(tmp_path), "--access-log", "--region", "IT") as server:
        server.ask(
            "POST",
            f"/v1/decide?utm_campaign={canary}",
            {"attributes": {canary: canary}},
            Cookie=f"a={canary}",
        )
        server.ask("GET", f"/{canary}", **{"User-Agent": canary, "X-Forwarded-For": canary})
        server.ask("POST", f"/ofrep/v1/evaluate/flags/{canary}", {"context": {}})
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=20)
        lines = server.said()

    assert re.search(r" POST /v1/decide 200 \d+\.\d ms", lines)
    assert re.search(r" GET other 404 \d+\.\d ms", lines)
    assert re.search(r" POST /ofrep/v1/evaluate/flags/\{.*\} 404 ", lines)
    assert canary not in lines


def test_it_starts_from_the_last_good_bundle_when_the_source_is_gone(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    with serving(shop) as server:
        assert server.version == 1
    shop.bundle.unlink()

    with serving(shop) as server:
        assert server.version == 1
        assert server.ready()["from_store"] is True


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (("--port", "70000"), 2, "`--port`: must be at most 65535"),
        (("--server", "gunicorn"), 2, "`--server`: takes `uvicorn` or `granian`"),
        (("--cdn", "akamai"), 2, "there is no CDN"),
        (("--secret", "nowhere"), 2, "`nowhere`: no such file or directory"),
        (("--journal", "nowhere/log"), 2, "no such file or directory"),
        (("--prot", "1"), 2, "no such option"),
        (("--server", "granian", "--port", "0"), 2, "granian needs one"),
        (("--host", "nope.invalid"), 2, "`--host`: `nope.invalid`: "),
        (("--host", "a..b"), 2, "`--host`: `a..b`: no name of a host"),
        (("--region", "Italy"), 2, "`--region`: it is no ISO 3166 code such as `IT` or `US-CA`"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_served(
    tmp_path: Path, more: tuple[str, ...], status: int, message: str
) -> None:
    shop = shelf(tmp_path)

    assert message in refused(str(shop.bundle), "--trust", str(shop.ring), *more, status=status)


def test_a_bundle_that_is_refused_is_an_answer_and_what_is_missing_is_named(tmp_path: Path) -> None:
    shop = shelf(tmp_path, versioned(1)[:-1])
    other = tmp_path / "other.json"
    other.write_text("{}")

    assert "discreet: " in refused(str(shop.bundle), "--trust", str(shop.ring), status=1)
    assert f"`{other}`: not a keyring" in refused(str(shop.bundle), "--trust", str(other), status=2)
    assert "`bundle.trust`: is needed; state `--trust`" in refused(str(shop.bundle), status=2)
    assert "`bundle.source`: is needed" in refused(status=2)


@pytest.mark.parametrize("kind", ["uvicorn", "granian"])
def test_a_port_that_is_taken_is_named_and_nothing_is_announced(tmp_path: Path, kind: str) -> None:
    shop = shelf(tmp_path)
    with serving(shop) as server:
        there = ("--port", str(server.port), "--server", kind)
        said = refused(str(shop.bundle), "--trust", str(shop.ring), *there, status=2)

    assert f"`127.0.0.1:{server.port}`: address already in use (`--port`, or 0 for any)" in said
    assert "serving" not in said


def test_the_settings_that_hold_are_printed_without_secrets_and_nothing_is_started(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('[visitors]\nprofiles = "redis://:hunter2@h/0"\n[server]\nport = 1234\n')
    arguments = ("--settings", str(file), "--print-settings")

    shown = json.loads(refused(*arguments, "--json", status=0, DISCREET_SERVER_WORKERS="3"))
    lines = refused(*arguments, status=0)

    assert shown["server.port"] == {"value": 1234, "from": "file"}
    assert shown["server.workers"] == {"value": 3, "from": "environment"}
    assert shown["visitors.profiles"] == {"value": "***", "from": "file"}
    assert "hunter2" not in lines
    assert re.search(r"server\.port +1234 +file", lines)


def test_json_tells_machines_where_it_serves(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    port = free_port()
    log = tmp_path / "log"
    with running(shop.command(port, "--json", *TWO), port=port, log=log):
        wait_until(lambda: answers(port), "it answers")
        digest = ask(port, "GET", "/readyz")[2]["bundle"]["digest"]
    found = json.loads(
        log.read_text().partition("{")[1] + log.read_text().partition("{")[2].rpartition("}")[0] + "}"
    )

    assert found["url"] == f"http://127.0.0.1:{port}"
    assert found["bundle"]["digest"] == digest
    assert found["workers"] == 2


def test_the_journal_has_what_was_decided_when_the_server_has_stopped(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with serving(shelf(tmp_path), "--journal", str(journal), *TWO) as server:
        for _ in range(20):
            server.decide()
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(timeout=20) == 0
    assert len(journal.read_text().splitlines()) == 60
