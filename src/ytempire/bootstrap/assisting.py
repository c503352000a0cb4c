"""The house that an assistant looks into: one that reads, without the keys of the vault; or one that acts too."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo

from ytempire.adapters.incoming import IncomingFolder, OpenFolders
from ytempire.bootstrap import rules
from ytempire.bootstrap.chains import chained
from ytempire.bootstrap.checklist import checklist
from ytempire.bootstrap.days import plan_rules
from ytempire.bootstrap.house import Acting, Reading, acting, reading
from ytempire.bootstrap.quota import quota_reports
from ytempire.bootstrap.roots import open_roots
from ytempire.bootstrap.serving import INCOMING
from ytempire.domain.callers import Caller, Role
from ytempire.services.alert_report import AlertReports
from ytempire.services.callers_view import CallersView
from ytempire.services.checklist import Checklist
from ytempire.services.quota_report import QuotaReports
from ytempire.services.received import CallersMedia
from ytempire.services.service_report import ServiceReports
from ytempire.services.submit import Submission
from ytempire.settings import Settings

ACTOR = "assistant"
"""Who the history says did it."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What an assistant may do where it may do anything."""

    acting: Acting
    submission: Submission


@dataclass(frozen=True, slots=True)
class Assisting:
    """What an assistant may look at. `doing` is None where it may do nothing."""

    reading: Reading
    view: CallersView
    quota: QuotaReports
    alerts: AlertReports
    checklist: Checklist
    services: ServiceReports
    plan_zone: tzinfo
    doing: Doing | None


@asynccontextmanager
async def assisting(settings: Settings, *, writes: bool) -> AsyncIterator[Assisting]:
    """A house for an assistant. Only with `writes` the vault is opened, and `VaultError` raised when it cannot be."""
    async with AsyncExitStack() as closers:
        doing: Doing | None = None
        if writes:
            house = await closers.enter_async_context(acting(settings, actor=ACTOR))
            doing, looking = Doing(house, _submission(settings, house)), house.reading
        else:
            looking = await closers.enter_async_context(reading(settings))
        store, clock = looking.store, looking.clock
        points = checklist(settings, store, clock, actor=ACTOR)
        chains = await closers.enter_async_context(
            chained(settings, store, clock, points.upload_links, actor=ACTOR)
        )
        yield Assisting(
            reading=looking,
            view=CallersView(store, looking.reports, _caller(Role.OPERATOR if writes else Role.VIEWER)),
            quota=quota_reports(looking),
            alerts=AlertReports(store, clock),
            checklist=points,
            services=chains.reports,
            plan_zone=plan_rules(settings).zone,
            doing=doing,
        )


def _caller(role: Role) -> Caller:
    return Caller(ACTOR, role)


def _submission(settings: Settings, house: Acting) -> Submission:
    """Accepts drafts of an assistant, whose files are those that the API may be told to publish."""
    context = house.context
    incoming, folders = IncomingFolder(settings.home / INCOMING), OpenFolders(open_roots(settings))
    media = CallersMedia(
        context.media, context.store, context.clock, incoming, folders, _caller(Role.SUBMITTER)
    )
    return Submission(context.store, media, context.clock, rules.catalogue(settings), ACTOR)
