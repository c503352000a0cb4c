"""The one way to a small API call: a fresh token, the charge, then the request. Each request sent is charged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from structlog.contextvars import bound_contextvars

from ytempire.domain.faults import HARD_STOP, UNPROVEN, Fault, Remedy, read
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PublicationId
from ytempire.domain.wire import SLOWEST, Answer, Ask, Call, NoReply, Reply
from ytempire.services.context import Context
from ytempire.services.tokens import Tokens

MIDNIGHT = timedelta(minutes=2)
"""Longer than a small call may be under way, beside the time that its file takes."""
_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Charge:
    """What was charged for one request, and on which days."""

    account: AccountId
    method: Method
    publication: PublicationId | None
    days: tuple[QuotaDay, ...]


def days_of_a_call(now: datetime, *, size: int = 0) -> tuple[QuotaDay, ...]:
    """The days on which a call that is sent now, with a file of so many bytes, may be charged."""
    latest = now + MIDNIGHT + timedelta(seconds=size / SLOWEST)
    return tuple(sorted({QuotaDay.of(now), QuotaDay.of(latest)}))


class Gateway:
    """Sends calls for accounts, within quota."""

    def __init__(self, context: Context, tokens: Tokens) -> None:
        self._context = context
        self._tokens = tokens

    async def call(
        self,
        account: AccountId,
        method: Method,
        call: Call,
        publication: PublicationId | None = None,
        *,
        size: int = 0,
    ) -> Reply | Fault:
        """A reply below 300, or the fault. A refused token is refreshed once and the call sent again.

        `size` is that of the file it sends, in bytes.

        A success without a document is none: something between us and YouTube answered (a proxy's page).
        """
        with bound_contextvars(account=account):
            answer = await self._once(account, method, call, publication, size)
            if isinstance(answer, Fault) and answer.remedy is Remedy.REFRESH:
                return await self._once(account, method, call, publication, size)
            return answer

    async def listed(
        self, account: AccountId, method: Method, call: Call, publication: PublicationId | None = None
    ) -> tuple[Mapping[str, Any], ...] | Fault:
        """The items of a list, or the fault. An answer that is no list proves nothing, least of all absence."""
        page = await self.page(account, method, call, publication)
        return page if isinstance(page, Fault) else page[0]

    async def page(
        self, account: AccountId, method: Method, call: Call, publication: PublicationId | None = None
    ) -> tuple[tuple[Mapping[str, Any], ...], str | None] | Fault:
        """The items of one page of a list and the token of the page behind it, None at its end; or the fault."""
        answer = await self.call(account, method, call, publication)
        if isinstance(answer, Fault):
            return answer
        items, following = answer.items(), answer.json().get("nextPageToken")
        if items is None:
            return UNPROVEN
        return items, following if isinstance(following, str) and following else None

    async def ask(self, account: AccountId, ask: Ask) -> Answer | Fault:
        """What an upload session answers to the question how far it is, which costs nothing."""
        token = await self._tokens.fresh(account)
        return token if isinstance(token, Fault) else await self._context.google.ask(ask, token)

    async def charge(
        self,
        account: AccountId,
        method: Method,
        publication: PublicationId | None = None,
        *,
        size: int = 0,
    ) -> Fault | Charge:
        """Charges one request today; a fault when the hard stop or a closed bucket forbids it.

        What is sent before midnight may arrive after it, so it is charged on both days; one with a file of this
        `size` may be under way for long.
        """
        days = days_of_a_call(self._context.clock.now(), size=size)
        for day in days:
            refused = await self.charge_on(day, account, method, publication)
            if refused is not None:
                return refused
        return Charge(account, method, publication, days)

    async def refund(self, charge: Charge) -> None:
        """Takes back the charge of a request that provably never left this machine."""
        project = self._context.projects[charge.account]
        price = self._context.profiles[project].price(charge.method)
        for day in charge.days:
            await self._context.store.refund(project, price, day, charge.publication, account=charge.account)

    async def charge_on(
        self, day: QuotaDay, account: AccountId, method: Method, publication: PublicationId | None = None
    ) -> Fault | None:
        """Charges one request on a given day."""
        project = self._context.projects[account]
        price = self._context.profiles[project].price(method)
        now = self._context.clock.now()
        charged = await self._context.store.charge(project, price, day, publication, at=now, account=account)
        return None if charged else HARD_STOP

    async def _once(
        self, account: AccountId, method: Method, call: Call, publication: PublicationId | None, size: int
    ) -> Reply | Fault:
        token = await self._tokens.fresh(account)
        if isinstance(token, Fault):
            return token
        charge = await self.charge(account, method, publication, size=size)
        if isinstance(charge, Fault):
            return charge
        answer = await self._context.google.call(call, token)
        if isinstance(answer, NoReply) and not answer.sent:
            await self.refund(charge)
        if not isinstance(answer, NoReply) and answer.status < 300:
            return answer if answer.is_document or answer.status == _NO_CONTENT else UNPROVEN
        fault = read(answer, str(method))
        if fault.remedy is Remedy.REFRESH:
            await self._tokens.refused(account, token)
        return fault
