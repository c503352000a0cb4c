"""What can go wrong with the vault, sorted by remedy. Every message says what to do; none shows a secret."""

from ytempire.domain.values import Mendable


class VaultError(Mendable):
    """The vault cannot do what was asked. Nothing was changed."""


class KeyUnavailable(VaultError):
    """Remedy: bring the right key. A new one cannot open what was sealed with the old."""


class KeyMissing(KeyUnavailable):
    """There is no key at the place that was named."""


class KeyUnknown(KeyUnavailable):
    """Something was sealed with a key that is not on the ring."""


class KeyWrong(KeyUnavailable):
    """A key is there, but it does not match its check value."""


class KeyUnsafe(VaultError):
    """Remedy: put the key's place in order, then start again."""


class KeyFileExposed(KeyUnsafe):
    """Others may read, replace or own the key file or its folder, or it is a link or no plain file."""


class KeyFileUnreadable(KeyUnsafe):
    """The system does not let us read the key file."""


class KeyFileUnwritable(KeyUnsafe):
    """The system does not let us write the key file durably."""


class KeyMalformed(KeyUnsafe):
    """The key file or the environment value does not have the form of a key."""


class KeyFileExists(VaultError):
    """Remedy: use the key that is there. A key file is never overwritten by a new one."""


class Tampered(VaultError):
    """Remedy: quarantine this one value and connect its account again.

    The sealed text was changed, cut, or moved here from another owner or field.
    """
