"""Log: every event, newest first, with filters. Nothing is told anywhere that is not an event here. Whoever is shown
some accounts only sees what concerns these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import page, pages, whole
from ytempire.services.callers_view import View, seen_events
from ytempire.services.documents import Document

router = pages()
_PAGE = 100
_STRIDE = 500
_DIGITS = 14
_MOST_STRIDES = 40
"""So far back one page is looked for; who looks for something rare goes on from there."""

ABOUT = {
    "publication": ("publication", "session", "extra"),
    "account": ("account", "consent", "token", "grant"),
    "quota": ("quota",),
    "fault": ("fault",),
    "alert": ("alert",),
    "webhook": ("webhook",),
    "service": ("chain", "breaker", "service", "drill"),
    "other": ("key", "keys", "plan", "checklist", "api"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which events are shown; an empty text stands for all."""

    about: str = ""
    level: str = ""
    account: str = ""
    publication: str = ""

    def takes(self, event: Event) -> bool:
        """Is this one of them?"""
        word = str(event.kind).partition(".")[0]
        return (
            (not self.about or word in ABOUT.get(self.about, ()))
            and (not self.level or event.level == self.level)
            and (not self.account or event.account == self.account)
            and (not self.publication or event.publication == self.publication)
        )

    def query(self) -> dict[str, str]:
        """The same in an address."""
        named = {"about": self.about, "level": self.level, "account": self.account}
        return {name: value for name, value in {**named, "publication": self.publication}.items() if value}


@router.get("/log", openapi_extra=needs(Role.VIEWER))
async def log(
    request: Request,
    serving: Here,
    caller: Who,
    about: Annotated[str, Query(max_length=20)] = "",
    level: Annotated[str, Query(max_length=10)] = "",
    account: Annotated[str, Query(max_length=64)] = "",
    publication: Annotated[str, Query(max_length=64)] = "",
    before: str = "",
) -> Response:
    """One page of events; `before` is the number of one, and older ones are shown."""
    wish = Wish(about, level, account, publication.strip())
    end = whole("before", before, 0, 10**_DIGITS) if before else None
    view = caller.accounts
    found, last = await _newest(serving, wish, end, view)
    return await page(
        request,
        "log.html",
        "log",
        events=found,
        wish=wish,
        abouts=list(ABOUT),
        levels=list(Level),
        accounts=[each.id for each in serving.settings.accounts if view is None or each.id in view],
        first=_address(wish.query()) if before else None,
        following=_address({**wish.query(), "before": str(last)}) if last else None,
    )


def _address(query: Mapping[str, str]) -> str:
    return f"/log?{urlencode(query)}" if query else "/log"


async def _newest(
    serving: Serving, wish: Wish, before: int | None, view: View
) -> tuple[list[Document], int | None]:
    """Events of a view, newest first, and the number from where older ones are to be looked for; None at the
    beginning.
    """
    context = serving.acting.context
    newest = (await context.store.alert_news(context.clock.now())).newest
    end = newest + 1 if before is None else min(before, newest + 1)
    found: list[Document] = []
    oldest = next((number for number, _ in await context.store.events(limit=1)), 0)
    for _ in range(_MOST_STRIDES):
        start = max(0, end - 1 - _STRIDE)
        some = await context.store.events(after=start, limit=_STRIDE)
        wanted = [each for each in reversed(some) if each[0] < end and wish.takes(each[1])]
        found += await seen_events(context.store, wanted, view)
        if len(found) > _PAGE:
            return found[:_PAGE], int(str(found[_PAGE - 1]["number"]))
        if start < max(oldest, 1):
            return found, None
        end = start + 1
    return found, end
