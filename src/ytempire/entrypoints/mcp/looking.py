"""The tools that read. A docstring is what the assistant is told of its tool."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ytempire.bootstrap.assisting import Assisting
from ytempire.domain.lifecycle import State
from ytempire.domain.values import AccountId, PublicationId
from ytempire.entrypoints.dates import date_of
from ytempire.entrypoints.mcp.guard import Answer, Guard
from ytempire.ports import Filter
from ytempire.services.documents import Document, moment

_ATTENTION = 20
StateName = Literal[
    "queued", "planned", "uploading", "processing", "published", "deferred", "held", "refused", "duplicate",
    "cancelled", "failed",
]  # fmt: skip
Limit = Annotated[int, Field(ge=1, le=200, description="At most so many, newest first.")]
PublicationName = Annotated[str, Field(max_length=64, description="The id of a publication, like pub_...")]


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks into a house and changes nothing in it."""

    house: Assisting
    guard: Guard

    async def today(self) -> Answer:
        """How things stand now.

        Publications by state, what is held and needs a person, open alerts, how many uploads are still
        possible today, the use of quota.
        """
        return await self.guard.look(self._today)

    async def publications(
        self,
        states: Annotated[list[StateName] | None, Field(description="Only in these states.")] = None,
        account: Annotated[str | None, Field(max_length=64, description="Only on this account.")] = None,
        limit: Limit = 50,
        before: Annotated[str | None, Field(max_length=64, description="Only older than this one.")] = None,
    ) -> Answer:
        """Lists publications, newest first, with state, account, video id, and why one waits or is held.

        Go on with before = next.
        """
        wanted = Filter(
            frozenset(map(State, states or ())),
            AccountId(account) if account else None,
            PublicationId(before) if before else None,
            limit,
        )

        async def work() -> Document:
            found, last = await self.house.view.page(wanted)
            return {"publications": found, "next": last}

        return await self.guard.look(work)

    async def publication(self, publication: PublicationName) -> Answer:
        """One publication with its whole story, and why it is on its account."""

        async def work() -> Document:
            return (await self.house.view.one(PublicationId(publication))).document

        return await self.guard.look(work)

    async def accounts(self) -> Answer:
        """Every account (YouTube channel): state and why, health, fitness, uploads of the day."""

        async def work() -> Document:
            return {"accounts": await self.house.reading.reports.accounts()}

        return await self.guard.look(work)

    async def quota(self) -> Answer:
        """Quota of today.

        Every bucket with limit, used, reserved, pace and forecast; uploads still possible; use by account.
        """
        return await self.guard.look(self.house.quota.today)

    async def plan(
        self,
        day: Annotated[str | None, Field(max_length=10, description="A date like 2026-11-22.")] = None,
    ) -> Answer:
        """The plan of a day that was made last (without a date, today's).

        Which publication on which account when, whether all fit, what binds.
        """

        async def work() -> Document:
            clock = self.house.reading.clock
            on = date_of("day", day or None) or clock.now().astimezone(self.house.plan_zone).date()
            found = await self.house.reading.store.latest_plan(on)
            return dict(found.document) if found else {"day": str(on), "plan": None}

        return await self.guard.look(work)

    async def alerts(
        self,
        *,
        ended: Annotated[bool, Field(description="Also those that are over.")] = False,
        limit: Limit = 50,
    ) -> Answer:
        """Open alerts, newest first, each with what is the matter and what can be done."""

        async def work() -> Document:
            return {"alerts": await self.house.alerts.alerts(ended=ended, limit=limit)}

        return await self.guard.look(work)

    async def services(self) -> Answer:
        """Outside services (YouTube, voice and script providers): health, breakers, chains and what they cost.

        Asks nobody anything.
        """
        return await self.guard.look(self.house.services.services)

    async def checklist(self) -> Answer:
        """The checklist of today that was made last.

        The metrics and the points of the day, which fail and what to do.
        """

        async def work() -> Document:
            points, clock = self.house.checklist, self.house.reading.clock
            on = clock.now().astimezone(points.rules.zone).date()
            return await points.kept(on) or {"day": str(on), "checklist": None}

        return await self.guard.look(work)

    async def _today(self) -> Document:
        house, store = self.house, self.house.reading.store
        quota = await house.quota.today()
        alerts = await house.alerts.alerts(limit=_ATTENTION)
        held, _ = await house.view.page(Filter(frozenset({State.HELD}), None, None, _ATTENTION))
        return {
            "as_of": moment(house.reading.clock.now()),
            "publications": {str(state): count for state, count in (await store.counts()).items()},
            "uploads_possible": quota["uploads_possible"],
            "buckets": quota["buckets"],
            "held": held,
            "alerts": [
                {name: each[name] for name in ("key", "level", "title", "remedy", "raised_at")}
                for each in alerts
            ],
            "worker_runs": house.reading.worker_runs(),
        }
