"""What several processes count, as one: nothing is lost with a process, nothing counts twice, nothing goes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from discreet_edge.running.shared_counts import SharedCounts


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
    SharedCounts.clear(tmp_path)
    (tmp_path / f"{dead_pid()}-aa.json").write_text(json.dumps({"withheld": 5}))
    asked = counting(tmp_path, 1)

    assert [asked.total()["withheld"] for _ in range(3)] == [6, 6, 6]


def test_one_that_was_folded_but_not_yet_removed_does_not_count_twice(tmp_path: Path) -> None:
    name = f"{dead_pid()}-aa.json"
    asked = counting(tmp_path, 1)
    (tmp_path / name).write_text(json.dumps({"withheld": 5}))
    asked.total()
    (tmp_path / name).write_text(json.dumps({"withheld": 5}))  # as if it was killed in between

    assert asked.total()["withheld"] == 6
    assert not (tmp_path / name).exists()


def test_a_new_server_begins_at_zero_and_one_of_the_same_process_id_is_another(tmp_path: Path) -> None:
    counting(tmp_path, 9).write()
    SharedCounts.clear(tmp_path)
    first, second = counting(tmp_path, 1), counting(tmp_path, 2)
    first.write()

    assert second.total()["withheld"] == 3


def test_where_the_folder_is_lost_it_tells_its_own(tmp_path: Path) -> None:
    assert counting(tmp_path / "nowhere", 4).total()["withheld"] == 4


def test_a_file_that_is_not_json_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{os.getpid()}-zz.json").write_text("{")

    assert counting(tmp_path, 4).total()["withheld"] == 4
