"""Secrets that come as files: read and written by the vault's adapters, for the commands that handle them."""

from pathlib import Path

from ytempire.domain.values import Secret


def opened_fernet(text: str, key: str) -> str:
    """A token file as the first ytempire encrypted it, in clear. Raises `Mendable`."""
    from ytempire.adapters.vault.fernet import opened_fernet as opened

    return opened(text, key)


def packed_backup(path: Path, document: bytes, passphrase: Secret) -> None:
    """Writes a document as an encrypted backup to a new file, and proves that it can be opened. Raises `Mendable`."""
    from ytempire.adapters.vault import BackupUnreadable, pack, read_backup, unpack, write_backup

    write_backup(path, pack(document, passphrase))
    if unpack(read_backup(path), passphrase) != document:
        raise BackupUnreadable(f"{path} does not hold what was written to it; the disk may be damaged")


def unpacked_backup(path: Path, passphrase: Secret) -> bytes:
    """The document in an encrypted backup. Raises `Mendable`."""
    from ytempire.adapters.vault import read_backup, unpack

    return unpack(read_backup(path), passphrase)
