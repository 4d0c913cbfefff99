"""`Signals`: what came with one request is bounded, a set, and never made into the text of a signal."""

from __future__ import annotations

from typing import Any

import pytest

from discreet_consent import SignalError, Signals, Status, resolve
from discreet_consent.signals.received import ARGUMENT, MAX_SENT, MAX_SIZE, Reading
from support.cmp_cookies import CHOSEN, onetrust
from support.naming import named
from support.tc_strings import NOW_S
from support.visits import GRANTS, REFUSES

CHOICE = onetrust({"C0001": True, "C0002": True})


class Says:
    """Something that is no text, and whose text is a signal."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


# --- Bounds


@pytest.mark.parametrize(("count", "status"), [(MAX_SENT, Status.READ), (MAX_SENT + 1, Status.UNREADABLE)])
def test_of_more_signals_than_a_browser_sends_nothing_is_read(count: int, status: Status) -> None:
    signals = Signals(("tcf", f"cookie {at}", GRANTS) for at in range(count))

    assert MAX_SENT == 64
    assert {each.status for each in signals.readings} == {status}
    assert len(signals.readings) == count
    assert bool(resolve(signals=signals, region="IT", now_s=NOW_S).purposes) is (status is Status.READ)


@pytest.mark.parametrize(("over", "status"), [(0, Status.READ), (1, Status.UNREADABLE)])
def test_of_more_characters_than_a_browser_sends_nothing_is_read(over: int, status: Status) -> None:
    rest = MAX_SIZE + over - len(GRANTS)
    noise = [("gpp", f"cookie {at}", "~" * (rest // 8 + (rest % 8 if at == 0 else 0))) for at in range(8)]
    signals = Signals([("tcf", "cookie", GRANTS), *noise])

    assert signals.size == MAX_SIZE + over == 65_536 + over
    assert signals.status("tcf") is status
    assert {each.problem.code for each in signals.readings if each.problem} == {
        "too_many" if over else "empty"
    }


# --- What is no text


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("gpc", 1), ("gpc", True), ("gpc", b"1"), ("us_privacy", Says("1YNN")), ("tcf", Says(GRANTS)),
        ("tcf", GRANTS.encode()), ("gcs", ["G111"]), ("onetrust", Says(CHOICE)), ("gpp", 0), ("cookiebot", ()),
    ],
    ids=named,
)  # fmt: skip
def test_what_is_no_text_came_and_cannot_be_read(source: str, sent: Any) -> None:
    signals = Signals([(source, "cookie", sent)])

    assert signals.status(source) is Status.UNREADABLE
    assert [each.problem.code for each in signals.readings if each.problem] == ["not_text"]


def test_a_time_of_closing_that_is_no_text_spoils_the_choice_beside_it() -> None:
    signals = Signals([("onetrust", "cookie a", CHOICE), ("onetrust_closed", "cookie b", Says(CHOSEN))])

    assert signals.status("onetrust") is Status.UNREADABLE


def test_none_is_absent_and_everything_else_came() -> None:
    assert not Signals([("tcf", "cookie", None)])
    assert Signals([("tcf", "cookie", "")]).status("tcf") is Status.UNREADABLE
    assert Signals().status("tcf") is Status.ABSENT


# --- A set


def test_signals_are_equal_by_what_came_in_any_order() -> None:
    sent = [("tcf", "cookie a", GRANTS), ("tcf", "cookie b", REFUSES), ("gpc", "header", "1")]
    one, other = Signals(sent), Signals([*reversed(sent), sent[0]])

    assert one == other
    assert len({one, other}) == 1
    assert one != Signals(sent[1:])
    assert Signals(sent[:1]) != Signals([("tcf", "cookie a", REFUSES)])
    assert Signals(sent[:1]) != Signals([("tcf", "cookie b", GRANTS)])
    assert one != frozenset(sent)


def test_no_two_things_that_are_no_text_are_alike() -> None:
    assert Signals([("tcf", "cookie", 3)]) != Signals([("tcf", "cookie", 3)])


def test_together_nothing_is_lost() -> None:
    one, other = Signals([("tcf", "cookie", GRANTS)]), Signals([("tcf", "cookie", REFUSES)])

    assert one.together(other) == other.together(one)
    assert len(one.together(other).readings) == 2
    assert one.together(Signals()) == Signals().together(one) == one


def test_of_a_source_that_came_twice_one_that_cannot_be_read_counts() -> None:
    for texts in (("", GRANTS), (GRANTS, "")):
        signals = Signals(("tcf", f"cookie {at}", text) for at, text in enumerate(texts))
        assert signals.status("tcf") is Status.UNREADABLE


def test_a_source_that_nobody_reads_is_the_callers_mistake() -> None:
    with pytest.raises(SignalError, match="`usp` is no source of signals") as mistake:
        Signals([("usp", "cookie", "1YNN")])

    assert mistake.value.code == "unknown_source"


# --- OneTrust's two cookies


def test_each_time_of_closing_makes_a_reading_of_its_own() -> None:
    """Of two, the later could be put beside an old choice to make it look new."""
    times = (CHOSEN, "2020-06-01T08:30:00.125Z")
    closed = [("onetrust_closed", f"cookie {at}", each) for at, each in enumerate(times)]
    consents = [
        resolve(signals=Signals([("onetrust", "cookie", CHOICE), *each]), region="IT", now_s=NOW_S)
        for each in (closed[:1], closed[1:], closed)
    ]

    assert [bool(each.purposes) for each in consents] == [True, False, False]


def test_of_more_times_than_a_cookie_and_its_variant_nobody_knows_which_counts() -> None:
    closed = [("onetrust_closed", f"cookie {at}", f"2026-06-01T08:30:0{at}Z") for at in range(3)]

    assert Signals([("onetrust", "cookie", CHOICE), *closed[:2]]).status("onetrust") is Status.READ
    assert Signals([("onetrust", "cookie", CHOICE), *closed]).status("onetrust") is Status.UNREADABLE


def test_a_time_of_closing_without_a_choice_says_nothing() -> None:
    signals = Signals([("onetrust_closed", "cookie", CHOSEN)])

    assert [each.status for each in signals.readings] == [Status.ABSENT]
    assert "onetrust_closed" not in signals.statuses


def test_a_reading_follows_from_its_value_and_its_problem() -> None:
    assert Reading("tcf", ARGUMENT).status is Status.ABSENT
    assert Reading("tcf", ARGUMENT, value=0).status is Status.READ
    assert Reading("tcf", ARGUMENT, problem=SignalError("empty", "")).status is Status.UNREADABLE
    assert repr(Reading("tcf", ARGUMENT, value="secret")) == "Reading('tcf', 'argument', read)"
