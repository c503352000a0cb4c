"""What can go wrong with the vault, sorted by remedy. Every message says what to do; none shows a secret."""

from ytempire.domain.values import Altered, Mendable


class VaultError(Mendable):
    """The vault cannot do what was asked. Nothing was changed."""


class KeyUnavailable(VaultError):
    """Remedy: bring the right key. A new one cannot open what was sealed with the old."""


class KeyMissing(KeyUnavailable):
    """There is no key at the place that was named, or no passphrase for the key that is there."""


class KeyUnknown(KeyUnavailable):
    """Something was sealed with a key that is not on the ring."""


class KeyWrong(KeyUnavailable):
    """A key is there, but it does not match its check value, or the passphrase does not open it."""


class KeyGone(KeyUnavailable):
    """The key file changed while we ran and cannot be read again: nothing is sealed until it is back."""


class KeyUnsafe(VaultError):
    """Remedy: put the key's place in order, then start again."""


class KeyFileExposed(KeyUnsafe):
    """Others may read, replace or own the file or its folder, or it is a link or no plain file."""


class KeyFileUnreadable(KeyUnsafe):
    """The system does not let us read the key file."""


class KeyFileUnwritable(KeyUnsafe):
    """The system does not let us write the key file or the backup durably."""


class KeyMalformed(KeyUnsafe):
    """The key file or the environment value does not have the form of a key."""


class KeyFileExists(VaultError):
    """Remedy: use the key that is there. A key file is never overwritten by a new one."""


class KeyWrites(VaultError):
    """Remedy: add another key and seal everything with it, then retire this one."""


class KeysElsewhere(VaultError):
    """Remedy: change the keys by hand, where they are: in the environment."""


class PassphraseUnfit(VaultError):
    """Remedy: choose a longer passphrase."""


class BackupExists(VaultError):
    """Remedy: choose another name. A backup is never overwritten."""


class BackupUnreadable(VaultError):
    """Remedy: the right passphrase, or another copy of the backup."""


class Tampered(VaultError, Altered):
    """Remedy: quarantine this one value and connect its account again.

    The sealed text was changed, cut, or moved here from another owner or field.
    """
