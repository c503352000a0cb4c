"""The only floor that knows services and adapters: settings in, a running house out, with its closers."""

from ytempire.bootstrap.house import (
    Acting,
    Fittings,
    Reading,
    WorkerBusy,
    Working,
    acting,
    reading,
    working,
)
from ytempire.bootstrap.secrets import opened_fernet, packed_backup, unpacked_backup

__all__ = [
    "Acting",
    "Fittings",
    "Reading",
    "WorkerBusy",
    "Working",
    "acting",
    "opened_fernet",
    "packed_backup",
    "reading",
    "unpacked_backup",
    "working",
]
