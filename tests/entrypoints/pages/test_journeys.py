"""Whole ways through the dashboard in a real browser, against the local Google: a consent, an upload, signing in."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.entrypoints.consenting import unconnected
from tests.entrypoints.pages.browsing import Watched, site, watched
from tests.entrypoints.pages.worlds import a_company
from tests.entrypoints.program import Installation, stopped
from ytempire.adapters.media.maker import make_video
from ytempire.bootstrap.serving import Part
from ytempire.domain.accounts import Condition
from ytempire.domain.callers import Role
from ytempire.domain.lifecycle import State
from ytempire.emulator import Emulator, EventKind
from ytempire.ports import Filter
from ytempire.services.api_tokens import Wish

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def consented(page: Page, google: Emulator, title: str) -> None:
    """What a person does on Google's page."""
    await page.wait_for_url(f"{google.base_url}/**")
    await page.get_by_label(title).check()
    await page.get_by_role("button", name="Allow").click()


async def test_an_account_is_connected_from_the_page_through_google_and_back(
    tmp_path: Path, google: Emulator, browser: Browser
) -> None:
    place = unconnected(Installation(tmp_path), google)
    async with site(place) as made, watched(browser, made.address) as seen:
        await seen.visit("/accounts")
        await seen.page.get_by_role("link", name="Connect channel_1").click()
        await consented(seen.page, google, "The channel_1")
        await seen.page.wait_for_url("**/accounts/channel_1*")
        await seen.page.get_by_text("The channel is connected.").wait_for()
        assert "The channel_1" == await seen.page.locator("h1").text_content()
        assert {google.base_url} == {"/".join(each.split("/")[:3]) for each in seen.outside}
        context = made.serving.acting.context
        conditions = {each.id: each.condition for each in await context.store.accounts(context.clock.now())}
        assert [] == seen.complaints

    assert {"channel_1": Condition.ACTIVE, "channel_2": Condition.DISCONNECTED} == conditions


async def test_a_consent_that_was_denied_is_told_with_a_way_back(
    tmp_path: Path, google: Emulator, browser: Browser
) -> None:
    place = unconnected(Installation(tmp_path), google)
    async with site(place) as made, watched(browser, made.address) as seen:
        await seen.visit("/accounts/channel_1")
        await seen.page.get_by_role("link", name="Connect", exact=True).click()
        await seen.page.wait_for_url(f"{google.base_url}/**")
        await seen.page.get_by_role("button", name="Deny").click()
        await seen.page.get_by_text("This did not work").wait_for()
        await seen.page.wait_for_url(
            f"{seen.address}/api/v1/auth/youtube/callback"
        )  # the code is taken out of it
        await seen.page.get_by_role("link", name="Go on").click()
        await seen.page.get_by_role("heading", name="Accounts").wait_for()


@pytest.fixture
def own_company(tmp_path: Path, google: Emulator) -> Installation:
    """Fifteen channels at a Google that nobody else asks."""
    return a_company(Installation(tmp_path), google)


@pytest.mark.timeout(120)
async def test_a_film_is_sent_from_the_browser_and_its_upload_is_watched_to_the_end(
    own_company: Installation, google: Emulator, browser: Browser
) -> None:
    company = own_company
    film = company.folder / "holiday film.mp4"
    make_video(film, seed=1, seconds=1, width=160, height=90, padding=12_000_000)
    text = company.config.read_text().replace(
        "[google]\n", "[google]\nbandwidth_bytes_per_second = 1500000\n"
    )
    company.config.write_text(text)
    async with site(company, Part.WORKER) as made, watched(browser, made.address) as seen:
        page = seen.page
        await seen.visit("/publications/new")
        await page.locator("#file-pick").set_input_files(film)
        await page.get_by_text("holiday film.mp4 is here").wait_for()
        assert "holiday film" == await page.get_by_label("Title").input_value()
        await page.get_by_label("Unlisted").check()
        await page.get_by_text("Unlisted: whoever has the link sees it.").wait_for()
        await page.get_by_label("Channel").select_option("account:birds")
        await page.get_by_text("On Birds of the Coast (birds).").wait_for()
        await page.get_by_role("button", name="Submit").click()
        await page.get_by_text("Submitted. It will be published at most once.").wait_for()
        percents = await watched_to_the_end(seen)
        await page.locator(".sub .badge:has-text('published')").wait_for()
        (one,) = await made.serving.acting.context.store.publications(Filter())
        seen.faultless()

    assert State.PUBLISHED is one.state
    assert len(percents) >= 3, percents
    assert sorted(percents) == percents
    (video,) = google.world.videos.values()
    assert "unlisted" == video.metadata["status"]["privacyStatus"]
    assert one.video_id == video.id


async def watched_to_the_end(seen: Watched) -> list[int]:
    """The different values that its bar took."""
    bar = seen.page.locator("[data-upload] progress")
    await bar.wait_for()
    found = await seen.page.evaluate(
        """async () => {
            const seen = [];
            for (;;) {
                const bar = document.querySelector('[data-upload] progress');
                if (!bar) return seen;
                const value = Math.floor(100 * bar.value / bar.max);
                if (seen.at(-1) !== value) seen.push(value);
                await new Promise((next) => setTimeout(next, 50));
            }
        }"""
    )
    return [int(each) for each in found]


async def test_whoever_needs_a_token_signs_in_and_out(company: Installation, browser: Browser) -> None:
    company.config.write_text(company.config.read_text() + '\n[api]\nlocal_role = "none"\n')
    async with site(company) as made, watched(browser, made.address) as seen:
        _, token = await made.serving.tokens.create(Wish("ada", Role.OPERATOR, (), None), "test")
        assert 401 == await seen.visit("/accounts")
        await seen.page.get_by_label("Token").fill(token.reveal())
        await seen.page.get_by_role("button", name="Sign in").click()
        await seen.page.get_by_text("uploads still possible today").wait_for()
        await seen.alive()
        assert "ada · operator" == await seen.page.locator(".whoami").text_content()
        await seen.visit("/accounts/birds")
        await seen.page.get_by_role("button", name="Pause").click()
        await seen.page.get_by_text("paused by ada").first.wait_for()
        await seen.page.get_by_role("button", name="Sign out").click()
        await seen.page.get_by_role("heading", name="Sign in").wait_for()
        assert 401 == await seen.visit("/")


@pytest.mark.timeout(180)
async def test_the_demo_is_watched_to_its_end_and_the_page_says_what_the_journal_says(
    tmp_path: Path, browser: Browser
) -> None:
    made = Installation(tmp_path)
    words = ("demo", "--serve", "--port", "0", "--videos", "6", "--calm", "--keep", tmp_path / "demo")
    with made.started(*words) as process:
        assert process.stdout is not None
        address = (await asyncio.to_thread(process.stdout.readline)).strip().rstrip("/")
        async with watched(browser, address) as seen:
            await seen.visit("/")
            await seen.page.locator(".figures div:has(dt:text-is('Published')) dd:text-is('6')").wait_for(
                timeout=120_000
            )
            await seen.visit("/")
            told = {
                name: await seen.page.locator(f".bucket:has-text('{name}') .num.push").text_content()
                for name in ("Uploads", "Units")
            }
            seen.faultless()
        await asyncio.to_thread(stopped, process)
    journal = [json.loads(line) for line in (tmp_path / "demo" / "journal.jsonl").read_text().splitlines()]
    charged = Counter[str]()
    for event in journal:
        charged.update(event.get("charges", {}))

    assert 6 == sum(event["kind"] == EventKind.VIDEO_COMPLETED for event in journal)
    assert {"Uploads": f"{charged['uploads']} of 100", "Units": f"{charged['units']:,} of 10,000"} == told
