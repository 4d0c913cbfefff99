"""Fragments: a shared page around a personal part, and the part's own address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from discreet import DiscreetError, UnknownPlacement
from discreet.adapters import Caching, Fragments
from discreet.adapters.asgi import Personalized as PersonalizedAsgi
from discreet.adapters.wsgi import Personalized as PersonalizedWsgi
from support.journals import Kept
from support.pages import (
    AGREED,
    ITALY,
    NOW_S,
    REFUSED,
    Answered,
    Header,
    Journal,
    asked,
    asked_wsgi,
    bundles,
    environment,
    visitors,
)  # fmt: skip

CAPABLE: Header = ("Surrogate-Capability", 'varnish="Surrogate/1.0 ESI/1.0"')
TAG = '<esi:include src="/_offers/home.place"/>'
TEXT = '<p title="for_italy">for_italy</p>'
HOME = '{% offer "page.footer" %}|{% offer "home.place" esi %}'

UNCHANGED = Caching()

Ask = Callable[..., Answered]


class Site:
    """A site with one page and its fragments, under one of the servers."""

    def __init__(
        self,
        server: str,
        home: str = HOME,
        *,
        caching: Caching = UNCHANGED,
        journal: Any = None,
        **fragments: Any,
    ) -> None:
        self.headers = {"Cache-Control": "public, max-age=600"}
        self.engine = environment({"home.html": home}, enable_async=server == "asgi, async templates")
        self.is_wsgi = server == "wsgi"
        middleware: Any = PersonalizedWsgi if self.is_wsgi else PersonalizedAsgi
        self.app = middleware(
            self._wsgi if self.is_wsgi else self._asgi,
            bundles=bundles(),
            visitors=visitors(),
            fragments=Fragments(self.engine, **fragments),
            clock_s=lambda: NOW_S,
            caching=caching,
            journal=journal,
        )

    def get(self, *headers: Header, path: str = "/", method: str = "GET", root: str = "") -> Answered:
        if self.is_wsgi:
            return asked_wsgi(self.app, *headers, path=path, method=method, root=root)
        return asked(self.app, *headers, path=root + path, method=method, root=root)

    async def _asgi(self, scope: Any, _: Any, send: Any) -> None:
        template, names = self.engine.get_template("home.html"), {"discreet": scope["state"]["discreet"]}
        text = await template.render_async(names) if self.engine.is_async else template.render(names)
        told = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        headers = [(b"content-type", b"text/html"), *told]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    def _wsgi(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/html"), *self.headers.items()])
        return [self.engine.get_template("home.html").render(discreet=environ["discreet.page"]).encode()]


@pytest.fixture(params=["asgi", "asgi, async templates", "wsgi"])
def server(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_page_for_a_capable_cache_is_shared(server: str) -> None:
    answer = Site(server).get(AGREED, ITALY, CAPABLE)

    assert answer.text.partition("|")[2] == TAG
    assert answer.one("surrogate-control") == 'max-age=600, content="ESI/1.0"'
    assert answer.vary == {"surrogate-capability"}


def test_to_everybody_behind_that_cache_it_is_one_visitors(server: str) -> None:
    site = Site(server)
    site.headers = {"Cache-Control": "public, max-age=60", "ETag": '"home"', "CDN-Cache-Control": "max-age=9"}
    answer = site.get(AGREED, ITALY, CAPABLE)

    assert answer.one("cache-control") == "private, no-store"
    assert answer.one("surrogate-control") == 'max-age=9, content="ESI/1.0"'
    assert not {"etag", "cdn-cache-control"} & answer.headers.keys()


@pytest.mark.parametrize("control", ["private, max-age=60", "no-store", "private, no-cache"])
def test_around_fragments_a_page_that_is_private_is_not_kept(server: str, control: str) -> None:
    """A bare `content="ESI/1.0"` would have Varnish keep it: it reads this header in the place of the other."""
    site = Site(server)
    site.headers = {"Cache-Control": control, "ETag": '"account"'}
    answer = site.get(AGREED, ITALY, CAPABLE)

    assert answer.one("surrogate-control") == 'no-store, content="ESI/1.0"'
    assert (answer.one("cache-control"), answer.one("etag")) == ("private, no-store", None)


def test_neither_is_one_with_an_offer_of_its_visitors(server: str) -> None:
    site = Site(
        server, '{% offer "home.hero" %}{% offer "home.place" esi %}', caching=Caching(revalidate=True)
    )
    site.headers = {"ETag": '"home"'}
    answer = site.get(AGREED, ITALY, CAPABLE)

    assert TAG in answer.text
    assert answer.one("surrogate-control") == 'no-store, content="ESI/1.0"'
    assert (answer.one("cache-control"), answer.one("etag")) == ("private, no-store", None)


def test_around_fragments_a_page_lasts_no_longer_than_its_own_offers(server: str) -> None:
    site = Site(server, '{% offer "page.sale" %}{% offer "home.place" esi %}')
    site.headers = {"Cache-Control": "public, max-age=9999999"}

    assert site.get(CAPABLE).one("surrogate-control") == 'max-age=432000, content="ESI/1.0"'


def test_after_a_head_that_told_of_no_fragments_offers_stand_in_the_page() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        text = engine.from_string('{% offer "home.place" esi %}').render(discreet=scope["state"]["discreet"])
        await send({"type": "http.response.body", "body": text.encode()})

    engine = environment()
    fragments = Fragments(engine)
    site = PersonalizedAsgi(
        app, bundles=bundles(), visitors=visitors(), fragments=fragments, clock_s=lambda: NOW_S
    )

    assert asked(site, CAPABLE, AGREED, ITALY).text == TEXT.replace("for_italy", "welcome")


@pytest.mark.parametrize(
    "says", [(), (("Surrogate-Capability", 'x="ESI/2.0"'),), (("Surrogate-Capability", "ESI/1.0"),)]
)
def test_for_whoever_cannot_the_offer_is_in_the_page(server: str, says: tuple[Header, ...]) -> None:
    answer = Site(server).get(AGREED, ITALY, *says)

    assert answer.text.partition("|")[2] == TEXT
    assert answer.one("cache-control") == "private, no-store"
    assert answer.one("surrogate-control") is None
    assert "surrogate-capability" in answer.vary


@pytest.mark.parametrize(("surrogate", "is_tag"), [("always", True), ("never", False)])
def test_a_site_may_settle_it(server: str, surrogate: str, is_tag: bool) -> None:
    site = Site(server, surrogate=surrogate)

    assert [TAG in site.get(AGREED, *headers).text for headers in ((), (CAPABLE,))] == [is_tag] * 2


def test_the_fragment_is_what_the_page_would_have_held(server: str) -> None:
    fragment = Site(server).get(AGREED, ITALY, path="/_offers/home.place")

    assert (fragment.text, fragment.one("content-type")) == (TEXT, "text/html; charset=utf-8")
    assert fragment.one("cache-control") == "private, no-store"
    assert fragment.vary >= {"cookie", "sec-gpc", "cf-ipcountry"}
    assert fragment.one("x-content-type-options") == "nosniff"


def test_two_visitors_get_two_fragments_of_one_page(server: str) -> None:
    site = Site(server)
    pages = [site.get(consent, ITALY, CAPABLE) for consent in (AGREED, REFUSED)]
    fragments = [site.get(consent, ITALY, path="/_offers/home.place") for consent in (AGREED, REFUSED)]

    assert pages[0] == pages[1]
    assert [each.text for each in fragments] == [TEXT, TEXT.replace("for_italy", "welcome")]


@pytest.mark.parametrize(
    ("placement", "max_age_s", "control"),
    [("page.footer", 60, "public, max-age=60"), ("page.sale", 9_999_999, "public, max-age=432000")],
)
def test_a_fragment_that_depends_on_nobody_is_shared(
    server: str, placement: str, max_age_s: int, control: str
) -> None:
    fragment = Site(server, max_age_s=max_age_s).get(AGREED, path=f"/_offers/{placement}")

    assert (fragment.status, fragment.one("cache-control")) == (200, control)
    assert "vary" not in fragment.headers


def test_a_head_has_no_body(server: str) -> None:
    fragment = Site(server).get(AGREED, ITALY, path="/_offers/home.place", method="HEAD")

    assert (fragment.status, fragment.body) == (200, b"")
    assert fragment.one("content-length") == str(len(TEXT))


@pytest.mark.parametrize(("method", "kinds"), [("GET", ["decision", "exposure"]), ("HEAD", ["decision"])])
def test_an_offer_is_exposed_where_a_body_is_sent(server: str, method: str, kinds: list[str]) -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    Site(server, journal=journal).get(AGREED, path="/_offers/home.place", method=method)
    assert journal.close()

    assert sorted(str(each["kind"]) for each in sink.records) == kinds


@pytest.mark.parametrize("placement", ["home.heroo", "%3Cscript%3E", "default"])
def test_what_is_no_placement_is_not_found_and_not_echoed(server: str, placement: str) -> None:
    fragment = Site(server).get(path=f"/_offers/{placement}")

    assert (fragment.status, fragment.body, fragment.one("cache-control")) == (404, b"", "no-store")


def test_a_fragment_is_only_read(server: str) -> None:
    fragment = Site(server).get(path="/_offers/home.place", method="POST")

    assert (fragment.status, fragment.one("allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/_offers", "/_offers/", "/_offers/a/b", "/x/_offers/home.place", "/_offersx/y"]
)
def test_every_other_address_is_the_applications(server: str, path: str) -> None:
    assert "|" in Site(server).get(path=path).text


def test_under_a_mounted_path_tag_and_address_agree(server: str) -> None:
    site = Site(server)

    assert '<esi:include src="/shop/_offers/home.place"/>' in site.get(CAPABLE, root="/shop").text
    assert site.get(AGREED, ITALY, path="/_offers/home.place", root="/shop").text == TEXT


def test_the_tag_decides_nothing(server: str) -> None:
    answer = Site(server, '{% offer "home.place" esi %}').get(AGREED, ITALY, CAPABLE)

    assert (answer.text, answer.one("surrogate-control")) == (TAG, 'max-age=600, content="ESI/1.0"')


def test_a_tag_for_an_unknown_placement_is_told_in_the_page(server: str) -> None:
    with pytest.raises(UnknownPlacement, match=r"did you mean `home\.place`"):
        Site(server, '{% offer "home.plaza" esi %}').get(CAPABLE)


def test_without_fragments_the_tag_is_an_offer() -> None:
    from discreet.adapters import Page
    from support.pages import incoming_of

    served = bundles().current
    page = Page(served, visitors().visit(served.evaluator, incoming_of(AGREED, ITALY)))
    template = environment().from_string('{% offer "home.place" esi %}')

    assert template.render(discreet=page) == TEXT


@pytest.mark.parametrize("path", ["", "/", "_offers", "/a b", "/a/", '/"', "/a?b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(DiscreetError, match="path of fragments"):
        Fragments(environment(), path=path)


def test_a_surrogate_that_is_none_is_refused() -> None:
    with pytest.raises(DiscreetError, match="capable, always, never"):
        Fragments(environment(), surrogate="sometimes")
