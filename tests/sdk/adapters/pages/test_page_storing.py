"""What a page has stored with the visitor: nothing without the consent to, and never on a shared page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from discreet.adapters import NoPage, NotStored
from discreet.adapters.asgi import Personalized as PersonalizedAsgi
from discreet.adapters.wsgi import Personalized as PersonalizedWsgi
from discreet.visitors import MemoryProfiles, ProfilesError, Visitors
from support.pages import (
    AGREED,
    LIMITED_AGREED,
    NOW_S,
    REFUSED,
    SETTINGS,
    Answered,
    Header,
    agreed,
    asgi_site,
    asked,
    asked_wsgi,
    bundles,
    cookies,
    profile_cookie,
    visitors,
)  # fmt: skip

NOTHING_STORED = (REFUSED, LIMITED_AGREED, cookies("a=b"))


class Shop:
    """A site that remembers what it is told to, under both servers."""

    def __init__(self, server: str, meeting: Visitors | None = None, *, decide: bool = True) -> None:
        self.server, self.decide = server, decide
        self.stored: list[frozenset[str]] = []
        self.values: Mapping[str, object] | None = None
        self.forgets = False
        given: dict[str, Any] = {
            "bundles": bundles(),
            "visitors": meeting or visitors(),
            "clock_s": lambda: NOW_S,
        }
        middleware: Any = PersonalizedAsgi if server == "asgi" else PersonalizedWsgi
        self.app = middleware(self._asgi if server == "asgi" else self._wsgi, **given)

    def answer(self, *headers: Header) -> Answered:
        return asked(self.app, *headers) if self.server == "asgi" else asked_wsgi(self.app, *headers)

    def remembers(self, values: Mapping[str, object], *headers: Header) -> Answered:
        self.values = values
        try:
            return self.answer(*headers)
        finally:
            self.values = None

    def _text(self, page: Any) -> bytes:
        if self.values is not None:
            self.stored.append(page.remember(self.values))
        if self.forgets:
            page.forget()
        return page.decision("home.hero").content["title"].encode() if self.decide else b"-"

    async def _asgi(self, scope: Any, _: Any, send: Any) -> None:
        body = self._text(scope["state"]["discreet"])
        headers = [(b"cache-control", b"public, max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _wsgi(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=60")])
        return [self._text(environ["discreet.page"])]


@pytest.fixture(params=["asgi", "wsgi"])
def server(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def sent_back(answer: Answered) -> str:
    """The cookie that the browser sends the next time."""
    value = answer.one("set-cookie")
    assert value is not None
    return value.partition(";")[0]


def test_what_is_remembered_decides_the_next_page(server: str) -> None:
    shop = Shop(server)
    first = shop.remembers({"purchases": 2, "first_name": "Ada"}, AGREED)
    cookie = sent_back(first)

    assert first.text == "welcome"  # as it was when the request came
    assert shop.stored == [{"purchases", "first_name"}]
    assert shop.answer(agreed(cookie)).text == "Thanks, Ada"
    assert "Ada" not in cookie


def test_a_page_that_stores_is_private_even_if_nothing_else_is(server: str) -> None:
    answer = Shop(server, decide=False).remembers({"purchases": 2}, AGREED)

    assert answer.one("cache-control") == "private, no-store"
    assert answer.one("set-cookie") is not None


@pytest.mark.parametrize("visitor", NOTHING_STORED, ids=["refused", "no storage", "silent"])
def test_without_the_consent_to_store_no_cookie_is_set(server: str, visitor: Header) -> None:
    shop = Shop(server)
    answer = shop.remembers({"purchases": 2}, visitor)

    assert answer.one("set-cookie") is None
    assert shop.stored == [frozenset()]


def test_what_is_remembered_piece_by_piece_is_all_there(server: str) -> None:
    shop = Shop(server)
    cookie = sent_back(shop.remembers({"purchases": 2}, AGREED))
    cookie = sent_back(shop.remembers({"first_name": "Bea"}, agreed(cookie)))

    assert shop.answer(agreed(cookie)).text == "Thanks, Bea"
    cookie = sent_back(shop.remembers({"first_name": None}, agreed(cookie)))
    assert shop.answer(agreed(cookie)).text == "Thanks, friend"


@pytest.mark.parametrize("name", ["purchase", "country"])
def test_only_what_is_stored_can_be_remembered(server: str, name: str) -> None:
    with pytest.raises(NotStored, match=f"`{name}`"):
        Shop(server).remembers({name: 1}, AGREED)


def test_after_a_withdrawal_the_cookie_and_the_offer_go(server: str) -> None:
    cookie = profile_cookie({"purchases": 1})
    shop = Shop(server)

    assert shop.answer(agreed(cookie)).text == "Thanks, friend"
    withdrawn = shop.answer(cookies(REFUSED[1], cookie))
    assert withdrawn.text == "welcome"
    assert (
        withdrawn.one("set-cookie") == "__Host-discreet=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    )


def test_a_shared_page_sets_no_cookie_and_expires_none(server: str) -> None:
    cookie = profile_cookie({"purchases": 1})
    answer = Shop(server, decide=False).answer(cookies(REFUSED[1], cookie))

    assert answer.one("set-cookie") is None
    assert answer.one("cache-control") == "public, max-age=60"


def test_who_wishes_to_be_forgotten_is(server: str) -> None:
    shop = Shop(server)
    shop.forgets = True
    answer = shop.answer(agreed(profile_cookie({"purchases": 1})))

    assert "Max-Age=0" in (answer.one("set-cookie") or "")
    assert answer.one("cache-control") == "private, no-store"


class Wishes:
    """A site whose page does what it is told, one after the other."""

    def __init__(self, *wishes: Mapping[str, object] | None) -> None:
        self.wishes = wishes
        self.stored: list[frozenset[str]] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        page = environ["discreet.page"]
        for values in self.wishes:
            if values is None:
                page.forget()
            else:
                self.stored.append(page.remember(values))
        return [b"-"]

    def answer(self, *headers: Header) -> Answered:
        return asked_wsgi(
            PersonalizedWsgi(self, bundles=bundles(), visitors=visitors(), clock_s=lambda: NOW_S), *headers
        )


def test_one_page_may_remember_piece_by_piece() -> None:
    cookie = sent_back(Wishes({"purchases": 2}, {"first_name": "Ada"}).answer(AGREED))

    assert Shop("wsgi").answer(agreed(cookie)).text == "Thanks, Ada"


@pytest.mark.parametrize(
    "wishes", [({"purchases": 2}, None), (None, {"purchases": 2})], ids=["before", "after"]
)
def test_nothing_is_remembered_beside_a_wish_to_be_forgotten(wishes: Any) -> None:
    answer = Wishes(*wishes).answer(agreed(profile_cookie({"first_name": "Ada"})))

    assert (answer.one("set-cookie") or "").startswith("__Host-discreet=; Max-Age=0;")


def test_who_is_forgotten_is_told_that_nothing_is_stored() -> None:
    site = Wishes(None, {"purchases": 2})
    site.answer(AGREED)

    assert site.stored == [frozenset()]


def test_a_page_that_its_application_keeps_private_expires_the_cookie_too() -> None:
    cookie = profile_cookie({"purchases": 1})
    site = asgi_site(headers=(("Cache-Control", "private, max-age=60"),))

    assert "Max-Age=0" in (asked(site, cookies(REFUSED[1], cookie)).one("set-cookie") or "")
    assert asked(site, agreed(cookie)).one("set-cookie") is None
    assert asked(site, REFUSED).one("set-cookie") is None


def test_a_profile_source_keeps_the_values_and_the_cookie_an_id(server: str) -> None:
    profiles = MemoryProfiles()
    shop = Shop(server, visitors(profiles))
    cookie = sent_back(shop.remembers({"purchases": 2, "first_name": "Ada"}, AGREED))

    assert shop.answer(agreed(cookie)).text == "Thanks, Ada"
    assert Shop(server).answer(agreed(cookie)).text == "welcome"  # whoever has no source knows nothing
    shop.forgets = True
    shop.answer(agreed(cookie))
    shop.forgets = False
    assert shop.answer(agreed(cookie)).text == "welcome"


class Failing(MemoryProfiles):
    """A profile source that takes nothing."""

    def write_now(
        self,
        profile_id: str,  # noqa: ARG002 - as a source has it
        values: Mapping[str, Any],  # noqa: ARG002 - likewise
        *,
        ttl_s: int,  # noqa: ARG002 - likewise
    ) -> None:
        raise ProfilesError("the profile source did not answer")


def test_a_source_that_fails_costs_no_page(server: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = Shop(server, visitors(Failing())).remembers({"purchases": 2, "first_name": "Ada"}, AGREED)

    assert (answer.status, answer.one("set-cookie")) == (200, None)
    assert len(caplog.messages) == 1
    assert "Ada" not in caplog.text


class Down(Failing):
    """One that forgets nobody either."""

    def forget_now(self, profile_id: str) -> None:
        raise ProfilesError(f"the profile source did not answer about a profile of {len(profile_id)}")


def test_who_wishes_to_be_forgotten_loses_the_cookie_whatever_the_source_does(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(server, visitors(Down()))
    shop.forgets = True
    answer = shop.answer(agreed(profile_cookie({"purchases": 1})))

    assert "Max-Age=0" in (answer.one("set-cookie") or "")
    assert ["not forgotten" in each for each in caplog.messages] == [True]


class Asks:
    """A site that asks whether what its page was told is done, before it answers."""

    def __init__(self, server: str, profiles: MemoryProfiles, *wishes: Mapping[str, object] | None) -> None:
        self.wishes = wishes
        self.kept: list[bool] = []
        middleware: Any = PersonalizedAsgi if server == "asgi" else PersonalizedWsgi
        meeting = visitors(profiles)
        self.meeting, self.server = meeting, server
        self.app = middleware(
            self._asgi if server == "asgi" else self._wsgi,
            bundles=bundles(),
            visitors=meeting,
            clock_s=lambda: NOW_S,
        )

    def answer(self, *headers: Header) -> Answered:
        return asked(self.app, *headers) if self.server == "asgi" else asked_wsgi(self.app, *headers)

    def _tell(self, page: Any, values: Mapping[str, object] | None) -> None:
        if values is None:
            page.forget()
        else:
            page.remember(values)

    async def _asgi(self, scope: Any, _: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        for each in self.wishes:
            self._tell(page, each)
            self.kept.append(await page.keep())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})
        with pytest.raises(NoPage, match="on its way"):
            await page.keep()

    def _wsgi(self, environ: Any, start_response: Any) -> Any:
        page = environ["discreet.page"]
        for each in self.wishes:
            self._tell(page, each)
            self.kept.append(page.keep_now())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"-"]


def test_an_application_can_ask_whether_a_visitor_is_forgotten(server: str) -> None:
    cookie = agreed(profile_cookie({}))
    works, fails = Asks(server, MemoryProfiles(), None), Asks(server, Down(), None)
    answers = [site.answer(cookie) for site in (works, fails)]

    assert (works.kept, fails.kept) == ([True], [False])
    assert all("Max-Age=0" in (each.one("set-cookie") or "") for each in answers)
    assert fails.meeting.failures == 1  # asked once


def test_an_application_can_ask_whether_something_is_stored(server: str) -> None:
    works, fails = (Asks(server, each, {"purchases": 1}) for each in (MemoryProfiles(), Down()))
    cookies = [site.answer(AGREED).one("set-cookie") for site in (works, fails)]

    assert (works.kept, fails.kept) == ([True], [False])
    assert [each is not None for each in cookies] == [True, False]


def test_what_is_told_after_it_was_asked_is_done_too(server: str) -> None:
    profiles = MemoryProfiles()
    site = Asks(server, profiles, {"purchases": 2}, {"first_name": "Ada"})
    cookie = sent_back(site.answer(AGREED))

    assert site.kept == [True, True]
    assert Shop(server, visitors(profiles)).answer(agreed(cookie)).text == "Thanks, Ada"
    gone = Asks(server, profiles, {"purchases": 3}, None).answer(agreed(cookie))
    assert "Max-Age=0" in (gone.one("set-cookie") or "")
    assert Shop(server, visitors(profiles)).answer(agreed(cookie)).text == "welcome"


def test_a_value_that_is_none_is_not_claimed_where_another_was_stored(server: str) -> None:
    shop = Shop(server)
    shop.remembers({"purchases": "many"}, agreed(profile_cookie({"purchases": 2})))
    shop.remembers({"purchases": 3}, agreed(profile_cookie({"purchases": 2})))

    assert shop.stored == [frozenset(), {"purchases"}]


class Unread(MemoryProfiles):
    """A profile source that cannot be read: what it holds must not be overwritten."""

    def read_now(self, profile_id: str) -> Mapping[str, Any]:
        raise ProfilesError(f"the profile source did not answer about a profile of {len(profile_id)}")


def test_nothing_is_claimed_where_the_source_could_not_be_read(server: str) -> None:
    shop = Shop(server, visitors(Unread()))
    answer = shop.remembers({"purchases": 2}, agreed(profile_cookie({})))

    assert shop.stored == [frozenset()]
    assert answer.one("set-cookie") is None


def test_without_a_sealer_nothing_is_stored(server: str) -> None:
    shop = Shop(server, Visitors(SETTINGS))
    answer = shop.remembers({"purchases": 2}, AGREED)

    assert (shop.stored, answer.one("set-cookie")) == ([frozenset()], None)


def test_once_the_response_is_on_its_way_it_is_too_late() -> None:
    said: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        said.append(page.remember({"purchases": 1}))
        try:
            page.forget()
        except NoPage as error:
            said.append(str(error))
        await send({"type": "http.response.body"})

    answer = asked(
        PersonalizedAsgi(app, bundles=bundles(), visitors=visitors(), clock_s=lambda: NOW_S), AGREED
    )

    assert said == [frozenset(), "a visitor is forgotten before the response is on its way"]
    assert answer.headers == {}
