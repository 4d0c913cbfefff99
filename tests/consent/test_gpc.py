"""Global Privacy Control: the header counts when it is exactly `1`; a statement counts when it is sound."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import PolicyError, SignalError
from discreet_consent.signals.gpc import GpcStatement, is_on, read_statement, write_statement


def code_of(body: object) -> str:
    """The code with which a statement is refused."""
    with pytest.raises(SignalError) as refusal:
        read_statement(body)  # type: ignore[arg-type] # what comes is not always what the types say
    return refusal.value.code


def refusal_of(body: str | bytes) -> SignalError | None:
    """How `body` is refused, if it is; any other exception is a failure."""
    try:
        read_statement(body)
    except SignalError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("values", "on"),
    [
        ([], False),
        (["1"], True),
        (["0", "1"], True),
        (["1", "garbage"], True),
        (["1", "1"], True),
        (["0"], False),
        (["true"], False),
        (["?1"], False),
        (["1, 1"], False),
        (["1 "], False),
        ([" 1"], False),
        (["01"], False),
        (["１"], False),
        ([""], False),
        (["11"], False),
    ],
)
def test_one_value_that_is_exactly_one_suffices_and_every_other_counts_as_absent(
    values: list[str], on: bool
) -> None:
    assert is_on(values) is on


@pytest.mark.parametrize(
    ("body", "gpc", "last_update"),
    [
        ('{"gpc": true, "lastUpdate": "1997-03-10"}', True, "1997-03-10"),
        ('{"gpc": false}', False, None),
        (b'\n{"gpc":true,"lastUpdate":"2026-01-31T08:30:00.125Z"}\n', True, "2026-01-31T08:30:00.125Z"),
        ('{"gpc": true, "version": 1, "contact": {"mail": "x"}}', True, None),
    ],
)
def test_a_statement_is_read_and_members_that_nobody_knows_are_ignored(
    body: str | bytes, gpc: bool, last_update: str | None
) -> None:
    statement = read_statement(body)

    assert (statement.gpc, statement.last_update) == (gpc, last_update)
    assert statement.as_dict() == ({"gpc": gpc, "lastUpdate": last_update} if last_update else {"gpc": gpc})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        (b"\xff\xfe", "not_text"),
        (" " * 9_000, "too_long"),
        (b" " * 9_000, "too_long"),
        ("true", "bad_json"),
        ("[]", "bad_json"),
        ('{"gpc": true', "bad_json"),
        ("{'gpc': true}", "bad_json"),
        ('{"gpc": NaN}', "bad_json"),
        ('{"gpc": ' + "9" * 5_000 + "}", "bad_json"),
        ("[" * 8_000, "bad_json"),
        ('{"a":' * 1_500, "bad_json"),
        ('{"gpc": true, "gpc": false}', "duplicate_field"),
        ("{}", "bad_value"),
        ('{"gpc": 1}', "bad_value"),
        ('{"gpc": "true"}', "bad_value"),
        ('{"gpc": null}', "bad_value"),
        ('{"gpc": true, "lastUpdate": "31.01.2026"}', "bad_time"),
        ('{"gpc": true, "lastUpdate": "2026-02-30"}', "bad_time"),
        ('{"gpc": true, "lastUpdate": 20260131}', "bad_time"),
        ('{"gpc": true, "lastUpdate": null}', "bad_time"),
    ],
)
def test_a_statement_that_cannot_be_relied_on_is_refused(body: object, code: str) -> None:
    assert code_of(body) == code


@given(st.booleans(), st.none() | st.dates().map(str))
def test_a_site_writes_what_it_reads_back(gpc: bool, last_update: str | None) -> None:
    body = write_statement(gpc, last_update)

    assert read_statement(body).as_dict() == json.loads(body) == GpcStatement(gpc, last_update).as_dict()


def test_a_site_cannot_state_a_date_that_nobody_can_read() -> None:
    with pytest.raises(PolicyError, match="last_update"):
        write_statement(True, "yesterday")


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_noise_is_refused_in_words_that_do_not_repeat_it(body: str | bytes) -> None:
    refusal = refusal_of(body)

    assert refusal is None or len(body) < 8 or str(body) not in str(refusal)
