"""What was served is never gone back behind; a ratchet that is not as it was written is not believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from discreet.runtime import Bundle
from discreet.serving.ratchet import Ratchet
from support.compiled import loaded
from support.served_bundles import bundle

DIGEST = "ab" * 32
OTHER = "cd" * 32


def known(version: int, digest: str = DIGEST, floor: int = 0) -> Ratchet:
    return Ratchet(version, digest, floor, OTHER)


def made(version: int, title: str = "it", floor: int = 0) -> Bundle:
    return loaded(bundle(version, title, floor=floor)).bundle


def test_a_newer_bundle_raises_version_and_floor() -> None:
    raised = Ratchet.of(made(7, floor=3)).with_(Ratchet.of(made(8, floor=5)))

    assert (raised.version, raised.digest, raised.floor) == (8, made(8, floor=5).digest, 5)


def test_an_older_bundle_lowers_nothing() -> None:
    raised = Ratchet.of(made(8, floor=5)).with_(Ratchet.of(made(7, floor=3)))

    assert raised == Ratchet.of(made(8, floor=5))


def test_a_floor_of_an_older_bundle_counts() -> None:
    assert Ratchet.of(made(8)).with_(Ratchet.of(made(7, floor=6))).floor == 6


def test_what_is_written_is_read_back() -> None:
    ratchet = known(7, floor=3)

    assert Ratchet.parse(ratchet.to_bytes()) == ratchet


def edited(**fields: Any) -> bytes:
    return json.dumps({**json.loads(known(7).to_bytes()), **fields}).encode() + b"\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 200,
        b"null",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        known(7).to_bytes()[:-1],
        known(7).to_bytes()[:-20],
        known(7).to_bytes() + b"{}",
        edited(version=True),
        edited(version=-1),
        edited(version=2**53),
        edited(version=7.0),
        edited(floor="0"),
        edited(digest="AB" * 32),
        edited(digest=None),
        edited(file=DIGEST + "0"),
        edited(more=1),
        known(7).to_bytes().replace(b'"version": 7', b'"version": 6, "version": 7'),
    ],
)
def test_anything_else_is_not_a_ratchet(data: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        Ratchet.parse(data)


def test_a_ratchet_names_the_file_beside_it() -> None:
    ratchet = known(7).naming(b"file")

    assert ratchet.names(b"file")
    assert not ratchet.names(b"another")
