"""Consents and what comes of them: authorization codes, refresh tokens, and the ways in which they end.

Changes to the tables only; the endpoints that answer for them are elsewhere.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.emulator.errors import OAuthError
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.world import Account, Code, Grant, Project, World

_CODE_LIFE = timedelta(minutes=10)
_IDLE_LIFE = timedelta(days=182)
_LIVE_GRANTS = 100
WORKING = "working"


class Death(StrEnum):
    """The ways in which refresh tokens stop working, by what brought it about."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    IDLE = "idle"
    SUPERSEDED = "superseded"
    SESSION_CONTROL = "session_control"
    ADMIN_POLICY = "admin_policy_enforced"
    DELETED_CLIENT = "deleted_client"
    DISABLED_CLIENT = "disabled_client"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    SECRET_CHANGED = "secret_changed"


_OF_TOKENS = frozenset({Death.REVOKED, Death.EXPIRED, Death.IDLE, Death.SUPERSEDED, Death.SESSION_CONTROL})
_OF_CLIENTS = frozenset({Death.DELETED_CLIENT, Death.DISABLED_CLIENT, Death.UNAUTHORIZED_CLIENT})
_CLIENT_WORDS = {
    Death.DELETED_CLIENT: "The OAuth client was deleted.",
    Death.DISABLED_CLIENT: "The OAuth client was disabled.",
    Death.UNAUTHORIZED_CLIENT: "Unauthorized",
}
POLICY_WORDS = (
    "The Google Account is unable to authorize one or more scopes due to its administrator's policies."
)


def issue_code(
    world: World,
    account: Account,
    scopes: tuple[str, ...],
    *,
    redirect_uri: str,
    challenge: str | None,
    offline: bool = True,
) -> str:
    """A fresh authorization code for a consent that was just given; `challenge` is PKCE S256.

    `offline` says whether its exchange gives a refresh token.
    """
    code = "4/0" + world.clock.letters(60)
    due = world.clock.now() + _CODE_LIFE
    world.codes[code] = Code(account.id, scopes, redirect_uri, challenge, due, offline)
    return code


def issue_grant(
    world: World, account: Account, scopes: tuple[str, ...], *, seconds: float | None = None
) -> Grant:
    """A fresh refresh token; above 100 live ones per account the oldest dies silently, as Google has it.

    It lives for `seconds`, or for as long as the project's publishing status gives it.
    """
    now = world.clock.now()
    life = world.projects[account.project].terms.refresh_seconds() if seconds is None else seconds
    grant = Grant(
        refresh_token="1//0" + world.clock.letters(60),
        account=account.id,
        scopes=scopes,
        used_at=now,
        expires_at=None if life is None else now + timedelta(seconds=life),
    )
    world.grants[grant.refresh_token] = grant
    account.granted |= set(scopes)
    for oldest in _alive(world, account)[:-_LIVE_GRANTS]:
        oldest.dead = Death.SUPERSEDED
    world.journal.record(EventKind.TOKEN_ISSUED, account=account.id, grant=fingerprint(grant.refresh_token))
    return grant


def kill_grants(world: World, account: Account, *, keep_access_tokens: bool = False) -> None:
    """Revoke every grant of an account; access tokens go too unless kept. The next consent is a first one."""
    for grant in _alive(world, account):
        grant.dead = Death.REVOKED
    account.granted.clear()
    if not keep_access_tokens:
        forget_access(world, account)
    world.journal.record(EventKind.GRANT_REVOKED, account=account.id, why=Death.REVOKED.value)


def forget_access(world: World, account: Account, *, grant: Grant | None = None) -> None:
    """Make an account's access tokens unknown, all or those of one grant."""
    for token, access in list(world.access_tokens.items()):
        if access.grant.account == account.id and (grant is None or access.grant is grant):
            del world.access_tokens[token]


def end(world: World, account: Account, death: Death, *, refresh_token: str | None = None) -> None:
    """Let an account's refresh tokens die this death: all of them, or the one that is named.

    An administrator's policy strikes the whole account, a client's death every account of its project.

    Raises:
        KeyError: The named token is not a live one of this account.
        ValueError: A token is named for a death that single tokens do not die.
    """
    if refresh_token is not None and death not in _OF_TOKENS:
        raise ValueError(f"{death} does not strike a single token")
    project = world.projects[account.project]
    if death is Death.REVOKED and refresh_token is None:
        kill_grants(world, account)
    elif death in _OF_TOKENS:
        _end_tokens(world, account, death, refresh_token)
    elif death is Death.ADMIN_POLICY:
        account.restricted = True
    elif death is Death.SECRET_CHANGED:
        project.client_secret = "GOCSPX-" + world.clock.letters(28)
    else:
        project.client_state = death
    world.journal.record(EventKind.CONTROL, what="death", account=account.id, death=death.value)


def cure(world: World, account: Account) -> None:
    """Take back what a person can take back: the policy, and the state of the client. Tokens stay dead."""
    account.restricted = False
    world.projects[account.project].client_state = WORKING
    world.journal.record(EventKind.CONTROL, what="cure", account=account.id)


def narrow(world: World, account: Account, scopes: tuple[str, ...]) -> None:
    """Let the account's grants cover these scopes only, from the next refresh on."""
    for grant in _alive(world, account):
        grant.scopes = tuple(scope for scope in grant.scopes if scope in scopes)
    account.granted &= set(scopes)
    world.journal.record(EventKind.CONTROL, what="scopes", account=account.id, scopes=list(scopes))


def _end_tokens(world: World, account: Account, death: Death, refresh_token: str | None) -> None:
    live = {grant.refresh_token: grant for grant in _alive(world, account)}
    if refresh_token is not None and refresh_token not in live:
        raise KeyError("refresh_token")
    for grant in live.values() if refresh_token is None else [live[refresh_token]]:
        grant.dead = death
        if death is Death.REVOKED:
            forget_access(world, account, grant=grant)


def _alive(world: World, account: Account) -> list[Grant]:
    """The account's refresh tokens that nothing ended yet, oldest first."""
    return [g for g in list(world.grants.values()) if g.account == account.id and g.dead is None]


def check_client(project: Project) -> None:
    """Refuse a client that is no longer what it was.

    Raises:
        OAuthError: 401 in Google's words.
    """
    state = project.client_state
    if state in _OF_CLIENTS:
        raise OAuthError(401, state, _CLIENT_WORDS[Death(state)])


def check_policy(account: Account) -> None:
    """Refuse an account whose administrator forbids the app.

    Raises:
        OAuthError: 400 `admin_policy_enforced`.
    """
    if account.restricted:
        raise OAuthError(400, Death.ADMIN_POLICY, POLICY_WORDS)


def check_alive(grant: Grant, now: datetime) -> None:
    """Refuse a refresh token that no longer works.

    Raises:
        OAuthError: In the words that Google has for this death.
    """
    why = death_of(grant, now)
    if why == Death.SESSION_CONTROL:
        # Seen alike in many reports, such as googleapis/google-auth-library-nodejs#1961.
        raise OAuthError(
            400,
            "invalid_grant",
            "reauth related error (invalid_rapt)",
            subtype="invalid_rapt",
            uri="https://support.google.com/a/answer/9368756",
            why=why,
        )
    if why is not None:
        raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.", why=why)


def death_of(grant: Grant, now: datetime) -> str | None:
    """Why a refresh token no longer works; None while it does."""
    if grant.dead is not None:
        return grant.dead
    if grant.expires_at is not None and now >= grant.expires_at:
        return Death.EXPIRED
    return Death.IDLE if now - grant.used_at > _IDLE_LIFE else None
