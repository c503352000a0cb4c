"""A story of more than a thousand events, and a log whose beginning is forgotten, over the API and on the pages."""

from datetime import timedelta

from tests.builders import NOW, an_event
from tests.entrypoints.http.conftest import House
from tests.entrypoints.http.test_publications import PATH, some
from ytempire.domain.events import Kind
from ytempire.domain.values import PublicationId

ONE = PublicationId("pub_000")


async def lived(house: House) -> list[int]:
    """A publication to which 1,003 things happened; their numbers."""
    await some(house, 1)
    store = house.serving.acting.context.store
    for page in range(3):
        happened = [
            an_event(Kind.RETRYING, publication=ONE, at=NOW, data={"try": 500 * page + each})
            for each in range(500 if page < 2 else 3)
        ]
        await store.record(happened)
    return [number for number, _ in await store.events(publication=ONE, limit=2_000)]


async def test_a_long_story_is_told_from_its_end_with_how_much_came_before(house: House) -> None:
    every = await lived(house)

    newest = await house.ask("GET", f"{PATH}/{ONE}")
    told = newest.json()
    before = await house.ask("GET", f"{PATH}/{ONE}?before={told['history'][0]['number']}")

    assert (every[3:], 3) == ([each["number"] for each in told["history"]], told["earlier"])
    assert (every[:3], 0) == ([each["number"] for each in before.json()["history"]], before.json()["earlier"])
    assert newest.headers["etag"] != before.headers["etag"]


async def test_who_looked_at_an_earlier_part_of_a_story_saw_its_state_too(house: House) -> None:
    every = await lived(house)
    path = f"{PATH}/{ONE}?before={every[3]}"
    tag = (await house.ask("GET", path)).headers["etag"]

    again = await house.ask("GET", path, headers={"if-none-match": tag})
    done = await house.ask("POST", f"{PATH}/{ONE}/cancel", headers={"if-match": tag})
    changed = await house.ask("GET", path, headers={"if-none-match": tag})
    late = await house.ask("POST", f"{PATH}/{ONE}/retry", headers={"if-match": tag})

    assert [304, 200, 200, 412] == [each.status for each in (again, done, changed, late)]


async def test_the_page_of_a_long_story_shows_the_newest_and_the_way_to_what_came_before(
    house: House,
) -> None:
    every = await lived(house)

    newest = (await house.ask("GET", f"/publications/{ONE}")).body.decode()
    before = (await house.ask("GET", f"/publications/{ONE}?before={every[3]}")).body.decode()

    assert f'id="event-{every[-1]}"' in newest
    assert f'id="event-{every[2]}"' not in newest
    assert "3 events came before." in newest
    assert f'href="/publications/{ONE}?before={every[3]}#story"' in newest
    assert f'id="event-{every[2]}"' in before
    assert "Show the newest" in before
    assert "came before." not in before


async def test_a_log_whose_beginning_is_forgotten_says_so_and_ends_where_it_begins(house: House) -> None:
    store = house.serving.acting.context.store
    await store.record([an_event(at=NOW - timedelta(days=900))] * 30)
    await store.record([an_event(at=NOW)] * 3)
    newest = (await store.alert_news(NOW)).newest
    assert newest - 3 == await store.forget_events(0, newest, NOW - timedelta(days=1), 1000)

    told = (await house.ask("GET", "/api/v1/events?limit=500")).json()
    page = (await house.ask("GET", "/log")).body.decode()

    assert newest - 3 == told["forgotten"]
    assert newest - 2 == told["events"][-3]["number"]
    assert "before=" not in page.partition("<main")[2].partition("</main>")[0]


async def test_who_planned_is_in_the_history(house: House) -> None:
    await some(house, 1)
    store = house.serving.acting.context.store

    await house.ask("POST", "/api/v1/plan")

    assert ["local"] == [
        event.data["by"] for _, event in await store.events(limit=1000) if event.kind is Kind.PLAN_MADE
    ]


async def test_calls_of_a_chain_that_there_is_not_are_refused_with_the_one_that_was_meant(
    house: House,
) -> None:
    slip = await house.ask("GET", "/api/v1/services/calls?chain=voice_synthesys")
    other = await house.ask("GET", "/api/v1/services/calls?chain=nope")
    known = await house.ask("GET", "/api/v1/services/calls?chain=voice_synthesis")

    assert (422, "chain_unknown") == (slip.status, slip.code)
    assert "did you mean voice_synthesis?" in slip.json()["detail"]
    assert (422, "chain_unknown") == (other.status, other.code)
    assert "known are voice_synthesis, script_generation" in other.json()["detail"]
    assert (200, []) == (known.status, known.json()["calls"])
