"""What the forms of the pages do, and for whom."""

import re
from urllib.parse import urlencode

import pytest

from tests.entrypoints.http.asking import Answer
from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.worlds import Day, a_busy_day
from tests.entrypoints.program import Installation
from ytempire.adapters.media.maker import make_video
from ytempire.domain.accounts import Condition
from ytempire.domain.callers import Role
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Reason
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Filter

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def csrf(house: House, path: str = "/publications/new", token: str | None = None) -> str:
    """What a form of this page carries."""
    answer = await house.ask("GET", path, token=token)
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.body.decode())
    assert found is not None, answer.body
    return found[1]


async def send(house: House, path: str, token: str | None = None, **fields: str) -> Answer:
    """Sends a form as a page would."""
    signed = fields if "csrf" in fields else {"csrf": await csrf(house, token=token), **fields}
    return await house.ask("POST", path, body=urlencode(signed).encode(), headers=FORM, token=token)


async def state_of(house: House, which: str) -> State:
    found = await house.serving.acting.context.store.publication(PublicationId(which))
    assert found is not None
    return found.state


async def condition_of(house: House, which: str) -> Condition:
    context = house.serving.acting.context
    return next(
        each for each in await context.store.accounts(context.clock.now()) if each.id == which
    ).condition


@pytest.mark.parametrize("csrf", ["", "0" * 64, "é"])
async def test_a_form_that_came_from_elsewhere_does_nothing(
    company: Installation, opened: OpenPages, csrf: str
) -> None:
    async with opened(company) as house:
        await Day(house.serving.acting).submitted(1)
        answer = await send(house, "/publications/pub_001/cancel", csrf=csrf)

        assert 403 == answer.status
        assert "this form is too old" in answer.body.decode()
        assert State.QUEUED is await state_of(house, "pub_001")


async def test_the_form_of_somebody_else_does_nothing(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        other = await csrf(house, token=await house.token("other", Role.OPERATOR))
        answer = await send(house, "/accounts/birds/pause", csrf=other)

        assert 403 == answer.status
        assert Condition.ACTIVE is await condition_of(house, "birds")


async def test_a_form_is_told_everything_that_is_wrong_at_once(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        wrong = {"title": "<b>", "publish_at": "soon", "priority": "99", "deadline": "1999-01-01T00:00"}
        checked = await send(house, "/publications/new/check", **wrong)
        sent = await send(house, "/publications/new", **wrong)

    for told in ("it holds &lt; or &gt;", "&#39;soon&#39; is not a moment", "the deadline has passed"):
        assert told in checked.body.decode()
        assert told in sent.body.decode()
    assert "no video file is chosen" in sent.body.decode()


BROWSER = FORM | {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_person_is_told_on_a_page_what_went_wrong(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        nowhere = await house.ask("GET", "/nowhere", headers=BROWSER)
        wrong = await house.ask("GET", "/", headers=BROWSER | {"host": "evil.example"})
        program = await house.ask("GET", "/api/v1/nowhere", headers=BROWSER)
        lost = await house.ask("GET", "/nowhere")

    assert [(404, "text/html; charset=utf-8"), (421, "text/html; charset=utf-8")] == [
        (each.status, each.headers["content-type"]) for each in (nowhere, wrong)
    ]
    assert nowhere.headers["x-request-id"] in nowhere.body.decode()
    assert ["application/problem+json"] * 2 == [each.headers["content-type"] for each in (program, lost)]


async def test_who_is_not_signed_in_any_more_is_asked_to(company: Installation, opened: OpenPages) -> None:
    async with opened(company, local="none") as house:
        answer = await house.ask("POST", "/accounts/birds/pause", body=b"why=x", headers=BROWSER)

    assert 401 == answer.status
    assert "Sign in first" in answer.body.decode()


async def test_what_is_no_form_is_not_taken(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        json = await house.ask("POST", "/accounts/birds/pause", given={"why": "x"})
        many = await house.ask("POST", "/accounts/birds/pause", body=b"a=1&" * 300, headers=FORM)
        torn = await house.ask("POST", "/accounts/birds/pause", body=b"why=%ff", headers=FORM)

    assert [415, 400, 400] == [json.status, many.status, torn.status]


@pytest.mark.parametrize(
    "back", ["//elsewhere.test/", "https://elsewhere.test/", "/\\elsewhere.test", "/a\nb"]
)
async def test_a_form_leads_to_no_other_site(company: Installation, opened: OpenPages, back: str) -> None:
    async with opened(company) as house:
        answer = await send(house, "/accounts/birds/pause", back=back)

    assert 303 == answer.status
    assert "/accounts/birds?said=paused" == answer.headers["location"]


async def test_buttons_do_what_they_say(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        done = [
            await send(house, "/publications/pub_001/cancel"),
            await send(house, "/publications/pub_033/retry", back="/"),
            await send(house, "/publications/pub_029/retry"),
            await send(house, "/accounts/birds/pause", why="a holiday"),
            await send(house, "/accounts/maps/resume"),
            await send(house, "/alerts/mutes", pattern="quota:*", span="2h", why="a migration"),
            await send(house, "/plan"),
        ]
        muted = (await house.ask("GET", "/alerts")).body.decode()
        ended = await send(house, "/alerts/mutes/end", pattern="quota:*")

        assert [303] * 8 == [each.status for each in (*done, ended)]
        assert "/?said=retried" == done[1].headers["location"]
        assert re.fullmatch(r"/publications/pub_\w+\?said=renewed", done[2].headers["location"])
        assert "pub_029" not in done[2].headers["location"]
        assert "a migration" in muted
        assert State.CANCELLED is await state_of(house, "pub_001")
        assert State.QUEUED is await state_of(house, "pub_033")
        assert Condition.PAUSED is await condition_of(house, "birds")
        assert Condition.ACTIVE is await condition_of(house, "maps")


async def test_what_cannot_be_done_is_told_on_a_page_with_a_way_back(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        over = await send(house, "/publications/pub_060/cancel", back="/publications?state=published")
        undecided = await send(house, "/publications/pub_033/resolve", action="nothing")
        gone = await house.ask("GET", "/publications/pub_none")
        nowhere = await house.ask("GET", "/accounts/nobody")
        odd = await house.ask("GET", "/log?before=x")

    assert [409, 422, 404, 404, 422] == [each.status for each in (over, undecided, gone, nowhere, odd)]
    for each in (over, undecided, gone, nowhere, odd):
        assert each.headers["content-type"].startswith("text/html")
        assert "Go back" in each.body.decode()
    assert 'href="/publications?state=published"' in over.body.decode()


async def test_a_viewer_is_offered_nothing_to_do_and_refused_what_is_done_anyway(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        viewer = await house.token("viewer", Role.VIEWER)
        for path in ("/", "/publications/pub_033", "/accounts", "/accounts/birds", "/plan", "/alerts"):
            text = (await house.ask("GET", path, token=viewer)).body.decode()
            assert 'method="post" action="/publications' not in text
            assert 'method="post" action="/accounts' not in text
            assert 'method="post" action="/alerts' not in text
            assert "auth/youtube/start" not in text, path
        answer = await house.ask("POST", "/accounts/birds/pause", body=b"", headers=FORM, token=viewer)

    assert 403 == answer.status


async def test_whoever_is_for_one_account_sees_that_one_only(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        day = Day(house.serving.acting)
        mine, other = await day.published(60), await day.published(61)
        token = await house.token("one", Role.OPERATOR, str(mine.account))
        listed = (await house.ask("GET", "/publications", token=token)).body.decode()
        accounts = (await house.ask("GET", "/accounts", token=token)).body.decode()
        first = await house.ask("GET", "/", token=token)
        away = [
            (await house.ask("GET", path, token=token)).status
            for path in (f"/publications/{other.id}", f"/accounts/{other.account}", "/quota", "/alerts", "/plan",
                         "/log")
        ]  # fmt: skip
        form = (await house.ask("GET", "/publications/new", token=token)).body.decode()

    assert mine.id in listed
    assert other.id not in listed
    assert f"/accounts/{other.account}" not in accounts
    assert "/publications" == first.headers["location"]
    assert [404, 404, 403, 403, 403, 200] == away
    assert f"account:{mine.account}" in form
    assert f"account:{other.account}" not in form


async def test_who_has_shown_nothing_is_asked_to_sign_in(company: Installation, opened: OpenPages) -> None:
    async with opened(company, local="none") as house:
        answers = [await house.ask("GET", path) for path in ("/", "/accounts", "/publications/pub_1")]

    assert [401] * 3 == [each.status for each in answers]
    assert all("Sign in" in each.body.decode() for each in answers)


async def test_a_new_publication_is_queued_once_however_often_the_form_is_sent(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company, roots=(str(company.folder),)) as house:
        film = str(company.folder / "film.mp4")
        make_video(company.folder / "film.mp4", seed=1, seconds=1, width=160, height=90)
        fields = {"file": film, "title": "Sent twice", "idempotency_key": "form_1", "target": "account:birds",
                  "privacy": "unlisted", "tags": "a, b c", "publish_at": ""}  # fmt: skip
        first, second = [await send(house, "/publications/new", **fields) for _ in range(2)]
        found = await house.serving.acting.context.store.publications(Filter())

    assert [303, 303] == [first.status, second.status], first.body
    assert first.headers["location"] == second.headers["location"]
    (one,) = found
    assert ("Sent twice", "unlisted", ("a", "b c")) == (
        one.request.metadata.title, one.request.metadata.privacy, one.request.metadata.tags
    )  # fmt: skip
    assert AccountId("birds") == one.request.target.account


async def test_a_form_that_is_refused_keeps_what_was_written_and_tells_all_that_is_wrong(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        answer = await send(
            house, "/publications/new", file="", title="t" * 101, description="kept <as> it is",
            privacy="public", publish_at="2001-01-01T10:00", language="not a language",
        )  # fmt: skip
    text = answer.body.decode()

    assert 422 == answer.status
    assert "kept &lt;as&gt; it is</textarea>" in text
    for wrong in ("101 characters", "2001-01-01", "language"):
        assert wrong in text


async def test_the_check_counts_as_youtube_does_and_says_who_will_see_it(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        wanted = {
            "title": "é" * 101,
            "description": "é" * 10,
            "tags": "one, two words",
            "target": "account:birds",
        }
        answer = await send(house, "/publications/new/check", privacy="public", **wanted)
        later = await send(
            house, "/publications/new/check", publish_at="2030-01-01T10:00", target="group:shows"
        )
    text = answer.body.decode()

    assert 200 == answer.status
    assert re.search(r'tone-bad" data-count="title".*?data-used>101<', text, re.DOTALL)
    assert re.search(r'data-count="description".*?data-used>20<', text, re.DOTALL)
    assert re.search(r'data-count="tags".*?data-used>15<', text, re.DOTALL)
    assert "Public: everybody sees it" in text
    assert "On Birds of the Coast (birds)." in text
    assert "Private until 2030-01-01 10:00 Pacific time" in later.body.decode()
    assert "one channel of the group shows" in later.body.decode()


LATE = Reason("deadline_passed", "its deadline has passed", ("cancel", "submit it anew with another moment"))


async def test_what_is_held_for_a_moment_gone_by_is_not_offered_to_be_tried_again(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await Day(house.serving.acting).held(33, LATE)
        first = (await house.ask("GET", "/")).body.decode()
        text = (await house.ask("GET", "/publications/pub_033")).body.decode()
        retried = await send(house, "/publications/pub_033/retry")

        assert "/publications/pub_033/retry" not in first + text
        assert 'value="reassign"' not in text
        assert "Submit it anew" in text
        assert "Give it up" in text
        assert 409 == retried.status
        assert "would be held again at once" in retried.body.decode()
        assert State.HELD is await state_of(house, "pub_033")
