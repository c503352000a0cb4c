"""What the buttons of the pages do. Every one is a form that works without a script, and is judged again here.

What is not the caller's is not there, whatever the form says; so that is looked at first.
"""

from typing import Annotated

from fastapi import Path, Request, Response

from ytempire.domain.callers import Role
from ytempire.domain.values import AccountId, Refusal, Refused, VideoId
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, pages
from ytempire.entrypoints.http.pages.publications import Id
from ytempire.entrypoints.http.routes.accounts import configured

router = pages()
Account = Annotated[AccountId, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_OPERATOR = needs(Role.OPERATOR)


@router.post("/publications/{publication}/cancel", openapi_extra=_OPERATOR)
async def cancel(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """Gives it up."""
    await serving.view(caller).publication(publication)
    fields = await form(request)
    await serving.personal(caller.name, caller.accounts).operating.cancel(publication)
    return done(fields, f"/publications/{publication}", "cancelled")


@router.post("/publications/{publication}/retry", openapi_extra=_OPERATOR)
async def retry(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """Puts it back to work; of one that has ended, the page of the new one is shown."""
    await serving.view(caller).publication(publication)
    fields = await form(request)
    again = await serving.personal(caller.name, caller.accounts).operating.retry(publication)
    if again.id != publication:
        return done({}, f"/publications/{again.id}", "renewed")
    return done(fields, f"/publications/{publication}", "retried")


@router.post("/publications/{publication}/extras", openapi_extra=_OPERATOR)
async def retry_extras(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """Tries its failed extras again."""
    await serving.view(caller).publication(publication)
    fields = await form(request)
    await serving.personal(caller.name).mending.retry_extras(publication)
    return done(fields, f"/publications/{publication}", "extras")


@router.post("/publications/{publication}/resolve", openapi_extra=_OPERATOR)
async def resolve(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """Resolves a hold as the person decided."""
    await serving.view(caller).publication(publication)
    fields = await form(request)
    operating, action = serving.personal(caller.name, caller.accounts).operating, fields.get("action")
    here = f"/publications/{publication}"
    match action:
        case "adopt":
            await operating.adopt(publication, _video(fields.get("video_id", "")))
        case "reupload":
            await operating.reupload(publication, serving.acting.reconciling)
        case "reassign":
            account = AccountId(fields.get("account", ""))
            await configured(serving, caller, account)
            moved = await operating.reassign(publication, account)
            return done({}, f"/publications/{moved.id}", "moved")
        case _:
            raise Refused(Refusal("action", "decision_unclear", "no decision was made", "choose one of them"))
    return done(fields, here, "resolved")


def _video(text: str) -> VideoId:
    """The id, also out of the address of a video."""
    found = text.strip().rpartition("v=")[2].rpartition("/")[2].partition("&")[0]
    if not found:
        raise Refused(
            Refusal("video_id", "video_missing", "no video is named", "paste its id or its address")
        )
    return VideoId(found)


@router.post("/accounts/{account}/pause", openapi_extra=_OPERATOR)
async def pause(request: Request, serving: Here, caller: Who, account: Account) -> Response:
    """Starts no new upload on it."""
    found = await configured(serving, caller, account)
    fields = await form(request)
    why = fields.get("why", "").strip() or f"paused by {caller.name}"
    await serving.personal(caller.name).ordering.pause(found, why)
    return done(fields, f"/accounts/{account}", "paused")


@router.post("/accounts/{account}/resume", openapi_extra=_OPERATOR)
async def resume(request: Request, serving: Here, caller: Who, account: Account) -> Response:
    """Lets it take uploads again."""
    found = await configured(serving, caller, account)
    fields = await form(request)
    await serving.personal(caller.name).ordering.resume(found, f"resumed by {caller.name}")
    return done(fields, f"/accounts/{account}", "resumed")


@router.post("/accounts/{account}/disconnect", openapi_extra=needs(Role.ADMIN))
async def disconnect(request: Request, serving: Here, caller: Who, account: Account) -> Response:
    """Revokes its grants at Google and erases them here."""
    found = await configured(serving, caller, account)
    fields = await form(request)
    await serving.personal(caller.name).disconnecting.disconnect(found, f"disconnected by {caller.name}")
    return done(fields, f"/accounts/{account}", "disconnected")


@router.post("/alerts/mutes", openapi_extra=needs(Role.OPERATOR, whole=True))
async def mute(request: Request, serving: Here, caller: Who) -> Response:
    """Keeps alerts quiet for a while."""
    fields = await form(request)
    span, why = fields.get("span", ""), fields.get("why", "")
    await serving.silence.mute(fields.get("pattern", "").strip(), span.strip(), why, caller.name)
    return done(fields, "/alerts", "muted")


@router.post("/alerts/mutes/end", openapi_extra=needs(Role.OPERATOR, whole=True))
async def unmute(request: Request, serving: Here, caller: Who) -> Response:
    """Ends a mute."""
    fields = await form(request)
    await serving.silence.end(fields.get("pattern", ""), caller.name)
    return done(fields, "/alerts", "unmuted")


@router.post("/plan", openapi_extra=needs(Role.OPERATOR, whole=True))
async def plan(request: Request, serving: Here, caller: Who) -> Response:
    """Plans what waits, anew."""
    await form(request)
    made = await serving.planned(lambda planning: planning.queued(ahead=True), caller.name)
    if made is None:
        message = "nothing waits that could be planned"
        raise Refused(Refusal("plan", "nothing_waits", message, "submit publications first"))
    return done({"back": f"/plan?day={made['day']}"}, "/plan", "planned")


@router.post("/checklist", openapi_extra=needs(Role.OPERATOR, whole=True))
async def checklist(request: Request, serving: Here, caller: Who) -> Response:
    """Makes the checklist of today, or makes it anew."""
    fields = await form(request)
    await serving.checklist(caller.name).made()
    return done(fields, "/", "checked")
