"""No way from bytes to a payload but through signatures that hold; each refusal says who must act."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from discreet import Key, Keyring, Verified, decode, load_bytes, verify
from discreet.compiler import SigningKey, sign
from discreet.errors import BadSignature, BundleError, MalformedBundle, UnsupportedBundle
from discreet.runtime.envelope import MAX_SIGNATURES, PAYLOAD_TYPE, pae, seal
from discreet.runtime.wire import MAX_BUNDLE_BYTES
from support.compiled import BUNDLE, NOW_S, TEST_KEY, TEST_RING, document, offer
from support.products import bundle_bytes

PAYLOAD = b"any bytes"
OTHER_KEY = SigningKey.from_seed(bytes([2]) * 32)
GOOD = sign(PAYLOAD, [TEST_KEY])


def envelope(**changes: Any) -> bytes:
    """The good envelope with fields changed; ... leaves one out."""
    fields = msgpack.unpackb(GOOD) | changes
    return bytes(msgpack.packb({name: value for name, value in fields.items() if value is not ...}))


def entry(**changes: Any) -> dict[str, Any]:
    fields = msgpack.unpackb(GOOD)["signatures"][0] | changes
    return {name: value for name, value in fields.items() if value is not ...}


def test_a_good_envelope_gives_its_payload_and_says_who_signed() -> None:
    verified = verify(GOOD, TEST_RING, now_s=NOW_S)

    assert verified.payload == PAYLOAD
    assert verified.key_ids == (TEST_KEY.id,)
    assert verified.digest == hashlib.sha256(PAYLOAD).hexdigest()
    assert verified.now_s == NOW_S


def test_the_signed_text_is_that_of_the_dsse_protocol() -> None:
    assert pae(b"x" * 12) == b"DSSEv1 36 application/vnd.discreet.bundle+zlib 12 " + b"x" * 12


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "cut": GOOD[:-1],
    "trailing": GOOD + b"\x00",
    "a list": bytes(msgpack.packb([1])),
    "nil": b"\xc0",
    "deep": b"\x91" * 100_000 + b"\xc0",
    "too large": bytes(MAX_BUNDLE_BYTES + 1),
    "other type": envelope(payloadType="application/json"),
    "type no text": envelope(payloadType=5),
    "no type": envelope(payloadType=...),
    "no payload": envelope(payload=...),
    "payload no bytes": envelope(payload="any bytes"),
    "no signatures": envelope(signatures=...),
    "empty signatures": envelope(signatures=[]),
    "signatures no list": envelope(signatures={}),
    "one field more": envelope(more=1),
    "signature no map": envelope(signatures=[1]),
    "signature without key": envelope(signatures=[entry(keyid=...)]),
    "signature with more": envelope(signatures=[entry(more=1)]),
    "signature no bytes": envelope(signatures=[entry(sig="x" * 64)]),
    "signature too short": envelope(signatures=[entry(sig=bytes(63))]),
    "signature too long": envelope(signatures=[entry(sig=bytes(65))]),
    "the same key twice": envelope(signatures=[entry(), entry()]),
    "not in order": envelope(signatures=[entry(keyid="z"), entry(keyid="a")]),
    "too many": seal(PAYLOAD, {f"{n:02}": bytes(64) for n in range(MAX_SIGNATURES + 1)}),
    "other order of fields": bytes(msgpack.packb(dict(reversed(msgpack.unpackb(GOOD).items())))),
    "longer form": GOOD.replace(b"\xc4\x09any", b"\xc5\x00\x09any"),
    "duplicate key": b"\x84" + GOOD[1:] + b"\xa7payload\xc4\x01x",
    "extension": envelope(payload=msgpack.ExtType(1, b"x")),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_exactly_an_envelope_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedBundle):
        verify(data, TEST_RING, now_s=NOW_S)


OLD_TYPE = "application/vnd.discreet.bundle+msgpack"


def test_the_envelope_of_an_older_format_is_unsupported_and_says_what_to_do() -> None:
    with pytest.raises(UnsupportedBundle, match="an older format: build it again"):
        verify(envelope(payloadType=OLD_TYPE), TEST_RING, now_s=NOW_S)


@pytest.mark.parametrize(
    "kind", [OLD_TYPE + " ", OLD_TYPE.upper(), OLD_TYPE[:-1], "", PAYLOAD_TYPE + "\0"], ids=ascii
)
def test_another_type_that_is_not_exactly_the_old_one_is_malformed(kind: str) -> None:
    with pytest.raises(MalformedBundle, match="not that of a bundle"):
        verify(envelope(payloadType=kind), TEST_RING, now_s=NOW_S)


def test_a_signature_for_the_older_type_does_not_hold_for_this_one() -> None:
    old = b"DSSEv1 39 %b 9 any bytes" % OLD_TYPE.encode()

    with pytest.raises(BadSignature):
        verify(seal(PAYLOAD, {TEST_KEY.id: TEST_KEY.sign(old)}), TEST_RING, now_s=NOW_S)


def test_nothing_is_inflated_before_the_signatures_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def inflate(*_: object) -> bytes:
        raise AssertionError("inflated")

    monkeypatch.setattr("discreet.runtime.decoding.inflate", inflate)
    with pytest.raises(BadSignature):
        load_bytes(sign(PAYLOAD, [OTHER_KEY]), TEST_RING, now_s=NOW_S)
    with pytest.raises(AssertionError, match="inflated"):
        load_bytes(GOOD, TEST_RING, now_s=NOW_S)


UNTRUSTED: dict[str, tuple[bytes, Keyring]] = {
    "other payload": (envelope(payload=b"other bytes"), TEST_RING),
    "no signature at all": (seal(PAYLOAD, {TEST_KEY.id: bytes(64)}), TEST_RING),
    "unknown key": (sign(PAYLOAD, [OTHER_KEY]), TEST_RING),
    "unknown key beside a good one": (sign(PAYLOAD, [TEST_KEY, OTHER_KEY]), TEST_RING),
    "signature of another key": (seal(PAYLOAD, {TEST_KEY.id: OTHER_KEY.sign(pae(PAYLOAD))}), TEST_RING),
    "signed without the encoding": (seal(PAYLOAD, {TEST_KEY.id: TEST_KEY.sign(PAYLOAD)}), TEST_RING),
    "below the threshold": (GOOD, Keyring([TEST_KEY.public, OTHER_KEY.public], threshold=2)),
    "not yet valid": (GOOD, Keyring([Key(TEST_KEY.public.public, not_before_s=NOW_S + 1)])),
    "no longer valid": (GOOD, Keyring([Key(TEST_KEY.public.public, not_after_s=NOW_S)])),
}


@pytest.mark.parametrize(("data", "ring"), UNTRUSTED.values(), ids=UNTRUSTED)
def test_a_signature_that_does_not_hold_or_is_not_trusted_is_bad(data: bytes, ring: Keyring) -> None:
    with pytest.raises(BadSignature):
        verify(data, ring, now_s=NOW_S)


def test_a_key_that_nobody_trusts_is_named_with_those_that_are_and_with_the_way_out() -> None:
    with pytest.raises(BadSignature) as refused:
        verify(sign(PAYLOAD, [OTHER_KEY]), TEST_RING, now_s=NOW_S)

    assert str(refused.value) == (
        f"signed with key `{OTHER_KEY.id}`, which is not in the keyring: it has `{TEST_KEY.id}`; "
        "`discreet keys trust` makes a keyring"
    )


@pytest.mark.parametrize(
    "name", ["canary", "ed25519:canary", f"ed25519:{'A' * 16}", f"{'0' * 24}", f"ed25519:{'0' * 17}"]
)
def test_what_is_no_id_of_a_key_is_not_repeated(name: str) -> None:
    with pytest.raises(
        BadSignature, match=r"^signed with a key that is not in the keyring: it has `ed25519:"
    ):
        verify(seal(PAYLOAD, {name: bytes(64)}), TEST_RING, now_s=NOW_S)


def test_of_many_trusted_keys_a_few_are_listed() -> None:
    keys = [SigningKey.from_seed(bytes([number]) * 32) for number in range(20, 26)]
    with pytest.raises(BadSignature) as refused:
        verify(GOOD, Keyring([each.public for each in keys]), now_s=NOW_S)

    assert str(refused.value).count("`ed25519:") == 1 + 4
    assert ", ...; " in str(refused.value)


def test_a_signature_with_a_larger_scalar_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    signature = TEST_KEY.sign(pae(PAYLOAD))
    scalar = int.from_bytes(signature[32:], "little") + order

    with pytest.raises(BadSignature):
        verify(
            seal(PAYLOAD, {TEST_KEY.id: signature[:32] + scalar.to_bytes(32, "little")}),
            TEST_RING,
            now_s=NOW_S,
        )


def test_two_of_two_keys_open_the_envelope_in_either_order() -> None:
    ring = Keyring([OTHER_KEY.public, TEST_KEY.public], threshold=2)

    verified = verify(sign(PAYLOAD, [OTHER_KEY, TEST_KEY]), ring, now_s=NOW_S)

    assert verified.key_ids == tuple(sorted((TEST_KEY.id, OTHER_KEY.id)))


def test_every_single_bit_of_an_envelope_counts() -> None:
    for position in range(8 * len(GOOD)):
        flipped = bytearray(GOOD)
        flipped[position >> 3] ^= 1 << (position & 7)
        with pytest.raises(BundleError):
            verify(bytes(flipped), TEST_RING, now_s=NOW_S)


def test_nothing_else_builds_a_verified_and_nothing_changes_one() -> None:
    verified = verify(GOOD, TEST_RING, now_s=NOW_S)

    with pytest.raises(TypeError, match="only `verify`"):
        Verified()
    with pytest.raises(AttributeError, match="immutable"):
        verified.payload = b"other bytes"
    with pytest.raises(AttributeError, match="immutable"):
        del verified.payload


class Forged:
    """Has everything that a receipt has, but did not come from `verify`."""

    payload = b""
    key_ids = ()
    digest = ""
    now_s = NOW_S


@pytest.mark.parametrize("make", [Forged, lambda: PAYLOAD, lambda: None])
def test_only_a_receipt_is_decoded(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="only what `verify` returned"):
        decode(make())


def test_a_receipt_is_neither_copied_nor_pickled() -> None:
    verified = verify(bundle_bytes([document(offer())]), TEST_RING, now_s=NOW_S)

    for send in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match="verify the file again"):
            send(verified)
    assert decode(verified).name == BUNDLE["name"]
