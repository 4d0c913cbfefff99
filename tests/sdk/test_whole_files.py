"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from discreet.files import remove_parts, whole, write_whole


class Interrupted(BaseException):
    """Not an `Exception`: what Ctrl-C raises is not one either."""


def test_the_new_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_text("old")
    with whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"

    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])


@pytest.mark.parametrize("durable", [True, False])
def test_a_failure_leaves_what_was_there(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "it"
    path.write_text("old")

    def interrupted() -> None:
        with whole(path, durable=durable) as part:
            part.write_text("ne")
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_it_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "it", b"new")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "it").stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_named_by_the_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "it"
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(path, b"new")

    assert caught.value.filename == str(path)


def test_the_bytes_reach_the_disk_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "it", list[tuple[str, bool]]()
    really = os.fsync

    def fsync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        seen.append(("folder" if is_folder else "file", path.exists()))
        really(handle)

    monkeypatch.setattr("os.fsync", fsync)
    write_whole(path, b"new")

    assert seen == [("file", False), ("folder", True)]


def test_only_the_parts_of_one_file_are_removed(tmp_path: Path) -> None:
    kept = {"it", "other", ".it", ".other.00.part", "it.part"}
    for name in [*kept, ".it.0011.part"]:
        (tmp_path / name).write_text("")
    remove_parts(tmp_path / "it")

    assert {each.name for each in tmp_path.iterdir()} == kept
