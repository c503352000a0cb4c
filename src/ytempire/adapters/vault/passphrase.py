"""A passphrase made into a key (scrypt), and the key ring wrapped with it.

A wrapped ring is JSON: `{"format": "ytempire-keys-2", "kdf": {...}, "sealed": base64}`. What is sealed is the
plain ring as its own file would hold it; format and kdf are the associated data.
"""

import base64
import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ytempire.adapters.vault.errors import KeyMalformed, KeyMissing, KeyWrong, PassphraseUnfit, VaultError
from ytempire.adapters.vault.keys import KEY_BYTES
from ytempire.adapters.vault.sealing import NONCE_BYTES, chance, decrypt, encrypt
from ytempire.domain.values import Secret

ENVIRONMENT_NAME = "YTEMPIRE_PASSPHRASE"
FORMAT = "ytempire-keys-2"
MIN_CHARACTERS = 12
_SALT_BYTES = 16
_MAX_N, _MAX_R, _MAX_P = 2**20, 16, 4
_MAX_MEMORY = 2**30
_REMEDY = "restore it from the backup"


@dataclass(frozen=True, slots=True)
class Cost:
    """How hard scrypt makes guessing. It takes 128 * n * r bytes of memory, here 128 MiB and under a second.

    The default is the first choice of OWASP's Password Storage Cheat Sheet. Raises `ValueError` beyond what
    an honest file asks for, so that a hostile one cannot eat the machine.
    """

    n: int = 2**17
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        if not (2 <= self.n <= _MAX_N and self.n.bit_count() == 1 and 1 <= self.r <= _MAX_R):
            raise ValueError(f"scrypt with n={self.n} and r={self.r} is not accepted")
        if not 1 <= self.p <= _MAX_P or self.memory > _MAX_MEMORY:
            raise ValueError(f"scrypt with n={self.n}, r={self.r} and p={self.p} is not accepted")

    @property
    def memory(self) -> int:
        """Bytes of memory that one derivation takes."""
        return 128 * self.n * self.r


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a passphrase becomes a key: may be shown, and stands in clear at the head of what is wrapped."""

    salt: bytes
    cost: Cost

    def document(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        salt = base64.b64encode(self.salt).decode()
        return {"name": "scrypt", "salt": salt, "n": self.cost.n, "r": self.cost.r, "p": self.cost.p}


@dataclass(frozen=True, slots=True)
class Lock:
    """The key that a passphrase gave by a recipe. It wraps many times, each time with another nonce."""

    recipe: Recipe
    key: bytes = field(repr=False)

    def wrap(self, plain: bytes, associated: bytes) -> bytes:
        """Nonce, ciphertext and tag."""
        return encrypt(self.key, chance(NONCE_BYTES), plain, associated)


def new_lock(passphrase: Secret, cost: Cost) -> Lock:
    """A lock with a new salt. Raises `PassphraseUnfit` for a passphrase that is too short to hold."""
    if len(passphrase.reveal().strip()) < MIN_CHARACTERS:
        raise PassphraseUnfit(
            f"a passphrase needs at least {MIN_CHARACTERS} characters; four words chosen by dice are good"
        )
    return lock_again(passphrase, Recipe(chance(_SALT_BYTES), cost))


def lock_again(passphrase: Secret, recipe: Recipe) -> Lock:
    """The lock that this passphrase made by this recipe. Raises `VaultError` when the memory is not there."""
    # The same letters have several spellings in Unicode, and keyboards differ in which they send (RFC 8265).
    text = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8", "surrogatepass")
    cost = recipe.cost
    try:
        scrypt = Scrypt(salt=recipe.salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
        return Lock(recipe, scrypt.derive(text))
    except MemoryError:
        needed = f"{cost.memory // 2**20} MiB of memory"
        raise VaultError(f"the passphrase needs {needed} to be checked; make room and try again") from None


def recipe_of(document: object) -> Recipe:
    """The recipe in JSON values. Raises `ValueError` for any other form, or a cost beyond all measure."""
    if not isinstance(document, dict) or set(document) != {"name", "salt", "n", "r", "p"}:
        raise ValueError("it does not say how the passphrase becomes a key")
    if document["name"] != "scrypt" or not isinstance(document["salt"], str):
        raise ValueError("it does not use scrypt")
    numbers = [document[name] for name in ("n", "r", "p")]
    if any(type(number) is not int for number in numbers):
        raise ValueError("the cost of its scrypt is not in whole numbers")
    salt = _from_base64(document["salt"])
    if len(salt) != _SALT_BYTES:
        raise ValueError(f"its salt has {len(salt)} bytes instead of {_SALT_BYTES}")
    return Recipe(salt, Cost(*numbers))


def header(format_name: str, recipe: Recipe) -> bytes:
    """Format and recipe in their one spelling: what is bound to everything wrapped by this recipe."""
    document = {"format": format_name, "kdf": recipe.document()}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def wrap_ring(plain: bytes, lock: Lock) -> bytes:
    """The bytes of a key file whose ring is wrapped."""
    sealed = base64.b64encode(lock.wrap(plain, header(FORMAT, lock.recipe))).decode()
    document = {"format": FORMAT, "kdf": lock.recipe.document(), "sealed": sealed}
    return (json.dumps(document, indent=2) + "\n").encode()


def is_wrapped(data: bytes) -> bool:
    """Whether the bytes of a key file are a wrapped ring, at least by their own word."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT


def unwrap_ring(
    data: bytes, source: str, passphrase: Secret | None, *, known: Lock | None = None
) -> tuple[bytes, Lock]:
    """The plain ring in a wrapped one, and the lock it had. `known` saves the derivation if it is that lock.

    Raises `KeyMalformed`, `KeyMissing` without a passphrase, and `KeyWrong` when it does not open the ring.
    """
    recipe, body = _parts(data, source)
    if passphrase is None:
        raise KeyMissing(f"{source} is protected by a passphrase; give it in {ENVIRONMENT_NAME}")
    lock = known if known and known.recipe == recipe else lock_again(passphrase, recipe)
    try:
        return decrypt(lock.key, body, header(FORMAT, recipe)), lock
    except InvalidTag:
        raise KeyWrong(
            f"the passphrase does not open {source}: either it is not the one, or the file was damaged (the "
            f"two cannot be told apart); check {ENVIRONMENT_NAME}, else restore the file from the backup"
        ) from None


def _parts(data: bytes, source: str) -> tuple[Recipe, bytes]:
    document = json.loads(data)
    if set(document) != {"format", "kdf", "sealed"} or not isinstance(document["sealed"], str):
        raise KeyMalformed(f"{source} is not a key file of the format {FORMAT}; {_REMEDY}")
    try:
        return recipe_of(document["kdf"]), _from_base64(document["sealed"])
    except ValueError as problem:
        raise KeyMalformed(f"{source} cannot be opened with a passphrase: {problem}; {_REMEDY}") from None


def _from_base64(text: str) -> bytes:
    """The bytes of base64 in its one spelling. Raises `ValueError`."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("its base64 is not as it was written")
    return raw
