"""Connecting an account over HTTP: to Google's page and back, in the browser that began it, once."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.entrypoints.http.asking import HOST, Answer
from tests.entrypoints.http.conftest import House, Open
from ytempire.domain.callers import Role
from ytempire.domain.consent import CALLBACK_PATH
from ytempire.domain.oauth import OAuthClient
from ytempire.domain.values import Refused, Secret
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.routes.connecting import landing

START = "/api/v1/auth/youtube/start?account=channel_1"
VISIT = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def said_yes(google: Emulator, address: str) -> str:
    """The path and query that Google sends the browser back to."""
    back = urlsplit(await asyncio.to_thread(google.consent, address, account="channel_1"))
    assert (HOST, CALLBACK_PATH) == (back.netloc, back.path)
    return f"{back.path}?{back.query}"


async def sent(house: House) -> tuple[str, str]:
    """Where a browser is sent, and the cookie it is given."""
    answer = await house.ask("GET", START, headers={"sec-fetch-site": "same-origin"})
    assert 303 == answer.status
    return answer.headers["location"], answer.cookies[0]


def told(answer: Answer) -> str:
    return answer.body.decode().partition("<h1>")[2].partition("</h1>")[0]


async def test_a_person_connects_an_account_in_the_browser(house: House, shared_google: Emulator) -> None:
    address, cookie = await sent(house)
    assert {"HttpOnly", "SameSite=lax", "Path=/api/v1/auth"} <= set(cookie.split("; "))
    back = await said_yes(shared_google, address)
    welcome = await house.ask("GET", back, headers=VISIT | {"cookie": cookie.partition(";")[0]})
    again = await house.ask("GET", back, headers=VISIT | {"cookie": cookie.partition(";")[0]})
    status = await house.ask("GET", "/api/v1/auth/youtube/status?account=channel_1")
    account = (await house.ask("GET", "/api/v1/accounts/channel_1")).json()

    assert [(200, "Connected"), (400, "This did not work")] == [
        (each.status, told(each)) for each in (welcome, again)
    ]
    assert (True, "active") == (status.json()["connected"], account["state"])
    assert "code=" not in json.dumps(account)


async def test_the_answer_is_good_in_the_browser_that_began_it_alone(
    house: House, shared_google: Emulator
) -> None:
    address, cookie = await sent(house)
    back = await said_yes(shared_google, address)
    for other in ({}, {"cookie": "ytempire_consent=" + "x" * 43}, {"cookie": cookie.partition("=")[0] + "="}):
        assert 400 == (await house.ask("GET", back, headers=VISIT | other)).status
    assert 200 == (await house.ask("GET", back, headers=VISIT | {"cookie": cookie.partition(";")[0]})).status


async def test_a_program_gets_the_address_for_a_person_elsewhere(
    house: House, shared_google: Emulator
) -> None:
    begun = (await house.ask("POST", START)).json()
    back = await said_yes(shared_google, begun["address"])

    assert f"http://{HOST}{CALLBACK_PATH}" == begun["redirect_uri"]
    assert 200 == (await house.ask("GET", back, headers=VISIT)).status


async def test_the_history_says_who_began_it(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.OPERATOR, "channel_1")
        assert 200 == (await house.ask("POST", START, token=token)).status
        assert 404 == (await house.ask("POST", START.replace("_1", "_2"), token=token)).status
        assert 401 == (await house.ask("GET", START)).status


@pytest.mark.parametrize(
    "query", ["", "state=x", "code=x", "state=x&code=y", "state=" + "x" * 9000, "state=%ff&code=1"]
)
async def test_a_state_that_nobody_began_is_turned_away_on_a_page(house: House, query: str) -> None:
    answer = await house.ask("GET", f"{CALLBACK_PATH}?{query}")

    assert (400, "This did not work") == (answer.status, told(answer))


def a_client(*uris: str, web: bool = True) -> OAuthClient:
    return OAuthClient(
        "id",
        Secret("secret"),
        "http://a/auth",
        "http://a/token",
        redirect_uris=uris,
        web=web,
    )


LOCAL = front(8000)
PUBLIC = front(8000, ["videos.example.org"], tls=True, local=False)


def test_a_desktop_client_comes_back_to_the_name_it_came_by() -> None:
    assert f"http://localhost:8000{CALLBACK_PATH}" == landing(a_client(web=False), LOCAL, "localhost:8000")
    assert f"http://[::1]:8000{CALLBACK_PATH}" == landing(a_client(web=False), LOCAL, "[::1]:8000")
    with pytest.raises(Refused, match="come back to the very machine"):
        landing(a_client(web=False), PUBLIC, "videos.example.org")


def test_a_web_client_comes_back_to_an_address_that_is_registered_and_ours() -> None:
    ours, other = f"http://localhost:8000{CALLBACK_PATH}", f"http://localhost:9000{CALLBACK_PATH}"
    public = f"https://videos.example.org{CALLBACK_PATH}"

    assert ours == landing(a_client(other, ours), LOCAL, "127.0.0.1:8000")
    assert public == landing(a_client(ours, public), PUBLIC, "videos.example.org")
    with pytest.raises(Refused, match="register http://localhost:8000/api/v1/auth/youtube/callback"):
        landing(a_client(other, "http://localhost:8000/other"), LOCAL, "localhost:8000")
