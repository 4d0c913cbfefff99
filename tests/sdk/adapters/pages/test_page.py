"""One page: each placement once, all from one bundle, and for nobody what depends on nobody."""

from __future__ import annotations

import math

import pytest

from discreet import UnknownPlacement
from discreet.adapters import NoPage, Page
from discreet.serving import Bundles, Served
from discreet.visitors import Visit
from support.journals import Kept
from support.pages import (
    AGREED,
    DAY_S,
    EXPIRES_S,
    ITALY,
    LIMITED_AGREED,
    NOW_S,
    REFUSED,
    SALE_ENDS_S,
    Header,
    Journal,
    agreed,
    asgi_site,
    asked,
    bundles,
    evaluator,
    incoming_of,
    profile_cookie,
    visitors,
)  # fmt: skip

SERVED = bundles().current


def visit_of(*headers: Header, served: Served = SERVED) -> Visit:
    return visitors().visit(served.evaluator, incoming_of(*headers))


def page_of(*headers: Header) -> Page:
    return Page(SERVED, visit_of(*headers))


def test_a_placement_is_decided_once() -> None:
    page = page_of(AGREED, ITALY)

    assert page.decision("home.place") is page.decision("home.place")
    assert [*page.made] == ["home.place"]


def test_the_visitor_is_met_when_a_decision_first_needs_it() -> None:
    met: list[str] = []

    def visit() -> Visit:
        met.append("now")
        return visit_of(AGREED, ITALY)

    page = Page(SERVED, visit, now_s=NOW_S)
    page.decision("page.footer")
    assert met == []
    assert page.decision("home.place").offer == "for_italy"
    page.decision("home.hero")
    assert met == ["now"]


def test_a_page_whose_visit_comes_later_needs_its_clock() -> None:
    with pytest.raises(NoPage, match="now_s"):
        Page(SERVED, visit_of)


def test_what_depends_on_nobody_is_decided_as_for_somebody_who_refused() -> None:
    agreeing, refusing = page_of(AGREED, ITALY), page_of(REFUSED)

    assert agreeing.decision("page.footer") == refusing.decision("page.footer")
    assert agreeing.decision("page.footer").withheld != ()
    assert agreeing.is_shared
    assert (agreeing.depends, agreeing.purposes) == (frozenset(), frozenset())


def test_a_page_depends_on_what_the_certificate_says_even_if_nothing_is_known() -> None:
    page = page_of()
    page.decision("home.hero")

    assert page.depends == {"purchases", "first_name"}
    assert page.purposes == {"personalize.content.profiled", "functional.storage"}
    assert not page.is_shared
    page.decision("home.place")
    assert page.depends == {"purchases", "first_name", "country"}


def test_a_certificate_can_be_read_without_a_decision() -> None:
    page = page_of()

    assert page.certified("home.place").attributes == {"country"}
    assert page.made == {}


@pytest.mark.parametrize("ask", [Page.decision, Page.certified, Page.exposed])
def test_an_unknown_placement_is_named_with_the_nearest(ask: object) -> None:
    with pytest.raises(UnknownPlacement, match=r"did you mean `home\.hero`"):
        ask(page_of(), "home.heroo")  # type: ignore[operator] # a method of a page


def test_an_unknown_placement_changes_nothing() -> None:
    page = page_of()
    with pytest.raises(UnknownPlacement):
        page.decision("home.heroo")

    assert (page.made, page.is_shared) == ({}, True)


def test_a_visit_that_cannot_be_made_leaves_nothing_behind() -> None:
    def failing() -> Visit:
        raise OSError("no")

    page = Page(SERVED, failing, now_s=NOW_S)
    with pytest.raises(OSError, match="no"):
        page.decision("home.hero")

    assert (page.made, page.depends) == ({}, frozenset())


def test_a_page_holds_until_a_window_closes() -> None:
    page = page_of()
    page.decision("page.sale")

    assert page.holds_for_s == SALE_ENDS_S - NOW_S == 5 * DAY_S


def test_a_page_without_windows_holds_until_the_bundle_expires() -> None:
    page = page_of()
    page.decision("page.footer")

    assert page.holds_for_s == EXPIRES_S - NOW_S


@pytest.mark.parametrize(
    ("now_s", "holds_for_s"),
    [
        (SALE_ENDS_S - 1, 1),
        (SALE_ENDS_S, EXPIRES_S - SALE_ENDS_S),  # half open: it has closed
        (EXPIRES_S - 0.5, 0.5),
        (EXPIRES_S, math.inf),
    ],
)
def test_the_clock_changes_a_decision_exactly_when_the_page_says(now_s: float, holds_for_s: float) -> None:
    def shown(at_s: float) -> tuple[str, str]:
        page = Page(SERVED, visit_of, now_s=at_s)
        decision = page.decision("page.sale")
        return decision.offer, decision.reason.value

    page = Page(SERVED, visit_of, now_s=now_s)
    page.decision("page.sale")

    assert page.holds_for_s == holds_for_s
    if holds_for_s < math.inf:
        assert shown(now_s + holds_for_s - 0.001) == shown(now_s) != shown(now_s + holds_for_s)


def test_a_swap_in_mid_request_changes_nothing() -> None:
    serving = Bundles.of(evaluator(version=3))
    page = Page(serving.current, visit_of(AGREED, ITALY, served=serving.current))
    before = page.decision("home.place").version
    serving.current = Bundles.of(evaluator(version=4)).current

    assert before == page.decision("home.hero").version == page.decision("page.footer").version == 3


def test_equal_pages_have_equal_keys_and_others_do_not() -> None:
    def key(*headers: Header, placements: tuple[str, ...] = ("home.hero", "home.place")) -> str:
        page = page_of(*headers)
        for each in placements:
            page.decision(each)
        return page.cache_key

    ada, bea = (agreed(profile_cookie({"purchases": 1, "first_name": name})) for name in ("Ada", "Bea"))
    assert key(ada, ITALY) == key(ada, ITALY, placements=("home.place", "home.hero"))
    assert len({key(), key(ada), key(bea), key(ada, ITALY), key(placements=())}) == 5
    assert key(REFUSED, ITALY) == key()
    assert key(LIMITED_AGREED, placements=("home.hero",)) != key(
        placements=("home.hero",)
    )  # another is withheld


def test_what_is_asked_for_too_late_is_decided_for_nobody() -> None:
    page = page_of(AGREED, ITALY)
    page.decision("page.footer")
    page.start()
    late = page.decision("home.place")

    assert late.offer == "welcome"
    assert page.too_late == ("home.place",)
    assert (page.is_shared, page.depends) == (True, frozenset())
    assert page.decision("page.sale").offer == "sale"  # that depends on nobody


def test_what_comes_later_is_the_visitors_where_no_cache_shares_the_page() -> None:
    page = page_of(AGREED, ITALY)
    page.start(is_kept_nowhere=True)

    assert page.decision("home.place").offer == "for_italy"
    assert page.too_late == ()


def test_who_the_visitor_is_makes_the_page_private() -> None:
    page = page_of(AGREED, ITALY)

    assert page.visit.permitted.get("country") == "IT"
    assert not page.is_shared


def test_once_a_page_is_on_its_way_to_caches_its_visitor_is_nobody() -> None:
    page = page_of(AGREED, ITALY)
    assert page.start()

    assert page.visit is page.nobody
    assert page.visit.permitted.get("country") is None
    assert page.is_shared


def test_what_is_done_with_a_visitor_leaves_the_page_shared() -> None:
    page = page_of(AGREED, ITALY)

    assert page.met().permitted.get("country") == "IT"
    assert page.is_shared


def test_a_page_that_nobody_keeps_has_its_visitor_to_the_end() -> None:
    page = page_of(AGREED, ITALY)
    page.start(is_kept_nowhere=True)

    assert page.visit.permitted.get("country") == "IT"


def test_a_finished_page_has_forgotten_its_visitor() -> None:
    """A handler of errors runs outside of the middleware, and still holds the page."""
    page = page_of(AGREED, ITALY)
    assert page.decision("home.place").offer == "for_italy"
    page.decision("page.sale")
    page.finish()

    assert [*page.made] == ["page.sale"]
    assert [page.decision(each).offer for each in ("home.place", "page.sale")] == ["welcome", "sale"]
    assert page.visit is page.nobody
    assert page.met() is page.nobody
    assert page.too_late == ("home.place",)


def test_a_page_is_recorded_once() -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    page = Page(SERVED, visit_of(AGREED, ITALY), journal)
    page.decision("home.place")
    page.finish()
    page.decision("home.hero")
    page.finish()
    assert journal.close()

    assert [each["placement"] for each in sink.records] == ["home.place"]


def test_what_nobody_got_to_see_is_decided_and_not_exposed() -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    page = Page(SERVED, visit_of(AGREED, ITALY), journal)
    page.exposed("home.place")
    page.unseen()
    page.finish()
    assert journal.close()

    assert [each["kind"] for each in sink.records] == ["decision"]


def test_the_journal_tells_whose_decisions_they_were() -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    app = asgi_site("home.place", "page.footer", journal=journal)
    asked(app, AGREED, ITALY)
    assert journal.close()

    detailed = {each["placement"]: "grants" in each for each in sink.records}
    assert detailed == {"home.place": True, "page.footer": False}


def test_an_exposure_is_recorded_once() -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    page = Page(SERVED, visit_of(AGREED, ITALY), journal)
    page.exposed("home.place")
    page.exposed("home.place", "page.footer")
    page.decision("home.hero")
    page.finish()
    assert journal.close()

    def places(kind: str) -> list[str]:
        return sorted(str(each["placement"]) for each in sink.records if each["kind"] == kind)

    assert places("exposure") == ["home.place", "page.footer"]
    assert places("decision") == ["home.hero", "home.place", "page.footer"]


def test_a_page_without_decisions_is_not_recorded_and_meets_nobody() -> None:
    def met() -> Visit:
        raise AssertionError("nobody asked")

    journal = Journal([Kept()])
    Page(SERVED, met, journal, now_s=NOW_S).finish()

    assert journal.counts["offered"] == 0
    assert journal.close()


def test_a_page_by_hand_stores_nothing() -> None:
    page = page_of(AGREED)

    with pytest.raises(NoPage):
        page.remember({"purchases": 1})
    with pytest.raises(NoPage):
        page.forget()
