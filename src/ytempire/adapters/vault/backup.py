"""An encrypted backup: any document wrapped with a passphrase, as one text file.

The first line is JSON, `{"format": "ytempire-backup-1", "kdf": {...}}`, and is the associated data; below it
stands base64 of nonce, AES-256-GCM ciphertext and tag. The passphrase becomes a key as it does for key rings.
"""

import base64
import binascii
import json
from pathlib import Path

from cryptography.exceptions import InvalidTag

from ytempire.adapters.vault.errors import BackupUnreadable
from ytempire.adapters.vault.files import BACKUP, create_private, read_backup_file
from ytempire.adapters.vault.passphrase import Cost, Recipe, header, lock_again, new_lock, recipe_of
from ytempire.adapters.vault.sealing import decrypt
from ytempire.domain.values import Secret

FORMAT = "ytempire-backup-1"
MAX_DOCUMENT = 64 * 2**20
"""Bytes of the largest document that is packed."""
_MAX_HEADER = 4096
_MAX_FILE = MAX_DOCUMENT * 3 // 2
_DEAR = Cost()


def pack(document: bytes, passphrase: Secret, *, cost: Cost = _DEAR) -> bytes:
    """The bytes of a backup of `document`. Raises `PassphraseUnfit`, `ValueError` beyond `MAX_DOCUMENT`."""
    if len(document) > MAX_DOCUMENT:
        raise ValueError(f"a document of {len(document)} bytes is larger than a backup may hold")
    lock = new_lock(passphrase, cost)
    head = header(FORMAT, lock.recipe)
    return head + b"\n" + base64.encodebytes(lock.wrap(document, head))


def unpack(data: bytes, passphrase: Secret) -> bytes:
    """The document in a backup. Raises `BackupUnreadable` for a wrong passphrase, damage, any other bytes."""
    # The mail and some editors change the ends of lines; that is no damage.
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n")
    recipe = _recipe(head)
    try:
        return decrypt(lock_again(passphrase, recipe).key, _wrapped(body), header(FORMAT, recipe))
    except (InvalidTag, binascii.Error):
        raise BackupUnreadable(
            "the passphrase does not open the backup: either it is not the one, or the file was damaged (the "
            "two cannot be told apart); try again, else take another copy of the backup"
        ) from None


def write_backup(path: Path, data: bytes) -> None:
    """Writes a packed backup to a new file, 0600, durable when this returns; a crash leaves it whole or not.

    Raises `BackupExists`, `KeyFileExposed` when others may exchange it in its folder, or `KeyFileUnwritable`.
    """
    create_private(path, data, BACKUP)


def read_backup(path: Path) -> bytes:
    """The packed bytes of a backup, wherever it lies. Raises `BackupUnreadable`."""
    return read_backup_file(path, _MAX_FILE)


def _wrapped(body: bytes) -> bytes:
    """The bytes in lines of base64 in their one spelling. Raises `binascii.Error` for any other text."""
    wrapped = base64.decodebytes(body)
    if base64.encodebytes(wrapped).rstrip(b"\n") != body.rstrip(b"\n"):
        raise binascii.Error
    return wrapped


def _recipe(head: bytes) -> Recipe:
    """The recipe in the first line, which must be the very line that `pack` writes for it."""
    try:
        document = json.loads(head) if len(head) <= _MAX_HEADER else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BackupUnreadable(f"this is no backup of the format {FORMAT}; name another file")
    try:
        recipe = recipe_of(document.get("kdf"))
    except ValueError as problem:
        raise BackupUnreadable(f"this backup cannot be opened: {problem}; take another copy of it") from None
    if head != header(FORMAT, recipe):
        raise BackupUnreadable("the first line of the backup was changed; take another copy of it")
    return recipe
