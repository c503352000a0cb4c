"""Tokens as values: when one is stale, the refresh request, and what its reply means.

Endpoints come from the client secrets file as Google issues it (`token_uri`), never from this code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Form, NoReply, Reply, storable

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
"""Alone it covers every method we send (discovery document, auth of each method)."""

STALE = timedelta(minutes=5)
"""A token with less life than this is refreshed before use."""

_MAX_WHY = 200
_DEFAULT_LIFE = 3599
_LONGEST_LIFE = 86_400
"""A longer one is not believed: to refresh early is harmless, and a garbled number must not end the pass."""

_LONGEST_GRANT = 10 * 366 * 86_400


class Slot(StrEnum):
    """An account's grant, or the second one for the same channel that steps in when the first one dies."""

    PRIMARY = "primary"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A client as in Google's client secrets file; `web`: registered for a web server, not a desktop app."""

    client_id: str
    client_secret: Secret
    auth_uri: str
    token_uri: str
    redirect_uris: tuple[str, ...] = ()
    web: bool = False

    @property
    def revoke_uri(self) -> str:
        """Where grants are revoked: beside the token endpoint, as Google has it. The file does not name it."""
        return self.token_uri.rpartition("/")[0] + "/revoke"


@dataclass(frozen=True, slots=True)
class Grant:
    """What we hold for an account, unsealed. `expires_at` (aware UTC) belongs to the access token.

    `revision` grows with each stored change; a writer that saw an older one loses.
    """

    refresh_token: Secret
    access_token: Secret | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    revision: int = 0

    def fresh(self, now: datetime, *, margin: timedelta = STALE) -> bool:
        """Can its access token be used for a while yet?"""
        return (
            self.access_token is not None and self.expires_at is not None and self.expires_at - now > margin
        )


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new access token. `refresh_token` is set only when Google sent a new one.

    `ends_at` is when the refresh token itself will end, set only when Google said so
    (`refresh_token_expires_in`: an app in testing, or access for a limited time).
    """

    access_token: Secret
    expires_at: datetime
    refresh_token: Secret | None = None
    scopes: tuple[str, ...] = ()
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GrantDead:
    """`invalid_grant`: the account must be connected anew."""

    why: str


@dataclass(frozen=True, slots=True)
class ClientRefused:
    """The OAuth client itself is not accepted: a matter of configuration, not of this account."""

    why: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No useful answer; nothing is known about the grant."""

    why: str


RefreshOutcome = Refreshed | GrantDead | ClientRefused | Unreachable


def refresh_request(client: OAuthClient, refresh_token: Secret) -> Form:
    """The refresh call (RFC 6749 section 6), client authenticated in the body as Google documents it."""
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.reveal(),
        "client_id": client.client_id,
        "client_secret": client.client_secret.reveal(),
    }
    return Form(client.token_uri, fields)


def read_refresh(answer: Answer, now: datetime) -> RefreshOutcome:
    """What the token endpoint said; `now` is when the request was sent, so a life is never overrated."""
    if isinstance(answer, NoReply):
        return Unreachable(answer.why)
    document = answer.json()
    token = document.get("access_token")
    if answer.status == 200 and isinstance(token, str) and token:
        return _refreshed(token, document, now)
    return _denied(answer, document)


def _refreshed(token: str, document: Mapping[str, object], now: datetime) -> Refreshed:
    seconds = min(_whole(document, "expires_in"), _LONGEST_LIFE) or _DEFAULT_LIFE
    left = min(_whole(document, "refresh_token_expires_in"), _LONGEST_GRANT)
    renewed = document.get("refresh_token")
    return Refreshed(
        Secret(token),
        now + timedelta(seconds=seconds),
        Secret(renewed) if isinstance(renewed, str) and renewed else None,
        tuple(str(document.get("scope", "")).split()),
        now + timedelta(seconds=left) if left else None,
    )


def _whole(document: Mapping[str, object], name: str) -> int:
    """A whole number above 0; 0 for anything else."""
    found = document.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def _denied(reply: Reply, document: Mapping[str, object]) -> GrantDead | ClientRefused | Unreachable:
    error = storable(str(document.get("error", "")), _MAX_WHY)
    why = storable(str(document.get("error_description") or error or f"HTTP {reply.status}"), _MAX_WHY)
    if error == "invalid_grant":
        return GrantDead(why)
    if error in ("invalid_client", "deleted_client", "unauthorized_client", "admin_policy_enforced",
                 "org_internal", "invalid_scope", "disabled_client"):  # fmt: skip
        return ClientRefused(f"{error}: {why}")
    return Unreachable(f"HTTP {reply.status}: {why}")


def merged(grant: Grant, fresh: Refreshed) -> Grant:
    """The grant after a refresh: a missing refresh token or scope never erases the one we have."""
    return Grant(
        fresh.refresh_token or grant.refresh_token,
        fresh.access_token,
        fresh.expires_at,
        fresh.scopes or grant.scopes,
        grant.revision,
    )
