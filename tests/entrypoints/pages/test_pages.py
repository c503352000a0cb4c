"""Every page by HTTP: with nothing, on a busy day, and what its forms do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.test_forms import send
from tests.entrypoints.pages.worlds import Day, a_busy_day
from tests.entrypoints.program import Installation
from ytempire.domain.accounts import Condition
from ytempire.domain.publication import ExtraState
from ytempire.entrypoints.http.pages.words import counted
from ytempire.ports import Settlement

PAGES = (
    "/", "/publications", "/publications?state=attention", "/publications/new", "/accounts", "/plan",
    "/plan?day=2026-11-25", "/services", "/quota", "/quota?days=7&videos=50", "/alerts", "/alerts?show=all", "/log",
    "/log?about=publication&level=high", "/errors", "/errors?days=30", "/webhooks",
)  # fmt: skip


@pytest.mark.parametrize("part", [False, True])
async def test_every_page_is_shown_of_a_busy_day(
    company: Installation, opened: OpenPages, part: bool
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        more = ("/publications/pub_032", "/publications/pub_060", "/publications/pub_012", "/accounts/chess")
        statuses = {path: await status(house, path, part=part) for path in (*PAGES, *more)}

    assert {200} == set(statuses.values()), statuses


async def status(house: House, path: str, *, part: bool) -> int:
    answer = await house.ask("GET", path, headers={"hx-request": "true"} if part else {})
    assert answer.headers["content-type"].startswith("text/html"), answer.body
    return answer.status


async def test_what_needs_a_person_is_listed_once_with_its_one_action(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        text = (await house.ask("GET", "/")).body.decode()
    needs = text.partition('class="needs"')[2].partition("</section>")[0]

    assert 5 == needs.count("<li>")
    assert 1 == needs.count("/api/v1/auth/youtube/start?account=chess")
    assert 1 == needs.count('action="/publications/pub_033/retry"')
    assert 1 == needs.count('action="/publications/pub_032/retry"')
    assert "“Dovetails without a jig” is refused: invalid_title" in needs
    assert "YouTube calls “The sourdough that forgave me” a duplicate" in needs


async def test_the_answer_says_what_binds_and_the_table_adds_up(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        quota = await house.serving.quota.today()
        text = (await house.ask("GET", "/")).body.decode()

    assert f'<span class="answer-number">{quota["uploads_possible"]}</span>' in text
    assert "The accounts&#39; daily caps bind" in text
    assert "41 of 66" in text
    assert "3,615 of 10,000" in text
    assert "units: 3,615 used and 300 reserved of 10,000" in text


async def test_what_merely_follows_is_one_line_below_what_can_be_done(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        day = await a_busy_day(house.serving.acting)
        made = await send(house, "/checklist")
        await day.follow()
        alerts = await day.house.context.store.alerts()
        text = (await house.ask("GET", "/")).body.decode()
    needs = text.partition('class="needs"')[2].partition("</section>")[0].split("<li>")[1:]
    shown = text.partition('id="open-alerts"')[2].partition("</section>")[0]

    assert "/?said=checked" == made.headers["location"]
    assert 6 == len(needs)
    assert ["</form>" in each or "/start?" in each for each in needs] == [True] * 3 + [False] * 3
    # Late in the day not everything that waits has a place any more, which is one point more.
    assert re.search("The checklist fails at [56] points", needs[-1])
    assert "valid tokens" in needs[-1]
    assert f"{len(alerts) - 6} more" in shown


async def test_a_checklist_is_told_as_of_when_it_was_made(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        day = await a_busy_day(house.serving.acting)
        before = (await house.ask("GET", "/")).body.decode()
        made = await house.serving.checklist("test").made()
        after = (await house.ask("GET", "/")).body.decode()
        await day.condition("chess", Condition.ACTIVE, "connected")
        later = (await house.ask("GET", "/")).body.decode()

    assert "not made" in before
    assert f'as of <time datetime="{made["made_at"]}"' in after
    assert "was failed" not in after
    assert "was failed" in later
    assert "it is otherwise now" in later


@pytest.mark.parametrize(("expected", "number"), [("0 tries", 0), ("1 try", 1), ("1,000 tries", 1000)])
def test_one_thing_is_told_as_one(expected: str, number: int) -> None:
    assert expected == counted(number, "try", "tries")


async def test_one_publication_waits_and_two_wait(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        day = Day(house.serving.acting)
        await day.submitted(1)
        one = (await house.ask("GET", "/")).body.decode()
        await day.submitted(2)
        two = (await house.ask("GET", "/")).body.decode()

    assert "1 waits in the queue, 0 are deferred" in one
    assert "2 wait in the queue" in two


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/quota?videos=abc", "videos is to be a whole number from 0 to 100,000, and &#39;abc&#39; is none"),
        ("/quota?videos=100001", "&#39;100001&#39; is none"),
        ("/quota?days=0", "days is to be a whole number from 1 to 3,660"),
        ("/errors?days=zz", "days is to be a whole number from 1 to 365, and &#39;zz&#39; is none"),
        ("/log?before=" + 5000 * "9", "before is to be a whole number"),
    ],
)
async def test_what_is_no_number_is_told_in_words(
    company: Installation, opened: OpenPages, path: str, told: str
) -> None:
    async with opened(company) as house:
        answer = await house.ask("GET", path)

    assert 422 == answer.status
    assert told in answer.body.decode()
    assert f'href="{path.partition("?")[0]}"' in answer.body.decode()


async def test_a_list_says_what_of_its_address_is_no_good(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        await Day(house.serving.acting).submitted(1)
        odd = (await house.ask("GET", "/publications?before=zz&state=yy&account=xx%00")).body.decode()
        good = (
            await house.ask("GET", "/publications?before=pub_001&state=queued&account=birds")
        ).body.decode()

    for told in (
        "there is no &#39;zz&#39;",
        "&#39;yy&#39; is no state",
        "no account &#39;xx",
        "pub_001",
    ):
        assert told in odd
    assert "What could not be done" not in good


async def test_a_published_video_whose_thumbnail_has_to_wait_says_until_when_and_may_be_tried(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        day = Day(house.serving.acting)
        done = await day.published(7)
        later = day.now + timedelta(hours=20)
        extras = (replace(done.extras[0], state=ExtraState.PENDING, due=later), *done.extras[1:])
        await day.house.context.store.settle(Settlement(replace(done, extras=extras, due=later)))
        text = (await house.ask("GET", f"/publications/{done.id}")).body.decode()

    assert "Try the extras now" in text
    assert f'again <time datetime="{later:%Y-%m-%dT%H:%M:%S}' in text
