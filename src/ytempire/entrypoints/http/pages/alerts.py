"""Alerts: what is open, what has ended, who was told, and silence for a while."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query, Request, Response

from ytempire.domain.callers import Role
from ytempire.domain.values import PublicationId
from ytempire.entrypoints.http.doors import Here, needs
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.entrypoints.http.pages.words import apart
from ytempire.ports import Store
from ytempire.services.alert_report import AlertReports
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document

router = pages()
_MOST, _MOST_NAMED = 200, 50
_PUBLICATION = "publication:"


@router.get("/alerts", openapi_extra=needs(Role.VIEWER, whole=True))
async def alerts(
    request: Request, serving: Here, show: Annotated[str, Query(max_length=10)] = "open"
) -> Response:
    """Open alerts, or with `show=all` also those that have ended."""
    context = serving.acting.context
    reports = AlertReports(context.store, context.clock)
    return await page(
        request,
        "alerts.html",
        "alerts",
        alerts=await with_titles(
            context.store, [_view(each) for each in await reports.alerts(ended=show == "all", limit=_MOST)]
        ),
        mutes=await reports.mutes(),
        ended=show == "all",
        targets=sorted(serving.settings.alerts.targets),
    )


_PLACES = {"publication": "/publications/", "account": "/accounts/"}
_PAGES = {
    "quota": "/quota",
    "token": "/accounts",
    "checklist": "/",
    "fault": "/log?about=fault",
    "youtube": "/services",
}


def subject_of(alert: Mapping[str, Any]) -> str:
    """What an alert is about, by its id: the second word of its key."""
    return str(alert["key"]).partition(":")[2].partition(":")[0]


async def with_titles(store: Store, alerts: Sequence[Document]) -> list[Document]:
    """The newest alerts of publications by the titles of those, which people know them by, instead of their ids."""
    named: dict[str, str] = {}
    for each in alerts:
        which = subject_of(each)
        if str(each["key"]).startswith(_PUBLICATION) and which not in named and len(named) < _MOST_NAMED:
            found = await store.publication(PublicationId(which))
            named[which] = found.request.metadata.title if found is not None else ""
    return [_titled(each, named.get(subject_of(each), "")) for each in alerts]


def _titled(alert: Document, title: str) -> Document:
    if not title:
        return alert
    return alert | {"title": str(alert["title"]).replace(subject_of(alert), f"“{apart(title)}”")}


def place_of(alert: Mapping[str, Any]) -> str | None:
    """The page of what an alert is about, if there is one."""
    word = str(alert["key"]).partition(":")[0]
    which = subject_of(alert)
    return _PLACES[word] + quote(which) if word in _PLACES and which else _PAGES.get(word)


def _view(alert: Document) -> Document:
    return pathless(alert) | {"href": place_of(alert)}
