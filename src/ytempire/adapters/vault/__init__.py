"""The vault: seals what must not be readable on disk and opens it again. It knows keys, not grants."""

from ytempire.adapters.vault.backup import pack, read_backup, unpack, write_backup
from ytempire.adapters.vault.errors import (
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
    VaultError,
)
from ytempire.adapters.vault.keys import KeyFacts
from ytempire.adapters.vault.passphrase import Cost
from ytempire.adapters.vault.vault import Vault

__all__ = [
    "BackupExists",
    "BackupUnreadable",
    "Cost",
    "KeyFacts",
    "KeyFileExists",
    "KeyFileExposed",
    "KeyFileUnreadable",
    "KeyFileUnwritable",
    "KeyGone",
    "KeyMalformed",
    "KeyMissing",
    "KeyUnavailable",
    "KeyUnknown",
    "KeyUnsafe",
    "KeyWrites",
    "KeyWrong",
    "KeysElsewhere",
    "PassphraseUnfit",
    "Tampered",
    "Vault",
    "VaultError",
    "pack",
    "read_backup",
    "unpack",
    "write_backup",
]
