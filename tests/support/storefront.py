"""The shop of `examples/shop` as a server of its own, Debian's Chromium, and visitors who note what they see."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

from support.system import free_port, needs, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

REPOSITORY: Final = Path(__file__).parents[2]
SHOP: Final = REPOSITORY / "examples" / "shop"
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1440, "height": 900}
_QUICK: Final = {"width": 1000, "height": 700}  # fewer pixels to paint, where nobody looks
CONSENT, PROFILE = "euconsent-v2", "__Host-kettle"
# What is decided for everybody, and what some come to see.
WELCOME: Final = "The first leaves of the year"
GREETED: Final = "The kettle is still warm, friend"
_QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def shop_running(*options: str | Path, log: Path, port: int | None = None) -> Generator[str]:
    """The shop with `options`, until the block ends; its address."""
    port = port or free_port()
    command = [sys.executable, "-m", "examples.shop", "--port", str(port), *options]
    with running(command, port=port, log=log, cwd=REPOSITORY):
        yield f"http://127.0.0.1:{port}"


class InProcess(httpx.BaseTransport):
    """Asks an ASGI application within this process, one request at a time."""

    def __init__(self, app: Any) -> None:
        self._asgi = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # In a thread of its own: in this one, Playwright may have an event loop running.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._handle(request)).result()

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        request = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def chromium() -> Generator[Browser]:
    """Debian's Chromium, without a window."""
    needs("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*_QUIET], chromium_sandbox=False
        )
        yield browser
        browser.close()


@dataclass
class Guest:
    """A visitor with a browser profile of their own, and what came and went while they looked.

    Attributes:
        errors: What the console or the page complained of.
        asked: Every address that was asked for.
        cookies_set: Every Set-Cookie header that came.
        open: How many requests have no answer yet.
    """

    home: str
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])
    cookies_set: list[str] = field(default_factory=list[str])
    open: int = 0

    def note(self) -> None:
        """Begin to note."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.context.on("request", self._request)
        self.context.on("response", self._response)
        self.context.on("requestfinished", self._ended)
        self.context.on("requestfailed", self._ended)

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.errors.append(said.text)

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        self.open += 1

    def _ended(self, _: Request) -> None:
        self.open -= 1

    def _response(self, response: Response) -> None:
        self.cookies_set += [each["value"] for each in response.headers_array() if _is_set_cookie(each)]

    def goes(self, path: str = "/") -> None:
        """Open a page of the shop, and wait until all that it asks for has come."""
        self.page.goto(self.home + path)
        self.rests()

    def rests(self) -> None:
        """Wait until every request is answered. What a page's script asks for at once, it asks before it is loaded."""
        end = time.monotonic() + 10
        while self.open and time.monotonic() < end:
            self.page.wait_for_timeout(5)

    def answers(self, button: str) -> None:
        """Press a button of the banner, and wait until the page is made anew."""
        self.page.evaluate("document.querySelector('[data-said]').textContent = ''")
        self.page.get_by_role("region", name="May we remember").get_by_role("button", name=button).click()
        self.page.get_by_role("status").filter(has_text="Saved.").wait_for(state="attached")
        self.rests()

    def chooses(self, purposes: Sequence[int]) -> None:
        """Open the choices in the footer, tick exactly these, and save."""
        self.page.get_by_role("contentinfo").get_by_role("link", name="Privacy choices").click()
        banner = self.page.get_by_role("region", name="May we remember")
        for box in banner.get_by_role("checkbox").all():
            box.set_checked(int(box.get_attribute("value") or 0) in purposes)
        self.answers("Save my choice")

    @property
    def headline(self) -> str:
        """The title of the large offer."""
        return self.page.locator("[data-slot=hero] h1").inner_text()

    @property
    def strip(self) -> str:
        """The text of the strip above the page."""
        return self.page.locator("[data-slot=strip]").inner_text()

    def cookie(self, name: str) -> str | None:
        """The value of the cookie called `name`."""
        return next((each.get("value") for each in self.context.cookies() if each.get("name") == name), None)

    @property
    def foreign(self) -> list[str]:
        """Addresses that were asked for and are not the shop's."""
        own = urlsplit(self.home).netloc
        return [each for each in self.asked if urlsplit(each).netloc != own]


def _is_set_cookie(header: Any) -> bool:
    return str(header["name"]).lower() == "set-cookie"


@contextmanager
def guest(browser: Browser, home: str, **how: Any) -> Generator[Guest]:
    """A visitor who comes for the first time. `how`: as for a new context of Playwright's."""
    settings: dict[str, Any] = {"viewport": _QUICK, "reduced_motion": "reduce", **how}
    context = browser.new_context(**settings)
    context.set_default_timeout(10_000)
    found = Guest(home, context, context.new_page())
    found.note()
    try:
        yield found
    finally:
        context.close()
