"""The VCL of docs/server-side-rendering.md in a real Varnish: a shared page, and each visitor's own fragment in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.edge import ALL_TCF, NO_TCF
from support.readme import blocks
from support.source import REPOSITORY
from support.system import free_port, needs, running

AGREED, REFUSED = f"euconsent-v2={ALL_TCF}", f"euconsent-v2={NO_TCF}"
SITE = """
from support.pages import *
from discreet.adapters import Fragments
from discreet.adapters.asgi import Personalized

HOME = '<main>{% offer "home.place" esi %}</main>{% offer "page.footer" %}'
engine = environment({"home.html": HOME, "private.html": '{% offer "home.place" %}'})
rendered = []


async def site(scope, receive, send):
    if scope["type"] != "http":
        return
    rendered.append(1)
    path = scope["path"]
    name = "private.html" if path == "/private" else "home.html"
    body = engine.get_template(name).render(discreet=scope["state"]["discreet"]) + f"<!-- {len(rendered)} -->"
    control = b"private, max-age=60" if path == "/account" else b"public, max-age=600"
    headers = [(b"content-type", b"text/html"), (b"cache-control", control), (b"etag", b'"of-the-application"')]
    headers.append((b"last-modified", b"Mon, 01 Jun 2026 00:00:00 GMT"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


app = Personalized(
    site, bundles=bundles(), visitors=visitors(), fragments=Fragments(engine), clock_s=lambda: NOW_S
)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser in front of Varnish in front of the site."""
    needs("varnishd")
    folder, origin, port = tmp_path_factory.mktemp("varnish"), free_port(), free_port()
    heading = "Fragments: shared pages with a personal part"
    (vcl,) = blocks(REPOSITORY / "docs/server-side-rendering.md", heading, "vcl")
    (folder / "site.vcl").write_text(vcl.replace('"8000"', f'"{origin}"'), encoding="utf-8")
    (folder / "site_app.py").write_text(SITE, encoding="utf-8")
    uvicorn = [sys.executable, "-m", "uvicorn", "site_app:app", "--port", str(origin), "--lifespan", "off"]
    varnish: list[str | Path] = [
        "varnishd",
        "-j",
        "none",
        "-F",
        "-n",
        folder / "work",
        "-f",
        folder / "site.vcl",
    ]
    varnish += ["-a", f"127.0.0.1:{port}", "-s", "malloc,16m", "-T", "none"]
    paths = {"PYTHONPATH": f"{folder}:{REPOSITORY / 'tests'}"}
    with (
        running(uvicorn, port=origin, cwd=folder, environment=paths, log=folder / "uvicorn.log"),
        running(varnish, port=port, cwd=folder, log=folder / "varnish.log"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser,
    ):
        yield browser


def test_one_page_is_shared_and_each_visitor_gets_their_own_fragment(cache: httpx.Client) -> None:
    def seen(path: str, consent: str) -> httpx.Response:
        return cache.get(path, headers={"Cookie": consent, "CF-IPCountry": "IT"})

    pages = [seen("/", consent) for consent in (AGREED, REFUSED, AGREED, "a=b")]
    assert [each.text.partition("<footer>")[0] for each in pages] == [
        f'<main><p title="{shown}">{shown}</p></main>'
        for shown in ("for_italy", "welcome", "for_italy", "welcome")
    ]
    assert {each.text.partition("<!--")[2] for each in pages} == {
        " 1 -->"
    }  # rendered once, a hit for the others
    for page in pages:
        assert_is_one_visitors(page)

    own = [seen("/private", consent) for consent in (AGREED, REFUSED, AGREED)]
    assert ["for_italy" in each.text for each in own] == [True, False, True]
    assert len({each.text.partition("<!--")[2] for each in own}) == 3  # never from the cache


def assert_is_one_visitors(page: httpx.Response) -> None:
    """As it is put together, nothing behind Varnish may keep it, nor ask whether it still holds."""
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert not {"etag", "last-modified", "expires", "surrogate-control", "age"} & page.headers.keys()


def test_a_browser_that_asks_again_gets_the_page_anew(cache: httpx.Client) -> None:
    """After a withdrawal too: the page around has not changed, and what is in it has."""
    cache.get("/", headers={"Cookie": AGREED, "CF-IPCountry": "IT"})
    for asked in (
        {"If-None-Match": '"of-the-application"'},
        {"If-None-Match": 'W/"of-the-application"'},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ):
        page = cache.get("/", headers={"Cookie": REFUSED, "CF-IPCountry": "IT", **asked})

        assert_is_one_visitors(page)
        assert "for_italy" not in page.text


def test_a_private_page_with_fragments_is_nobody_elses(cache: httpx.Client) -> None:
    """Varnish reads `Surrogate-Control` in the place of `Cache-Control`: a bare `content` would let it keep this."""
    pages = [cache.get("/account", headers={"Cookie": each}) for each in (AGREED, REFUSED, AGREED)]

    assert len({each.text.partition("<!--")[2] for each in pages}) == 3
    for page in pages:
        assert_is_one_visitors(page)
