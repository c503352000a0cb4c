"""Hostile texts in every field that somebody outside can fill: shown letter by letter, and none of them runs."""

from pathlib import Path

import pytest
from markupsafe import escape
from playwright.async_api import Browser, Page

from tests.entrypoints.conftest import PROJECT
from tests.entrypoints.consenting import connected_with_files, unconnected
from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.browsing import site, watched
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.naughty import strings
from tests.entrypoints.pages.test_forms import send
from tests.entrypoints.pages.worlds import hostile
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

TEXTS = strings()
TITLE = "</title><script>(window.hits=(window.hits||[]).concat('channel'))</script>\"'"


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Installation:
    """Two channels, one of them with a hostile name."""
    made = unconnected(Installation(tmp_path), google, ())
    google.add_account("one", PROJECT, title=TITLE)
    google.add_account("two", PROJECT, title="{{ 7*7 }}")
    text = made.config.read_text()
    made.config.write_text(text + '[[accounts]]\nid = "one"\n\n[[accounts]]\nid = "two"\n')
    return connected_with_files(made, google, ["one", "two"])


def test_there_are_at_least_as_many_as_in_the_list_that_everybody_tries() -> None:
    assert 515 <= len(TEXTS)
    assert len(TEXTS) == len(set(TEXTS))


@pytest.mark.unmeasured
@pytest.mark.timeout(180)
async def test_every_text_is_shown_as_it_is_written(place: Installation, opened: OpenPages) -> None:
    async with opened(place) as house:
        await hostile(house.serving.acting, TEXTS)
        wrong = [text for number, text in enumerate(TEXTS) if not await is_shown(house, number, text)]

    assert [] == wrong


async def is_shown(house: House, number: int, text: str) -> bool:
    answer = await house.ask("GET", f"/publications/pub_{number:04d}")
    body = answer.body.decode()
    harmless = str(escape(text)) == text or "window.hits" not in text or text not in body
    return answer.status == 200 and body.count(str(escape(text))) >= 4 and harmless


@pytest.mark.timeout(120)
async def test_every_text_comes_back_in_the_form_that_it_was_sent_with(
    place: Installation, opened: OpenPages
) -> None:
    async with opened(place) as house:
        wrong = []
        for text in TEXTS[::5]:
            fields = dict.fromkeys(("title", "description", "tags", "language", "playlists", "file"), text)
            answer = await send(house, "/publications/new", target="account:one", **fields)
            kept = str(escape(text.replace("\r\n", "\n")))
            if answer.status != 422 or answer.body.decode().count(kept) < 4:
                wrong.append(text)

    assert [] == wrong


@pytest.mark.unmeasured
@pytest.mark.timeout(300)
@pytest.mark.asyncio(loop_scope="session")
async def test_no_text_runs_in_a_browser(place: Installation, browser: Browser) -> None:
    async with (
        site(place) as made,
        watched(browser, made.address, viewport={"width": 1200, "height": 800}) as seen,
    ):
        await hostile(made.serving.acting, TEXTS)
        details = [f"/publications/pub_{number:04d}" for number in range(0, len(TEXTS), 10)]
        for path in (
            "/",
            "/accounts",
            "/accounts/one",
            "/publications/new",
            "/plan",
            "/alerts?show=all",
            *details,
        ):
            assert 200 == await seen.visit(path), path
            assert await unharmed(seen.page), path
        for path in ("/publications", "/log"):
            await seen.visit(path)
            pages = 1
            while await seen.page.get_by_role("link", name="Older").count():
                assert await unharmed(seen.page), (path, pages)
                await seen.page.get_by_role("link", name="Older").click()
                await seen.page.wait_for_load_state()
                pages += 1
            assert await unharmed(seen.page)
            assert pages > 10
        seen.faultless()


async def unharmed(page: Page) -> bool:
    """Nothing ran, and the page is still ours."""
    found = await page.evaluate(
        "[window.hits === undefined, getComputedStyle(document.body).display, document.title.endsWith('ytempire'),"
        " document.querySelectorAll('main').length, document.querySelectorAll('base, iframe, object').length]"
    )
    return bool([True, "block", True, 1, 0] == found)
