"""The examples of docs/server-side-rendering.md run as they stand: in Starlette, FastAPI, Flask and Django."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from discreet.visitors import Sealer
from support.edge import ALL_TCF, NO_TCF
from support.products import TEST_RING, bundle_bytes
from support.readme import blocks
from support.source import REPOSITORY
from support.system import free_port, running

PAGE = REPOSITORY / "docs/server-side-rendering.md"
PROFILED, STORAGE = "personalize.content.profiled", "functional.storage"
MODEL = {
    "model": "shop",
    "channel": "web",
    "attributes": {
        "weekday": {"type": "string", "provenance": "contextual", "purposes": [PROFILED]},
        "purchase_days": {"type": "number", "provenance": "first_party", "purposes": [PROFILED, STORAGE]},
    },
    "stages": [{"id": "first"}],
    "placements": {"home.hero": {"fallback": "welcome"}, "page.strip": {"fallback": "how"}},
    "offers": [
        {"id": "welcome", "content": {"title": "Welcome"}},
        {"id": "how", "content": {"text": "Delivered in <2 days"}},
        {
            "id": "known_day",
            "placements": ["home.hero"],
            "when": "known(weekday)",
            "content": {"title": "Hello"},
        },
        {
            "id": "thanks",
            "placements": ["home.hero"],
            "when": "purchase_days >= 1",
            "priority": 9,
            "content": {"title": "Thanks for {purchase_days|some} orders"},
        },
    ],
}
BUNDLE = {"name": "shop", "version": 1, "created_s": 0, "expires_s": 253_402_300_799}

WSGI = """
import httpx
transport = httpx.WSGITransport({app})
with httpx.Client(transport=transport, base_url="https://shop.test") as client:
    got = [client.request(method, path, headers={{"Cookie": cookie}}) for method, path, cookie in asked]
"""
ASGI = """
import asyncio, httpx
async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport({app}), base_url="https://shop.test") as client:
        found = []
        for method, path, cookie in asked:
            client.cookies.clear()
            found.append(await client.request(method, path, headers={{"Cookie": cookie}}))
        return found
got = asyncio.run(ask())
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with everything that the page's examples read."""
    (tmp_path / "shop.bundle").write_bytes(bundle_bytes([MODEL], BUNDLE))
    TEST_RING.write(tmp_path / "trusted-keys.json")
    secrets = tmp_path / "secrets.txt"
    secrets.write_text(_secret_line(), encoding="ascii")
    secrets.chmod(0o600)
    (tmp_path / "templates/offers").mkdir(parents=True)
    home, offer = blocks(PAGE, "What every application has", "html")
    (tmp_path / "templates/home.html").write_text(home, encoding="utf-8")
    (tmp_path / "templates/offers/default.html").write_text(offer, encoding="utf-8")
    (personal,) = blocks(PAGE, "What every application has", "python")
    (tmp_path / "personal.py").write_text(personal, encoding="utf-8")
    return tmp_path


def _secret_line() -> str:
    import base64

    return base64.urlsafe_b64encode(Sealer.new_secret()).decode() + "\n"


def answers(
    site: Path, code: str, driver: str, *requests: tuple[str, str, str], app: str = "app"
) -> list[Any]:
    """What the application of `code` answers to (method, path, Cookie header), in a process of its own."""
    program = "\n".join(
        [
            code,
            "import json, sys",
            "asked = json.loads(sys.argv[1])",
            driver.format(app=app),
            "print(json.dumps([[each.status_code, each.text, dict(each.headers)] for each in got]))",
        ]
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, json.dumps(requests)],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    got: list[Any] = json.loads(ran.stdout)
    return got


def example(heading: str) -> str:
    (code,) = blocks(PAGE, heading, "python")
    return code


def title(text: str) -> str:
    return text.partition("<h1>")[2].partition("</h1>")[0]


PLAIN = "app.add_middleware(Personalized, bundles=bundles, visitors=visitors)\n"
AGREED, REFUSED = f"euconsent-v2={ALL_TCF}", f"euconsent-v2={NO_TCF}"


def assert_is_personal(answer: Any, shown: str) -> None:
    status, text, headers = answer
    assert (status, title(text)) == (200, shown)
    assert headers["cache-control"] == "private, no-store"
    assert {"cookie", "sec-gpc", "cf-timezone"} <= {
        each.strip().lower() for each in headers["vary"].split(",")
    }
    assert "<p>Delivered in &lt;2 days</p>" in text


def test_the_example_for_starlette_runs(site: Path) -> None:
    agreed, refused = answers(site, example("Starlette"), ASGI, ("GET", "/", AGREED), ("GET", "/", REFUSED))

    assert_is_personal(agreed, "Hello")
    assert_is_personal(refused, "Welcome")


def test_the_example_for_fastapi_runs(site: Path) -> None:
    agreed, refused, hero = answers(
        site, example("FastAPI"), ASGI, ("GET", "/", AGREED), ("GET", "/", REFUSED), ("GET", "/hero", AGREED)
    )

    assert_is_personal(agreed, "Hello")
    assert_is_personal(refused, "Welcome")
    assert (json.loads(hero[1]), hero[2]["cache-control"]) == ({"title": "Hello"}, "private, no-store")


def test_the_example_for_fragments_runs_under_fastapi(site: Path) -> None:
    (code,) = blocks(PAGE, "Fragments: shared pages with a personal part", "python")
    home, fragment, nothing = answers(
        site,
        example("FastAPI").replace(PLAIN, code),
        ASGI,
        ("GET", "/", AGREED),
        ("GET", "/_offers/home.hero", AGREED),
        ("GET", "/_offers/home", AGREED),
    )

    assert_is_personal(home, "Hello")
    assert (title(fragment[1]), fragment[2]["cache-control"]) == ("Hello", "private, no-store")
    assert nothing[0] == 404


def test_the_example_for_flask_runs_and_remembers(site: Path) -> None:
    agreed, refused, ordered, in_vain = answers(
        site,
        example("Flask"),
        WSGI,
        ("GET", "/", AGREED),
        ("GET", "/", REFUSED),
        ("POST", "/ordered", AGREED),
        ("POST", "/ordered", REFUSED),
    )
    cookie = ordered[2]["set-cookie"].partition(";")[0]
    (known,) = answers(site, example("Flask"), WSGI, ("GET", "/", f"{AGREED}; {cookie}"))

    assert_is_personal(agreed, "Hello")
    assert_is_personal(refused, "Welcome")
    assert_is_personal(known, "Thanks for 1 orders")
    assert (in_vain[0], "set-cookie" in in_vain[2]) == (204, False)


def write_django(site: Path) -> str:
    settings, urls, wsgi, tag = blocks(PAGE, "Django", "python")
    (site / "settings.py").write_text(settings, encoding="utf-8")
    (site / "urls.py").write_text(urls, encoding="utf-8")
    (site / "offertags").mkdir()
    (site / "offertags/offers.py").write_text(tag, encoding="utf-8")
    return wsgi


def test_the_example_for_django_runs(site: Path) -> None:
    agreed, refused = answers(
        site, write_django(site), WSGI, ("GET", "/", AGREED), ("GET", "/", REFUSED), app="application"
    )

    assert_is_personal(agreed, "Hello")
    assert_is_personal(refused, "Welcome")


TAGGED = """
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": ["templates"],
    "OPTIONS": {
        "context_processors": ["django.template.context_processors.request"],
        "libraries": {"offers": "offertags.offers"},
    },
}]
"""


def test_djangos_own_templates_have_their_tag(site: Path) -> None:
    wsgi = write_django(site)
    with (site / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write(TAGGED)
    (site / "templates/home.html").write_text(
        '{% load offers %}{% offer "home.hero" as hero %}<h1>{{ hero.title }}</h1>'
        '{% offer "page.strip" as strip %}<p>{{ strip.text }}</p>',
        encoding="utf-8",
    )
    (agreed,) = answers(site, wsgi, WSGI, ("GET", "/", AGREED), app="application")

    assert_is_personal(agreed, "Hello")


def test_djangos_asgi_pages_are_found_by_the_request(site: Path) -> None:
    write_django(site)
    program = (
        "import os\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\n"
        "from django.core.asgi import get_asgi_application\n"
        "from discreet.adapters.asgi import Personalized\n"
        "from personal import bundles, visitors\n"
        "app = Personalized(get_asgi_application(), bundles=bundles, visitors=visitors)\n"
    )
    (agreed,) = answers(site, program, ASGI, ("GET", "/", AGREED))

    assert_is_personal(agreed, "Hello")


def test_a_real_server_serves_the_example(site: Path) -> None:
    (site / "app.py").write_text(example("Starlette"), encoding="utf-8")
    port, log = free_port(), site / "log"
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
    with (
        running(command, port=port, cwd=site, log=log),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        agreed, refused = (client.get("/", headers={"Cookie": each}) for each in (AGREED, REFUSED))

    assert_is_personal([agreed.status_code, agreed.text, agreed.headers], "Hello")
    assert_is_personal([refused.status_code, refused.text, refused.headers], "Welcome")
    assert log.read_text(encoding="utf-8") == ""
