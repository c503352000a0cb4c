"""Tokens for the API: made, listed, revoked, recognised; and browsers that signed in with one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ytempire.domain.callers import (
    GIVEN,
    NAME,
    SESSION_LIFE,
    TOKEN_BYTES,
    ApiToken,
    Role,
    hashed,
    is_token,
    token_text,
)
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import AccountId, Refusal, Refused, Secret
from ytempire.ports import Browser, Clock, Store
from ytempire.services.documents import Document, moment

MOST_DAYS = 3_660
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A token as somebody wants it. Without accounts it is for all of them, without days it does not expire."""

    name: str
    role: Role
    accounts: tuple[str, ...] = ()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """Tokens. `known` are the accounts of the configuration; `actor` is who makes and revokes."""

    store: Store
    clock: Clock
    known: frozenset[str]
    _noted: dict[str, datetime] = field(default_factory=dict)

    async def create(self, wish: Wish, by: str) -> tuple[ApiToken, Secret]:
        """Makes a token; its text is known to nobody but who is answered. Raises `Refused` with every refusal."""
        if problems := _problems(wish, self.known):
            raise Refused(*problems)
        now = self.clock.now()
        text = token_text(self.clock.new_secret(TOKEN_BYTES))
        token = ApiToken(
            id=self.clock.new_id("tok"),
            name=wish.name,
            hashed=hashed(text),
            role=wish.role,
            created_at=now,
            created_by=by,
            accounts=frozenset(map(AccountId, wish.accounts)) if wish.accounts else None,
            expires_at=None if wish.days is None else now + timedelta(days=wish.days),
        )
        data = {
            "id": token.id,
            "name": token.name,
            "role": token.role,
            "by": by,
            "accounts": list(wish.accounts),
        }
        if not await self.store.add_api_token(token, (Event(Kind.API_TOKEN_CREATED, now, data=data),)):
            message = f"there is a token {wish.name!r} already"
            raise Refused(Refusal("name", "name_taken", message, "revoke that one, or choose another name"))
        return token, text

    async def listed(self) -> list[Document]:
        """Every token, oldest first."""
        now = self.clock.now()
        return [token_document(each, now) for each in await self.store.api_tokens()]

    async def revoke(self, which: str, by: str) -> ApiToken:
        """Revokes a token by its id or its name. Raises `Refused` when there is none to revoke."""
        now = self.clock.now()
        standing = [each for each in await self.store.api_tokens() if each.revoked_at is None]
        found = next((each for each in standing if which in (each.id, each.name)), None)
        if found is not None:
            data = {"id": found.id, "name": found.name, "by": by}
            event = Event(Kind.API_TOKEN_REVOKED, now, data=data)
            if await self.store.revoke_api_token(found.id, now, (event,)):
                return found
        message = f"there is no token {which!r} that could be revoked"
        raise Refused(Refusal("token", "token_unknown", message, "see `ytempire token list`"))

    async def recognised(self, text: str) -> ApiToken | None:
        """The valid token with this text; None for anything else. Its use is written down, once a minute."""
        if not is_token(text):
            return None
        return await self._valid(await self.store.api_token(hashed(Secret(text))))

    async def sign_in(self, text: str) -> tuple[ApiToken, Secret, datetime] | None:
        """What a browser carries from now on, and until when; None when the token is no good."""
        token = await self.recognised(text)
        if token is None:
            return None
        now = self.clock.now()
        session = self.clock.new_secret(TOKEN_BYTES)
        ends = now + SESSION_LIFE if token.expires_at is None else min(now + SESSION_LIFE, token.expires_at)
        await self.store.add_browser(Browser(hashed(session), token.id, now, ends))
        return token, session, ends

    async def signed_in(self, session: str) -> ApiToken | None:
        """The valid token that a browser signed in with; None when it is not signed in."""
        return await self._valid(await self.store.token_of_browser(hashed(Secret(session)), self.clock.now()))

    async def sign_out(self, session: str) -> None:
        """Forgets a browser."""
        await self.store.drop_browser(hashed(Secret(session)))

    async def any_valid(self) -> bool:
        """Is there a token that somebody could use?"""
        now = self.clock.now()
        return any(each.state(now) == "valid" for each in await self.store.api_tokens())

    async def _valid(self, token: ApiToken | None) -> ApiToken | None:
        now = self.clock.now()
        if token is None or token.state(now) != "valid":
            return None
        noted = self._noted.get(token.id)
        if noted is None or now - noted >= _NOTED_EVERY:
            self._noted[token.id] = now
            await self.store.note_token_use(token.id, now)
        return token


def token_document(token: ApiToken, now: datetime) -> Document:
    """What may be shown of a token."""
    return {
        "id": token.id,
        "name": token.name,
        "role": str(token.role),
        "accounts": None if token.accounts is None else sorted(token.accounts),
        "state": token.state(now),
        "created_at": moment(token.created_at),
        "created_by": token.created_by,
        "expires_at": moment(token.expires_at),
        "revoked_at": moment(token.revoked_at),
        "used_at": moment(token.used_at),
    }


def _problems(wish: Wish, known: Collection[str]) -> list[Refusal]:
    found = []
    if not NAME.fullmatch(wish.name):
        message = f"{wish.name!r:.80} is no name for a token"
        remedy = (
            "use letters, digits, dot, dash, underscore and @, at most 64, and begin with a letter or digit"
        )
        found.append(Refusal("name", "name_malformed", message, remedy))
    if wish.role not in GIVEN:
        remedy = f"use one of {', '.join(GIVEN)}"
        found.append(Refusal("role", "role_unknown", f"there is no role {wish.role}", remedy))
    for each in sorted(set(wish.accounts) - set(known)):
        message = f"there is no account {each!r:.80}"
        found.append(Refusal("accounts", "account_not_configured", message, "see `ytempire accounts list`"))
    if wish.accounts and wish.role is Role.ADMIN:
        message = "an admin is one of the whole installation"
        found.append(
            Refusal("role", "role_too_wide", message, "leave the accounts out, or choose a lesser role")
        )
    if wish.days is not None and not 1 <= wish.days <= MOST_DAYS:
        message = f"{wish.days} days is not between 1 and {MOST_DAYS}"
        found.append(Refusal("days", "days_out_of_range", message, "choose a number that is"))
    return found
