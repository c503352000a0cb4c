"""Callers as values: who speaks to the HTTP API, with which role, for which accounts, and for how long."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.values import AccountId, Refusal, Refused, Secret


class Role(StrEnum):
    """What a caller may do; each role may do what the ones before it may."""

    ANYBODY = "anybody"
    VIEWER = "viewer"
    SUBMITTER = "submitter"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, least: "Role") -> bool:
        """Is this role enough where `least` is asked for?"""
        return _RANK[self] >= _RANK[least]


_RANK: Mapping[Role, int] = {role: rank for rank, role in enumerate(Role)}

GIVEN = (Role.VIEWER, Role.SUBMITTER, Role.OPERATOR, Role.ADMIN)
"""The roles that a token may have."""


def role_named(text: str) -> Role:
    """The role of that name. Raises `Refused` when no token may have it."""
    if text not in GIVEN:
        remedy = f"use one of {', '.join(GIVEN)}"
        raise Refused(Refusal("role", "role_unknown", f"there is no role {text!r:.80}", remedy))
    return Role(text)


PREFIX = "yte_"
TOKEN_BYTES = 32
SESSION_LIFE = timedelta(hours=12)
"""How long a browser stays signed in."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
"""What a token may be called."""

_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `token` is the id of their token, None for somebody on this machine who needs none.

    `accounts`: only what belongs to these; None: everything.
    """

    name: str
    role: Role
    accounts: frozenset[AccountId] | None = None
    token: str | None = None

    @property
    def key(self) -> str:
        """Under which name limits and answers are kept for this caller."""
        return self.token or self.name

    def sees(self, account: AccountId | None) -> bool:
        """May this caller see what belongs to an account, or to none yet?"""
        return self.accounts is None or account in self.accounts


NOBODY = Caller("nobody", Role.ANYBODY, frozenset())
"""Who has shown nothing."""

LOCAL = "local"
"""The name of whoever asks from this machine without a token."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as stored: `hashed` is the SHA-256 of its text, which is stored nowhere."""

    id: str
    name: str
    hashed: str = field(repr=False)
    role: Role
    created_at: datetime
    created_by: str
    accounts: frozenset[AccountId] | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "valid"

    def caller(self) -> Caller:
        """Whoever holds it."""
        return Caller(self.name, self.role, self.accounts, self.id)


def token_text(secret: Secret) -> Secret:
    """The token made of 32 random bytes as base64url."""
    return Secret(PREFIX + secret.reveal())


def is_token(text: str) -> bool:
    """Could this be one of our tokens?"""
    return _SECRET.fullmatch(text) is not None


def hashed(text: Secret) -> str:
    """What is stored of a token or of a session of a browser. It has 256 bits of chance, so one SHA-256 will do."""
    return hashlib.sha256(text.reveal().encode()).hexdigest()
