"""Key files and environment keys: made durably, read only where they are safe, refused with the remedy."""

import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ytempire.adapters.vault import (
    BackupExists,
    BackupUnreadable,
    KeyFileExists,
    KeyFileExposed,
    KeyFileUnreadable,
    KeyFileUnwritable,
    KeyGone,
    KeyMalformed,
    KeyMissing,
    KeysElsewhere,
    KeyUnavailable,
    KeyUnknown,
    KeyUnsafe,
    KeyWrites,
    KeyWrong,
    PassphraseUnfit,
    Tampered,
    Vault,
    VaultError,
)
from ytempire.domain.values import Secret

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys" / "ring.json"


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o7777:04o}"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def full_disk() -> Iterator[None]:
    """The system refuses every file beyond ten bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- making ---


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_new_key_is_ours_alone_whatever_the_umask(path: Path, mask: int) -> None:
    with umask(mask):
        made = Vault.create(path)
    assert ("0600", "0700", "0700") == (mode(path), mode(path.parent), mode(path.parent.parent))
    assert [path] == list(path.parent.iterdir())
    sealed = made.seal("a", "f", b"x")
    assert b"x" == Vault.load(path).open("a", "f", sealed)


def test_two_new_keys_differ(tmp_path: Path) -> None:
    one, two = Vault.create(tmp_path / "one"), Vault.create(tmp_path / "two")
    assert one.key_ids != two.key_ids


def test_a_key_file_is_never_overwritten(path: Path) -> None:
    Vault.create(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileExists, match="use it"):
        Vault.create(path)
    assert before == path.read_bytes()


def test_not_even_a_dangling_link_is_written_through(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileExists):
        Vault.create(path)
    assert not (tmp_path / "elsewhere").exists()


def test_of_many_that_create_at_once_one_wins_and_all_get_its_key(path: Path) -> None:
    def start(_: int) -> tuple[str, ...]:
        try:
            return Vault.create(path).key_ids
        except KeyFileExists:
            return Vault.load(path).key_ids

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(start, range(32)))
    assert {Vault.load(path).key_ids} == seen


def test_keys_added_at_once_are_all_kept(path: Path) -> None:
    Vault.create(path)
    with ThreadPoolExecutor(8) as pool:
        added = {vault.key_ids[0] for vault in pool.map(lambda _: Vault.add_key(path), range(16))}
    assert 16 == len(added)
    assert added < set(Vault.load(path).key_ids)


def test_what_a_crash_left_before_the_rename_is_no_key_and_no_obstacle(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    (path.parent / ".ring.json.new").write_bytes(b'{"format": "ytempire-ke')
    with pytest.raises(KeyMissing):
        Vault.load(path)
    made = Vault.create(path)
    (path.parent / ".ring.json.new").write_bytes(b'{"for')
    assert made.key_ids == Vault.load(path).key_ids
    assert made.key_ids == Vault.add_key(path).key_ids[1:]
    assert [path] == list(path.parent.iterdir())


def test_a_full_disk_leaves_no_half_key_and_the_old_key_whole(path: Path) -> None:
    with full_disk(), pytest.raises(KeyFileUnwritable, match="make room"):
        Vault.create(path)
    assert not path.exists()
    made = Vault.create(path)
    with full_disk(), pytest.raises(KeyFileUnwritable):
        Vault.add_key(path)
    assert made.key_ids == Vault.load(path).key_ids


ADD_UNTIL_KILLED = """
import sys
from pathlib import Path
from ytempire.adapters.vault import Vault
for _ in range(20):
    print(Vault.add_key(Path(sys.argv[1])).key_ids[0], flush=True)
"""


def test_a_process_killed_while_it_adds_keys_loses_none_that_it_reported(path: Path) -> None:
    reported = set(Vault.create(path).key_ids)
    for rounds in range(1, 5):
        child = subprocess.Popen(
            [sys.executable, "-c", ADD_UNTIL_KILLED, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with child:
            assert child.stdout is not None
            reported |= {child.stdout.readline().strip() for _ in range(rounds)}
            child.kill()
        assert reported <= set(Vault.load(path).key_ids)


def test_a_ring_that_is_full_is_refused_before_the_file_becomes_too_long_to_read(path: Path) -> None:
    Vault.create(path)
    last = [Vault.add_key(path) for _ in range(99)][-1]
    with pytest.raises(KeyMalformed, match="retire"):
        Vault.add_key(path)
    assert last.key_ids == Vault.load(path).key_ids


# --- reading: where the file lies and who may touch it ---


def test_a_missing_key_file_says_how_to_start_or_what_to_bring_back(path: Path) -> None:
    with pytest.raises(KeyMissing, match=r"no key file at .*; create one with `ytempire init`"):
        Vault.load(path)
    with pytest.raises(
        KeyMissing, match=r"sealed with key 0123456789ab: put that file back .* `ytempire keys forget`"
    ):
        Vault.load(path, {"0123456789ab": "00"})
    assert not path.parent.exists()
    with pytest.raises(KeyMissing):
        Vault.add_key(path)
    assert not path.parent.exists()


def test_a_key_file_is_accepted_with_0600_or_less_and_refused_with_every_wider_mode(path: Path) -> None:
    Vault.create(path)
    for bits in range(0o1000):
        path.chmod(bits)
        if bits & 0o177:
            with pytest.raises(KeyFileExposed, match=rf"mode {bits:04o}.*chmod 600"):
                Vault.load(path)
    for bits in (0o400, 0o600):
        path.chmod(bits)
        assert Vault.load(path).key_ids


@pytest.mark.parametrize("bits", [0o701, 0o702, 0o704, 0o710, 0o720, 0o740, 0o755, 0o777])
def test_a_folder_that_others_may_enter_is_refused(path: Path, bits: int) -> None:
    Vault.create(path)
    path.parent.chmod(bits)
    with pytest.raises(KeyFileExposed, match=rf"mode {bits:04o}.*chmod 700"):
        Vault.load(path)
    with pytest.raises(KeyFileExposed, match="chmod 700"):
        Vault.create(path.with_name("other.json"))


def belonging_to_another(path: Path) -> Path:
    """A file of another user: made so where we may, else one that the system has."""
    if os.geteuid() != 0:
        return Path("/etc/passwd")
    os.chown(path, NOBODY, NOBODY)
    return path


def test_a_key_file_of_another_user_is_refused(path: Path) -> None:
    Vault.create(path)
    with pytest.raises(KeyFileExposed, match=r"belongs to user \d+, but ytempire runs as user \d+"):
        Vault.load(belonging_to_another(path))


def test_a_link_is_refused_even_to_a_good_key(path: Path) -> None:
    Vault.create(path)
    link = path.with_name("link.json")
    link.symlink_to(path)
    with pytest.raises(KeyFileExposed, match="symbolic link"):
        Vault.load(link)


def test_what_is_no_plain_file_is_refused_without_waiting_for_it(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyFileExposed, match="no plain file"):
        Vault.load(path)


def test_a_folder_that_is_a_file_is_unreadable_and_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileUnreadable, match="cannot be read"):
        Vault.load(tmp_path / "file" / "ring.json")
    with pytest.raises(KeyFileUnwritable, match="cannot be written"):
        Vault.create(tmp_path / "file" / "ring.json")
    with pytest.raises(KeyFileUnwritable, match="cannot be written"):
        Vault.create(tmp_path / "file" / "folder" / "ring.json")


# --- reading: what is in it ---


def rewritten(path: Path, **changes: Any) -> Path:
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **changes}))
    return path


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b"{}", b" " * 70_000]
)
def test_a_file_that_is_no_key_file_is_refused(path: Path, content: bytes) -> None:
    Vault.create(path)
    path.write_bytes(content)
    with pytest.raises(KeyMalformed, match="restore it from the backup"):
        Vault.load(path)
    with pytest.raises(KeyMalformed):
        Vault.add_key(path)
    assert content == path.read_bytes()


def test_every_cut_of_a_key_file_is_refused(path: Path) -> None:
    Vault.create(path)
    whole = path.read_bytes()
    for end in range(len(whole.rstrip())):
        path.write_bytes(whole[:end])
        with pytest.raises(KeyMalformed):
            Vault.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "ytempire-keys-2"},
        {"keys": None},
        {"keys": []},
        {"keys": {}},
        {"keys": [5]},
        {"keys": [{"id": "x", "check": "y"}]},
        {"keys": [{"id": "x", "check": "y", "key": 5}]},
        {"keys": [{"id": "x", "check": "y", "key": "!"}]},
        {"keys": [{"id": "x", "check": "y", "key": "é"}]},
        {"keys": [{"id": "x", "check": "y", "key": base64.b64encode(bytes(16)).decode()}]},
    ],
)
def test_a_key_file_with_a_wrong_form_is_refused(path: Path, changes: dict[str, object]) -> None:
    Vault.create(path)
    with pytest.raises(KeyMalformed):
        Vault.load(rewritten(path, **changes))


def test_a_ring_with_the_same_key_twice_is_refused(path: Path) -> None:
    Vault.create(path)
    entries = json.loads(path.read_text())["keys"]
    with pytest.raises(KeyMalformed, match="twice"):
        Vault.load(rewritten(path, keys=entries * 2))


@pytest.mark.parametrize("name", ["id", "check", "key"])
def test_a_key_that_does_not_match_its_check_value_is_refused(path: Path, name: str) -> None:
    Vault.create(path)
    (entry,) = json.loads(path.read_text())["keys"]
    other = {"id": "0" * 12, "check": "é", "key": base64.b64encode(bytes(32)).decode()}
    with pytest.raises(KeyWrong, match="check value"):
        Vault.load(rewritten(path, keys=[{**entry, name: other[name]}]))


def test_a_key_file_that_was_exchanged_is_noticed_at_start(path: Path, tmp_path: Path) -> None:
    made = Vault.create(path)
    checks = {made.key_ids[0]: made.fingerprint(made.key_ids[0])}
    assert made.key_ids == Vault.load(path, checks).key_ids
    assert made.key_ids == Vault.add_key(path).key_ids[1:]
    assert made.key_ids == Vault.load(path, checks).key_ids[1:]
    Vault.create(tmp_path / "other.json")
    with pytest.raises(KeyUnknown, match="bring back the key used before"):
        Vault.load(tmp_path / "other.json", checks)


# --- the environment ---


def test_a_key_is_the_same_from_a_file_and_from_the_environment(path: Path) -> None:
    made = Vault.create(path)
    (entry,) = json.loads(path.read_text())["keys"]
    from_environment = Vault.load(Secret(entry["key"]))
    assert made.key_ids == from_environment.key_ids
    assert b"x" == from_environment.open("a", "f", made.seal("a", "f", b"x"))


def test_all_spellings_of_base64_are_the_same_key() -> None:
    key = bytes([251, 255] * 16)
    standard, safe = base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()
    spellings = [standard, safe, standard.rstrip("="), safe.rstrip("="), f" {standard}\n"]
    assert 1 == len({Vault.load(Secret(text)).key_ids for text in spellings})


def test_several_environment_keys_make_a_ring_whose_first_writes() -> None:
    old, new = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    sealed = Vault.load(Secret(old)).seal("a", "f", b"x")
    both = Vault.load(Secret(f"{new}, {old}"))
    assert b"x" == both.open("a", "f", sealed)
    assert both.is_current(both.seal("a", "f", b"x"))
    assert not both.is_current(sealed)


@pytest.mark.parametrize(
    "text", ["", ",", "CANARY", "CANARY!", "é" * 44, base64.b64encode(b"CANARY" * 4).decode(), "A" * 45]
)
def test_an_environment_value_that_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(KeyMalformed, match=r"YTEMPIRE_KEY .* base64 of 32 bytes") as caught:
        Vault.load(Secret(text))
    assert "CANARY" not in str(caught.value)


# --- the errors ---


def test_the_errors_are_sorted_by_remedy() -> None:
    assert {KeyMissing, KeyUnknown, KeyWrong, KeyGone} == set(KeyUnavailable.__subclasses__())
    unsafe = {KeyFileExposed, KeyFileUnreadable, KeyFileUnwritable, KeyMalformed}
    assert unsafe == set(KeyUnsafe.__subclasses__())
    one_of_a_kind = {KeyFileExists, KeyWrites, KeysElsewhere, PassphraseUnfit, Tampered}
    backups = {BackupExists, BackupUnreadable}
    assert {KeyUnavailable, KeyUnsafe} | one_of_a_kind | backups == set(VaultError.__subclasses__())
