"""Whom a loader trusts: keyrings are read strictly, and keys only within their validity."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discreet import Key, Keyring
from discreet.compiler import SigningKey
from discreet.errors import KeyringError
from support.compiled import NOW_S, TEST_KEY

PUBLIC = TEST_KEY.public.public
OTHER = SigningKey.from_seed(bytes([9]) * 32).public.public


def entry(public: bytes = PUBLIC, **fields: Any) -> dict[str, Any]:
    return {"id": Key(public).id, "public": base64.b64encode(public).decode(), **fields}


def ring(*entries: Any, threshold: Any = 1, **fields: Any) -> bytes:
    return json.dumps({"threshold": threshold, "keys": list(entries), **fields}).encode()


def test_a_key_is_named_by_its_digest() -> None:
    assert Key(bytes(32)).id == "ed25519:66687aadf862bd77"


def test_a_ring_survives_its_file(tmp_path: Path) -> None:
    keys = [
        Key(PUBLIC, not_before_s=0, not_after_s=1_772_323_200.125),
        Key(OTHER, not_before_s=-62_135_596_800),
    ]
    path = tmp_path / "ring.json"

    Keyring(keys, threshold=2).write(path)
    back = Keyring.read(path)

    assert back.threshold == 2
    assert {key.id: (key.public, key.not_before_s, key.not_after_s) for key in back.keys.values()} == {
        key.id: (key.public, key.not_before_s, key.not_after_s) for key in keys
    }
    assert Keyring(reversed(keys), threshold=2).to_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"1",
        b"{}",
        b'{"threshold": 1}',
        b'{"keys": []}',
        b"[" * 100_000,
        ring(threshold=1),
        ring(entry(), threshold=0),
        ring(entry(), threshold=2),
        ring(entry(), threshold=-1),
        ring(entry(), threshold=True),
        ring(entry(), threshold=1.0),
        ring(entry(), threshold="1"),
        ring(entry(), threshold=None),
        ring(entry(), more=1),
        ring(entry(), entry()),
        ring(None),
        ring([]),
        ring("key"),
        ring({}),
        ring({"id": Key(PUBLIC).id}),
        ring(entry(more=1)),
        ring({**entry(), "id": Key(OTHER).id}),
        ring({**entry(), "id": 5}),
        ring({**entry(), "public": base64.b64encode(PUBLIC[:-1]).decode()}),
        ring({**entry(), "public": "!" + base64.b64encode(PUBLIC).decode()}),
        ring({**entry(), "public": 5}),
        ring({**entry(), "public": None}),
        ring(entry(not_before="yesterday")),
        ring(entry(not_before="2026-03-01T00:00:00")),
        ring(entry(not_before=1_772_323_200)),
        ring(entry(not_before="2026-03-01", not_after="2026-03-01")),
        ring(entry(not_after={})),
        ring(entry())[:-1],
        ring(entry()) + b"{}",
        b'{"threshold": 1, "threshold": 1, "keys": [' + json.dumps(entry()).encode() + b"]}",
        b"\xef\xbb\xbf" + ring(entry()),
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_keyring_is_refused(text: bytes) -> None:
    with pytest.raises(KeyringError):
        Keyring.parse(text)


def test_a_keyring_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Keyring.read(tmp_path / "none.json")


def test_a_key_is_trusted_from_its_first_second_to_before_its_last() -> None:
    key = Key(PUBLIC, not_before_s=10, not_after_s=20)

    assert [second for second in range(30) if key.is_valid_at(second)] == list(range(10, 20))
    assert not key.is_valid_at(9.999)
    assert key.is_valid_at(19.999)
    assert Key(PUBLIC).is_valid_at(-math.inf)


def test_a_clock_that_is_no_number_trusts_no_key_with_a_validity() -> None:
    assert not Key(PUBLIC, not_before_s=0).is_valid_at(math.nan)
    assert not Key(PUBLIC, not_after_s=1e10).is_valid_at(math.nan)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Key(PUBLIC[:-1]),
        lambda: Key(PUBLIC + b"x"),
        lambda: Key(PUBLIC, not_before_s=NOW_S, not_after_s=NOW_S),
        lambda: Key(PUBLIC, not_before_s=math.nan),
        lambda: Key(PUBLIC, not_after_s=math.inf),
        lambda: Key(PUBLIC, not_after_s=1e15),
        lambda: Keyring([]),
        lambda: Keyring([Key(PUBLIC)], threshold=0),
        lambda: Keyring([Key(PUBLIC)], threshold=2),
        lambda: Keyring([Key(PUBLIC), Key(PUBLIC, not_before_s=0)]),
    ],
)
def test_a_key_or_ring_that_could_never_hold_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(KeyringError):
        make()


def test_keys_and_rings_show_ids_only() -> None:
    assert repr(TEST_KEY.public) == f"Key({TEST_KEY.id})"
    assert repr(Keyring([TEST_KEY.public])) == f"Keyring(['{TEST_KEY.id}'], threshold=1)"
