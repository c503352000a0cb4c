"""The pages in a real browser: for everybody, alive, by keyboard alone, and with nothing from elsewhere."""

import time
from dataclasses import replace

import pytest
from playwright.async_api import Browser

from tests.entrypoints.pages.browsing import findings, site, watched
from tests.entrypoints.pages.worlds import Day, a_busy_day
from tests.entrypoints.program import Installation
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.values import ProjectId, PublicationId
from ytempire.ports import Settlement

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = (
    "/", "/publications", "/publications/pub_032", "/publications/pub_060", "/publications/new", "/accounts",
    "/accounts/chess", "/plan", "/services", "/quota?videos=50", "/alerts", "/errors",
    "/webhooks", "/log",
)  # fmt: skip
MAIN = ProjectId("main")
HELD, UNKNOWN = PublicationId("pub_033"), PublicationId("pub_032")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(company: Installation, browser: Browser, theme: str) -> None:
    found: dict[str, list[str]] = {}
    async with site(company) as made, watched(browser, made.address, color_scheme=theme) as seen:
        await a_busy_day(made.serving.acting)
        await made.serving.planning.queued(None)
        for path in PAGES:
            assert 200 == await seen.visit(path)
            await seen.alive()
            for each in await seen.page.query_selector_all("details:not([open]) > summary"):
                await each.click()
            found |= {path: told} if (told := await findings(seen.page)) else {}
        seen.faultless()

    assert {} == found


@pytest.mark.timeout(120)
async def test_no_page_is_wider_than_a_phone(company: Installation, browser: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    wide: dict[str, int] = {}
    async with site(company) as made, watched(browser, made.address, **phone) as seen:
        await a_busy_day(made.serving.acting)
        await made.serving.planning.queued(None)
        for path in PAGES:
            await seen.visit(path)
            more = await seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            wide |= {path: more} if more > 0 else {}
        assert [] == await findings(seen.page)
        seen.faultless()

    assert {} == wide


async def test_a_page_shows_what_happened_within_a_moment(company: Installation, browser: Browser) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        day = Day(made.serving.acting)
        await seen.visit("/publications")
        await seen.swapped()
        await seen.page.wait_for_timeout(2100)  # so that no earlier look makes it wait
        began = time.monotonic()
        await day.submitted(0, "The newest of all")
        await seen.page.get_by_role("link", name="The newest of all").wait_for()
        took = time.monotonic() - began
        seen.faultless()

    assert took < 3, took


async def test_an_alert_appears_and_goes_again(company: Installation, browser: Browser) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        day = Day(made.serving.acting)
        await seen.visit("/")
        await seen.swapped()
        assert not await seen.page.locator("#badge-alerts").is_visible()
        store = made.serving.acting.context.store
        await store.record([Event(Kind.TOKEN_UNREACHABLE, day.now, Level.WARNING, project=MAIN)])
        await day.follow()
        await seen.page.locator("#badge-alerts:has-text('1')").wait_for()
        assert "A new alert: 1 open" == await seen.page.locator("#announce").text_content()
        await store.record([Event(Kind.TOKEN_ANSWERED, day.now, project=MAIN)])
        await day.follow()
        await seen.page.locator("#badge-alerts").wait_for(state="hidden")
        seen.faultless()


async def test_a_page_says_when_it_is_not_live_and_finds_back(
    company: Installation, browser: Browser
) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        await seen.visit("/")
        await seen.alive()
        made.serving.live.close()
        await seen.page.locator("#stale").wait_for()
        assert "Not live since" in (await seen.page.locator("#stale").text_content() or "")
        await seen.page.locator("#stale").wait_for(state="hidden")


async def test_the_bars_of_uploads_move_with_the_feed(company: Installation, browser: Browser) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        day = Day(made.serving.acting)
        publication = await day.uploading(10, 0.1)
        await seen.visit("/")
        bar = seen.page.locator(f"[data-upload={publication.id}]")
        await bar.locator("[data-percent]:has-text('10 %')").wait_for()
        assert publication.session is not None
        half = replace(publication.session, offset=publication.session.size // 2)
        await day.house.context.store.settle(Settlement(replace(publication, session=half)))
        await bar.locator("[data-percent]:has-text('50 %')").wait_for()
        assert half.offset == await bar.locator("progress").evaluate("bar => bar.value")
        seen.faultless()


@pytest.mark.timeout(120)
async def test_publications_and_plans_are_seen_to_with_the_keyboard(
    company: Installation, browser: Browser
) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        await a_busy_day(made.serving.acting)
        await seen.visit("/")
        await seen.tab_to(".skip", most=1)
        await seen.page.keyboard.press("Enter")
        await seen.press("form[action='/publications/pub_033/retry'] button")
        await seen.says("It is back in the queue.")

        await seen.visit("/publications/pub_032")
        await seen.press("details.sure:has(form[action$='/cancel']) summary")
        await seen.press("form[action='/publications/pub_032/cancel'] button")
        await seen.says("Cancelled, or asked to stop")

        await seen.visit("/plan")
        await seen.press("form[action='/plan'] button")
        await seen.says("The day is planned anew.")
        seen.faultless()
        store = made.serving.acting.context.store
        found = [await store.publication(each) for each in (HELD, UNKNOWN)]

    assert [State.QUEUED, State.CANCELLED] == [each.state for each in found if each is not None]


@pytest.mark.timeout(120)
async def test_accounts_and_alerts_are_seen_to_with_the_keyboard(
    company: Installation, browser: Browser
) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        await a_busy_day(made.serving.acting)
        await seen.visit("/accounts")
        await seen.press("form[action='/accounts/birds/pause'] button")
        await seen.says("no new upload is started")
        await seen.press("form[action='/accounts/birds/resume'] button")
        await seen.says("It takes uploads again.")
        await seen.tab_to("a[href='/api/v1/auth/youtube/start?account=chess']")

        await seen.visit("/alerts")
        await seen.tab_to("section form input[name=pattern]")
        for text in ("quota:*", "2h", "a migration"):
            await seen.page.keyboard.type(text)
            await seen.page.keyboard.press("Tab")
        await seen.page.keyboard.press("Enter")
        await seen.says("Muted: these alerts")
        await seen.press("form[action='/alerts/mutes/end'] button")
        await seen.says("The mute has ended.")
        seen.faultless()


async def test_everything_works_without_a_script(company: Installation, browser: Browser) -> None:
    async with site(company) as made, watched(browser, made.address, java_script_enabled=False) as seen:
        await a_busy_day(made.serving.acting)
        await seen.visit("/")
        await seen.page.locator("form[action='/publications/pub_033/retry'] button").click()
        await seen.page.get_by_text("It is back in the queue.").wait_for()
        await seen.visit("/accounts/birds")
        await seen.page.locator("input[name=why]").fill("a holiday")
        await seen.page.get_by_role("button", name="Pause").click()
        await seen.page.get_by_text("a holiday").first.wait_for()
        await seen.visit("/publications/new")
        await seen.page.get_by_label("Title").fill("<b>")
        await seen.page.get_by_role("button", name="Submit").click()
        await seen.page.get_by_text("It was not accepted").wait_for()
        assert "<b>" == await seen.page.get_by_label("Title").input_value()


async def test_the_theme_is_remembered(company: Installation, browser: Browser) -> None:
    async with site(company) as made, watched(browser, made.address, color_scheme="light") as seen:
        await seen.visit("/")
        for expected in ("light", "dark"):
            await seen.page.locator("#theme").click()
            assert expected == await seen.page.locator("#theme-name").text_content()
        await seen.visit("/log")
        assert "dark" == await seen.page.evaluate("document.documentElement.dataset.theme")
        ground = await seen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        seen.faultless()

    assert "rgb(16, 18, 20)" == ground


async def test_what_a_person_opened_or_writes_is_not_taken_from_them(
    company: Installation, browser: Browser
) -> None:
    async with site(company) as made, watched(browser, made.address) as seen:
        day = await a_busy_day(made.serving.acting)
        await seen.visit("/alerts")
        await seen.swapped()
        mute = seen.page.locator("[id^=alert-] details:has(form)").first
        await mute.locator("summary").click()
        await mute.locator("input[name=why]").fill("half a sent")
        store = made.serving.acting.context.store
        await store.record([Event(Kind.TOKEN_UNREACHABLE, day.now, Level.WARNING, project=MAIN)])
        await day.follow()
        await seen.page.locator("#announce").wait_for(state="attached")
        await seen.page.wait_for_timeout(1500)
        assert "half a sent" == await mute.locator("input[name=why]").input_value()
        await seen.page.locator("h1").click()
        await seen.page.get_by_role("heading", name="token endpoint").first.wait_for()
        assert 1 == await seen.page.locator("details[open] input[name=why]").count()
        assert "half a sent" == await seen.page.locator("details[open] input[name=why]").input_value()
        seen.faultless()
