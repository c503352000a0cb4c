"""An encrypted backup: packed for one passphrase, written once, and refused when anything about it changed."""

import base64
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from ytempire.adapters.vault import (
    BackupExists,
    BackupUnreadable,
    Cost,
    KeyFileExposed,
    KeyFileUnwritable,
    PassphraseUnfit,
    Vault,
    VaultError,
    pack,
    read_backup,
    unpack,
    write_backup,
)
from ytempire.adapters.vault.backup import MAX_DOCUMENT
from ytempire.domain.values import Secret

CHEAP = Cost(n=2, r=1, p=1)
PHRASE, OTHER = Secret("CANARY four words by dice"), Secret("CANARY another four words")
GOLDEN = (
    '{"format":"ytempire-backup-1","kdf":{"n":16,"name":"scrypt","p":1,"r":1,'
    '"salt":"0C7X35Y/TTrH4RK1pR1w1A=="}}\n'
    "3/swODQPLpVov8IB2Bu9JTJkn2KvFxVvRhPjWDWdEZbKjg==\n"
)
DOCUMENT = b'{"grants": ["CANARY-token"]}'


def packed(document: bytes = DOCUMENT) -> bytes:
    return pack(document, PHRASE, cost=CHEAP)


# --- packing ---


@settings(deadline=None)
@given(st.binary(max_size=5000))
def test_what_was_packed_is_unpacked(document: bytes) -> None:
    data = packed(document)
    assert document == unpack(data, PHRASE)
    assert data.isascii()


def test_a_large_document_is_packed_and_a_larger_one_refused() -> None:
    document = bytes(MAX_DOCUMENT)
    assert document == unpack(packed(document), PHRASE)
    with pytest.raises(ValueError, match="larger than a backup may hold"):
        packed(document + b"x")


def test_a_backup_shows_neither_document_nor_passphrase() -> None:
    data = packed()
    for secret in (b"CANARY", base64.b64encode(b"CANARY")[:8], PHRASE.reveal().encode()):
        assert secret not in data
        assert secret not in base64.decodebytes(data.partition(b"\n")[2])


def test_two_backups_of_one_document_share_neither_salt_nor_nonce() -> None:
    heads, bodies = zip(*(packed().split(b"\n", 1) for _ in range(50)), strict=True)
    assert (50, 50) == (len(set(heads)), len({body[:16] for body in bodies}))


def test_the_packed_form_is_the_declared_one() -> None:
    head, _, body = pack(DOCUMENT, PHRASE, cost=Cost(n=16, r=2, p=3)).partition(b"\n")
    kdf, wrapped = json.loads(head)["kdf"], base64.b64decode(body)
    salt = kdf["salt"]
    spelt = '{"format":"ytempire-backup-1","kdf":{"n":16,"name":"scrypt","p":3,"r":2,"salt":"' + salt + '"}}'
    key = Scrypt(salt=base64.b64decode(salt), length=32, n=16, r=2, p=3).derive(PHRASE.reveal().encode())
    assert spelt.encode() == head
    assert DOCUMENT == AESGCM(key).decrypt(wrapped[:12], wrapped[12:], head)


def test_a_backup_packed_by_the_first_release_still_opens() -> None:
    # Fixed bytes: whoever changes the format by accident loses every backup.
    data = GOLDEN.encode()
    assert b"golden" == unpack(data, Secret("four words by dice"))


def test_the_cost_is_by_default_that_of_a_key_ring() -> None:
    kdf = json.loads(pack(DOCUMENT, PHRASE).partition(b"\n")[0])["kdf"]
    assert (131_072, 8, 1) == (kdf["n"], kdf["r"], kdf["p"])


def test_a_backup_is_not_packed_with_a_short_passphrase() -> None:
    with pytest.raises(PassphraseUnfit, match="12 characters"):
        pack(DOCUMENT, Secret("elevenchars"), cost=CHEAP)


# --- wrong, damaged, hostile ---


def test_a_wrong_passphrase_is_told_as_that_or_damage_and_not_repeated() -> None:
    with pytest.raises(BackupUnreadable, match="not the one, or the file was damaged") as caught:
        unpack(packed(), OTHER)
    assert "CANARY" not in str(caught.value)


def test_every_single_flipped_bit_is_refused() -> None:
    whole = packed()
    for place in range(len(whole)):
        for bit in range(8):
            with pytest.raises(BackupUnreadable):
                unpack(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :], PHRASE)


def test_every_cut_and_every_addition_is_refused() -> None:
    whole = packed()
    changed = [whole[:end] for end in range(len(whole) - 1)] + [
        whole[start:] for start in range(1, len(whole))
    ]
    changed += [whole + tail for tail in (b"A", b"AAAA", b"=", b" ", b"\0", b"\xff", whole)]
    for data in changed:
        with pytest.raises(BackupUnreadable):
            unpack(data, PHRASE)


def test_other_ends_of_lines_are_no_damage() -> None:
    whole = packed(bytes(500))
    for data in (whole.replace(b"\n", b"\r\n"), whole.rstrip(), whole + b"\n\n"):
        assert bytes(500) == unpack(data, PHRASE)


HOSTILE = [
    b"",
    b"\n",
    b"{}\n",
    b"[]\n",
    b"null\n",
    b"\xff\xfe\n",
    b"[" * 4000 + b"\n",
    b"[" * 100_000,
    b"1" * 4000 + b"\n",
    b'{"format":"ytempire-keys-2"}\n',
    b'{"format":"ytempire-backup-2"}\n',
    b'{"format":"ytempire-backup-1"}\n',
    b'{"format":"ytempire-backup-1","kdf":{"CANARY":1}}\n',
    b'{"format":"ytempire-backup-1","kdf":{"n":1099511627776,"name":"scrypt","p":1,"r":8,"salt":"AA=="}}\n',
    b"Packed by somebody else: CANARY\n",
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_backup_is_refused_and_not_repeated(data: bytes) -> None:
    with pytest.raises(BackupUnreadable, match="backup") as caught:
        unpack(data, PHRASE)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("n", 2**21), ("n", 3), ("r", 17), ("p", 5), ("p", 0)])
def test_a_hostile_cost_is_refused_before_it_is_paid(name: str, value: int) -> None:
    head, _, body = packed().partition(b"\n")
    document = json.loads(head)
    document["kdf"][name] = value
    line = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(BackupUnreadable, match="not accepted; take another copy"):
        unpack(line + b"\n" + body, PHRASE)


def test_a_first_line_that_was_spelt_anew_is_refused() -> None:
    head, _, body = packed().partition(b"\n")
    with pytest.raises(BackupUnreadable, match="first line"):
        unpack(json.dumps(json.loads(head)).encode() + b"\n" + body, PHRASE)


def test_a_wrapped_key_ring_is_no_backup(tmp_path: Path) -> None:
    ring = tmp_path / "keys" / "ring.json"
    Vault.create(ring, passphrase=PHRASE, cost=CHEAP)
    with pytest.raises(BackupUnreadable):
        unpack(ring.read_bytes(), PHRASE)
    ring.write_bytes(packed())
    with pytest.raises(VaultError):
        Vault.load(ring, passphrase=PHRASE)


# --- files ---


def test_a_backup_is_written_for_us_alone_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "backup.txt"
    write_backup(path, packed())
    assert ("0600", "0700") == tuple(f"{p.stat().st_mode & 0o7777:04o}" for p in (path, path.parent))
    assert [path] == list(path.parent.iterdir())
    assert DOCUMENT == unpack(read_backup(path), PHRASE)


def test_a_backup_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "backup.txt"
    write_backup(path, b"first")
    for taken in (path, tmp_path / "link"):
        if taken != path:
            taken.symlink_to(tmp_path / "nowhere")
        with pytest.raises(BackupExists, match="choose another name"):
            write_backup(taken, b"second")
    assert b"first" == path.read_bytes()


@pytest.mark.parametrize("bits", [0o700, 0o711, 0o750, 0o755])
def test_a_backup_may_lie_where_others_can_see_it(tmp_path: Path, bits: int) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    folder.chmod(bits)
    write_backup(folder / "backup.txt", packed())
    (folder / "backup.txt").chmod(0o644)
    assert DOCUMENT == unpack(read_backup(folder / "backup.txt"), PHRASE)


@pytest.mark.parametrize("bits", [0o720, 0o702, 0o770, 0o777, 0o1777])
def test_a_backup_is_not_written_where_others_may_exchange_it(tmp_path: Path, bits: int) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    folder.chmod(bits)
    with pytest.raises(KeyFileExposed, match="chmod go-w"):
        write_backup(folder / "backup.txt", packed())
    assert [] == list(folder.iterdir())


def test_a_backup_that_cannot_be_written_is_told_as_a_backup(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileUnwritable, match=r"the backup .* cannot be written"):
        write_backup(tmp_path / "file" / "backup.txt", packed())


def test_what_cannot_be_read_as_a_backup_is_told_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("gone", "No such file"), (".", "directory"), ("pipe", "no plain file")):
        with pytest.raises(BackupUnreadable, match=why):
            read_backup(tmp_path / name)


def test_a_file_larger_than_any_backup_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(BackupUnreadable, match="larger than any backup"):
        read_backup(path)
