"""Every route with every kind of caller, as the application itself lists them."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from tests.builders import NOW, a_publication, a_request
from tests.entrypoints.http.asking import Answer
from tests.entrypoints.http.conftest import House, Open
from ytempire.domain.callers import GIVEN, Role, hashed
from ytempire.domain.events import Event, Kind
from ytempire.domain.publication import Target
from ytempire.domain.values import AccountId, Secret
from ytempire.entrypoints.http.app import routed, ways_in
from ytempire.entrypoints.http.doors import Door, NoRole, doors, guarded, needs

BODIES: dict[str, object] = {
    "/api/v1/publications": {"file": "nowhere.mp4"},
    "/api/v1/publications/check": {"title": "x"},
    "/api/v1/publications/retry-held": {"reason": "nothing"},
    "/api/v1/publications/{publication}/edit": {"title": "x"},
    "/api/v1/publications/{publication}/resolve": {"action": "give_up"},
    "/api/v1/accounts/{account}/pause": {"why": "test"},
    "/api/v1/alerts/mutes": {"pattern": "x:*", "for": "1h", "why": "test"},
    "/api/v1/alerts/mutes/end": {"pattern": "x:*"},
    "/api/v1/doctor": {"online": False},
    "/api/v1/webhooks": {"webhook": "nobody"},
    "/api/v1/errors/unknown/dismiss": {"key": "nothing"},
    "/api/v1/session": {"token": "x"},
}
OTHERS = frozenset({"/api/v1/publications/{publication}", "/api/v1/accounts/{account}"})
LET_IN, UNKNOWN, TOO_LOW, NOT_THERE = "let in", "401", "403", "404"


def told(answer: Answer) -> str:
    return {401: UNKNOWN, 403: TOO_LOW, 404: NOT_THERE}.get(answer.status, LET_IN)


async def knock(house: House, door: Door, token: str | None, account: str = "channel_1") -> Answer:
    path = door.path.format(publication=f"pub_{account}", account=account, token="nobody", provider="nobody",
                            webhook="nobody")  # fmt: skip
    query = "?account=" + account if "/auth/youtube/st" in path else "?videos=1" if "what-if" in path else ""
    given = BODIES.get(door.path) if door.method in ("POST", "PUT") else None
    if door.path == "/api/v1/tokens" and door.method == "POST":
        given = {"name": f"made-{next(NUMBERS)}", "role": "viewer"}
    return await house.ask(door.method, path + query, token=token, given=given)


NUMBERS: Iterator[int] = itertools.count()


def http_doors(house: House) -> list[Door]:
    return [door for door in ways_in(routed(house.serving)) if door.method != "WEBSOCKET"]


async def with_publications(house: House) -> None:
    """One publication for each account."""
    for account in ("channel_1", "channel_2"):
        request = a_request(target=Target(account=AccountId(account)))
        wanted = a_publication(f"pub_{account}", request=request, due=None)
        await house.serving.acting.context.store.submit(wanted, f"of {account}", ())


async def test_the_application_lists_every_way_in(house: House) -> None:
    ways = ways_in(routed(house.serving))

    assert 50 < len(ways)
    assert {"GET", "POST", "PUT", "DELETE", "WEBSOCKET"} == {door.method for door in ways}
    assert {
        "/healthz",
        "/login",
        "/logout",
        "/plain.css",
        "/api/v1/session",
        "/api/v1/auth/youtube/callback",
    } == {door.path for door in ways if door.role is Role.ANYBODY and not door.path.startswith("/static/")}


async def test_each_role_comes_in_where_it_may_and_nowhere_else(opened: Open) -> None:
    async with opened(local="none") as house:
        await with_publications(house)
        tokens: dict[Role, str | None] = {role: await house.token(role, role) for role in GIVEN}
        tokens[Role.ANYBODY] = None
        wrong = []
        for door, (role, token) in itertools.product(http_doors(house), tokens.items()):
            expected = LET_IN if role.covers(door.role) else UNKNOWN if token is None else TOO_LOW
            found = told(await knock(house, door, token))
            if door.path in ("/api/v1/session", "/login") and found == UNKNOWN:
                continue  # anybody may try to sign in, and this one cannot
            if (found if found != NOT_THERE else LET_IN) != expected:
                wrong.append((door, role, expected, found))

    assert [] == wrong


@pytest.mark.parametrize("kind", ["wrong", "expired", "revoked", "malformed", "basic"])
async def test_a_token_that_is_no_good_comes_in_nowhere(opened: Open, kind: str) -> None:
    async with opened() as house:  # on this machine nobody else would need one
        token = await house.token("one", Role.ADMIN, days=1)
        store, now = house.serving.acting.context.store, house.serving.acting.context.clock.now()
        if kind == "revoked":
            await house.serving.tokens.revoke("one", "test")
        if kind == "expired":
            found = await store.api_token(hashed(Secret(token)))
            assert found is not None
            old = replace(
                found,
                id="tok_old",
                name="old",
                hashed=hashed(Secret(OLD)),
                expires_at=now - timedelta(seconds=1),
            )
            await store.add_api_token(old, ())
        shown = {"wrong": OLD, "expired": OLD, "revoked": token, "malformed": "yte_é", "basic": token}[kind]
        headers = {"authorization": f"{'Basic' if kind == 'basic' else 'Bearer'} {shown}"}
        found_codes = set()
        for door in http_doors(house):
            path = door.path.format(
                publication="x", account="channel_1", token="x", provider="x", webhook="x"
            )
            answer = await house.ask(door.method, path, headers=headers)
            found_codes.add((answer.status, answer.code))

    assert {(401, "token_refused")} == found_codes


OLD = "yte_" + "o" * 43


async def test_a_token_for_one_account_finds_nothing_of_another(opened: Open) -> None:
    async with opened(local="none") as house:
        await with_publications(house)
        token = await house.token("one", Role.OPERATOR, "channel_1")
        wrong = []
        for door in http_doors(house):
            own, other = [told(await knock(house, door, token, each)) for each in ("channel_1", "channel_2")]
            about_one = (
                "{publication}" in door.path or "{account}" in door.path or "/auth/youtube/st" in door.path
            )
            may = Role.OPERATOR.covers(door.role) and not door.whole
            expected = (LET_IN, NOT_THERE if about_one else LET_IN) if may else (TOO_LOW, TOO_LOW)
            if door.path not in ("/api/v1/session", "/login") and (own, other) != expected:
                wrong.append((door, expected, own, other))

    assert [] == wrong


async def test_lists_show_a_token_for_one_account_that_one_alone(opened: Open) -> None:
    async with opened() as house:
        await with_publications(house)
        token = await house.token("one", Role.VIEWER, "channel_1")
        publications = (await house.ask("GET", "/api/v1/publications", token=token)).json()["publications"]
        accounts = (await house.ask("GET", "/api/v1/accounts", token=token)).json()["accounts"]
        events = (await house.ask("GET", "/api/v1/events", token=token)).json()["events"]

    assert ["pub_channel_1"] == [each["id"] for each in publications]
    assert ["channel_1"] == [each["id"] for each in accounts]
    assert {"channel_1"} == {each["account"] for each in events}


async def test_a_token_for_one_account_is_shown_the_log_of_that_one_and_told_where_else_it_may_look(
    opened: Open,
) -> None:
    page = {"accept": "text/html"}
    async with opened() as house:
        store = house.serving.acting.context.store
        for each in ("channel_1", "channel_2"):
            await store.record((Event(Kind.ACCOUNT_CHANGED, NOW, account=AccountId(each)),))
        await store.record((Event(Kind.PLAN_MADE, NOW, data={"videos": 7_654_321}),))
        token = await house.token("one", Role.VIEWER, "channel_1")
        log = (await house.ask("GET", "/log", token=token, headers=page)).body.decode()
        whole = (await house.ask("GET", "/log", headers=page)).body.decode()
        refused = await house.ask("GET", "/quota", token=token, headers=page)

    told = refused.body.decode()
    assert [True, False, False] == [each in log for each in ("/accounts/channel_1", "channel_2", "7654321")]
    assert "What happened on the accounts of your token" in log
    assert all(each in whole for each in ("/accounts/channel_1", "/accounts/channel_2", "7654321"))
    assert 403 == refused.status
    assert "the token one is for channel_1 only, and this is about the whole installation" in told
    assert '<a href="/log">Log</a>' in told
    assert 'href="/quota"' not in told


async def test_of_the_accounts_that_were_weighed_a_token_is_shown_its_own(opened: Open) -> None:
    weighed = [{"account": each, "why": f"{each} is busy"} for each in ("channel_1", "channel_2")]
    async with opened() as house:
        token = await house.token("one", Role.VIEWER, "channel_1")
        ours = a_publication("pub_1", account=AccountId("channel_1"), due=None)
        chosen = Event(
            Kind.STARTED, NOW, publication=ours.id, account=ours.account, data={"candidates": weighed}
        )
        await house.serving.acting.context.store.submit(ours, "x", (chosen,))
        paths = ["/api/v1/publications/pub_1", "/api/v1/publications/pub_1/explanation", "/api/v1/events",
                 "/publications/pub_1"]  # fmt: skip
        theirs = [(await house.ask("GET", each, token=token)).body for each in paths]
        whole = [(await house.ask("GET", each)).body for each in paths[:3]]

    assert [True] * 4 == [b"channel_1" in each for each in theirs]
    assert [False] * 4 == [b"channel_2" in each for each in theirs]
    assert [True] * 3 == [b"channel_2" in each for each in whole]


async def test_a_token_for_one_account_goes_on_through_all_that_is_not_its_own(opened: Open) -> None:
    async with opened() as house:
        token = await house.token("one", Role.VIEWER, "channel_1")
        store = house.serving.acting.context.store
        many = []
        for number in range(5_010):  # the oldest ten are theirs
            target = Target(account=AccountId("channel_1" if number < 10 else "channel_2"))
            at = NOW + timedelta(seconds=number)
            many.append(
                a_publication(
                    f"pub_{number}", request=a_request(target=target), created_at=at, updated_at=at, due=None
                )
            )
        await asyncio.gather(*(store.submit(each, each.id, ()) for each in many))
        first = (await house.ask("GET", "/api/v1/publications", token=token)).json()
        second = await house.ask("GET", f"/api/v1/publications?before={first['next']}", token=token)

    assert [] == first["publications"]
    assert (10, None) == (len(second.json()["publications"]), second.json()["next"])


def test_a_route_that_does_not_say_who_may_use_it_cannot_be_made() -> None:
    router = guarded()
    with pytest.raises(NoRole, match="/open does not say"):
        router.add_api_route("/open", lambda: "x")


def test_an_application_with_a_way_in_that_says_nothing_is_refused() -> None:
    app = FastAPI(openapi_url=None)
    app.router.routes.clear()
    app.add_api_websocket_route("/socket", lambda websocket: None)

    with pytest.raises(NoRole, match="does not say"):
        list(doors(app, {}))


def test_what_a_route_says_is_in_the_document() -> None:
    assert {"x-least-role": "viewer", "x-whole-installation": True} == needs(Role.VIEWER, whole=True)
