"""What several processes count, as one: nothing is lost with a process, nothing counts twice, nothing goes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from discreet_edge.running.shared_counts import SharedCounts, own_folder


def counting(folder: Path, number: int) -> SharedCounts:
    made = SharedCounts(folder)
    made.own = lambda: {"requests": {"decide": {"200": number}}, "withheld": number}
    return made


def dead_pid() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_all_living_ones_are_added_up(tmp_path: Path) -> None:
    counting(tmp_path, 3).write()

    assert counting(tmp_path, 4).total() == {"requests": {"decide": {"200": 7}}, "withheld": 7}


def test_what_a_dead_one_counted_stays_and_counts_once(tmp_path: Path) -> None:
    (tmp_path / f"{dead_pid()}-aa.json").write_text(json.dumps({"withheld": 5}))
    asked = counting(tmp_path, 1)

    assert [asked.total()["withheld"] for _ in range(3)] == [6, 6, 6]


def test_what_waited_in_a_dead_one_waits_no_more(tmp_path: Path) -> None:
    (tmp_path / f"{dead_pid()}-aa.json").write_text(json.dumps({"withheld": 5, "journal_waiting": 3}))
    asked, other = SharedCounts(tmp_path), SharedCounts(tmp_path)
    asked.own = lambda: {"journal_waiting": 1}
    other.own = lambda: {"journal_waiting": 2}
    other.write()

    assert [asked.total() for _ in range(2)] == [{"withheld": 5, "journal_waiting": 3}] * 2


def test_one_that_was_folded_but_not_yet_removed_does_not_count_twice(tmp_path: Path) -> None:
    name = f"{dead_pid()}-aa.json"
    asked = counting(tmp_path, 1)
    (tmp_path / name).write_text(json.dumps({"withheld": 5}))
    asked.total()
    (tmp_path / name).write_text(json.dumps({"withheld": 5}))  # as if it was killed in between

    assert asked.total()["withheld"] == 6
    assert not (tmp_path / name).exists()


def test_one_of_the_same_process_id_is_another(tmp_path: Path) -> None:
    first, second = counting(tmp_path, 1), counting(tmp_path, 2)
    first.write()

    assert second.total()["withheld"] == 3


def test_each_server_has_a_folder_of_its_own_as_long_as_it_lives(tmp_path: Path) -> None:
    with own_folder(tmp_path / "metrics") as one:
        counting(one, 9).write()
        with own_folder(tmp_path / "metrics") as other:
            assert counting(other, 1).total()["withheld"] == 1
        assert counting(one, 1).total()["withheld"] == 10
        assert not other.exists()

    assert not one.exists()


LEAVING = """
import os, sys
from pathlib import Path
from discreet_edge.running.shared_counts import own_folder

with own_folder(Path(sys.argv[1])) as folder:
    if sys.argv[2:] and os.fork() == 0:
        print(folder, flush=True)
        sys.stdin.read()  # a worker that outlives the one who started it
    elif not sys.argv[2:]:
        print(folder, flush=True)
    os._exit(0)
"""


def test_what_a_killed_server_left_is_removed_by_the_next(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LEAVING, str(tmp_path)], capture_output=True, text=True, check=True
    )
    left = Path(ran.stdout.strip())
    assert left.is_dir()

    with own_folder(tmp_path):
        assert not left.exists()


def test_a_worker_that_outlives_its_server_keeps_its_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEAVING, str(tmp_path), "fork"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert process.wait() == 0
        with own_folder(tmp_path):
            assert folder.is_dir()
        assert process.stdin is not None
        process.stdin.close()


def test_where_the_folder_is_lost_it_tells_its_own(tmp_path: Path) -> None:
    assert counting(tmp_path / "nowhere", 4).total()["withheld"] == 4


def test_a_file_that_is_not_json_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{os.getpid()}-zz.json").write_text("{")

    assert counting(tmp_path, 4).total()["withheld"] == 4
