"""Publications: the list with its filters, and one of them with its whole story."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Path, Request, Response

from ytempire.domain.accounts import Account
from ytempire.domain.callers import Caller, Role
from ytempire.domain.inbox import Certainty, actions, certainty, elsewhere
from ytempire.domain.lifecycle import FINAL, State
from ytempire.domain.publication import ExtraState, Publication
from ytempire.domain.values import AccountId, PublicationId
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.entrypoints.http.pages.today import upload_view
from ytempire.ports import Filter, Store

router = pages()
_ID, _NAME = r"^[A-Za-z0-9_-]{1,64}$", r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Id = Annotated[PublicationId, Path(pattern=_ID)]
_PAGE = 50
_GROUPS: Mapping[str, frozenset[State]] = {
    "": frozenset(),
    "attention": frozenset({State.HELD, State.FAILED, State.REFUSED}),
    "waiting": frozenset({State.QUEUED, State.PLANNED, State.DEFERRED}),
    "under-way": frozenset({State.UPLOADING, State.PROCESSING}),
    **{str(state): frozenset({state}) for state in State},
}
_AGAIN = frozenset({State.REFUSED, State.CANCELLED, State.FAILED, State.DUPLICATE})


@router.get("/publications", openapi_extra=needs(Role.VIEWER))
async def publications(
    request: Request,
    serving: Here,
    caller: Who,
    state: str = "",
    account: str = "",
    before: str = "",
) -> Response:
    """The list, newest first. What is no state, account or publication is told, and taken as not asked."""
    names = [str(each.id) for each in serving.settings.accounts if caller.sees(AccountId(each.id))]
    store = serving.acting.context.store
    odd: list[str] = []
    if state not in _GROUPS:
        odd, state = [*odd, f"{state!r:.40} is no state, so every one is shown."], ""
    if account and not await _is_known(account, names, store, caller):
        odd, account = [*odd, f"There is no account {account!r:.40}, so every one is shown."], ""
    if before and not (re.match(_ID, before) and await store.publication(PublicationId(before))):
        odd, before = [*odd, f"The link is no good: there is no {before!r:.40}. The newest are shown."], ""
    wanted = Filter(
        _GROUPS[state],
        AccountId(account) if account else None,
        PublicationId(before) if before else None,
        _PAGE,
    )
    found, last = await serving.view(caller).page(wanted)
    counts = await store.counts() if caller.accounts is None else {}
    kept = {name: value for name, value in (("state", state), ("account", account)) if value}
    return await page(
        request,
        "publications.html",
        "publications",
        found=found,
        counts={str(each): number for each, number in counts.items()},
        odd=odd,
        state=state,
        states=list(State),
        account=account,
        accounts=names,
        first=f"/publications?{urlencode(kept)}" if before else None,
        following=f"/publications?{urlencode({**kept, 'before': last})}" if last else None,
    )


async def _is_known(account: str, names: Sequence[str], store: Store, caller: Caller) -> bool:
    """Is it configured, or did it have publications once?"""
    which = AccountId(account)
    possible = bool(re.match(_NAME, account)) and caller.sees(which)
    return account in names or (possible and bool(await store.counts(which)))


@router.get("/publications/{publication}", openapi_extra=needs(Role.VIEWER))
async def publication(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """One publication: its state, what a person can do, what was asked for, its story, and why this account."""
    view = serving.view(caller)
    shown, stored = await view.one(publication), await view.publication(publication)
    context = serving.acting.context
    accounts = await context.store.accounts(context.clock.now())
    document: dict[str, Any] = shown.document
    return await page(
        request,
        "publication.html",
        "publications",
        it=document,
        wish=document["request"],
        story=list(reversed(document["history"])),
        upload=upload_view(stored) if stored.state is State.UPLOADING else None,
        candidates=document["explanation"]["candidates"],
        chosen_at=document["explanation"]["at"],
        may_do=_possible(stored, accounts),
        others=[each for each in elsewhere(stored, accounts) if caller.sees(each)],
        path=f"/publications/{quote(publication)}",
    )


def offered(publication: Publication, accounts: Sequence[Account]) -> frozenset[str]:
    """The names of what helps a held publication: the same that `ytempire jobs held` lists."""
    held = publication.state is State.HELD
    return frozenset(each.name for each in actions(publication, accounts)) if held else frozenset()


def _to_try(publication: Publication) -> str:
    """Which of its extras a person may have tried again: those that failed, or wait though it is published."""
    if any(each.state is ExtraState.FAILED for each in publication.extras):
        return "failed"
    return "waiting" if publication.state is State.PUBLISHED and publication.pending_extras() else ""


def _possible(publication: Publication, accounts: Sequence[Account]) -> dict[str, Any]:
    """What can be done with it now; each is checked again when it is done."""
    state, held = publication.state, publication.state is State.HELD
    helps = offered(publication, accounts)
    return {
        "retry": "retry" in helps or state is State.DEFERRED,
        "again": state in _AGAIN,
        "cancel": state not in FINAL and state is not State.PROCESSING and not publication.cancel_requested,
        "extras": _to_try(publication),
        "adopt": "adopt" in helps,
        "reupload": "reupload" in helps,
        "reassign": "reassign" in helps,
        "renew": helps == {"give up"} and certainty(publication) is Certainty.NO_VIDEO,
        "video": publication.video_id or "",
        "held": held,
    }
