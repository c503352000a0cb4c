"""`ytempire connect` with a browser of its own, with several visitors, and with a person who changes their mind."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.entrypoints.consenting import (
    CONSENT_PAGE,
    FIRST,
    SECOND,
    Asked,
    asked,
    connected,
    nothing_in_clear,
    tokens,
    unconnected,
    visit,
)
from tests.entrypoints.program import Installation, eventually, read_until, stopped
from ytempire.emulator import Emulator


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    made = unconnected(Installation(tmp_path), google)
    yield made
    assert [] == nothing_in_clear(made, google)


def test_the_browser_of_this_machine_is_opened_at_the_address_that_is_also_told(
    place: Installation, google: Emulator
) -> None:
    browser, opened = place.folder / "browser", place.folder / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o700)

    with place.started("connect", FIRST, variables={"BROWSER": f"{browser} %s"}) as process:
        question = Asked(place, process, read_until(process, CONSENT_PAGE))
        eventually(opened.exists, "the browser")
        visit(google.consent(opened.read_text(), account=FIRST))
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert "if none opened, open this address" in question.told
    assert question.address == opened.read_text()


def test_a_browser_in_the_foreground_keeps_nobody_waiting_and_is_given_no_keys(
    place: Installation, google: Emulator
) -> None:
    browser, seen, done = (place.folder / name for name in ("browser", "seen", "done"))
    # It says what it sees, and stays until the test is over or its folder is gone, with none of our files in hand.
    browser.write_text(
        f"#!/bin/sh\nexec </dev/null >/dev/null 2>&1\nenv > {seen}\n"
        f"while [ -e {browser} ] && ! [ -e {done} ]; do sleep 0.1; done\n"
    )
    browser.chmod(0o700)
    phrase = "correct horse battery staple"
    variables = {"BROWSER": f"{browser} %s", "YTEMPIRE_BACKUP_PASSPHRASE": phrase}

    try:
        with place.started("connect", FIRST, variables=variables) as process:
            question = Asked(place, process, read_until(process, CONSENT_PAGE))
            assert 200 == visit(google.consent(question.address, account=FIRST)).status
            ended = question.ended()
    finally:
        done.touch()

    assert 0 == ended.code, ended.err
    assert "in the browser" in question.told
    told = seen.read_text()
    assert "HOME=" in told
    assert "YTEMPIRE_" not in told
    assert phrase not in told


def test_without_any_browser_the_address_is_told(place: Installation, google: Emulator) -> None:
    with place.started("connect", FIRST, variables={"PATH": "/nowhere"}) as process:
        question = Asked(place, process, read_until(process, CONSENT_PAGE))
        visit(google.consent(question.address, account=FIRST))
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert f"open this address and consent for {FIRST}" in question.told


def test_of_many_who_bring_the_same_answer_one_connects(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)

        def come(_: int) -> int:
            try:
                return visit(back).status
            except (URLError, ConnectionError):
                return 0  # it came when the program had gone

        with ThreadPoolExecutor(8) as visitors:
            statuses = list(visitors.map(come, range(16)))
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert 1 == statuses.count(200)
    assert {0, 200, 400, 429} >= set(statuses)
    assert 1 == sum(event.kind == "code_exchanged" for event in google.journal.since(0))
    assert "Traceback" not in ended.err


def test_guesses_and_scans_of_the_port_do_not_end_the_wait(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        root = back.partition("?")[0]
        guesses = [
            "",
            "?",
            "?state=a&code=b",
            "?code=4/0",
            "?state=a&state=b&code=c",
            f"?error=denied&state={'x' * 9000}",
        ]
        shown = [visit(root + guess).status for guess in guesses]
        assert 404 == visit(f"{root}favicon.ico").status
        assert 200 == visit(back).status
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert {400} == set(shown)


def test_an_answer_that_comes_from_another_server_is_refused(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        assert "iss=" in back
        before, _, after = back.partition("iss=")
        page = visit(
            f"{before}iss=https%3A%2F%2Fevil.example{after[after.find('&') :] if '&' in after else ''}"
        )
        ended = question.ended()

    assert 2 == ended.code
    assert 400 == page.status
    assert "another server" in ended.err
    assert {} == tokens(place)
    assert 0 == sum(event.kind == "code_exchanged" for event in google.journal.since(0))


def test_an_interrupt_ends_the_wait_in_words(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        ended = stopped(question.process, signal.SIGINT)

    assert 130 == ended.code
    assert 1 == len(ended.lines())
    assert "interrupted" in ended.err
    assert {} == tokens(place)


def test_two_accounts_are_connected_side_by_side(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as one, asked(place, SECOND) as two:
        visit(google.consent(two.address, account=SECOND))
        visit(google.consent(one.address, account=FIRST))
        ends = [one.ended(), two.ended()]

    assert [0, 0] == [each.code for each in ends]
    assert {(FIRST, "primary"), (SECOND, "primary")} == set(tokens(place))


def test_keys_may_be_in_the_environment_and_are_told_nowhere(tmp_path: Path, google: Emulator) -> None:
    place = unconnected(Installation(tmp_path), google)
    assert [] == nothing_in_clear(place, google)
    key = "AXmebztpQcQhqDE5ikgAuwajsKrUI8QWh1FJiQ2E/6Y="
    (place.home / "keys" / "ring.json").unlink()

    with place.started("connect", FIRST, "--no-browser", variables={"YTEMPIRE_KEY": key}) as process:
        question = Asked(place, process, read_until(process, CONSENT_PAGE))
        visit(google.consent(question.address, account=FIRST))
        first = question.ended()
    without = place.run("tokens", "refresh", FIRST)
    wrong = place.run("tokens", "refresh", FIRST, variables={"YTEMPIRE_KEY": key.replace("AX", "BX")})
    added = place.run("keys", "add", variables={"YTEMPIRE_KEY": key})
    right = place.run("tokens", "refresh", FIRST, variables={"YTEMPIRE_KEY": key})

    assert 0 == first.code, first.err
    assert [2, 2, 2] == [without.code, wrong.code, added.code]
    assert all(1 == len(each.lines()) for each in (without, wrong, added))
    assert "YTEMPIRE_KEY" in added.err
    assert 0 == right.code, right.err
    assert [] == nothing_in_clear(place, google, key)


def test_a_second_consent_takes_the_place_of_the_first(place: Installation, google: Emulator) -> None:
    assert 0 == connected(place, google, FIRST).code
    google.end_grants(FIRST, "expired")
    assert 1 == place.run("tokens", "refresh", FIRST).code

    ended = connected(place, google, FIRST)

    assert 0 == ended.code, ended.err
    assert 0 == place.run("tokens", "refresh", FIRST).code
