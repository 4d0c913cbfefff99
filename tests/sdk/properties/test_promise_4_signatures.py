"""Promise 4: the signature cannot be left out. No code path decodes a payload whose signature has not held."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle

import msgpack
import pytest

import discreet
from discreet.compiler import SigningKey
from discreet_consent import DiscreetError
from support.products import TEST_KEY, TEST_RING, bundle_bytes
from support.source import called, modules
from support.vectors import FILES
from support.vectors.cases import NOW_S

DATA = bundle_bytes(next(file for file in FILES if file.name == "stages.json").models["journey"])
OTHER = SigningKey.from_seed(bytes([9]) * 32)


def envelope(**fields: object) -> bytes:
    packed: bytes = msgpack.packb({**msgpack.unpackb(DATA), **fields})
    return packed


def test_the_bundle_itself_loads() -> None:
    assert discreet.load_bytes(DATA, TEST_RING, now_s=NOW_S).placements == ("slot", "late", "empty")


@pytest.mark.parametrize(
    "data",
    [
        envelope(signatures=[]),
        envelope(signatures=[{"keyid": TEST_KEY.id, "sig": bytes(64)}]),
        envelope(signatures=[{"keyid": TEST_KEY.id, "sig": b""}]),
        envelope(signatures=None),
        envelope(payload=msgpack.packb({})),
        msgpack.unpackb(DATA)["payload"],
    ],
    ids=["no signature", "zeros", "empty", "nil", "another payload", "the bare payload"],
)  # fmt: skip
def test_what_is_not_signed_is_refused(data: bytes) -> None:
    with pytest.raises((discreet.BadSignature, discreet.MalformedBundle)):
        discreet.load_bytes(data, TEST_RING, now_s=NOW_S)


def test_a_key_outside_the_ring_is_refused() -> None:
    with pytest.raises(discreet.BadSignature):
        discreet.load_bytes(DATA, discreet.Keyring([OTHER.public]), now_s=NOW_S)


def test_no_ring_can_be_empty_or_ask_for_no_signature() -> None:
    for keys, threshold in (([], 1), ([], 0), ([TEST_KEY.public], 0), ([TEST_KEY.public], -1)):
        with pytest.raises(discreet.KeyringError):
            discreet.Keyring(keys, threshold=threshold)


def test_nothing_else_than_verify_builds_what_decode_asks_for() -> None:
    verified = discreet.verify(DATA, TEST_RING, now_s=NOW_S)
    with pytest.raises(TypeError):
        discreet.Verified()
    with pytest.raises((TypeError, DiscreetError)):
        pickle.loads(pickle.dumps(verified))  # noqa: S301 - it must not even be possible
    with pytest.raises((TypeError, DiscreetError)):
        copy.copy(verified)


def test_verified_is_made_in_one_place_and_decode_takes_nothing_else() -> None:
    makers: list[str] = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in ("Verified", "_new", "__new__"):
                parts = " ".join(ast.unparse(each) for each in (node.func, *node.args))
                makers += [module.name] * ("Verified" in parts)
    assert makers == ["discreet.runtime.envelope"]
    assert inspect.get_annotations(discreet.decode)["verified"] == "Verified"


def test_no_function_of_the_runtime_has_a_switch_for_it() -> None:
    words = ("insecure", "unsafe", "skip", "unsigned", "no_verify", "check_signature", "trust_all", "allow")
    for module in modules():
        if module.name.startswith("discreet.runtime"):
            names = {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
            assert not [name for name in names if any(word in name for word in words)]


def test_the_payload_is_unpacked_only_by_decode() -> None:
    readers = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "payload"
    }
    assert readers <= {"discreet.runtime.envelope", "discreet.runtime.decoding"}
