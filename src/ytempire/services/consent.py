"""Consent: sends a person to Google with a state that can be used once, and takes what comes back.

The state is stored as a hash, the PKCE verifier sealed, so that the answer is good after a restart too, and
for one process only, whoever it reaches first.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ytempire.domain.accounts import Account
from ytempire.domain.audit import Use
from ytempire.domain.consent import (
    LIFE,
    STATE_BYTES,
    VERIFIER_BYTES,
    Answered,
    Denied,
    check_issuer,
    consent_address,
    exchange_request,
    read_answer,
    state_hash,
)
from ytempire.domain.counting import counted
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.oauth import ClientRefused, Grant, GrantDead, Refreshed, Slot, Unreachable, read_refresh
from ytempire.domain.values import AccountId, Mendable, Refusal, Refused, Secret, Unanswered
from ytempire.ports import Consent, Desk, Miss, SealedField, Visit
from ytempire.services.connect import Connected, Connecting, Offer
from ytempire.services.context import Context
from ytempire.services.safe import Safe
from ytempire.services.standing import account_named

_ANEW = "start anew with `ytempire connect`"
_STILL = "this still waits: paste the right address, or open the one that was printed once more"
_MISSES = {
    Miss.UNKNOWN: ("state_unknown", "nobody here began this consent, or it was begun long ago", _ANEW),
    Miss.USED: ("state_used", "this answer was used already", "look with `ytempire accounts list`; " + _ANEW),
    Miss.EXPIRED: (
        "state_expired",
        f"it came later than {LIFE.seconds // 60} minutes after the start",
        _ANEW,
    ),
    Miss.FOREIGN: (
        "state_foreign",
        "it was begun for another account or in another browser",
        "finish it where it was begun, or " + _ANEW,
    ),
}


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent under way: the address to open, and until when it is good. The address holds the state."""

    account: AccountId
    address: Secret
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Consenting:
    """Begins and finishes consents. `finish` raises `Refused` with the remedy; then nothing was changed."""

    context: Context
    safe: Safe
    connecting: Connecting

    async def begin(
        self, account: Account, redirect_uri: str, slot: Slot = Slot.PRIMARY, browser: Secret | None = None
    ) -> Begun:
        """Makes the address to send the person to. `browser` binds the answer to one browser session.

        Raises `Refused` where the answer would be refused whatever the person says.
        """
        await self.connecting.may_connect(account, slot)
        clock, vault = self.context.clock, self.context.vault
        state, verifier = clock.new_secret(STATE_BYTES), clock.new_secret(VERIFIER_BYTES)
        now = clock.now()
        hashed = state_hash(state)
        sealed = vault.seal(account.id, SealedField.VERIFIER, verifier.reveal().encode())
        consent = Consent(
            state_hash=hashed,
            account=account.id,
            slot=slot,
            redirect_uri=redirect_uri,
            sealed_verifier=sealed,
            key=vault.key_of(sealed),
            created_at=now,
            expires_at=now + LIFE,
            browser=None if browser is None else state_hash(browser),
        )
        event = Event(
            Kind.CONSENT_STARTED, now, account=account.id, data={"slot": slot, "by": self.context.actor}
        )
        if not await self.context.store.add_consent(consent, (event,)):
            raise Mendable("the key of the vault was retired at this moment; try again")
        address = consent_address(
            self.context.clients[account.project],
            redirect_uri=redirect_uri,
            state=state,
            verifier=verifier,
            hint=None,
        )
        return Begun(account.id, Secret(address), redirect_uri, consent.expires_at)

    async def finish(
        self, query: str, *, account: AccountId | None = None, browser: Secret | None = None
    ) -> Connected:
        """Takes the query of the redirect: uses up the state, exchanges the code, connects the account.

        `account`: only an answer for this account will do. Raises `Refused`, or `Unanswered` when Google did
        not answer; the state is used up either way.
        """
        answer = read_answer(query)
        taken = await self.context.store.take_consent(
            state_hash(answer.state),
            self.context.clock.now(),
            account=account,
            browser=None if browser is None else state_hash(browser),
        )
        if isinstance(taken, Miss):
            code, message, remedy = _MISSES[taken]
            raise Refused(Refusal("state", code, message, remedy))
        try:
            return await self._finish(answer, taken)
        except Mendable as refused:
            data = {"why": str(refused), "slot": taken.slot}
            now = self.context.clock.now()
            event = Event(Kind.CONSENT_REFUSED, now, Level.WARNING, account=taken.account, data=data)
            await self.context.store.record((event,))
            raise

    async def welcome(self, desks: Sequence[Desk], account: AccountId, seconds: float) -> Connected:
        """Waits at these desks for the one answer of a consent, and tells each visitor what became of it.

        Visitors with something else are turned away and end nothing, for anybody may knock. Raises as
        `finish` does, and `Unanswered` when nobody came in time.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        with _Door(desks) as door:
            while True:
                try:
                    visit = await door.next(deadline)
                except TimeoutError:
                    waited = f"nobody came back from Google within {counted(round(seconds), 'second')}"
                    raise Unanswered(f"{waited}; run the command again for a new address") from None
                connected = await self._received(visit, account)
                if connected is not None:
                    return connected

    async def _received(self, visit: Visit, account: AccountId) -> Connected | None:
        """What one visit brought; None when it was not the one we wait for."""
        try:
            connected = await self.finish(visit.query, account=account)
        except Mendable as problem:
            refusal = problem.refusals[0] if isinstance(problem, Refused) else None
            strange = refusal is not None and refusal.code in _STRANGE
            text = f"{refusal.message}; {_STILL}" if refusal is not None and strange else str(problem)
            await visit.show(False, "This did not work", text)
            if refusal is not None and refusal.code in _KNOCKS:
                return None
            raise
        name = connected.channel_title or connected.channel or "the channel"
        text = f"{connected.account} is connected to {name}. You can close this page."
        await visit.show(True, "Connected", text)
        return connected

    async def _finish(self, answer: Answered | Denied, consent: Consent) -> Connected:
        account = await account_named(self.context, consent.account)
        if account is None:
            message = f"{consent.account} is no longer configured"
            raise Refused(Refusal("account", "not_configured", message, "put it back, and connect again"))
        check_issuer(answer, self.context.clients[account.project])
        if isinstance(answer, Denied):
            raise _denied(answer.error)
        offer = await self._exchanged(account, answer.code, consent)
        return await self.connecting.accept(account, offer, consent.slot)

    async def _exchanged(self, account: Account, code: Secret, consent: Consent) -> Offer:
        opened = self.context.vault.open(account.id, SealedField.VERIFIER, consent.sealed_verifier)
        verifier = Secret(opened.decode())
        client = self.context.clients[account.project]
        request = exchange_request(client, code=code, verifier=verifier, redirect_uri=consent.redirect_uri)
        await self.safe.note(Use.EXCHANGED, account.id, str(consent.slot))
        now = self.context.clock.now()
        outcome = read_refresh(await self.context.google.post(request), now)
        if not isinstance(outcome, Refreshed):
            raise _not_exchanged(outcome)
        if outcome.refresh_token is None:
            message = "Google gave no refresh token, and without it access ends within the hour"
            remedy = f"remove the app at myaccount.google.com/permissions, then {_ANEW}"
            raise Refused(Refusal("grant", "no_refresh_token", message, remedy))
        grant = Grant(outcome.refresh_token, outcome.access_token, outcome.expires_at, outcome.scopes)
        return Offer(grant, outcome)


def _not_exchanged(outcome: GrantDead | ClientRefused | Unreachable) -> Mendable:
    if isinstance(outcome, Unreachable):
        return Unanswered(f"the token endpoint gave no useful answer: {outcome.why}; {_ANEW}")
    if isinstance(outcome, GrantDead):
        return Refused(
            Refusal("code", "code_refused", f"Google did not accept the code: {outcome.why}", _ANEW)
        )
    message = f"Google does not accept the OAuth client: {outcome.why}"
    return Refused(
        Refusal("client", "client_refused", message, "check the client secrets file of the project")
    )


_KNOCKS = frozenset({"malformed", *(code for code, _, _ in _MISSES.values())})
"""What can come from anybody (an old page loaded again, a guess), and says nothing of whom we wait for."""

_STRANGE = ("malformed", _MISSES[Miss.UNKNOWN][0], _MISSES[Miss.FOREIGN][0])
"""Knocks after which the consent that we wait for can still be given."""


class _Door:
    """All desks at once. Whoever comes to one while a visitor of another is looked at is next, and not lost."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self._desks = desks
        self._waiting: dict[Desk, asyncio.Future[Visit]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for each in self._waiting.values():
            each.cancel()

    async def next(self, deadline: float) -> Visit:
        """The next visit at any desk. Raises `TimeoutError` when nobody came by then (time of the loop)."""
        for desk in self._desks:
            if desk not in self._waiting:
                self._waiting[desk] = asyncio.ensure_future(desk.visit())
        async with asyncio.timeout_at(deadline):
            await asyncio.wait(self._waiting.values(), return_when=asyncio.FIRST_COMPLETED)
        desk = next(each for each in self._desks if self._waiting[each].done())
        return self._waiting.pop(desk).result()


def _denied(error: str) -> Refused:
    if error == "access_denied":
        message, remedy = "consent was denied on Google's page", f"{_ANEW} and allow the access asked for"
    elif error == "admin_policy_enforced":
        message = "the administrator of this Google account does not allow the app"
        remedy = "ask the administrator, or use another Google account"
    else:
        message, remedy = f"Google refused the consent: {error}", f"check the consent screen, then {_ANEW}"
    return Refused(Refusal("consent", "denied", message, remedy))
