"""A bundle file is read when it changed, and only a file is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from discreet.runtime.wire import MAX_BUNDLE_BYTES
from discreet.serving import FileSource, SourceError

OLD = (1_000_000, 1_000_000)
OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.bundle"
    path.write_bytes(b"one")
    os.utime(path, OLD)
    return path


def test_a_file_is_read_once(file: Path) -> None:
    source = FileSource(file)

    assert [source.fetch(), source.fetch(), source.fetch()] == [b"one", None, None]


def test_a_file_of_the_same_size_and_time_is_told_by_its_place(file: Path) -> None:
    source = FileSource(file)
    source.fetch()
    other = file.with_name("other")
    other.write_bytes(b"two")
    os.utime(other, OLD)
    os.replace(other, file)

    assert source.fetch() == b"two"


def test_a_file_that_was_rewritten_in_its_place_is_read_again(file: Path) -> None:
    source = FileSource(file)
    source.fetch()
    file.write_bytes(b"two")
    os.utime(file, OLD)  # as some tools do that copy times along

    assert source.fetch() == b"two"


def test_a_file_that_was_written_just_now_is_read_until_it_has_settled(file: Path) -> None:
    now_s = file.stat().st_mtime + 1
    source = FileSource(file, clock_s=lambda: now_s)
    assert [source.fetch(), source.fetch()] == [b"one", b"one"]
    now_s += 2

    assert [source.fetch(), source.fetch()] == [b"one", None]


def test_a_link_that_is_turned_is_followed(file: Path) -> None:
    link, other = file.with_name("current"), file.with_name("two.bundle")
    link.symlink_to(file)
    source = FileSource(link)
    source.fetch()
    other.write_bytes(b"two")
    turned = file.with_name("turned")
    turned.symlink_to(other)
    os.replace(turned, link)

    assert source.fetch() == b"two"


def test_a_file_that_is_gone_and_comes_back_is_read(file: Path) -> None:
    source = FileSource(file)
    source.fetch()
    os.rename(file, file.with_name("away"))
    with pytest.raises(SourceError, match="No such file"):
        source.fetch()
    os.rename(file.with_name("away"), file)

    assert source.fetch() == b"one"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")

    with pytest.raises(SourceError, match="not a regular file"):
        FileSource(path).fetch()


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="the system does not list open files")
def test_what_is_no_file_is_not_left_open(tmp_path: Path) -> None:
    source = FileSource(tmp_path)
    before = len(os.listdir(OPEN_FILES))

    for _ in range(50):
        with pytest.raises(SourceError):
            source.fetch()

    assert len(os.listdir(OPEN_FILES)) < before + 50


def test_more_than_a_bundle_is_not_taken(file: Path) -> None:
    os.truncate(file, MAX_BUNDLE_BYTES + 1)

    with pytest.raises(SourceError, match=f"larger than {MAX_BUNDLE_BYTES} bytes"):
        FileSource(file).fetch()


def test_a_source_is_called_what_it_is(file: Path) -> None:
    assert FileSource(file).name == str(file)
    assert repr(FileSource(file)) == f"FileSource('{file}')"
