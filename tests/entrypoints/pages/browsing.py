"""A real browser on a real server, watched: what it asked of whom, and what it complained about."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.entrypoints.http.conftest import ROOMY
from tests.entrypoints.program import Installation
from ytempire.bootstrap.serving import Part, Serving, serving
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.server import listened, server
from ytempire.entrypoints.http.standing import Way
from ytempire.settings import load

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
PATIENCE = 20_000
"""Milliseconds that something may take to appear before the test is over."""


@dataclass
class Watched:
    """A page and everything that should not happen on it."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def visit(self, path: str) -> int:
        """Goes to a page of the house and waits until it is alive; its status."""
        response = await self.page.goto(self.address + path)
        assert response is not None
        return response.status

    async def alive(self) -> None:
        """Waits for the live feed."""
        await self.page.locator("body[data-live=yes]").wait_for()

    async def swapped(self) -> None:
        """Waits until the page has asked for its own part once."""
        await self.page.locator("body[data-swapped]").wait_for()

    async def tab_to(self, selector: str, *, most: int = 400) -> None:
        """Presses Tab until this has the focus."""
        for _ in range(most):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached with the keyboard")

    async def press(self, selector: str) -> None:
        """Goes there with the keyboard, and presses Enter."""
        await self.tab_to(selector)
        await self.page.keyboard.press("Enter")

    async def says(self, text: str) -> None:
        """Waits until the page says this."""
        await self.page.get_by_text(text).first.wait_for()

    def faultless(self) -> None:
        """Nothing was asked of anybody else, and nothing was complained about."""
        assert [] == self.outside
        assert [] == self.complaints


@dataclass(frozen=True)
class Site:
    """A house that is served."""

    serving: Serving
    address: str


@asynccontextmanager
async def site(place: Installation, *parts: Part) -> AsyncIterator[Site]:
    """Serves a house in this process, on a free port."""
    settings = load(place.config, place.home, {})
    async with serving(settings, frozenset({Part.API, *parts})) as house:
        socket = listened("127.0.0.1", 0)
        port = int(socket.getsockname()[1])
        running = server(build(house, front(port), ROOMY), Way())
        work = asyncio.create_task(house.work())
        answers = asyncio.create_task(running.serve(sockets=[socket]))
        try:
            yield Site(house, f"http://127.0.0.1:{port}")
        finally:
            if house.working is not None:
                house.working.halt()
            else:
                work.cancel()
            house.live.close()
            running.leave()
            await asyncio.wait({work, answers})
            socket.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser of this machine. Where there is none, and `scripts/browser` could get none: one loud line; in CI a
    failure.
    """
    if CHROMIUM is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("NO BROWSER: there is no Chromium, so what only a browser can show was NOT tested")
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched(browser: Browser, address: str, **look: Any) -> AsyncIterator[Watched]:
    """A fresh page; `look` is theme and size."""
    context = await browser.new_context(**look)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    made = Watched(page, address)

    def asked(url: str) -> None:
        if not url.startswith((address, address.replace("http", "ws", 1), "data:")):
            made.outside.append(url)

    def complained(told: ConsoleMessage) -> None:
        where = str(told.location.get("url", ""))
        if where.startswith(address) or not where:
            made.complaints.append(f"{told.text} ({where})")

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    page.on("console", lambda told: complained(told) if told.type == "error" else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("dialog", lambda dialog: made.complaints.append(f"dialog: {dialog.message}"))
    try:
        yield made
    finally:
        await context.close()


def axe() -> str:
    """The text of axe-core."""
    found = find_spec("axe_playwright_python")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


async def findings(page: Page) -> list[str]:
    """What axe finds wrong on a page, best practices too."""
    if not await page.evaluate("typeof window.axe === 'object'"):
        await page.evaluate(axe())
    told = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for each in told["violations"]
        for node in each["nodes"][:3]
    ]
