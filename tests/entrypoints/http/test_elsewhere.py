"""Remedies for who has no command line at hand."""

import pytest

from tests.entrypoints.http.conftest import House
from ytempire.domain.consent import CALLBACK_PATH
from ytempire.entrypoints.http.app import routed, ways_in
from ytempire.entrypoints.http.elsewhere import SAME, for_people, for_programs


@pytest.mark.parametrize(
    ("said", "route", "page"),
    [
        ("see `ytempire jobs show pub_1`", "GET /api/v1/publications/pub_1", "/publications/pub_1"),
        ("`ytempire webhook add mine` makes one", "POST /api/v1/webhooks", "/webhooks"),
        ("start anew with `ytempire connect`", "POST /api/v1/auth/youtube/start?account=ID", "/accounts"),
        (
            "run `ytempire connect chess --backup`",
            "POST /api/v1/auth/youtube/start?account=chess",
            "/accounts",
        ),
        ("see `ytempire errors`", "GET /api/v1/errors", "/errors"),
    ],
)
def test_a_command_is_followed_by_what_does_the_same(said: str, route: str, page: str) -> None:
    assert f"` (here: {route})" in for_programs(said)
    assert f"` (here on the page: {page})" in for_people(said)


@pytest.mark.parametrize("said", ["run `ytempire keys rotate` first", "stop ytempire", "write `x`", ""])
def test_what_can_be_done_by_command_alone_stays_as_it_is(said: str) -> None:
    assert (said, said) == (for_programs(said), for_people(said))


async def test_every_place_that_is_named_is_there(house: House) -> None:
    ways = {(door.method, plain(door.path)) for door in ways_in(routed(house.serving))}
    routes = {tuple(route.partition("?")[0].split()) for route, _ in SAME.values()}
    pages = {("GET", page.partition("?")[0]) for _, page in SAME.values() if page is not None}

    assert set() == (routes | pages) - ways


async def test_a_person_who_comes_back_too_late_is_sent_to_a_page(house: House) -> None:
    page = (await house.ask("GET", f"{CALLBACK_PATH}?state=x&code=y", headers={"accept": "text/html"})).body

    assert b"start anew with `ytempire connect` (here on the page: /accounts)" in page


def plain(path: str) -> str:
    """A path whose parts in braces have no name."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
