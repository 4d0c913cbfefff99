"""What is packed and signed can be loaded; a private key stays with its owner."""

from __future__ import annotations

import stat
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

import discreet
from discreet.compiler import SigningKey, build, compile_models, pack, sign
from discreet.errors import KeyringError
from discreet.model import models_from_dicts
from discreet.runtime import wire
from discreet.runtime.decoding import MAX_SECONDS, MAX_VERSION
from discreet.runtime.envelope import MAX_SIGNATURES
from discreet.runtime.wire import MAX_BUNDLE_BYTES, deflate, unpack
from support.compiled import NOW_S, TEST_KEY, document, offer, words

MODELS = models_from_dicts([document(offer())])
PROGRAM = compile_models(MODELS)
SOUND: dict[str, Any] = {"name": "shop", "version": 3, "floor": 2, "created_s": NOW_S, "expires_s": NOW_S + 1}


def test_the_extremes_of_the_numbers_pack_and_load() -> None:
    extremes: dict[str, Any] = {
        "name": "x" * 256,
        "version": MAX_VERSION,
        "floor": MAX_VERSION,
        "created_s": 0,
        "expires_s": MAX_SECONDS,
    }
    data = build(MODELS, [TEST_KEY], **extremes)

    bundle = discreet.load_bytes(data, discreet.Keyring([TEST_KEY.public]), now_s=NOW_S).bundle

    assert {name: getattr(bundle, name) for name in extremes} == extremes


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 257},
        {"version": -1, "floor": -1},
        {"floor": 4},
        {"floor": -1},
        {"version": MAX_VERSION + 1},
        {"version": 3.0},
        {"version": True, "floor": 0},
        {"created_s": -1},
        {"created_s": NOW_S + 1},
        {"created_s": NOW_S + 0.5},
        {"expires_s": MAX_SECONDS + 1},
        {"expires_s": float(NOW_S + 1)},
    ],
    ids=str,
)
def test_what_no_loader_would_take_is_not_packed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bundle"):
        pack(PROGRAM, **SOUND | wrong)


def test_a_payload_is_one_zlib_stream_of_one_canonical_document() -> None:
    payload = pack(PROGRAM, **SOUND)
    document = zlib.decompress(payload)

    assert payload == deflate(document)
    assert wire.pack(unpack(document, "it")) == document
    assert payload == pack(PROGRAM, **SOUND)


def test_offers_travel_as_columns() -> None:
    offers = unpack(zlib.decompress(pack(PROGRAM, **SOUND)), "it")["models"][0]["offers"]

    assert [*offers] == ["ids", "shapes", "contents", "stage_sets", "stages", "windows", "trees"]
    assert offers["ids"] == ["none", "it"]
    assert (offers["stage_sets"], offers["stages"]) == ([[], [0]], words(0, 1))


def test_a_key_file_is_read_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key, path = SigningKey.generate(), tmp_path / "key.pem"

    key.write(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.read(path).id == key.id
    assert SigningKey.read(path).sign(b"x") == key.sign(b"x")


def test_a_private_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    TEST_KEY.write(path)

    with pytest.raises(FileExistsError):
        SigningKey.generate().write(path)

    assert SigningKey.read(path).id == TEST_KEY.id


ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ED25519.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo),
        ED25519.private_bytes(PEM, PKCS8, BestAvailableEncryption(b"secret")),
        ED25519.private_bytes(Encoding.DER, PKCS8, NoEncryption()),
        x25519.X25519PrivateKey.generate().private_bytes(PEM, PKCS8, NoEncryption()),
        rsa.generate_private_key(65_537, 2_048).private_bytes(PEM, PKCS8, NoEncryption()),
        # an elliptic curve that nobody knows
        b"-----BEGIN PRIVATE KEY-----\nMDUCAQAwFAYHKoZIzj0CAQYJKyQDAwIIAQEBBBowGAIBAQQT" + b"A" * 26
        + b"\n-----END PRIVATE KEY-----\n",
    ],
    ids=["empty", "text", "cut", "public", "encrypted", "der", "x25519", "rsa", "curve"],
)  # fmt: skip
def test_another_kind_of_file_is_no_signing_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises(KeyringError, match=r"key\.pem"):
        SigningKey.read(path)


def test_a_missing_key_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SigningKey.read(tmp_path / "none.pem")


def test_a_seed_has_thirty_two_bytes() -> None:
    with pytest.raises(KeyringError, match="32"):
        SigningKey.from_seed(b"short")


def test_a_signing_key_shows_its_id_only() -> None:
    assert repr(TEST_KEY) == f"SigningKey({TEST_KEY.id})"
    assert not hasattr(TEST_KEY, "__dict__")


def test_a_bundle_needs_one_to_sixteen_different_keys() -> None:
    keys = [SigningKey.from_seed(bytes([number]) * 32) for number in range(MAX_SIGNATURES + 1)]

    for wrong in ([], keys, [keys[0], keys[0]]):
        with pytest.raises(KeyringError, match="different keys"):
            sign(b"payload", wrong)

    data = sign(b"payload", keys[:-1])
    ring = discreet.Keyring([key.public for key in keys], threshold=MAX_SIGNATURES)
    assert discreet.verify(data, ring, now_s=NOW_S).payload == b"payload"


def test_the_order_of_the_keys_does_not_matter() -> None:
    one, other = SigningKey.from_seed(bytes(32)), TEST_KEY

    assert sign(b"payload", [one, other]) == sign(b"payload", [other, one])


def test_a_bundle_larger_than_a_loader_reads_is_not_signed() -> None:
    with pytest.raises(ValueError, match="larger"):
        sign(bytes(MAX_BUNDLE_BYTES), [TEST_KEY])
