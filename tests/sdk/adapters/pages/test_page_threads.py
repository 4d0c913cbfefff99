"""Several threads at one page: whether it is shared is settled once, and no decision slips in afterwards."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, cast

from discreet.adapters import Page
from discreet.serving import Served
from discreet.visitors import Visit
from support.pages import (
    AGREED,
    ITALY,
    NOW_S,
    Header,
    bundles,
    incoming_of,
    visitors,
)  # fmt: skip

SERVED = bundles().current


def visit_of(*headers: Header, served: Served = SERVED) -> Visit:
    return visitors().visit(served.evaluator, incoming_of(*headers))


def page_of(*headers: Header) -> Page:
    return Page(SERVED, visit_of(*headers))


class Waiting:
    """Makes a visit when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()

    def __call__(self) -> Visit:
        self.begun.set()
        assert self.let.wait(10)
        return visit_of(AGREED, ITALY)


def test_a_decision_that_was_under_way_when_the_page_left_is_for_nobody() -> None:
    waiting, decided = Waiting(), list[str]()
    page = Page(SERVED, waiting, now_s=NOW_S)
    thread = threading.Thread(target=lambda: decided.append(page.decision("home.place").offer))
    thread.start()
    assert waiting.begun.wait(10)
    assert page.start()  # meanwhile the head leaves, as that of a page that all may share
    waiting.let.set()
    thread.join()

    assert decided == ["welcome"]
    assert (page.depends, page.too_late) == (frozenset(), ("home.place",))


def test_a_visitor_who_was_being_met_when_the_page_left_is_nobody() -> None:
    waiting, seen = Waiting(), list[bool]()
    page = Page(SERVED, waiting, now_s=NOW_S)
    thread = threading.Thread(target=lambda: seen.append(page.visit.permitted.get("country") is not None))
    thread.start()
    assert waiting.begun.wait(10)
    assert page.start()
    waiting.let.set()
    thread.join()

    assert seen == [False]
    assert page.is_shared


def test_two_threads_get_one_decision_and_one_visitor() -> None:
    waiting = Waiting()
    page, decided = Page(SERVED, waiting, now_s=NOW_S), list[object]()
    threads = [threading.Thread(target=lambda: decided.append(page.decision("home.place"))) for _ in range(2)]
    for each in threads:
        each.start()
    waiting.let.set()
    for each in threads:
        each.join()

    assert len(decided) == 2
    assert decided[0] is decided[1]


class Meeting:
    """An evaluator that two threads enter at once, if they can."""

    def __init__(self) -> None:
        self.both = threading.Barrier(2)

    def __getattr__(self, name: str) -> Any:
        return getattr(SERVED.evaluator, name)

    def permit(self, *args: Any, **more: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            self.both.wait(0.1)
        return SERVED.evaluator.permit(*args, **more)


def test_nobody_is_one_even_for_two_threads() -> None:
    """Two of them, and what was decided for nobody would be recorded as the visitor's."""

    class Of:
        evaluator, digest = Meeting(), SERVED.digest

    page = Page(cast("Served", Of()), visit_of(AGREED))
    names = ("page.footer", "page.sale")
    threads = [threading.Thread(target=page.decision, args=(name,)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len({id(each.permitted) for each in page.made.values()}) == 1
