"""Commands about what is stored of a grant: tokens, disconnect, pausing, keys, backups and the trail."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.entrypoints.consenting import (
    FIRST,
    SECOND,
    connected,
    connected_with_files,
    events,
    key_file,
    nothing_in_clear,
    tokens,
    unconnected,
)
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

PHRASE = "seven words that nobody would guess"


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    """Two accounts that are connected."""
    made = connected_with_files(unconnected(Installation(tmp_path), google), google, [FIRST, SECOND])
    yield made
    assert [] == nothing_in_clear(made, google, PHRASE)


def journal(google: Emulator, kind: str) -> int:
    return sum(event.kind == kind for event in google.journal.since(0))


def states(place: Installation) -> dict[str, str]:
    listed = place.run("accounts", "list", "--json").json()["accounts"]
    return {each["id"]: each["state"] for each in listed}


def test_the_status_of_tokens_tells_each_grant_and_no_token(place: Installation) -> None:
    told = place.run("tokens", "status", "--json").json()["tokens"]
    table = place.run("tokens", "status")

    assert [(FIRST, "primary", "valid"), (SECOND, "primary", "valid")] == [
        (each["account"], each["slot"], each["state"]) for each in told
    ]
    assert FIRST in table.out
    assert "valid" in table.out


def test_tokens_are_renewed_by_hand_one_or_all(place: Installation, google: Emulator) -> None:
    before = journal(google, "token_refreshed")

    one = place.run("tokens", "refresh", FIRST, "--json")
    assert 1 == journal(google, "token_refreshed") - before
    both = place.run("tokens", "refresh")

    assert {"tokens": [{"account": FIRST, "renewed": True, "why": None}]} == one.json()
    assert (0, 0) == (one.code, both.code)
    assert 3 == journal(google, "token_refreshed") - before


def test_a_token_that_was_not_renewed_is_not_said_to_be(place: Installation, google: Emulator) -> None:
    google.add_fault("token.refresh", "status", status=503, count=None)

    ended = place.run("tokens", "refresh", FIRST, "--json")

    (line,) = ended.json()["tokens"]
    assert not line["renewed"]
    assert "token endpoint" in line["why"]
    assert 1 == ended.code
    assert "active" == states(place)[FIRST]
    assert 1 == events(place).count("token.unreachable")


def test_a_dead_grant_is_told_and_the_others_are_renewed(place: Installation, google: Emulator) -> None:
    google.end_grants(FIRST, "revoked")

    ended = place.run("tokens", "refresh", "--json")

    assert 3 == ended.code
    assert {FIRST: False, SECOND: True} == {
        each["account"]: each["renewed"] for each in ended.json()["tokens"]
    }
    assert {FIRST: "needs_reauth", SECOND: "active"} == states(place)
    assert 1 == events(place).count("token.failed")
    assert "unusable" == tokens(place)[FIRST, "primary"]["state"]


def test_disconnecting_revokes_at_google_and_erases_here(place: Installation, google: Emulator) -> None:
    ended = place.run("disconnect", FIRST, "--yes", "--why", "moved", "--json")

    assert 0 == ended.code, ended.err
    assert {"account": FIRST, "erased": 1, "still_standing": []} == ended.json()
    assert 1 == journal(google, "grant_revoked")
    assert {(SECOND, "primary")} == set(tokens(place))
    assert {FIRST: "disconnected", SECOND: "active"} == states(place)
    told = place.run("accounts", "show", FIRST, "--json").json()
    assert "moved" == told["why"]
    assert 2 == place.run("accounts", "resume", FIRST).code
    assert 0 == connected(place, google, FIRST).code
    assert "active" == states(place)[FIRST]


def test_disconnecting_while_google_is_silent_erases_and_says_what_is_left(
    place: Installation, google: Emulator
) -> None:
    google.add_fault("revoke", "status", status=503, count=None)

    ended = place.run("disconnect", FIRST, "--yes")

    assert 3 == ended.code
    assert "myaccount.google.com/permissions" in ended.err
    assert {(SECOND, "primary")} == set(tokens(place))


def test_disconnecting_is_asked_about(place: Installation, google: Emulator) -> None:
    no = place.run("disconnect", FIRST, given="n\n")

    assert (1, True) == (no.code, no.err.endswith("nothing was changed\n"))
    assert {(FIRST, "primary"), (SECOND, "primary")} == set(tokens(place))
    nobody = place.run("disconnect", FIRST)
    assert (2, "") == (nobody.code, nobody.out)
    assert "nobody answers here, so nothing was changed; say --yes if you mean it" in nobody.lines()[-1]
    assert {(FIRST, "primary"), (SECOND, "primary")} == set(tokens(place))
    assert 0 == place.run("disconnect", FIRST, given="perhaps\nY\n").code
    assert {(SECOND, "primary")} == set(tokens(place))


def test_an_account_is_paused_with_a_reason_and_resumed(place: Installation) -> None:
    paused = place.run("accounts", "pause", FIRST, "--why", "a strike")
    told = place.run("accounts", "show", FIRST, "--json").json()
    resumed = place.run("accounts", "resume", FIRST)

    assert (0, f"{FIRST} is paused: a strike\n") == (paused.code, paused.out)
    assert ("paused", "a strike", "person") == (told["state"], told["why"], told["changed_by"])
    assert 0 == resumed.code
    assert {"active"} == set(states(place).values())
    assert 2 == place.run("accounts", "resume", FIRST).code
    assert 2 == place.run("accounts", "pause", FIRST).code


def test_a_key_is_added_everything_sealed_anew_and_the_old_one_retired(place: Installation) -> None:
    (old,) = place.run("keys", "list", "--json").json()["keys"]

    added = place.run("keys", "add")
    early = place.run("keys", "retire", old["id"])
    rotated = place.run("keys", "rotate")
    new, second = place.run("keys", "list", "--json").json()["keys"]
    retired = place.run("keys", "retire", old["id"])
    last = place.run("keys", "list", "--json").json()["keys"]

    assert (True, 2) == (old["writes"], old["sealed"])
    assert 0 == added.code
    assert 2 == early.code
    assert "2 texts are still sealed with it" in early.err.replace(f"key {old['id']}", "it")
    assert f"2 texts are now sealed with key {new['id']}" in rotated.out
    assert (old["id"], False, 0) == (second["id"], second["writes"], second["sealed"])
    assert 0 == retired.code
    assert [(new["id"], True), (old["id"], False)] == [(each["id"], each["on_ring"]) for each in last]
    assert last[1]["retired_at"]
    assert {"valid"} == {each["state"] for each in tokens(place).values()}
    assert 0 == place.run("tokens", "refresh").code


def test_the_key_that_writes_and_one_that_is_none_are_not_retired(place: Installation) -> None:
    (key,) = place.run("keys", "list", "--json").json()["keys"]

    assert "is the one that writes" in place.run("keys", "retire", key["id"]).err
    assert "there is no key" in place.run("keys", "retire", "abc").err


def test_a_protected_key_file_needs_its_passphrase(place: Installation) -> None:
    before = key_file(place).read_text()
    with_phrase = {"YTEMPIRE_PASSPHRASE": PHRASE}

    protected = place.run("keys", "protect", variables={"YTEMPIRE_NEW_PASSPHRASE": PHRASE})
    without = place.run("tokens", "refresh", FIRST)
    wrong = place.run("tokens", "refresh", FIRST, variables={"YTEMPIRE_PASSPHRASE": "wrong"})
    right = place.run("tokens", "refresh", FIRST, variables=with_phrase)
    rotated = place.run("keys", "rotate", variables=with_phrase)
    removed = place.run("keys", "protect", "--remove", variables=with_phrase)

    assert 0 == protected.code, protected.err
    assert [2, 2] == [without.code, wrong.code]
    assert "YTEMPIRE_PASSPHRASE" in without.err
    assert 1 == len(wrong.lines())
    assert 0 == right.code, right.err
    assert 0 == rotated.code, rotated.err
    assert 0 == removed.code, removed.err
    assert 0 == place.run("tokens", "refresh", FIRST).code
    assert json.loads(before)["keys"][0] in json.loads(key_file(place).read_text())["keys"]
    trail = [each["use"] for each in place.run("vault", "audit", "--json", "--last", "99").json()["entries"]]
    assert [1, 1] == [trail.count(use) for use in ("keys_protected", "keys_unprotected")]


def test_a_passphrase_that_nobody_gives_is_asked_for_in_words(place: Installation) -> None:
    for words, variable in (
        (("keys", "protect"), "YTEMPIRE_NEW_PASSPHRASE"),
        (("vault", "backup", "b"), "YTEMPIRE_BACKUP_PASSPHRASE"),
    ):
        ended = place.run(*words)
        assert 2 == ended.code
        assert variable in ended.err


def test_a_backup_is_restored_into_an_installation_with_another_key(
    place: Installation, google: Emulator
) -> None:
    phrase = {"YTEMPIRE_BACKUP_PASSPHRASE": PHRASE}
    packed = place.run("vault", "backup", "grants.backup", variables=phrase)
    again = place.run("vault", "backup", "grants.backup", variables=phrase)
    for name in ("ytempire.sqlite", "ytempire.sqlite-wal", "ytempire.sqlite-shm"):
        (place.home / name).unlink(missing_ok=True)
    key_file(place).unlink()
    assert 0 == place.run("init", "--config", "unused.toml").code

    wrong = place.run("vault", "restore", "grants.backup", variables={"YTEMPIRE_BACKUP_PASSPHRASE": "x" * 20})
    restored = place.run("vault", "restore", "grants.backup", variables=phrase)
    twice = place.run("vault", "restore", "grants.backup", variables=phrase)

    assert (0, "2 grants are in grants.backup\n") == (packed.code, packed.out)
    assert 2 == again.code
    assert 0o600 == (place.folder / "grants.backup").stat().st_mode & 0o777
    assert 2 == wrong.code
    assert "2 grants were restored, 0 were kept as they are\n" == restored.out
    assert "0 grants were restored, 2 were kept as they are\n" == twice.out
    assert 0 == place.run("tokens", "refresh").code
    assert {"active"} == set(states(place).values())
    assert b"1//0" not in (place.folder / "grants.backup").read_bytes()


def test_a_backup_that_was_changed_is_refused(place: Installation) -> None:
    phrase = {"YTEMPIRE_BACKUP_PASSPHRASE": PHRASE}
    assert 0 == place.run("vault", "backup", "grants.backup", variables=phrase).code
    content = bytearray((place.folder / "grants.backup").read_bytes())
    content[-5] ^= 1
    (place.folder / "grants.backup").write_bytes(content)

    ended = place.run("vault", "restore", "grants.backup", "--replace", variables=phrase)

    assert 2 == ended.code
    assert {"valid"} == {each["state"] for each in tokens(place).values()}


def sql(place: Installation, statement: str) -> int:
    with closing(sqlite3.connect(place.home / "ytempire.sqlite")) as database, database:
        return database.execute(statement).rowcount


def test_the_trail_tells_who_used_what_and_that_it_is_whole(place: Installation) -> None:
    assert 0 == place.run("tokens", "refresh", FIRST).code

    told = place.run("vault", "audit", "--json", "--last", "2").json()

    assert None is told["broken_at"]
    assert [("tokens refresh", "opened", FIRST), ("tokens refresh", "refreshed", FIRST)] == [
        (each["actor"], each["use"], each["account"]) for each in told["entries"]
    ]
    assert told["length"] == told["entries"][-1]["number"]
    assert "unbroken" in place.run("vault", "audit").out


@pytest.mark.parametrize(
    "tampering",
    ["UPDATE audit SET actor = 'nobody' WHERE number = 3", "DELETE FROM audit WHERE number = 3"],
)
def test_a_trail_that_was_changed_says_where(tampering: str, place: Installation) -> None:
    assert 1 == sql(place, tampering)

    ended = place.run("vault", "audit", "--json")

    assert 1 == ended.code
    assert 3 == ended.json()["broken_at"]
    assert "changed at entry 3" in ended.err


def test_grants_that_were_swapped_in_the_database_are_put_in_quarantine(
    place: Installation, google: Emulator
) -> None:
    with closing(sqlite3.connect(place.home / "ytempire.sqlite")) as database, database:
        one, two = (
            database.execute("SELECT sealed FROM grants WHERE account = ?", (name,)).fetchone()[0]
            for name in (FIRST, SECOND)
        )
        database.execute("UPDATE grants SET sealed = ? WHERE account = ?", (two, FIRST))
        database.execute("UPDATE grants SET sealed = ? WHERE account = ?", (one, SECOND))
    asked = len(google.journal.since(0))

    ended = place.run("tokens", "refresh", "--json")

    assert 1 == ended.code
    assert {False} == {each["renewed"] for each in ended.json()["tokens"]}
    assert [] == [event for event in google.journal.since(asked) if event.kind == "request"]
    assert 2 == events(place).count("grant.quarantined")
    assert {"needs_reauth"} == set(states(place).values())
    assert 0 == connected(place, google, FIRST).code
    assert {FIRST: "active", SECOND: "needs_reauth"} == states(place)
