"""The ring changes while processes run: keys are added, retired and listed, and a running vault follows."""

import base64
import json
import os
from pathlib import Path

import pytest

from ytempire.adapters.vault import (
    KeyFacts,
    KeyFileExposed,
    KeyGone,
    KeyMalformed,
    KeyMissing,
    KeysElsewhere,
    KeyUnavailable,
    KeyUnknown,
    KeyWrites,
    KeyWrong,
    Tampered,
    Vault,
)
from ytempire.adapters.vault.keys import Key
from ytempire.domain.values import Secret

FIRST, SECOND = "2026-01-31T12:00:00Z", "2026-07-01T00:00:00.123456+00:00"
ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "ring.json"


# --- retiring and listing ---


def test_a_retired_key_is_gone_and_what_it_sealed_opens_no_more(path: Path) -> None:
    old = Vault.create(path)
    sealed = old.seal("a", "f", b"x")
    new = Vault.add_key(path)
    again = new.seal("a", "f", new.open("a", "f", sealed))
    kept = Vault.retire_key(path, new.key_ids[-1])
    assert new.key_ids[:1] == kept.key_ids == Vault.load(path).key_ids
    assert b"x" == kept.open("a", "f", again)
    with pytest.raises(KeyUnknown):
        kept.open("a", "f", sealed)


def test_the_key_that_seals_is_not_retired(path: Path) -> None:
    Vault.create(path)
    ring = Vault.add_key(path)
    before = path.read_bytes()
    with pytest.raises(KeyWrites, match="add another first"):
        Vault.retire_key(path, ring.writing_key)
    assert before == path.read_bytes()


@pytest.mark.parametrize("key_id", ["0" * 12, "", "nonsense"])
def test_a_key_that_is_not_there_is_not_retired(path: Path, key_id: str) -> None:
    made = Vault.create(path)
    before = path.read_bytes()
    with pytest.raises(KeyUnknown, match=rf"no key {key_id} to retire; .* holds {made.writing_key}"):
        Vault.retire_key(path, key_id)
    assert before == path.read_bytes()


def test_no_key_is_retired_from_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(KeyMissing, match="init"):
        Vault.retire_key(path, "0" * 12)
    assert not path.parent.exists()


def test_the_list_of_keys_says_which_writes_and_since_when(path: Path) -> None:
    old = Vault.create(path, added=FIRST).writing_key
    ring = Vault.add_key(path, added=SECOND)
    new = ring.writing_key
    listed = (
        KeyFacts(new, ring.fingerprint(new), writes=True, added=SECOND),
        KeyFacts(old, ring.fingerprint(old), writes=False, added=FIRST),
    )
    assert listed == ring.listing() == Vault.load(path).listing()


def test_a_key_of_which_nobody_said_when_it_was_added_is_listed_without(path: Path) -> None:
    Vault.create(path)
    assert [""] == [key.added for key in Vault.load(path).listing()]
    assert "added" not in json.loads(path.read_text())["keys"][0]


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00+02:00"]
)
def test_a_moment_that_is_no_time_in_utc_is_refused_when_given_and_when_read(path: Path, moment: str) -> None:
    with pytest.raises(KeyMalformed, match="UTC"):
        Key(bytes(32), moment)
    Vault.create(path, added=FIRST)
    path.write_text(path.read_text().replace(FIRST, moment))
    with pytest.raises(KeyMalformed, match="UTC"):
        Vault.load(path)


def test_a_moment_that_is_no_text_is_refused(path: Path) -> None:
    Vault.create(path)
    document = json.loads(path.read_text())
    document["keys"][0]["added"] = 5
    path.write_text(json.dumps(document))
    with pytest.raises(KeyMalformed, match="UTC"):
        Vault.load(path)


def test_a_sealed_text_says_which_key_sealed_it_even_if_that_is_not_at_hand() -> None:
    one, two = Vault.load(Secret(ONE)), Vault.load(Secret(TWO))
    assert one.writing_key == two.key_of(one.seal("a", "f", b"x"))


@pytest.mark.parametrize("rubbish", ["", "yt1", "yt1.0123456789ab.", "yt1.0123456789ab.AAAA", "yt2.x.y", "é"])
def test_rubbish_was_sealed_by_no_key(rubbish: str) -> None:
    vault = Vault.load(Secret(ONE))
    with pytest.raises(Tampered, match="not a sealed text"):
        vault.key_of(rubbish)
    assert not vault.is_current(rubbish)


# --- following a file that changes ---


def test_a_running_vault_seals_with_a_new_key_as_soon_as_another_process_added_it(path: Path) -> None:
    running = Vault.create(path)
    old = running.seal("a", "f", b"x")
    added = Vault.add_key(path)
    new = running.seal("a", "f", b"y")
    assert added.writing_key == running.key_of(new) == running.writing_key
    assert added.key_ids == running.key_ids
    assert (False, True) == (running.is_current(old), running.is_current(new))
    assert (b"x", b"y") == (running.open("a", "f", old), running.open("a", "f", new))


def test_every_question_about_the_ring_is_answered_from_the_file_as_it_is_now(path: Path) -> None:
    create = Vault.create(path)
    vaults = [create, *(Vault.load(path) for _ in range(3))]
    sealed = create.seal("a", "f", b"x")
    added = Vault.add_key(path)
    assert added.writing_key == vaults[0].writing_key
    assert not vaults[1].is_current(sealed)
    assert added.listing() == vaults[2].listing()
    assert added.fingerprint(added.writing_key) == vaults[3].fingerprint(added.writing_key)


def test_a_running_vault_opens_what_another_process_sealed_with_a_newer_key(path: Path) -> None:
    running = Vault.create(path)
    sealed = Vault.add_key(path).seal("a", "f", b"x")
    assert b"x" == running.open("a", "f", sealed)


def test_a_key_retired_elsewhere_leaves_a_running_vault_with_the_next_sealing(path: Path) -> None:
    running = Vault.create(path)
    sealed, old = running.seal("a", "f", b"x"), running.writing_key
    Vault.add_key(path)
    Vault.retire_key(path, old)
    assert b"x" == running.open("a", "f", sealed)
    running.seal("a", "f", b"y")
    with pytest.raises(KeyUnknown, match=old):
        running.open("a", "f", sealed)


def test_an_unchanged_file_is_not_read_again(path: Path) -> None:
    running = Vault.create(path)
    ring = running._keys.at_hand
    running.seal("a", "f", b"x")
    with pytest.raises(KeyUnknown):
        running.open("a", "f", Vault.load(Secret(ONE)).seal("a", "f", b"x"))
    assert ring is running._keys.at_hand


def test_a_file_of_the_same_length_and_time_is_still_another_file(path: Path) -> None:
    running = Vault.create(path)
    was = path.stat()
    other = Vault.create(path.with_name("other.json"))
    writing = other.writing_key
    path.with_name("other.json").rename(path)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert was.st_size == path.stat().st_size
    assert writing == running.key_of(running.seal("a", "f", b"x"))


def taken_away(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def changed(path: Path) -> None:
    document = json.loads(path.read_text())
    document["keys"][0]["check"] = "0" * 64
    path.write_text(json.dumps(document))


def shown_to_others(path: Path) -> None:
    path.chmod(0o644)


def made_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere.json"))
    path.symlink_to(path.with_name("elsewhere.json"))


CAUSES = {
    taken_away: KeyMissing,
    emptied: KeyMalformed,
    cut: KeyMalformed,
    changed: KeyWrong,
    shown_to_others: KeyFileExposed,
    made_a_link: KeyFileExposed,
}


@pytest.mark.parametrize("harm", CAUSES, ids=lambda harm: harm.__name__)
def test_without_its_file_a_running_vault_seals_nothing_and_opens_what_it_can(
    path: Path, harm: object
) -> None:
    assert callable(harm)
    running = Vault.create(path)
    sealed, key_id = running.seal("a", "f", b"x"), running.writing_key
    foreign = Vault.load(Secret(ONE)).seal("a", "f", b"x")
    whole = path.read_bytes()
    harm(path)
    for ask in (
        lambda: running.seal("a", "f", b"y"),
        lambda: running.writing_key,
        lambda: running.is_current(sealed),
        running.listing,
        lambda: running.open("a", "f", foreign),
        lambda: running.fingerprint("0" * 12),
    ):
        with pytest.raises(KeyGone, match="nothing is sealed") as caught:
            ask()
        assert isinstance(caught.value, KeyUnavailable)
        assert CAUSES[harm] is type(caught.value.__cause__)
    assert b"x" == running.open("a", "f", sealed)
    assert (key_id,) == running.key_ids
    assert key_id == running.key_of(sealed)
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
    path.chmod(0o600)
    assert b"y" == running.open("a", "f", running.seal("a", "f", b"y"))


# --- the environment ---


def test_keys_of_the_environment_are_changed_by_hand_and_the_message_says_how() -> None:
    with pytest.raises(KeysElsewhere, match=r"YTEMPIRE_KEY.*before its first key.*start every process"):
        Vault.add_key(Secret(ONE))
    with pytest.raises(KeysElsewhere, match=r"YTEMPIRE_KEY.*take key 0123456789ab .*start every process"):
        Vault.retire_key(Secret(ONE), "0123456789ab")


def test_keys_of_the_environment_stay_what_they_were() -> None:
    vault = Vault.load(Secret(f"{TWO},{ONE}"))
    old = Vault.load(Secret(ONE))
    assert not vault.protected
    assert [True, False] == [key.writes for key in vault.listing()]
    assert (vault.writing_key, old.writing_key) == vault.key_ids
    assert b"x" == vault.open("a", "f", old.seal("a", "f", b"x"))
    with pytest.raises(KeyUnknown, match="environment value YTEMPIRE_KEY"):
        old.open("a", "f", vault.seal("a", "f", b"x"))
