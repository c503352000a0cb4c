"""Messages reach a real server; one that is down, slow or unwilling is said in a sentence without a secret."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import ytempire
from tests.adapters.receiver import Receiver, receiving
from ytempire.adapters.apprise import AppriseNotifier, UnknownAddress
from ytempire.domain.alerts import Message
from ytempire.domain.faults import Level
from ytempire.domain.values import Secret

SOURCE = str(Path(ytempire.__file__).parents[1])
MESSAGE = Message("high: it burns", "There <b>is</b> smoke.\nWhat you can do: run", Level.HIGH, over=False)
PASSWORD = "s3cr3t-pass"
TOKEN = "tok-0123456789"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def address(receiver: Receiver, more: str = "") -> Secret:
    return Secret(f"json://user:{PASSWORD}@127.0.0.1:{receiver.port}/hook/{TOKEN}{more}")


def no_secret_in(text: object) -> bool:
    return not any(secret in str(text) for secret in (PASSWORD, TOKEN))


async def test_a_message_arrives_as_it_is(receiver: Receiver) -> None:
    notifier = AppriseNotifier({"ops": address(receiver)})

    assert await notifier.send("ops", MESSAGE) is None

    (taken,) = receiver.taken
    assert (MESSAGE.title, MESSAGE.body, "failure") == (taken["title"], taken["message"], taken["type"])
    assert [f"/hook/{TOKEN}"] == receiver.paths


@pytest.mark.parametrize(
    ("level", "over", "kind"),
    [
        (Level.INFO, False, "info"),
        (Level.WARNING, False, "warning"),
        (Level.CRITICAL, False, "failure"),
        (Level.CRITICAL, True, "success"),
    ],
)
async def test_a_level_becomes_a_kind_that_services_know(
    receiver: Receiver, level: Level, over: bool, kind: str
) -> None:
    await AppriseNotifier({"ops": address(receiver)}).send("ops", Message("t", "b", level, over))

    assert [kind] == [taken["type"] for taken in receiver.taken]


async def test_a_form_arrives_too(receiver: Receiver) -> None:
    url = Secret(f"form://127.0.0.1:{receiver.port}/hook")

    assert await AppriseNotifier({"ops": url}).send("ops", MESSAGE) is None

    (body,) = receiver.bodies
    assert [MESSAGE.title] == parse_qs(body)["title"]


async def test_half_a_character_keeps_no_message_from_arriving(receiver: Receiver) -> None:
    notifier = AppriseNotifier({"ops": Secret(f"form://127.0.0.1:{receiver.port}/hook")})

    assert await notifier.send("ops", Message("caf\udce9", "caf\udce9.mp4", Level.HIGH, over=False)) is None

    (body,) = receiver.bodies
    taken = parse_qs(body)
    assert (["caf?"], ["caf?.mp4"]) == (taken["title"], taken["message"])


async def test_a_server_that_refuses_is_said(receiver: Receiver) -> None:
    receiver.status = 500

    why = await AppriseNotifier({"ops": address(receiver)}).send("ops", MESSAGE)

    assert why is not None
    assert "500" in why
    assert no_secret_in(why)


async def test_a_server_that_is_down_is_said() -> None:
    with receiving() as gone:
        url = address(gone)

    why = await AppriseNotifier({"ops": url}).send("ops", MESSAGE)

    assert why
    assert no_secret_in(why)


async def test_a_server_that_is_silent_is_given_up_in_time_and_others_are_served_meanwhile(
    receiver: Receiver,
) -> None:
    receiver.silent.set()
    with receiving() as other:
        notifier = AppriseNotifier(
            {"slow": address(receiver, "?rto=30"), "quick": address(other)}, seconds=0.3
        )

        slow, quick = await asyncio.gather(notifier.send("slow", MESSAGE), notifier.send("quick", MESSAGE))

    assert ("it did not answer within 0.3 s", None) == (slow, quick)


async def test_a_target_nobody_configured_is_said(receiver: Receiver) -> None:
    assert "it is not configured" == await AppriseNotifier({"ops": address(receiver)}).send("other", MESSAGE)


@pytest.mark.parametrize("bad", ["nonsense", f"nosuch://{PASSWORD}@x/{TOKEN}", "", "json://"])
def test_an_address_that_makes_no_sense_is_refused_without_being_shown(bad: str) -> None:
    with pytest.raises(UnknownAddress, match=r"^alerts\.targets\.ops: Apprise cannot read") as refused:
        AppriseNotifier({"ops": Secret(bad)})

    assert no_secret_in(refused.value)


def test_nothing_shows_an_address(receiver: Receiver) -> None:
    notifier = AppriseNotifier({"ops": address(receiver)})

    assert no_secret_in(repr(notifier))
    assert no_secret_in(repr(notifier._addresses))


async def test_what_a_service_repeats_of_its_address_is_left_out(receiver: Receiver) -> None:
    notifier = AppriseNotifier({"ops": address(receiver)})

    class Chatty:
        """A service that fails with everything it knows."""

        def notify(self, **_: object) -> bool:
            logging.getLogger("apprise").warning("POST /hook/%s as user:%s failed", TOKEN, PASSWORD)
            return False

    notifier._services["ops"] = Chatty()  # type: ignore[assignment]

    why = await notifier.send("ops", MESSAGE)

    assert "POST /•••/••• as •••:••• failed" == why


async def test_a_service_that_breaks_is_a_failure_like_any_other(receiver: Receiver) -> None:
    notifier = AppriseNotifier({"ops": address(receiver)})

    class Broken:
        """A service with a mistake in it."""

        def notify(self, **_: object) -> bool:
            raise KeyError("nobody expected this")

    notifier._services["ops"] = Broken()  # type: ignore[assignment]

    assert "KeyError: 'nobody expected this'" == await notifier.send("ops", MESSAGE)


FAILING = """
import asyncio, sys
from ytempire.adapters.apprise import AppriseNotifier
from ytempire.domain.alerts import Message
from ytempire.domain.faults import Level
from ytempire.domain.values import Secret
print("apprise" in sys.modules)
notifier = AppriseNotifier({"ops": Secret("json://127.0.0.1:1/hook")})
print(bool(asyncio.run(notifier.send("ops", Message("title", "body", Level.HIGH, False)))))
"""


def test_apprise_is_loaded_when_it_is_needed_and_says_nothing_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": SOURCE},
    )

    assert ("False\nTrue\n", "") == (done.stdout, done.stderr)
