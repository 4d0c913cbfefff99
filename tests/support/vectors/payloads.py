"""Payloads that a loader must refuse, under signatures that hold: each is the tiny model's with one thing wrong."""

from __future__ import annotations

import struct
import zlib

import msgpack

from .cases import NOW_S, Case
from .sealing import (
    CREATED_S,
    VERSION,
    by_a,
    document_bytes,
    document_of,
    packed,
    payload_bytes,
    row,
    stored,
    with_fields,
    with_index,
    with_model,
    with_offers,
    words,
)


def _of(name: str, error: str, body: bytes) -> Case:
    return row(f"payload: {name}", by_a(body), error)


def _bad(name: str, body: bytes) -> Case:
    return _of(name, "MalformedBundle", body)


def payload_cases() -> list[Case]:
    return [
        *_streams(),
        *_documents(),
        *_attributes(),
        *_certificates(),
        *_columns(),
        *_contents(),
        *_indexes(),
    ]


def _streams() -> list[Case]:
    payload, document = payload_bytes(), document_bytes()
    wrong_sum = payload[:-1] + bytes([payload[-1] ^ 1])
    gzip = b"\x1f\x8b\x08" + bytes(6) + b"\xff" + payload[2:-4]
    gzip += struct.pack("<II", zlib.crc32(document), len(document))
    with_dictionary = b"\x78\x20" + struct.pack(">I", zlib.adler32(b"tiny")) + payload[2:]
    return [
        _bad("no bytes", b""),
        _bad("not deflated", document),
        _bad("deflated without a head", payload[2:-4]),
        _bad("deflated as gzip does it", gzip),
        _bad("deflated with a dictionary", with_dictionary),
        _bad("its last byte lacks", payload[:-1]),
        _bad("its checksum lacks", payload[:-4]),
        _bad("its second half lacks", payload[: len(payload) // 2]),
        _bad("a wrong checksum", wrong_sum),
        _bad("a byte after the stream", payload + b"\x00"),
        _bad("two streams", payload * 2),
        _bad("a stream in a stream", stored(payload)),
        _bad("a stream of nothing", stored(b"")),
    ]


def _documents() -> list[Case]:
    document, inside = document_bytes(), document_of()
    model = inside["models"][0]

    def stream(name: str, body: bytes) -> Case:
        return _bad(name, stored(body))

    def bad(title: str, **fields: object) -> Case:
        return _bad(title, with_fields(**fields))

    return [
        _of("a newer format", "UnsupportedBundle", with_fields(format=4)),
        _of("an older format", "UnsupportedBundle", with_fields(format=2)),
        _of("the oldest format", "UnsupportedBundle", with_fields(format=1)),
        _of("an unknown required feature", "UnsupportedBundle", with_fields(requires=["from-the-future"])),
        _of("created in the future", "ExpiredBundle", with_fields(created_s=NOW_S + 1)),
        _of("expired by its own word", "ExpiredBundle", with_fields(expires_s=NOW_S)),
        stream("nil", b"\xc0"),
        stream("an empty map", b"\x80"),
        stream("not msgpack", b"\xc1"),
        stream("the last byte of the document lacks", document[:-1]),
        stream("a byte after the end", document + b"\x00"),
        stream("a key twice", _document_twice(document)),
        stream("a key twice inside", _inner_twice(document)),
        stream("text that is not UTF-8", document.replace(b"\xa4tiny", b"\xa4tin\xff", 1)),
        stream("a field left out", packed({name: value for name, value in inside.items() if name != "floor"})),
        bad("a field more", more=1),
        bad("a floor above the version", floor=VERSION + 1),
        bad("a version below zero", version=-1),
        bad("a version as text", version="7"),
        bad("a version as true", version=True),
        bad("a version beyond 2^53", version=2**53),
        bad("it expires before it is created", expires_s=CREATED_S),
        bad("an infinite expiry", expires_s=float("inf")),
        bad("an extension type", name=msgpack.ExtType(5, b"x")),
        bad("a timestamp", created_s=msgpack.Timestamp(CREATED_S)),
        bad("no models", models=[]),
        bad("the model twice", models=[model, model]),
        _bad("a fallback with a condition", with_model(placements=[["slot", 1, words(2)]])),
        _bad("a placement without a fallback", with_model(placements=[["slot", None, words(2)]])),
        _bad("a placement of an offer that is none", with_model(placements=[["slot", 0, words(4)]])),
        _bad("a first stage with a condition", with_model(stages=[["only", [13, 0]]])),
    ]  # fmt: skip


def _attributes() -> list[Case]:
    attributes = document_of()["attributes"]
    (declared,) = attributes

    def bad(name: str, *wrong: list[object]) -> Case:
        return _bad(name, with_fields(attributes=list(wrong)))

    return [
        bad("the attribute twice", *attributes * 2),
        bad("an attribute without a purpose", [*declared[:3], [], *declared[4:]]),
        bad("an attribute of an unknown type", ["b", "date", *declared[2:]]),
        bad("an attribute as format 1 has it", [*declared[:6], False, False]),
        bad("an attribute that is sensitive to nothing", [*declared[:6], True, False, None]),
        bad("an unknown sensitive item", [*declared[:6], "wealth", False, None]),
        *(bad(f"a substitute {name}", declared, *wrong) for name, wrong in _wrong_substitutes().items()),
    ]


def _certificates() -> list[Case]:
    """The tiny model's is `{"placements": [[0]], "waived": []}`."""

    def bad(name: str, **said: object) -> Case:
        return _bad(name, with_model(certificate={"placements": [[0]], "waived": [], **said}))

    return [
        bad("a certificate that hides an attribute", placements=[[]]),
        bad("a certificate that names an attribute twice", placements=[[0, 0]]),
        bad("a certificate that names false for an attribute", placements=[[False]]),
        bad("a certificate of a placement more", placements=[[0], [0]]),
        bad("a certificate of no placement", placements=[]),
        bad("a certificate that waives what asks for nothing unknown", waived=[1]),
        bad("a certificate that hides a waiver", placements=[[0]], waived=None),
        bad("a certificate with the offers of older formats", offers=[[], [0]]),
        _bad("an index that asks an attribute more", _asking_more(words(0, 0, 0, 1))),
        _bad("a row that asks where its slot does not", _asking_more(words(1, 1, 1, 0))),
        _bad("a tree that asks for the unknown, not waived", with_offers(trees=[[1, [14, 0]]])),
    ]


def _asking_more(rows: bytes) -> bytes:
    """Beside `b` the offer asks for the flag `c`, and the certificate does not say so."""
    attribute = ["c", *document_of()["attributes"][0][1:]]
    (model,) = document_of()["models"]
    slot = [1, 1, [], [], rows, None]
    index = {**model["index"], "slots": [*model["index"]["slots"], slot]}
    return with_fields(
        attributes=[*document_of()["attributes"], attribute], models=[{**model, "index": index}]
    )


def _columns() -> list[Case]:
    def bad(name: str, **columns: object) -> Case:
        return _bad(f"offers: {name}", with_offers(**columns))

    return [
        bad("an id twice", ids=["one", "one"]),
        bad("an id without a letter", ids=["", "one"]),
        bad("an id less", ids=["one"]),
        bad("a column more", more=b""),
        bad("a set of stages that is none", stages=words(0, 2)),
        bad("a set of stages with a stage that is none", stage_sets=[[], [1]]),
        bad("a set of stages with a stage twice", stage_sets=[[], [0, 0]]),
        bad("a clause for no stage", stage_sets=[[], []]),
        bad("windows that descend", windows=[[1, [0, None]], [0, [0, None]]]),
        bad("a window of an offer that is none", windows=[[2, [0, None]]]),
        bad("a window that is always open", windows=[[1, [None, None]]]),
        bad("a window until infinity", windows=[[1, [0, float("inf")]]]),
        bad("a window of the fallback", windows=[[0, [0, None]]]),
        bad("a tree of the fallback", trees=[[0, [13, 0]]]),
        bad("trees that descend", trees=[[1, [13, 0]], [1, [13, 0]]]),
        bad("a tree of an offer that is none", trees=[[2, [13, 0]]]),
        bad("a tree that is nil", trees=[[1, None]]),
        bad("an operation that is none", trees=[[1, [99, 0]]]),
        bad("an attribute that is none", trees=[[1, [13, 1]]]),
    ]


def _contents() -> list[Case]:
    """The tiny model has a packed content for each of its two offers."""
    nothing, same = packed({}), words(0, 0)

    def bad(name: str, contents: object, shapes: bytes = same) -> Case:
        return _bad(f"contents: {name}", with_offers(contents=contents, shapes=shapes))

    def bad_packed(name: str, content: object) -> Case:
        return bad(name, [[None, [[nothing, content if isinstance(content, bytes) else packed(content)]]]])

    def bad_columns(name: str, keys: object, *columns: object) -> Case:
        return bad(name, [[keys, list(columns)]])

    return [
        bad("none", [], same),
        bad("of a shape that is none", [[["a"], [[1]]]], words(0, 1)),
        bad("a shape less than offers", [[["a"], [[1]]]], words(0)),
        bad("two shapes of the same keys", [[["a"], [[1]]], [["a"], [[1]]]], words(0, 1)),
        bad("two shapes of packed contents", [[None, [[nothing]]], [None, [[nothing]]]], words(0, 1)),
        bad("a packed one less", [[None, [[nothing]]]]),
        bad("a packed one more", [[None, [[nothing] * 3]]]),
        bad("packed ones in two columns", [[None, [[nothing], [nothing]]]]),
        bad("packed ones as maps", [[None, [[{}, {}]]]]),
        bad_columns("a key without a column", ["a", "b"], [1, 2]),
        bad_columns("a column without a key", ["a"], [1, 2], [1, 2]),
        bad_columns("a key twice", ["a", "a"], [1, 2], [1, 2]),
        bad_columns("a key that is a number", [1], [1, 2]),
        bad_columns("a column too short", ["a"], [1]),
        bad_columns("a column too long", ["a"], [1, 2, 3]),
        bad_columns("a list in a column", ["a"], [1, []]),
        bad_columns("bytes in a column", ["a"], [1, b"x"]),
        bad_columns("NaN in a column", ["a"], [1, float("nan")]),
        bad_packed("one that is no map", []),
        bad_packed("one with a key twice", b"\x82" + (packed("a") + b"\x01") * 2),
        bad_packed("one with a number as a key", b"\x81\x01\x01"),
        bad_packed("one with bytes", {"a": b"x"}),
        bad_packed("one with a key of bytes", {b"a": 1}),
        bad_packed("one with NaN", {"a": float("nan")}),
        bad_packed("one with a timestamp", {"a": msgpack.Timestamp(1)}),
        bad_packed("one with a byte after its end", nothing * 2),
        bad_packed("one whose last byte lacks", b"\x81\xa1a"),
        bad_packed("one with a token of an attribute that is none", {"a": _template([[1, "x"]])}),
        bad_packed("one with another extension", {"a": msgpack.ExtType(2, b"")}),
    ]  # fmt: skip


def _template(parts: list[object]) -> msgpack.ExtType:
    return msgpack.ExtType(1, packed(parts))


def _indexes() -> list[Case]:
    """The tiny model's index has one clause and one slot, that of the flag 0."""
    (slot,) = document_of()["models"][0]["index"]["slots"]
    none = [b""] * 4

    def bad(name: str, **fields: object) -> Case:
        return _bad(f"index: {name}", with_index(**fields))

    def bad_slot(name: str, *parts: object) -> Case:
        return bad(name, slots=[list(parts)])

    return [
        bad("a row too short", confirm=b""),
        bad("a row with a bit beyond its clauses", confirm=words(1 << 31)),
        bad("a clause of an offer that is none", clauses=words(2)),
        bad("a clause more than stages", clauses=words(1, 0), slots=[]),
        bad("a row of clauses for each placement", placement_rows=words(1)),
        bad("a stage bit of a stage that is none", stage_bits=[1]),
        bad("a clause to confirm without a check", confirm=words(1)),
        bad("checks in three columns", checks=none[:3]),
        bad("a check of a flag", confirm=words(1), checks=[words(0)] * 4),
        bad("a check of a slot that is none", confirm=words(1), checks=[words(0), words(1), words(0), words(0)]),
        bad("the slot twice", slots=[slot, slot]),
        bad_slot("a slot of a kind that is none", 9, *slot[1:]),
        bad_slot("a slot of an attribute that is none", slot[0], 1, *slot[2:]),
        bad_slot("a slot that does not fit its attribute", 0, *slot[1:]),
        bad_slot("a slot as older formats have it", *slot[:5]),
        bad_slot("a slot with a row less", *slot[:4], slot[4][:-4], None),
        bad_slot("sparse rows of a flag", *slot[:5], [words(0), b""]),
    ]  # fmt: skip


def _wrong_substitutes() -> dict[str, list[list[object]]]:
    """Attributes that may not follow the one of the tiny model, whose number is 0."""
    exact: list[object] = ["exact", "string", "declared", ["analytics"], "user.contact", 60, None, True, None]

    def coarse(coarsens: object, *changes: tuple[int, object]) -> list[object]:
        made = ["vague", *exact[1:8], coarsens]
        for place, value in changes:
            made[place] = value
        return made

    kept = [1, "characters", 2]
    return {
        "of itself": [exact, coarse([2, "characters", 2])],
        "of a substitute": [exact, coarse(kept), ["third", *exact[1:8], [2, "characters", 1]]],
        "of a number that is none": [exact, coarse([3, "characters", 2])],
        "of a number below zero": [exact, coarse([-1, "characters", 2])],
        "of true": [exact, coarse([True, "characters", 2])],
        "of a name": [exact, coarse(["exact", "characters", 2])],
        "by a method that is none": [exact, coarse([1, "hash", 2])],
        "by nothing": [exact, coarse([1])],
        "by one thing more": [exact, coarse([*kept, None])],
        "as a map": [exact, coarse({"characters": 2})],
        "that keeps no character": [exact, coarse([1, "characters", 0])],
        "that keeps true characters": [exact, coarse([1, "characters", True])],
        "that keeps 65 characters": [exact, coarse([1, "characters", 65])],
        "that keeps two and a half characters": [exact, coarse([1, "characters", 2.5])],
        "by a network of its own": [exact, coarse([1, "network", 24])],
        "by decimals, of a string": [exact, coarse([1, "decimals", 2])],
        "of another type": [exact, coarse([1, "decimals", 2], (1, "number"), (7, False))],
        "of another provenance": [exact, coarse(kept, (2, "contextual"))],
        "of another category": [exact, coarse(kept, (4, None))],
        "of another retention": [exact, coarse(kept, (5, 61))],
        "in another case": [exact, coarse(kept, (7, False))],
        **{
            f"in bands {name}": [_number("exact", None), _number("vague", [1, "bands", bounds])]
            for name, bounds in _WRONG_BANDS.items()
        },
        "with four decimals": [_number("exact", None), _number("vague", [1, "decimals", 4])],
        "with decimals below zero": [_number("exact", None), _number("vague", [1, "decimals", -1])],
    }


_WRONG_BANDS: dict[str, object] = {
    "of none": [], "that descend": [18, 0], "that are equal": [18, 18.0], "of text": ["18"], "of true": [True],
    "without an end": [0, float("inf")], "that are no number": [float("nan")], "beyond 2^53": [2**53 + 1],
    "of one number": 18, "too many": list(range(257)),
}  # fmt: skip


def _number(name: str, coarsens: object) -> list[object]:
    return [name, "number", "declared", ["analytics"], None, None, None, False, coarsens]


def _document_twice(document: bytes) -> bytes:
    assert document[0] == 0x8A, "a map of ten"
    return b"\x8b" + document[1:] + packed("version") + packed(VERSION)


def _inner_twice(document: bytes) -> bytes:
    key_of_map = packed("extensions")
    assert document.endswith(key_of_map + b"\x80")
    return document[:-1] + b"\x82" + (packed("x") + packed(1)) * 2
