"""The worked example of spec/bundle-format.md: its bytes are those that the product builds, and decide as it says."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgpack
import pytest
import yaml

import discreet
from discreet_consent import Consent
from support.products import TEST_RING, bundle_bytes

PAGE = (Path(__file__).parents[2] / "spec" / "bundle-format.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## A worked example")[2].partition("\n## ")[0]
BUNDLE: dict[str, Any] = {"name": "two", "version": 1, "created_s": 1, "expires_s": 2}
HEX_LINE = re.compile(r"(?P<at>[0-9a-f]{3})  (?P<bytes>[0-9a-f]{2}(?: [0-9a-f]{2})*)(?: {2,}\S.*)?")
ROW = re.compile(r"`([0-9a-f]{2})`")
COUNTRY, SPEND = 0, 1


@dataclass(frozen=True, slots=True)
class Visit:
    """One row of the page's table: who comes, the first bytes of the rows, and what is shown."""

    country: str | None
    spend: float
    rows: tuple[int, int]
    left: int
    number: int
    offer: str
    content: dict[str, str]


def block(language: str) -> str:
    return EXAMPLE.partition(f"```{language}\n")[2].partition("```")[0]


def visits() -> list[Visit]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in EXAMPLE.splitlines()
        if "offer " in line
    ]
    return [_visit(*each) for each in cells if len(each) == 6]


def _visit(country: str, spend: str, first: str, second: str, left: str, so: str) -> Visit:
    (number,) = re.findall(r"offer (\d)", so)
    offer, content = re.findall(r"`([^`]+)`", so)
    known = None if country == "not known" else country.strip("`")
    rows = [int(found[1], 16) for cell in (first, second, left) if (found := ROW.match(cell))]
    return Visit(known, float(spend), (rows[0], rows[1]), rows[2], int(number), offer, json.loads(content))


@cache
def built() -> bytes:
    return bundle_bytes([yaml.safe_load(block("yaml"))], BUNDLE)


@cache
def evaluator() -> discreet.Evaluator:
    return discreet.load_bytes(built(), TEST_RING, now_s=BUNDLE["created_s"])


def test_the_hexdump_is_the_payload_byte_for_byte() -> None:
    payload = zlib.decompress(msgpack.unpackb(built())["payload"])
    dumped = b""
    for line in block("text").splitlines():
        match = HEX_LINE.fullmatch(line)
        assert match, line
        assert int(match["at"], 16) == len(dumped), line
        dumped += bytes.fromhex(match["bytes"])

    assert dumped == payload
    assert f"a payload of {len(payload)} bytes" in EXAMPLE


def test_the_page_has_matched_offers_and_a_fallback() -> None:
    assert {visit.offer for visit in visits()} == {"none", "gold", "hello"}


@pytest.mark.parametrize("visit", visits(), ids=lambda visit: f"{visit.country}, {visit.spend:g}")
def test_a_visitor_sees_what_the_page_works_out(visit: Visit) -> None:
    known = (
        {"spend": visit.spend} if visit.country is None else {"spend": visit.spend, "country": visit.country}
    )
    permitted = evaluator().permit(known, Consent.granting("functional"), now_s=1)
    decision = evaluator().decide("p", permitted, now_s=1)

    assert (decision.offer, decision.content) == (visit.offer, visit.content)
    assert evaluator().bundle.models[0].offers.ids[visit.number] == visit.offer


@pytest.mark.parametrize("visit", visits(), ids=lambda visit: f"{visit.country}, {visit.spend:g}")
def test_the_rows_of_the_page_are_those_of_the_index(visit: Visit) -> None:
    slots = evaluator().bundle.models[0].index.slots
    rows = tuple(slot.row((visit.country, visit.spend), 1_000) for slot in slots)

    assert [slot.attribute for slot in slots] == [COUNTRY, SPEND]
    assert rows == visit.rows
    assert rows[0] & rows[1] == visit.left
