"""Receipts and stored records: the whole of it, the hash of a signal at most, and the way back."""

from __future__ import annotations

import hashlib
import hmac
import json
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Consent
from discreet_consent.errors import RecordError
from discreet_consent.receipts import (
    EventState,
    EventType,
    Evidence,
    event_of,
    evidence,
    kantara,
    read_record,
    receipt,
)
from support.consent_records import (
    ALL_GRANTED,
    RECEIPT_ID,
    SHOP,
    START_S,
    VISITOR,
    event,
    problems,
    record,
)
from support.naming import named
from support.readme import blocks
from support.source import REPOSITORY

SCHEMA = "consent-record.schema.json"
KEY = b"sixteen bytes or"
MARK = "1YNN-signal"

signals = st.text(max_size=20).map(lambda text: f"{MARK}{text}")
keys = st.none() | st.binary(min_size=16, max_size=40)


# Receipts


def test_a_receipt_is_the_record_under_an_id_of_its_own() -> None:
    grown = record(event(), event(EventState.WITHDRAWN))
    handed_out = receipt(grown, receipt_id=RECEIPT_ID)

    assert problems(handed_out, SCHEMA, "receipt") == []
    assert handed_out == {**grown.as_dict(), "receipt_id": RECEIPT_ID}


def test_a_receipt_needs_an_id() -> None:
    with pytest.raises(RecordError, match="`receipt_id` is empty"):
        receipt(record(), receipt_id="")


# Evidence


def test_evidence_is_the_hash_of_a_signal() -> None:
    assert evidence("us_privacy", "1YNN").as_dict() == {
        "source": "us_privacy",
        "signal_sha256": hashlib.sha256(b"1YNN").hexdigest(),
    }


def test_evidence_with_a_key_is_one_that_only_its_holder_can_check() -> None:
    kept = evidence("us_privacy", "1YNN", key=KEY)

    assert kept.as_dict() == {
        "source": "us_privacy",
        "signal_hmac_sha256": hmac.new(KEY, b"1YNN", "sha256").hexdigest(),
    }
    assert kept == evidence("us_privacy", b"1YNN", key=KEY)
    assert kept not in (evidence("us_privacy", "1YNN"), evidence("us_privacy", "1YNN", key=KEY + b"!"))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(RecordError, match="fewer than 16 bytes"):
        evidence("tcf", "CPX", key=b"fifteen bytes o")


@pytest.mark.parametrize("source", ["", "TCF", "CPXxRfAPXxRfAAfKABENB", "1YNN", "tcf ", ".tcf", "\u0442cf"])
def test_the_source_of_evidence_is_a_word(source: str) -> None:
    with pytest.raises(RecordError, match="source") as refused:
        evidence(source, "tcf")
    assert not source or source not in str(refused.value) or source == "tcf "


@pytest.mark.parametrize("digest", ["", "CPX", "1YNN" * 16, "A" * 64, "a" * 63, "a" * 65])
def test_a_signal_is_no_digest(digest: str) -> None:
    with pytest.raises(RecordError, match="digest") as refused:
        Evidence("tcf", digest)
    assert len(digest) < 4 or digest not in str(refused.value)


def test_a_signal_cannot_be_put_in_the_place_of_its_hash() -> None:
    with pytest.raises(RecordError, match="`evidence` is not of the kind `Evidence`") as refused:
        event(evidence=[{"source": "us_privacy", "signal": MARK}])
    assert MARK not in str(refused.value)


@given(signals, keys)
def test_no_signal_is_in_anything_that_is_written_or_shown(signal: str, key: bytes | None) -> None:
    kept = evidence("tcf", signal, key=key)
    happened = event_of(
        ALL_GRANTED, at_s=START_S, entity_id=VISITOR, type=EventType.EXPLICIT, evidence=[kept]
    )
    grown = record(happened)
    shown = [
        json.dumps(grown.as_dict()),
        json.dumps(receipt(grown, receipt_id=RECEIPT_ID)),
        json.dumps(kantara(grown, receipt_id=RECEIPT_ID)),
        repr([grown, *grown.events, *grown.processing, *grown.parties, kept]),
        str(pickle.dumps(grown)),
    ]

    assert not any(MARK in each for each in shown)
    assert problems(grown.as_dict(), SCHEMA) == []


def test_the_reasons_of_a_consent_are_not_kept() -> None:
    consent = Consent(["personalize"], reasons=[MARK], resolved_s=START_S, expires_s=START_S + 10)
    happened = event_of(consent, at_s=START_S, entity_id=VISITOR, type=EventType.EXPLICIT)

    assert MARK not in json.dumps(happened.as_dict()) + repr(happened)


def test_a_repr_does_not_name_the_visitor() -> None:
    assert VISITOR not in repr([record(event()), event()])


# Reading back


def stored() -> Any:
    kept = [evidence("tcf", "CPX", key=KEY), evidence("gpc", "1")]
    given_once = event_of(
        ALL_GRANTED, at_s=START_S, entity_id=VISITOR, type=EventType.EXPLICIT, evidence=kept
    )
    return json.loads(json.dumps(record(given_once, event(EventState.WITHDRAWN, START_S + 5)).as_dict()))


def test_a_stored_record_is_read_back_and_grows() -> None:
    kept = read_record(stored())
    grown = kept.with_event(event(at_s=START_S + 6))

    assert kept.as_dict() == stored()
    written: Any = grown.as_dict()
    assert written["events"][:2] == stored()["events"]


@given(
    st.sampled_from(EventState), st.sampled_from(EventType), st.booleans(), st.sets(st.sampled_from("abc"))
)
def test_reading_back_changes_nothing(
    state: EventState, kind: EventType, child: bool, purposes: set[str]
) -> None:
    grown = record(
        event(state, type=kind, contextual_only=child, purposes=purposes),
        parties=(SHOP,),
        privacy_rights=["x", "y"],
        impact_assessment="z",
    )

    assert read_record(json.loads(json.dumps(grown.as_dict()))) == grown


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value in a JSON document, but its root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, each in inner for path in [(*here, key), *paths(each, (*here, key))]]


@pytest.mark.parametrize("wrong", [None, 5, {}, [], "", {"x": 1}, [5], MARK], ids=named)
def test_a_stored_record_with_anything_else_in_a_place_is_another_or_refused(wrong: Any) -> None:
    for path in paths(stored()):
        document = stored()
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = wrong
        with suppress(RecordError):
            assert read_record(document).as_dict() == document, path


def test_nothing_in_a_stored_record_may_be_lost() -> None:
    for path in paths(stored()):
        document = stored()
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        if isinstance(inner, dict):
            inner["surplus"] = 1
            with pytest.raises(
                RecordError, match=r"fields that no record of this version has|parts that are none of"
            ):
                read_record(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "`record` is not an object"),
        ([], "`record` is not an object"),
        ({}, "`record` lacks `schema_version`"),
        ({**stored(), "schema_version": "27560:2030"}, "`schema_version` is not `27560:2023`"),
        ({**stored(), "events": {}}, "`events` is not a list"),
        ({**stored(), "events": [*reversed(stored()["events"])]}, "a record only grows"),
        (
            {**stored(), "events": [{**stored()["events"][0], "event_state": "ok"}]},
            "`event_state` is none of",
        ),
        (
            {**stored(), "events": [{**stored()["events"][0], "event_time": "now"}]},
            "is not an instant such as",
        ),
        (
            {**stored(), "events": [{**stored()["events"][0], "event_time": "2026-11-01"}]},
            "not in the form in which it was written",
        ),
        ({**stored(), "events": [{**stored()["events"][0], "evidence": [{"source": "tcf"}]}]}, "no digest"),
    ],
)
def test_what_is_no_stored_record_is_refused(document: object, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        read_record(document)


# The room


def test_the_consent_module_does_not_load_receipts_by_itself() -> None:
    code = (
        "import sys, discreet_consent; loaded = set(sys.modules);"
        "import discreet_consent.receipts;"
        "heavy = {'hashlib', 'hmac', 'datetime', 'json', 'uuid'} & (set(sys.modules) - loaded);"
        "print(any('receipts' in name for name in loaded), sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False []"


def test_the_page_on_receipts_runs() -> None:
    (page,) = blocks(REPOSITORY / "docs/receipts.md", "A record and its receipts", "python")
    ran = subprocess.run([sys.executable, "-c", page], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert lines[:3] == ["consent_given True", "1", "KI-CR-v1.1.0"]
    assert json.loads(lines[3])["outcome"] == "known"
