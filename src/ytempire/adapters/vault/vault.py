"""The vault itself: seals with the first key of its ring, opens with any, and follows a ring that changes."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ytempire.adapters.vault import sources
from ytempire.adapters.vault.errors import KeyUnknown, KeyWrong, Tampered
from ytempire.adapters.vault.keys import Key, KeyFacts, absent, same_check
from ytempire.adapters.vault.passphrase import Cost
from ytempire.adapters.vault.sealing import is_sealed_with, open_body, seal_text, split, tampered
from ytempire.adapters.vault.sources import Keys
from ytempire.domain.values import Secret

_NO_CHECKS: Mapping[str, str] = MappingProxyType({})
_DEAR = Cost()


class Vault:
    """Seals with the first key of its ring and opens with any of them. Safe to share between threads.

    Keys in a file are followed: a key that another process adds seals from the next text on. Keys in the
    environment stay. A source is a path, or the value of YTEMPIRE_KEY as a `Secret`; `passphrase` is the one
    that a protected file has, and is not asked of any other.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    @classmethod
    def create(
        cls, path: Path, *, added: str = "", passphrase: Secret | None = None, cost: Cost = _DEAR
    ) -> "Vault":
        """A vault with a new key in a new key file (0600, folders 0700), durable when this returns.

        `added` is the moment, ISO 8601 in UTC. With a passphrase the file is protected from the first byte.
        Raises `KeyFileExists` (of several processes one wins; `load` then), `KeyFileExposed`,
        `KeyFileUnwritable` or `PassphraseUnfit`.
        """
        return cls(sources.create(path, passphrase, added=added, cost=cost))

    @classmethod
    def load(
        cls,
        source: Path | Secret,
        checks: Mapping[str, str] = _NO_CHECKS,
        *,
        passphrase: Secret | None = None,
    ) -> "Vault":
        """The vault whose keys are in a file, or in the value of YTEMPIRE_KEY given as a `Secret`.

        `checks` are the fingerprints by key id of whatever is still sealed, as the database remembers them;
        every one of them must be on the ring. Raises the `KeyUnavailable` and `KeyUnsafe` errors.
        """
        if isinstance(source, Secret):
            vault = cls(sources.from_environment(source))
        else:
            vault = cls(sources.from_file(source, passphrase, needed=checks))
        vault.prove(checks)
        return vault

    @classmethod
    def add_key(
        cls,
        source: Path | Secret,
        *,
        added: str = "",
        passphrase: Secret | None = None,
        key: Key | None = None,
    ) -> "Vault":
        """Puts a new key first in a key file; the others stay readable. Gives the vault that writes with it.

        `added` is the moment, ISO 8601 in UTC; `key` one that `new_key` made, for who must tell others of it
        before anybody can seal with it. Safe against a crash and against a second process doing the
        same. Raises what `load` and `create` do, and `KeysElsewhere` for the environment.
        """
        if isinstance(source, Secret):
            how = "put 32 new bytes in base64 (`openssl rand -base64 32`) and a comma before its first key"
            raise sources.elsewhere(how)
        first = key or sources.new_key(added)
        return cls(sources.change(source, passphrase, lambda ring: ring.with_first(first)))

    @staticmethod
    def new_key(added: str) -> Key:
        """A key that is on no ring yet."""
        return sources.new_key(added)

    @classmethod
    def retire_key(cls, source: Path | Secret, key_id: str, *, passphrase: Secret | None = None) -> "Vault":
        """Takes a key off the ring for ever: what it sealed opens never again, so ask the store first.

        Raises `KeyWrites` for the key that seals, `KeyUnknown`, what `add_key` does.
        """
        if isinstance(source, Secret):
            raise sources.elsewhere(f"take key {key_id} (never the first) out of it")
        return cls(sources.change(source, passphrase, lambda ring: ring.without(key_id)))

    @classmethod
    def protect(
        cls, path: Path, new: Secret, *, passphrase: Secret | None = None, cost: Cost = _DEAR
    ) -> "Vault":
        """Wraps a key file with a new passphrase; `passphrase` is the one it has, when it has one.

        Running processes go on opening, and seal again when they are started with the new one. What was on
        the disk before may be read from it by who has the disk. Raises what `load` and `create` do.
        """
        return cls(sources.protect(path, new, passphrase=passphrase, cost=cost))

    @classmethod
    def unprotect(cls, path: Path, passphrase: Secret) -> "Vault":
        """Writes the ring of a protected key file in clear. Raises what `load` and `create` do."""
        return cls(sources.unprotect(path, passphrase))

    def prove(self, checks: Mapping[str, str]) -> None:
        """Makes sure that everything sealed with these keys can be opened.

        Raises `KeyUnknown` for a key that is not on the ring and `KeyWrong` for one with another fingerprint.
        """
        ring = self._keys.at_hand
        missing = absent(checks, ring)
        if missing:
            raise KeyUnknown(
                f"what is stored was sealed with key {', '.join(missing)}, but {ring.source} holds "
                f"only {', '.join(ring.ids)}; bring back the key used before, for no other can open it, or "
                "if it is lost for ever, start over with `ytempire keys forget`"
            )
        wrong = [name for name, check in checks.items() if not same_check(check, ring.find(name).fingerprint)]
        if wrong:
            raise KeyWrong(
                f"key {', '.join(sorted(wrong))} of {ring.source} is not the one that sealed what is "
                "stored; restore the key and the database from the same backup"
            )

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        """The sealed text of `plain`, which opens only for this owner and field; each call gives another.

        The key is the first one of the ring as it is now. Raises `KeyGone` when that cannot be told.
        """
        return seal_text(self._keys.fresh().writing, owner, field, plain)

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        """What was sealed for this owner and field. Needs the key file only for a key not seen before.

        Raises `KeyUnknown` when its key is not on the ring (`KeyGone` when the file might hold it but cannot
        be read), and `Tampered` when `seal` did not make it so.
        """
        parts = split(sealed)
        if parts is None:
            raise tampered(owner, field)
        key_id, body = parts
        return open_body(self._find(key_id), owner, field, body)

    def key_of(self, sealed: str) -> str:
        """The id of the key that a sealed text names, whether or not it is at hand. Raises `Tampered`."""
        parts = split(sealed)
        if parts is None:
            raise Tampered("this is not a sealed text; connect its account again")
        return parts[0]

    @property
    def writing_key(self) -> str:
        """The id of the key that would seal now. Raises `KeyGone`."""
        return self._keys.fresh().writing.id

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed text names the key that writes now; if not, it is due to be sealed again.

        Raises `KeyGone`.
        """
        return is_sealed_with(self._keys.fresh().writing, sealed)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the ring as last seen; the first one writes."""
        return self._keys.at_hand.ids

    def listing(self) -> tuple[KeyFacts, ...]:
        """What may be shown of each key of the ring as it is now; the first one writes. Raises `KeyGone`."""
        return self._keys.fresh().facts()

    @property
    def protected(self) -> bool:
        """Whether a passphrase wrapped the ring when it was last seen."""
        return self._keys.protected

    def fingerprint(self, key_id: str) -> str:
        """The check value of a key, to be stored beside what it seals; the key cannot be computed from it.

        Raises `KeyUnknown`, and `KeyGone` as `open` does.
        """
        return self._find(key_id).fingerprint

    def _find(self, key_id: str) -> Key:
        ring = self._keys.at_hand
        return (ring if key_id in ring.ids else self._keys.fresh()).find(key_id)

    def __repr__(self) -> str:
        ring = self._keys.at_hand
        return f"Vault({ring.source}: {', '.join(ring.ids)})"
