"""Varnish in front of the shop: pages are shared, offers are not, and nobody gets what another one may see."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.model import read_models
from examples.shop.choices import ASKED
from examples.shop.tc_string import encode
from support.storefront import CONSENT, PROFILE, SHOP, WELCOME, shop_running
from support.system import free_port, needs, running, wait_until

EVERYTHING = tuple(each.number for each in ASKED)
LINGERED = "You lingered over the greens"
EVERYBODY = "Eleven gardens, one counter. Posted the day it is packed."
ROUNDS = 200
PATHS = ("/teas/iron-goddess", "/static/shop.js")
# Headers that Varnish adds, or that tell nothing of a visitor.
NOBODY_S = {"host", "accept", "accept-encoding", "via", "x-varnish", "surrogate-capability"}
pytestmark = pytest.mark.xdist_group("shop")


def publish(folder: Path, model: Path, key: SigningKey, version: int) -> None:
    """Put a bundle of `model` where the shop looks for it, whole or not at all."""
    now_s = int(time.time())
    data = build(
        read_models([model]), [key], name="shop", version=version, created_s=now_s, expires_s=now_s + 3_600
    )
    (folder / "next").write_bytes(data)
    (folder / "next").replace(folder / "shop.bundle")


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Path:
    """The shop's bundle and keyring."""
    found = tmp_path_factory.mktemp("bundle")
    publish(found, SHOP / "shop.yaml", key, 1)
    Keyring([key.public]).write(found / "ring.json")
    return found


@pytest.fixture(scope="module")
def origin(folder: Path) -> Iterator[str]:
    needs("varnishd")
    options = ("--bundle", folder / "shop.bundle", "--trust", folder / "ring.json", "--cdn", "cloudflare")
    with shop_running(*options, log=folder / "shop.log") as home:
        yield home


@contextmanager
def varnish(place: Path, replaced: Mapping[str, str]) -> Generator[str]:
    """Varnish with the example's own configuration, but for what is `replaced` in it; its address."""
    port = free_port()
    vcl = (SHOP / "varnish" / "shop.vcl").read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert old in vcl
        vcl = vcl.replace(old, new)
    (place / "shop.vcl").write_text(vcl, encoding="utf-8")
    own = ("-j", "none", "-F", "-n", str(place / "work"), "-s", "malloc,32m", "-T", "none")
    command: list[str | Path] = ["varnishd", *own, "-a", f"127.0.0.1:{port}", "-f", place / "shop.vcl"]
    with running(command, port=port, log=place / "varnish.log"):
        home = f"http://127.0.0.1:{port}"
        wait_until(lambda: httpx.get(home + "/story").status_code == 200, "Varnish answers")
        yield home


@pytest.fixture(scope="module")
def backend(origin: str) -> Mapping[str, str]:
    return {'.port = "8000"': f'.port = "{origin.rpartition(":")[2]}"'}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `cache` works."""
    return tmp_path_factory.mktemp("varnish")


@pytest.fixture(scope="module")
def cache(place: Path, backend: Mapping[str, str]) -> Iterator[str]:
    """Varnish as the edge itself."""
    with varnish(place, backend) as home:
        yield home


@pytest.fixture(scope="module")
def behind_cdn(tmp_path_factory: pytest.TempPathFactory, backend: Mapping[str, str]) -> Iterator[str]:
    """Varnish behind a CDN, which is whoever asks from this machine."""
    cdn = {'"192.0.2.0"/24;': '"127.0.0.0"/8;'}
    with varnish(tmp_path_factory.mktemp("behind"), {**backend, **cdn}) as home:
        yield home


def browser(home: str, *purposes: int, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """A visitor who consented to `purposes`, and keeps the cookies that come."""
    client = httpx.Client(base_url=home, headers=headers, timeout=20)
    client.cookies.set(CONSENT, encode(purposes, now_s=time.time()), domain="127.0.0.1")
    return client


def looks_at_green(client: httpx.Client) -> None:
    """What the page's script tells. The cookie is `Secure`, which browsers keep on loopback, and httpx does not."""
    answer = client.post("/visits", content='{"viewed": "green"}')
    client.cookies.set(
        PROFILE, answer.headers["set-cookie"].partition(";")[0].partition("=")[2], domain="127.0.0.1"
    )


def headline(page: httpx.Response) -> str:
    found = re.search("<h1>([^<]*)</h1>", page.text)
    assert page.status_code == 200
    assert found
    return found[1]


def strip(page: httpx.Response) -> str:
    found = re.search('data-slot="strip"><p>([^<]*)</p>', page.text)
    assert found
    return found[1]


def test_a_page_is_asked_for_once_and_its_offers_each_time(cache: str) -> None:
    with browser(cache) as refuses, browser(cache, *EVERYTHING) as accepts:
        pages = [client.get("/shelves/black") for client in (refuses, accepts, refuses, accepts)]

    assert [page.headers["x-cache"] for page in pages] == ["miss", "hit", "hit", "hit"]
    assert [page.headers["x-cache-hits"] for page in pages] == ["0", "1", "2", "3"]
    assert all("esi:" not in page.text and strip(page) for page in pages)


def test_a_basket_in_the_address_is_on_nobody_else_s_page(cache: str) -> None:
    with browser(cache) as carries, browser(cache) as other:
        own = carries.get("/shelves/herbal?tea=dragon-well")
        theirs = other.get("/shelves/herbal")

    assert own.headers["x-cache"] == "pass"
    assert own.headers["cache-control"] == "private, no-store"
    assert 'href="/basket?tea=dragon-well"' in own.text
    assert 'href="/basket"' in theirs.text
    assert "dragon-well" not in theirs.text


def test_what_was_put_together_for_one_is_kept_by_no_browser_or_proxy(cache: str) -> None:
    with browser(cache, *EVERYTHING) as client:
        for path in ("/", "/teas/milk-peak", "/shelves/green", "/account", "/basket"):
            assert client.get(path).headers["cache-control"] == "private, no-store"
        assert client.get("/story").headers["cache-control"] == "public, max-age=0, s-maxage=60"


def test_fragments_and_what_is_one_visitors_own_are_never_kept(cache: str) -> None:
    with browser(cache, *EVERYTHING) as client:
        for path in ("/_offers/home.hero", "/_offers/page.strip", "/account", "/basket", "/choices"):
            said = [client.get(path).headers["x-cache"] for _ in range(3)]

            assert said == ["pass"] * 3


def test_cookies_reach_fragments_and_never_shared_pages(cache: str) -> None:
    """A page that saw a cookie would be one visitor's; the choices page says which cookies came."""
    with browser(cache, *EVERYTHING) as client:
        looks_at_green(client)
        page = client.get("/")

        assert headline(page) == LINGERED  # its fragment saw the profile
        assert not page.headers.get_list("set-cookie")
        assert client.get("/choices").text.count(" checked") == len(EVERYTHING)
    assert headline(httpx.get(cache + "/")) == WELCOME


def test_the_shop_is_asked_for_shared_pages_by_nobody(cache: str, place: Path) -> None:
    """What Varnish sent to the shop, by its own log: who asks first must leave no trace in what all others get."""
    who = {
        "Sec-GPC": "1",
        "Accept-Language": "it",
        "Referer": "https://elsewhere.example/",
        "CF-IPCountry": "US",
    }
    with browser(cache, *EVERYTHING, headers=who) as client:
        for path in PATHS:
            assert client.get(path, params={"utm_campaign": "letter"}).headers["x-cache"] == "miss"
    fragment = "/_offers/product.beside?utm_campaign=letter"
    wait_until(lambda: {*PATHS, fragment} <= _asked_of_the_shop(place).keys(), "the log is written")
    asked = _asked_of_the_shop(place)

    for path in PATHS:
        assert asked[path] <= NOBODY_S
    assert {"cookie", "sec-gpc"} <= asked[fragment]


def _asked_of_the_shop(place: Path) -> dict[str, set[str]]:
    """By address: the names of the headers with which Varnish asked the shop."""
    log = ["varnishlog", "-n", str(place / "work"), "-d", "-b", "-i", "BereqURL,BereqHeader,BereqUnset"]
    done = subprocess.run(log, check=True, capture_output=True, text=True, timeout=20)
    asked: dict[str, set[str]] = {}
    for entry in done.stdout.split("<< BeReq")[1:]:
        address, names = "", set[str]()
        for kind, said in re.findall(r"- +(Bereq\w+) +(.*)", entry):
            name = said.partition(":")[0].lower()
            if kind == "BereqURL":
                address = said
            elif kind == "BereqHeader":
                names.add(name)
            else:
                names.discard(name)
        asked[address] = names
    return asked


def test_two_visitors_never_see_each_others_offers(cache: str) -> None:
    def walk(client: httpx.Client, expect: str) -> list[str]:
        return [headline(client.get("/")) for _ in range(ROUNDS)]

    with browser(cache, *EVERYTHING) as one, browser(cache) as other, ThreadPoolExecutor(2) as both:
        looks_at_green(one)
        other.cookies.set(PROFILE, one.cookies[PROFILE], domain="127.0.0.1")  # even with the same profile
        hers = both.submit(walk, one, LINGERED)
        his = both.submit(walk, other, WELCOME)

        assert set(hers.result()) == {LINGERED}
        assert set(his.result()) == {WELCOME}


def test_visitors_by_turns_never_see_each_others_offers(cache: str) -> None:
    with browser(cache, *EVERYTHING) as one, browser(cache) as other:
        looks_at_green(one)
        seen = [headline(client.get("/")) for _ in range(ROUNDS // 2) for client in (one, other)]

    assert seen == [LINGERED, WELCOME] * (ROUNDS // 2)


def test_withdrawal_takes_effect_at_once(cache: str) -> None:
    with browser(cache, *EVERYTHING) as client:
        looks_at_green(client)
        assert headline(client.get("/")) == LINGERED
        client.cookies.set(CONSENT, encode((), now_s=time.time()), domain="127.0.0.1")

        assert headline(client.get("/")) == WELCOME
        told = client.post("/visits", content="{}")
        assert told.headers["set-cookie"].startswith(f"{PROFILE}=; Max-Age=0")


def test_a_client_cannot_say_where_it_is(cache: str, origin: str) -> None:
    america = [(name, "US") for name in ("CF-IPCountry", "CloudFront-Viewer-Country", "Client-Geo-Country")]
    with httpx.Client(headers=america) as stranger:
        assert "opt_out" not in stranger.get(cache + "/choices").text
        assert (
            stranger.get(cache + "/choices").text.count(" checked") == 0
        )  # Italy's rules: nothing is granted
        assert (
            stranger.get(origin + "/choices").text.count(" checked") > 0
        )  # whom the shop believes is its CDN


def test_a_client_cannot_ask_for_the_holes_of_a_page(cache: str) -> None:
    for _ in range(2):
        page = httpx.get(cache + "/account", headers={"Surrogate-Capability": 'me="ESI/1.0"'})

        assert "esi:" not in page.text
        assert "content-length" in page.headers  # the shop sent it whole: nothing was put in


def test_a_link_with_a_campaign_reaches_the_fragments_and_leaves_the_page_shared(cache: str) -> None:
    with browser(cache, *EVERYTHING) as client:
        client.get("/")
        page = client.get("/", params={"utm_campaign": "letter", "n": "1"})

        assert page.headers["x-cache"] == "hit"
        assert strip(page) == "You came with our letter: a sampler is in every parcel this week."
        assert strip(client.get("/", headers={"X-Query": "?utm_campaign=letter"})) != strip(page)


def test_what_the_cdn_says_and_the_browser_objects_to_reaches_the_fragments(behind_cdn: str) -> None:
    """In a US state whose law is not known all is granted, until the browser sends Sec-GPC."""
    america = {"CF-IPCountry": "US"}
    with httpx.Client(base_url=behind_cdn, headers=america) as client:
        client.get("/")
        looks_at_green(client)
        page = client.get("/")
        assert (page.headers["x-cache"], headline(page)) == ("hit", LINGERED)

        page = client.get("/", headers={"Sec-GPC": "1"})
        assert page.headers["x-cache"] == "hit"
        assert headline(page) != LINGERED


def test_a_new_bundle_shows_at_once_on_pages_that_are_kept(cache: str, folder: Path, key: SigningKey) -> None:
    model = (SHOP / "shop.yaml").read_text(encoding="utf-8")
    (folder / "next.yaml").write_text(model.replace(EVERYBODY, "Twelve gardens now."), encoding="utf-8")
    assert strip(httpx.get(cache + "/shelves/oolong")) == EVERYBODY

    publish(folder, folder / "next.yaml", key, 2)
    wait_until(lambda: strip(httpx.get(cache + "/shelves/oolong")) == "Twelve gardens now.", "the swap shows")

    assert httpx.get(cache + "/shelves/oolong").headers["x-cache"] == "hit"
