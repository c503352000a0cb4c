"""What Google's console knows of an OAuth client: its kind, its redirect addresses, who may consent.

Values and their rules only. What a consent page or a token endpoint makes of them is elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CLIENT_KINDS = ("installed", "web")
PUBLISHING = ("production", "testing")
TESTING_SECONDS = 7 * 86_400
"""How long a refresh token lives while the app is in testing (support.google.com/cloud/answer/15549945)."""

# Letters that mean the same to every reader of an address: no space, backslash, quote, control or fragment.
_TAIL = r"(?:/[!$&-;=?-\[\]_a-z~%]*|\?[!$&-;=?-\[\]_a-z~%]*)?"
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?" + _TAIL)
_SECURE = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::([0-9]{1,5}))?" + _TAIL)
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTerms:
    """The terms of one OAuth client.

    `installed` clients may be sent back to any loopback address, `web` clients to exactly the registered
    `redirect_uris`. In `testing` only `test_users` (e-mail addresses or names of accounts) may consent, and
    their refresh tokens live for 7 days.

    Raises:
        ValueError: An unknown word, or a redirect address that Google would not register.
    """

    kind: str = "installed"
    redirect_uris: tuple[str, ...] = ()
    publishing: str = "production"
    test_users: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse terms that the console would refuse."""
        object.__setattr__(self, "redirect_uris", tuple(_words("redirect_uris", self.redirect_uris)))
        object.__setattr__(self, "test_users", frozenset(_words("test_users", self.test_users)))
        if self.kind not in CLIENT_KINDS:
            raise ValueError(f"kind is one of {', '.join(CLIENT_KINDS)}, not {self.kind!r}")
        if self.publishing not in PUBLISHING:
            raise ValueError(f"publishing is one of {', '.join(PUBLISHING)}, not {self.publishing!r}")
        for uri in self.redirect_uris:
            if not (is_loopback_uri(uri) or _in_range(_SECURE.fullmatch(uri))):
                raise ValueError(f"{uri!r} is neither https nor http on loopback, or no plain address")

    def accepts(self, redirect_uri: str) -> bool:
        """Whether Google would send a browser back to this address."""
        if self.kind == "installed":
            return is_loopback_uri(redirect_uri)
        return redirect_uri in self.redirect_uris

    def refresh_seconds(self) -> float | None:
        """How long a refresh token lives; None without end."""
        return TESTING_SECONDS if self.publishing == "testing" else None


def is_loopback_uri(uri: str) -> bool:
    """Whether this is http on 127.0.0.1, [::1] or localhost, any port and path, with nothing odd in it."""
    return _in_range(_LOOPBACK.fullmatch(uri))


def _in_range(found: re.Match[str] | None) -> bool:
    return found is not None and (found[1] is None or 0 < int(found[1]) <= _LAST_PORT)


def _words(name: str, values: Iterable[object]) -> list[str]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is a list of texts")
    return [str(value) for value in values]
