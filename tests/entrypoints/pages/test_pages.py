"""Every page by HTTP: with nothing, on a busy day, and what its forms do."""

import pytest

from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.worlds import a_busy_day
from tests.entrypoints.program import Installation

PAGES = (
    "/", "/publications", "/publications?state=attention", "/publications/new", "/accounts", "/plan",
    "/plan?day=2026-11-25", "/services", "/quota", "/quota?days=7&videos=50", "/alerts", "/alerts?show=all", "/log",
    "/log?about=publication&level=high",
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
