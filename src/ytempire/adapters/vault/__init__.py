"""The vault: seals what must not be readable on disk and opens it again. It knows keys, not grants."""

from ytempire.adapters.vault.errors import (
    KeyFileExists,
    KeyFileExposed,
    KeyFileUnreadable,
    KeyFileUnwritable,
    KeyMalformed,
    KeyMissing,
    KeyUnavailable,
    KeyUnknown,
    KeyUnsafe,
    KeyWrong,
    Tampered,
    VaultError,
)
from ytempire.adapters.vault.sealing import Vault

__all__ = [
    "KeyFileExists",
    "KeyFileExposed",
    "KeyFileUnreadable",
    "KeyFileUnwritable",
    "KeyMalformed",
    "KeyMissing",
    "KeyUnavailable",
    "KeyUnknown",
    "KeyUnsafe",
    "KeyWrong",
    "Tampered",
    "Vault",
    "VaultError",
]
