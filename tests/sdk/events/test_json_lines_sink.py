"""The log file: private, rotated by size, shared by processes, and opened anew when somebody moved it away."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from discreet.events import Event, EventsRefused, JsonLinesSink, SinkFailed
from support.journals import lines


def events(*numbers: int, text: str = "") -> list[Event]:
    return [Event(str(number), {"number": number, "text": text}) for number in numbers]


def numbers(path: Path) -> list[int]:
    return [each["number"] for each in lines(path)]


def test_each_record_is_a_line_that_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    sink = JsonLinesSink(path)
    sink.write(events(1, 2, text="à\nb"))
    sink.close()
    sink.write(events(3))

    assert numbers(path) == [1, 2, 3]
    assert path.read_text(encoding="utf-8").splitlines()[0] == '{"number":1,"text":"à\\nb"}'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_there_before_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch()
    path.chmod(0o644)

    JsonLinesSink(path).write(events(1))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    path.chmod(0o622)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    JsonLinesSink(path).write(events(1))

    assert os.read(reader, 100).startswith(b"{")
    os.close(reader)
    assert stat.S_IMODE(path.stat().st_mode) == 0o622


def test_it_is_rotated_by_size_and_only_so_many_stay(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    sink = JsonLinesSink(path, max_bytes=1, keep=2)
    for number in range(5):
        sink.write(events(number))

    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.jsonl", "log.jsonl.1", "log.jsonl.2"]
    assert [numbers(path.with_name(f"log.jsonl{end}")) for end in ("", ".1", ".2")] == [[4], [3], [2]]


def test_without_any_to_keep_it_begins_again(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "log.jsonl", max_bytes=1, keep=0)
    sink.write(events(1))
    sink.write(events(2))

    assert [each.name for each in tmp_path.iterdir()] == ["log.jsonl"]
    assert numbers(sink.path) == [2]


def test_rotated_files_are_compressed_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    sink = JsonLinesSink(path, max_bytes=1, keep=2, compress=True)
    for number in range(5):
        sink.write(events(number))

    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "log.jsonl",
        "log.jsonl.1.gz",
        "log.jsonl.2.gz",
    ]
    packed = path.with_name("log.jsonl.2.gz")
    assert json.loads(gzip.decompress(packed.read_bytes()))["number"] == 2
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600


def test_a_file_that_was_moved_or_deleted_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    sink = JsonLinesSink(path)
    sink.write(events(1))
    path.rename(tmp_path / "moved")
    sink.write(events(2))
    path.unlink()
    sink.write(events(3))

    assert numbers(tmp_path / "moved") == [1]
    assert numbers(path) == [3]


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_the_process_may_be_part_of_the_name(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "log.{pid}.jsonl")
    sink.write(events(1))
    child = os.fork()
    if child == 0:
        sink.write(events(2))
        os._exit(0)
    os.waitpid(child, 0)

    assert numbers(tmp_path / f"log.{os.getpid()}.jsonl") == [1]
    assert numbers(tmp_path / f"log.{child}.jsonl") == [2]


WORKER = """
import sys
from discreet.events import Event, JsonLinesSink

sink = JsonLinesSink(sys.argv[1], max_bytes=20_000, keep=1_000, compress=sys.argv[3] == "True")
for number in range(0, 600, 3):
    sink.write([Event("", {"worker": sys.argv[2], "number": number + each, "text": "x" * 100}) for each in range(3)])
"""


@pytest.mark.parametrize("compress", [False, True])
def test_several_processes_share_a_file_and_its_rotation(tmp_path: Path, compress: bool) -> None:
    path = tmp_path / "log.jsonl"
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(path), str(worker), str(compress)])
        for worker in range(3)
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]

    found: dict[str, list[int]] = {}
    for each in sorted(tmp_path.iterdir()):
        text = gzip.decompress(each.read_bytes()) if each.suffix == ".gz" else each.read_bytes()
        for line in text.splitlines():
            record = json.loads(line)
            found.setdefault(record["worker"], []).append(record["number"])
    assert {worker: sorted(each) for worker, each in found.items()} == {
        str(worker): [*range(600)] for worker in range(3)
    }
    assert len([*tmp_path.iterdir()]) > 5


@pytest.mark.parametrize(
    ("held", "max_bytes"),
    [(fcntl.LOCK_EX, 1_000), (fcntl.LOCK_SH, 1)],
    ids=["nobody writes while another rotates", "nobody rotates while another writes"],
)
def test_it_waits_for_who_holds_the_lock(tmp_path: Path, held: int, max_bytes: int) -> None:
    sink = JsonLinesSink(tmp_path / "log.jsonl", max_bytes=max_bytes)
    sink.write(events(1))
    with sink.path.open() as another:
        fcntl.flock(another, held)
        writing = threading.Thread(target=sink.write, args=(events(2),))
        writing.start()
        writing.join(0.3)
        assert writing.is_alive()
        assert numbers(sink.path) == [1]
    writing.join(30)

    assert not writing.is_alive()
    assert numbers(sink.path)[-1] == 2


def test_a_device_that_takes_a_part_costs_one_line_at_most(tmp_path: Path) -> None:
    """A limit on the size of files makes a real short write."""
    path = tmp_path / "log.jsonl"
    sink = JsonLinesSink(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, before[1]))
    try:
        with pytest.raises(SinkFailed) as failed:
            sink.write(events(1, 2, 3))  # 24 octets each
        with pytest.raises(OSError, match="File too large"):
            sink.write(events(3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert failed.value.taken == 2
    sink.write(events(3))

    said: list[Any] = []
    for line in path.read_text().splitlines():
        try:
            said.append(json.loads(line)["number"])
        except ValueError:
            said.append("torn")
    assert said == [1, 2, "torn", 3]


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JsonLinesSink(tmp_path / "nowhere" / "log.jsonl")


@pytest.mark.parametrize("wrong", [{"max_bytes": 0}, {"keep": -1}, {"keep": 1_001}])
def test_sizes_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(EventsRefused):
        JsonLinesSink(tmp_path / "log.jsonl", **wrong)  # type: ignore[arg-type] # only numbers come
