"""The shop without a browser: what it counts, what it refuses, and what its inspector keeps to itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from discreet.visitors import Sealer, Visitors
from examples.shop.app import create_shop, visitors_of
from examples.shop.choices import ASKED
from examples.shop.publishing import built_here
from examples.shop.tc_string import encode
from support.storefront import CONSENT, GREETED, PROFILE, SHOP, WELCOME, InProcess, shop_running

NOON_S = 1_795_348_800  # 2026-11-22T12:00:00Z
EVERYTHING = tuple(each.number for each in ASKED)
SEALER = Sealer([bytes(32)], use="profile-cookie")
CANARY = "canary5f1e"


class Clock:
    def __init__(self) -> None:
        self.now_s: float = NOON_S

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client_of(clock: Clock, *, is_inspected: bool = False) -> httpx.Client:
    def met(*, is_supposing: bool = False) -> Visitors:
        return visitors_of(SEALER, cdn="cloudflare", region="IT", is_supposing=is_supposing)

    shop = create_shop(
        built_here(), met(), supposing=met(is_supposing=True) if is_inspected else None, clock_s=clock
    )
    return httpx.Client(transport=InProcess(shop), base_url="https://shop.example")


@pytest.fixture
def client(clock: Clock) -> Iterator[httpx.Client]:
    with client_of(clock) as found:
        yield found


def consents(client: httpx.Client, *purposes: int) -> None:
    client.cookies.set(CONSENT, encode(purposes, now_s=NOON_S), domain="shop.example")


def headline(client: httpx.Client) -> str:
    found = re.search("<h1>([^<]*)</h1>", client.get("/").text)
    assert found
    return found[1]


def test_the_model_is_sound_and_keeps_its_promises() -> None:
    for command in ("check", "test"):
        done = subprocess.run(
            [sys.executable, "-m", "discreet", command, str(SHOP / "shop.yaml")],
            check=False,
            capture_output=True,
            text=True,
        )

        assert done.returncode == 0, done.stdout + done.stderr


def test_who_comes_back_after_half_an_hour_is_greeted(client: httpx.Client, clock: Clock) -> None:
    consents(client, *EVERYTHING)
    client.post("/visits", content="{}")
    clock.now_s += 29 * 60
    client.post("/visits", content="{}")
    assert headline(client) == WELCOME

    clock.now_s += 30 * 60
    client.post("/visits", content="{}")
    assert headline(client) == GREETED


@pytest.mark.parametrize("purposes", [(), (5, 6, 8, 11)], ids=["nothing", "all but storage"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/visits", '{"viewed": "green"}'),
        ("/basket", "tea=dragon-well"),
        ("/basket/less", "tea=dragon-well"),
        ("/orders", "tea=dragon-well"),
        ("/account", f"first_name={CANARY}&interests=green"),
        ("/account/forget", ""),
    ],
)
def test_nothing_is_kept_without_storage(
    client: httpx.Client, purposes: tuple[int, ...], path: str, body: str
) -> None:
    consents(client, *purposes)

    answer = client.post(path, content=body)

    assert answer.status_code in {204, 303}
    assert answer.content == b""
    assert "set-cookie" not in answer.headers


def test_a_profile_that_may_not_be_kept_any_more_is_taken_back(client: httpx.Client) -> None:
    consents(client, *EVERYTHING)
    client.post("/visits", content='{"viewed": "green"}')
    assert client.cookies.get(PROFILE)

    consents(client, 5, 6, 8, 11)
    answer = client.post("/visits", content="{}")

    assert answer.headers["set-cookie"].startswith(f"{PROFILE}=; Max-Age=0")


def test_the_visitor_can_be_forgotten(client: httpx.Client) -> None:
    consents(client, *EVERYTHING)
    client.post("/account", content=f"first_name={CANARY}&interests=green&interests=snuff")
    assert CANARY in client.get("/account").text
    assert "snuff" not in client.get("/account").text

    client.post("/account/forget")

    assert CANARY not in client.get("/account").text
    assert headline(client) == WELCOME


@pytest.mark.parametrize(
    "path", ["/choices", "/basket", "/basket/less", "/orders", "/account", "/account/forget", "/visits"]
)
def test_a_form_of_another_site_changes_nothing(client: httpx.Client, path: str) -> None:
    consents(client, *EVERYTHING)

    answer = client.post(path, content="tea=dragon-well", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", ["", "null", "[1]", '{"viewed": 7}', "{", "\xff", '{"viewed": "' + "x" * 900 + '"}']
)
def test_a_visit_that_says_nonsense_is_a_visit(client: httpx.Client, body: str) -> None:
    consents(client, *EVERYTHING)

    assert client.post("/visits", content=body).json() == {"tins": 0}
    assert "Shelves looked at" not in client.get("/account").text


def test_too_much_is_refused(client: httpx.Client) -> None:
    assert client.post("/orders", content="tea=" + "x" * 5_000).status_code == 413


@pytest.mark.parametrize("path", ["/nothing", "/teas/coffee", "/shelves/wine", "/_offers/home.heroine"])
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_answer_keeps_foreign_scripts_out(client: httpx.Client) -> None:
    for path in ("/", "/story", "/static/shop.js", "/_offers/home.hero", "/nothing"):
        headers = client.get(path).headers

        assert headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'"
        )
        assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", client.get("/").text)


def test_only_the_pages_that_depend_on_nobody_are_shared(client: httpx.Client) -> None:
    kept = {
        path: client.get(path).headers["cache-control"] for path in ("/story", "/thanks", "/", "/account")
    }
    in_parts = client.get("/", headers={"Surrogate-Capability": 'here="ESI/1.0"'})

    assert kept == {
        "/story": "public, max-age=0, s-maxage=60",
        "/thanks": "private, no-store",  # it has the strip, and so an offer
        "/": "private, no-store",
        "/account": "private, no-store",
    }
    assert in_parts.headers["cache-control"] == "private, no-store"  # put together, it is one visitor's
    assert in_parts.headers["surrogate-control"] == 'max-age=60, content="ESI/1.0"'
    assert in_parts.text.count("<esi:include") == 3


class TestInspector:
    """The panel of `--inspector`."""

    KNOWN: Mapping[str, str] = {"CF-IPCountry": "IT", "Accept-Language": "qx", "CF-Device-Type": "mobile"}

    def test_it_is_there_only_when_it_is_asked_for(self, client: httpx.Client, clock: Clock) -> None:
        assert "inspector" not in client.get("/").text
        with client_of(clock, is_inspected=True) as inspected:
            for path in (
                "/",
                "/shelves/green",
                "/teas/dragon-well",
                "/story",
                "/account",
                "/basket",
                "/thanks",
            ):
                answer = inspected.get(path, headers={"Surrogate-Capability": 'here="ESI/1.0"'})

                assert 'aria-label="Inspector, for development only"' in answer.text
                assert answer.headers["cache-control"] == "private, no-store"

    def test_it_says_what_another_consent_would_change(self, clock: Clock) -> None:
        with client_of(clock, is_inspected=True) as client:
            consents(client, *EVERYTHING)
            client.post("/visits", content='{"viewed": "green"}')
            views = _views(client.get("/", headers=self.KNOWN).text)

        assert views["now"]["home.hero"] == ("hero_lingered_green", False)
        assert views["all"]["home.hero"] == ("hero_lingered_green", False)
        assert views["none"]["home.hero"] == ("hero_first_flush", True)
        assert views["partial"]["page.strip"] == ("strip_italy", False)
        assert views["partial"]["home.row"] == ("row_house", True)

    def test_it_supposes_without_deciding_anything_for_the_page(self, clock: Clock) -> None:
        with client_of(clock, is_inspected=True) as client:
            text = client.get("/", headers=self.KNOWN).text

        assert WELCOME in text
        assert _views(text)["partial"]["page.strip"] == ("strip_italy", True)
        assert "Free delivery across Italy" not in text

    def test_it_shows_names_and_no_value(self, clock: Clock) -> None:
        with client_of(clock, is_inspected=True) as client:
            consents(client, *EVERYTHING)
            client.post("/account", content=f"first_name={CANARY}")
            consents(client, 1)  # storage alone: the note is there, and the name in it is withheld
            answer = client.get(
                f"/?utm_campaign={CANARY}", headers={**self.KNOWN, "Referer": f"https://{CANARY}.example"}
            )

        assert "first_<wbr>name" in answer.text  # among what is withheld
        assert CANARY not in answer.text + str(answer.headers)
        sealed, consent = client.cookies.get(PROFILE), client.cookies.get(CONSENT)
        assert sealed
        assert consent
        assert sealed not in answer.text
        assert consent not in answer.text


def _views(text: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """By view and placement: the offer, and whether it is marked as a change."""
    views: dict[str, dict[str, tuple[str, bool]]] = {}
    for part in text.replace("<wbr>", "").split('data-view="')[1:]:
        rows = re.findall(r'<tr( class="changes")?><th scope="row">([\w.]+)</th><td>(\w+)', part)
        views[part.partition('"')[0]] = {place: (offer, bool(changes)) for changes, place, offer in rows}
    return views


def test_the_log_says_more_of_who_allows_it(tmp_path: Path) -> None:
    with shop_running("--log", tmp_path / "log.jsonl", log=tmp_path / "shop.log") as home:
        for purposes in (EVERYTHING, ()):
            cookies = {CONSENT: encode(purposes, now_s=time.time())}
            with httpx.Client(cookies=cookies, headers={"Accept-Language": CANARY}) as client:
                assert client.get(home + "/").status_code == 200
    text = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    records = [each for each in map(json.loads, text.splitlines()) if each["kind"] == "decision"]

    assert len([each for each in records if "stage" in each]) == len(records) / 2 > 2
    assert CANARY not in text
