"""Where the keys are: a file that may change while we run, or a value of the environment that may not.

Every change of a file is whole and durable, loses none of another process, and survives a crash at any point.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ytempire.adapters.vault import passphrase as phrase
from ytempire.adapters.vault.errors import KeyGone, KeyMissing, KeysElsewhere, VaultError
from ytempire.adapters.vault.files import (
    Found,
    Identity,
    create_private,
    identify,
    read_private,
    rewrite_private,
)
from ytempire.adapters.vault.keys import (
    KEY_BYTES,
    Key,
    KeyRing,
    ring_from_environment,
    ring_from_file,
    ring_to_file,
)
from ytempire.adapters.vault.passphrase import Cost, Lock
from ytempire.adapters.vault.sealing import chance
from ytempire.domain.values import Secret

ENVIRONMENT_NAME = "YTEMPIRE_KEY"


class Keys(Protocol):
    """The ring, wherever it is kept."""

    @property
    def at_hand(self) -> KeyRing:
        """The ring as it was when last seen. Never raises."""
        ...

    @property
    def protected(self) -> bool:
        """Whether a passphrase wraps it."""
        ...

    def fresh(self) -> KeyRing:
        """The ring as it is now. Raises `KeyGone` when that cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class EnvironmentKeys:
    """Keys given in the environment: they stay what they were when the process began."""

    at_hand: KeyRing

    @property
    def protected(self) -> bool:
        """Never: the environment holds the keys as they are."""
        return False

    def fresh(self) -> KeyRing:
        """The same ring."""
        return self.at_hand


@dataclass(frozen=True, slots=True)
class _Seen:
    """One state of the file and the ring that was in it; `lock` when a passphrase wraps it."""

    identity: Identity
    ring: KeyRing
    lock: Lock | None


class FileKeys:
    """Keys in a file, read again whenever the file is another than before. Safe to share between threads."""

    __slots__ = ("_passphrase", "_path", "_seen")

    def __init__(self, path: Path, passphrase: Secret | None, seen: _Seen) -> None:
        self._path = path
        self._passphrase = passphrase
        self._seen = seen  # replaced as a whole, so that no thread sees half of a change

    @property
    def at_hand(self) -> KeyRing:
        """The ring as it was when last seen."""
        return self._seen.ring

    @property
    def protected(self) -> bool:
        """Whether a passphrase wrapped it when it was last seen."""
        return self._seen.lock is not None

    @property
    def lock(self) -> Lock | None:
        """The lock it had when it was last seen, if a passphrase wraps it."""
        return self._seen.lock

    def fresh(self) -> KeyRing:
        """The ring as it is now: one look at the folder, and a reading only when the file changed.

        Raises `KeyGone` when the file is away, damaged or exposed; `at_hand` stays as it was.
        """
        seen = self._seen
        if identify(self._path) == seen.identity:
            return seen.ring
        try:
            found = _read(self._path, needed=seen.ring.ids)
            self._seen = seen = _see(found, self._path, self._passphrase, seen.lock)
        except VaultError as error:
            rest = "nothing is sealed until it can be read, while what was sealed still opens"
            raise KeyGone(f"the keys changed and cannot be read: {error}; {rest}") from error
        return seen.ring

    def __repr__(self) -> str:
        return f"FileKeys({self._path})"


def new_key(added: str) -> Key:
    """A key that nobody has seen. `added` is the moment, ISO 8601 in UTC, or empty."""
    return Key(chance(KEY_BYTES), added)


def from_environment(value: Secret) -> EnvironmentKeys:
    """The keys in the value of YTEMPIRE_KEY. Raises `KeyMalformed`."""
    return EnvironmentKeys(ring_from_environment(value.reveal(), f"the environment value {ENVIRONMENT_NAME}"))


def from_file(path: Path, passphrase: Secret | None, needed: Iterable[str] = ()) -> FileKeys:
    """The keys in a file. `needed` are the ids of keys that something is sealed with, for the message when
    there is no file. Raises the `KeyUnavailable` and `KeyUnsafe` errors.
    """
    return FileKeys(path, passphrase, _see(_read(path, needed), path, passphrase, None))


def create(path: Path, passphrase: Secret | None, *, added: str, cost: Cost) -> FileKeys:
    """A new file with one new key. Raises `KeyFileExists`, `KeyFileExposed`, `KeyFileUnwritable` and
    `PassphraseUnfit`.
    """
    ring = KeyRing((new_key(added),), _called(path))
    lock = phrase.new_lock(passphrase, cost) if passphrase else None
    identity = create_private(path, _bytes(ring, lock))
    return FileKeys(path, passphrase, _Seen(identity, ring, lock))


def change(path: Path, passphrase: Secret | None, how: Callable[[KeyRing], KeyRing]) -> FileKeys:
    """The file with another ring, protected if it was. Lets through what `how` raises; then it is as it was."""
    known = from_file(path, passphrase).lock  # derived here, so that nobody waits for it under the lock

    def rewritten(old: bytes) -> bytes:
        ring, lock = _open(old, path, passphrase, known)
        return _bytes(how(ring), lock)

    return FileKeys(path, passphrase, _see(rewrite_private(path, rewritten), path, passphrase, known))


def protect(path: Path, new: Secret, *, passphrase: Secret | None, cost: Cost) -> FileKeys:
    """The file wrapped with a new passphrase; `passphrase` is the one it has, if any."""
    known = from_file(path, passphrase).lock
    lock = phrase.new_lock(new, cost)
    found = rewrite_private(path, lambda old: _bytes(_open(old, path, passphrase, known)[0], lock))
    return FileKeys(path, new, _see(found, path, new, lock))


def unprotect(path: Path, passphrase: Secret) -> FileKeys:
    """The file without a passphrase; one that has none stays so."""
    known = from_file(path, passphrase).lock
    found = rewrite_private(path, lambda old: _bytes(_open(old, path, passphrase, known)[0], None))
    return FileKeys(path, None, _see(found, path, None, None))


def elsewhere(what: str) -> KeysElsewhere:
    """The error about keys that only a person can change. `what` says how to change the value."""
    return KeysElsewhere(
        f"the keys are in the environment value {ENVIRONMENT_NAME}, which only you can change: {what}, then "
        "start every process of ytempire again"
    )


def _missing_file(error: KeyMissing, needed: Iterable[str]) -> KeyMissing:
    """The same error with its remedy: a new key only where nothing is sealed yet."""
    ids = ", ".join(sorted(needed))
    if not ids:
        return KeyMissing(f"{error}; create one with `ytempire init`")
    sealed = f"what is stored was sealed with key {ids}"
    remedy = (
        "put that file back from the backup, for no new one can open it; if there is none, `ytempire keys forget` "
        "starts over"
    )
    return KeyMissing(f"{error}; {sealed}: {remedy}")


def _read(path: Path, needed: Iterable[str]) -> Found:
    try:
        return read_private(path)
    except KeyMissing as error:
        raise _missing_file(error, needed) from None


def _see(found: Found, path: Path, passphrase: Secret | None, known: Lock | None) -> _Seen:
    return _Seen(found.identity, *_open(found.data, path, passphrase, known))


def _open(
    data: bytes, path: Path, passphrase: Secret | None, known: Lock | None
) -> tuple[KeyRing, Lock | None]:
    source = _called(path)
    if not phrase.is_wrapped(data):
        return ring_from_file(data, source), None
    plain, lock = phrase.unwrap_ring(data, source, passphrase, known=known)
    return ring_from_file(plain, source), lock


def _bytes(ring: KeyRing, lock: Lock | None) -> bytes:
    plain = ring_to_file(ring)
    return phrase.wrap_ring(plain, lock) if lock else plain


def _called(path: Path) -> str:
    return f"the key file {path}"
