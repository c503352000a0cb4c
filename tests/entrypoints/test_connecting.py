"""`ytempire connect` through a browser that comes back, or whose last address is pasted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.consenting import (
    FIRST,
    PROJECT,
    SECOND,
    asked,
    connected,
    events,
    nothing_in_clear,
    tokens,
    unconnected,
    visit,
)
from tests.entrypoints.program import Installation, read_until
from ytempire.emulator import Emulator
from ytempire.emulator.journal import Event

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    """Two accounts that are not connected. At its end nothing of any secret is to be read anywhere."""
    made = unconnected(Installation(tmp_path), google)
    yield made
    assert [] == nothing_in_clear(made, google)


def journal(google: Emulator, kind: str) -> list[Event]:
    return [event for event in google.journal.since(0) if event.kind == kind]


def test_a_browser_that_comes_back_connects_the_account(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        page = visit(google.consent(question.address, account=FIRST))
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert f"{FIRST} is connected to The {FIRST} ({google.channel_of(FIRST)})\n" == ended.out
    assert "" == ended.err
    assert 200 == page.status
    assert f"{FIRST} is connected to The {FIRST}. You can close this page." in page.text
    assert "valid" == tokens(place)[FIRST, "primary"]["state"]
    (exchange,) = journal(google, "code_exchanged")
    assert exchange.facts["pkce"]


def test_a_document_tells_the_channel_and_the_scopes(place: Installation, google: Emulator) -> None:
    ended = connected(place, google, FIRST, "--json")

    assert {
        "account": FIRST,
        "slot": "primary",
        "channel": google.channel_of(FIRST),
        "channel_title": f"The {FIRST}",
        "scopes": [SCOPE],
        "warnings": [],
    } == ended.json()


def test_the_last_address_may_be_pasted_on_a_machine_without_a_browser(
    place: Installation, google: Emulator
) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        ended = question.ended(f"{back}\n")

    assert 0 == ended.code, ended.err
    assert (FIRST, "primary") in tokens(place)


def test_rubbish_that_is_pasted_first_is_told_and_waited_on(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        made_up = "http://127.0.0.1/?state=made-up&code=4/0made-up"
        ended = question.ended(f"yes, done\n\n{made_up}\nhttp://127.0.0.1/?state=a\n  {back}  ")

    assert 0 == ended.code, ended.err
    told = ended.lines()
    assert "this is not the address that the browser ended at" in told[0]
    assert "nobody here began this consent" in told[1]
    assert "it has not one state" in told[2]
    assert ["paste the right address"] * 2 == [
        words for line in told[1:] for words in ("paste the right address", "start anew") if words in line
    ]
    assert 3 == len(told)


def test_consent_that_is_denied_ends_with_the_remedy(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        page = visit(google.consent(question.address, account=FIRST, allow=False))
        ended = question.ended()

    assert 2 == ended.code
    assert ["denied", "allow the access asked for"] == [
        word for word in ("denied", "allow the access asked for") if word in ended.err
    ]
    assert 400 == page.status
    assert "denied" in page.text
    assert {} == tokens(place)
    assert "consent.refused" in events(place)


def test_another_channel_than_before_is_refused_and_the_old_grant_still_works(
    place: Installation, google: Emulator
) -> None:
    google.add_account("stranger", PROJECT)
    assert 0 == connected(place, google, FIRST).code
    before = tokens(place)[FIRST, "primary"]

    ended = connected(place, google, FIRST, channel="stranger")

    assert 2 == ended.code
    assert google.channel_of("stranger") in ended.err
    assert "choose the right channel" in ended.err
    assert before == tokens(place)[FIRST, "primary"]
    assert 0 == place.run("tokens", "refresh", FIRST).code


def test_a_channel_that_another_account_has_is_refused(place: Installation, google: Emulator) -> None:
    assert 0 == connected(place, google, FIRST).code

    ended = connected(place, google, SECOND, channel=FIRST)

    assert 2 == ended.code
    assert f"is already connected as {FIRST}" in ended.err


def test_a_login_without_a_channel_is_refused(place: Installation, google: Emulator) -> None:
    google.add_account("nobody", PROJECT, has_channel=False)

    ended = connected(place, google, FIRST, channel="nobody")

    assert 2 == ended.code
    assert "has no YouTube channel" in ended.err
    assert {} == tokens(place)


def answers(google: Emulator, **changes: object) -> None:
    """The token endpoint gives this for the next code."""
    body = {
        "access_token": "ya29.thin",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": SCOPE,
        **changes,
    }
    google.add_fault(
        "token.code", "status", status=200, body=json.dumps(body), content_type="application/json"
    )


def test_a_grant_without_a_refresh_token_is_refused(place: Installation, google: Emulator) -> None:
    answers(google)

    ended = connected(place, google, FIRST)

    assert 2 == ended.code
    assert "no refresh token" in ended.err
    assert "myaccount.google.com/permissions" in ended.err
    assert {} == tokens(place)


def test_a_grant_that_lacks_the_scope_is_refused(place: Installation, google: Emulator) -> None:
    answers(google, refresh_token="1//0thin", scope="https://www.googleapis.com/auth/youtube.readonly")

    ended = connected(place, google, FIRST)

    assert 2 == ended.code
    assert f"consent to {SCOPE}" in ended.err
    assert {} == tokens(place)


def test_nobody_who_comes_is_not_waited_for_for_ever(place: Installation) -> None:
    ended = place.run("connect", FIRST, "--no-browser", "--wait", "1")

    assert 6 == ended.code
    assert "nobody came back from Google within 1 second; run the command again" in ended.err


def test_a_token_endpoint_that_is_down_is_upstream_and_not_the_persons_fault(
    place: Installation, google: Emulator
) -> None:
    google.add_fault("token.code", "status", status=503)

    ended = connected(place, google, FIRST)

    assert 6 == ended.code
    assert "connect" in ended.err
    assert {} == tokens(place)


def test_every_account_that_needs_it_is_walked_through(place: Installation, google: Emulator) -> None:
    with asked(place, "--all", "--json") as question:
        assert "1 of 2: channel_1" in question.told
        visit(google.consent(question.address, account=FIRST))
        second = question.again()
        assert "2 of 2: channel_2" in second.told
        visit(google.consent(second.address, account=SECOND))
        ended = second.ended()

    assert 0 == ended.code, ended.err
    assert [FIRST, SECOND] == [each["account"] for each in ended.json()["accounts"]]

    again = place.run("connect", "--all", "--json")

    assert (0, {"accounts": []}) == (again.code, again.json())
    assert "every account is connected" in again.err


def test_one_refusal_does_not_keep_the_other_accounts_from_being_connected(
    place: Installation, google: Emulator
) -> None:
    with asked(place, "--all", "--json") as question:
        visit(google.consent(question.address, account=FIRST, allow=False))
        second = question.again()
        visit(google.consent(second.address, account=SECOND))
        ended = second.ended()

    assert 3 == ended.code, ended.err
    assert [SECOND] == [each["account"] for each in ended.json()["accounts"]]
    assert "denied" in second.told


def test_a_backup_grant_is_kept_beside_the_first(place: Installation, google: Emulator) -> None:
    assert 0 == connected(place, google, FIRST).code

    ended = connected(place, google, FIRST, "--backup")

    assert 0 == ended.code, ended.err
    assert "has a backup grant for" in ended.out
    assert {(FIRST, "primary"), (FIRST, "backup")} == set(tokens(place))


def test_a_backup_of_nothing_is_refused_before_anybody_is_sent_to_google(place: Installation) -> None:
    ended = place.run("connect", FIRST, "--backup", "--no-browser", "--wait", "1")

    assert 2 == ended.code
    assert "no grant yet that a second one could back up" in ended.err


def test_a_backup_of_another_channel_is_refused(place: Installation, google: Emulator) -> None:
    assert 0 == connected(place, google, FIRST).code

    ended = connected(place, google, FIRST, "--backup", channel=SECOND)

    assert 2 == ended.code
    assert "choose the right channel" in ended.err
    assert {(FIRST, "primary")} == set(tokens(place))


def test_a_closed_standard_input_is_no_reason_not_to_wait_for_the_browser(
    place: Installation, google: Emulator
) -> None:
    command = [
        "sh",
        "-c",
        'exec "$@" <&-',
        "sh",
        sys.executable,
        "-m",
        "ytempire",
        "connect",
        FIRST,
        "--no-browser",
    ]
    with subprocess.Popen(
        command,
        cwd=place.folder,
        env=place.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        address = read_until(process, "/o/oauth2/v2/auth?").splitlines()[-1]
        visit(google.consent(address, account=FIRST))
        out, err = process.communicate(timeout=60)

    assert 0 == process.returncode, err
    assert "is connected" in out
    assert "" == err


def left_unfinished(place: Installation, google: Emulator, account: str = FIRST) -> str:
    """A consent whose program was killed before the browser came back; the address it then ended at."""
    with asked(place, account) as question:
        os.kill(question.process.pid, signal.SIGKILL)
        question.process.wait()
        return google.consent(question.address, account=account)


def test_a_consent_begun_before_a_restart_is_good_after_it(place: Installation, google: Emulator) -> None:
    back = left_unfinished(place, google)

    with asked(place, FIRST) as question:
        ended = question.ended(f"{back}\n")

    assert 0 == ended.code, ended.err
    assert (FIRST, "primary") in tokens(place)


def test_the_answer_may_come_from_a_file(place: Installation, google: Emulator) -> None:
    back = left_unfinished(place, google)
    (place.folder / "answer.txt").write_text(f"not this\n{back}")  # and no line end

    with (
        (place.folder / "answer.txt").open() as file,
        asked(place, FIRST, "--wait", "5", given=file) as question,
    ):
        ended = question.ended()

    assert 0 == ended.code, ended.err


def test_an_answer_for_another_account_is_refused_and_still_good_for_its_own(
    place: Installation, google: Emulator
) -> None:
    back = left_unfinished(place, google)

    with asked(place, SECOND, "--wait", "1") as question:
        foreign = question.ended(f"{back}\n")
    with asked(place, FIRST) as question:
        own = question.ended(f"{back}\n")

    assert 6 == foreign.code
    assert "it was begun for another account" in foreign.err
    assert 0 == own.code, own.err
    assert {(FIRST, "primary")} == set(tokens(place))


def test_an_answer_connects_once(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        assert 0 == question.ended(f"{back}\n{back}\n").code

    with asked(place, FIRST, "--wait", "1") as question:
        ended = question.ended(f"{back}\n")

    assert 6 == ended.code
    assert "was used already" in ended.err
    assert 1 == len(journal(google, "code_exchanged"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name one account, or say --all"),
        ((FIRST, "--all"), "name one account, or say --all"),
        (("--all", "--backup"), "--all goes through the browser"),
        (("channel_3",), "did you mean channel_2"),
        ((FIRST, "--wait", "0"), "--wait"),
        ((FIRST, "--port", "70000"), "--port"),
    ],
)
def test_a_wrong_command_line_is_said_in_one_line(
    words: tuple[str, ...], told: str, place: Installation
) -> None:
    ended = place.run("connect", *words)

    assert 2 == ended.code
    assert told in ended.err
    assert 1 == len(ended.lines())
