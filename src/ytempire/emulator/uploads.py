"""Starting uploads: the POST that opens a session, and uploads whole in one POST (media, multipart).

Protocol: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from email.message import Message

from starlette.requests import Request
from starlette.responses import Response

from ytempire.emulator.call import BrokenBody, Call, Reset, answer, charge, open_call, require, take_fault
from ytempire.emulator.errors import ApiError
from ytempire.emulator.extras import check_caption, check_thumbnail, finish_caption, finish_thumbnail
from ytempire.emulator.faults import FINAL_KINDS, FaultKind
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.multipart import Related
from ytempire.emulator.routes import Endpoint, parse_json, title_of
from ytempire.emulator.videos import check_insert, finish_insert
from ytempire.emulator.world import Json, Upload, World


@dataclass(frozen=True, slots=True)
class Target:
    """What a kind of upload accepts, and what happens before its first and after its last byte."""

    check: Callable[[Call, Json], Json]
    finish: Callable[[Call, Upload], Json]
    accepts: tuple[str, ...]
    largest: int


TARGETS: Mapping[str, Target] = {
    "videos.insert": Target(
        check_insert, finish_insert, ("video/", "application/octet-stream"), 256 * 1024**3
    ),
    "thumbnails.set": Target(
        check_thumbnail,
        finish_thumbnail,
        ("image/jpeg", "image/png", "application/octet-stream"),
        50 * 1024**2,
    ),
    "captions.insert": Target(check_caption, finish_caption, ("",), 100 * 1024**2),
}


def post_endpoint(world: World, method: str) -> Endpoint:
    """The endpoint for POSTs to an upload address."""

    async def endpoint(request: Request) -> Response:
        if request.query_params.get("uploadType") == "resumable":
            return await _open_session(open_call(world, request, method, point=f"{method}.start"))
        return await _single_shot(open_call(world, request, method))

    return endpoint


async def _open_session(call: Call) -> Response:
    try:
        body = await call.small_body()
    except BrokenBody:
        return Reset(call.link)
    problem = parse_json(call, body)

    async def work(call: Call) -> Response:
        _admit(call)
        metadata = _checked(call, problem)
        headers = call.request.headers
        upload = _new_upload(call, metadata, headers.get("x-upload-content-type", "application/octet-stream"))
        upload.total = _declared(headers.get("x-upload-content-length"))
        _fits(call, upload)
        call.world.uploads[upload.key] = upload
        call.facts["session"] = fingerprint(upload.key)
        _journal_opening(call, upload)
        address = call.request.url.include_query_params(upload_id=upload.key)
        return Response(
            status_code=200, headers={"Location": str(address), "X-GUploader-UploadID": upload.key}
        )

    return await answer(call, work)


async def _single_shot(call: Call) -> Response:
    """An upload whose bytes come with the POST."""
    media_type = call.request.headers.get("content-type", "")
    media = call.chunks()
    problem: ApiError | None = None
    try:
        if call.params.get("uploadType") == "multipart":
            reader = Related(_boundary(media_type), media)
            metadata, media_type = await reader.metadata()
            problem, media = parse_json(call, metadata), reader.media()
    except ApiError as refusal:
        problem = refusal
    except BrokenBody:
        return Reset(call.link)
    call.title = title_of(call)
    call.final = True

    async def work(call: Call) -> Response:
        _admit(call)
        if call.params.get("uploadType") not in ("media", "multipart"):
            raise _no_media(call)
        upload = _new_upload(call, _checked(call, problem), media_type)
        _fits(call, upload)
        await _take_in(call, upload, media)
        return finish(call, upload)

    return await answer(call, work)


async def _take_in(call: Call, upload: Upload, media: AsyncIterator[bytes]) -> None:
    async for chunk in media:
        upload.sink.write(chunk)
        if upload.sink.length > TARGETS[call.method].largest:
            raise _too_large()
    if upload.sink.length == 0 and call.method != "captions.insert":
        raise _no_media(call)
    upload.total = upload.committed = upload.sink.length


def finish(call: Call, upload: Upload) -> Response:
    """All bytes are here: do what they are for, and remember the answer for whoever asks again."""
    if call.fault is None or call.fault.kind not in FINAL_KINDS:
        bent = take_fault(call, among=FINAL_KINDS)
    else:
        bent = call.fault
    try:
        body = TARGETS[upload.method].finish(call, upload)
        upload.final = (call.world.config.final_status, json.dumps(body).encode())
    except ApiError as refusal:
        upload.final = (refusal.status, json.dumps(refusal.body()).encode())
        call.facts["reason"] = refusal.reason
    call.world.journal.record(
        EventKind.SESSION_ENDED,
        session=fingerprint(upload.key),
        method=upload.method,
        account=upload.account,
        status=upload.final[0],
    )
    if bent is not None and bent.kind is FaultKind.ODD_308_AT_END:
        return progress(upload)
    if bent is not None and bent.kind is FaultKind.NO_ID:
        return final_answer(upload, without_id=True)
    return final_answer(upload)


def final_answer(upload: Upload, *, without_id: bool = False) -> Response:
    """The answer of a finished upload, the same each time."""
    status, body = upload.final or (500, b"{}")
    if without_id:
        content = json.loads(body)
        content.pop("id", None)
        body = json.dumps(content).encode()
    return Response(body, status, media_type="application/json; charset=UTF-8")


def progress(upload: Upload) -> Response:
    """308 with what is stored; no Range header when that is nothing."""
    headers = {"Range": f"bytes=0-{upload.committed - 1}"} if upload.committed else {}
    return Response(status_code=308, headers=headers)


def _admit(call: Call) -> None:
    """Let the caller in and charge for the start where the project charges then.

    Raises:
        ApiError: 401, 403 or 429.
    """
    account = require(call)
    project = call.world.projects[account.project]
    if call.method == "videos.insert" and project.charging == "completion":
        call.world.books.check(project.standing, call.method, call.now)
    else:
        charge(call, call.method)


def _checked(call: Call, problem: ApiError | None) -> Json:
    """The metadata to keep. A refused request costs at least 1, whatever the charging model (quota page)."""
    try:
        if problem is not None:
            raise problem
        return TARGETS[call.method].check(call, call.sent)
    except ApiError:
        if not call.charges:
            bucket = call.world.projects[call.account.project].standing.price(call.method).bucket
            call.world.books.take(call.account.project, bucket, 1, call.now)
            call.charges[bucket] = 1
        raise


def _new_upload(call: Call, metadata: Json, media_type: str) -> Upload:
    return Upload(
        key=call.world.clock.letters(64),
        method=call.method,
        account=call.account.id,
        params=call.params,
        metadata=metadata,
        media_type=media_type.partition(";")[0].strip().lower(),
        file_name=call.request.headers.get("slug"),
        total=None,
        opened_at=call.now,
    )


def _fits(call: Call, upload: Upload) -> None:
    target = TARGETS[call.method]
    if not upload.media_type.startswith(target.accepts):
        raise ApiError(
            400,
            "badContent",
            f"Media type '{upload.media_type}' is not supported. Valid media types: {list(target.accepts)}",
            domain="global",
        )
    if upload.total is not None and upload.total > target.largest:
        raise _too_large()


def _journal_opening(call: Call, upload: Upload) -> None:
    call.world.journal.record(
        EventKind.SESSION_OPENED,
        session=fingerprint(upload.key),
        method=upload.method,
        project=call.account.project,
        account=upload.account,
        channel=call.account.channel_id,
        title=upload.title,
        size=upload.total,
    )


def _declared(value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isascii() or not value.isdigit():
        raise ApiError(400, "badRequest", "Invalid X-Upload-Content-Length.", domain="global")
    return int(value)


def _boundary(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_maintype() != "multipart" or not isinstance(boundary, str):
        raise ApiError(400, "badRequest", "multipart/related with a boundary is needed.", domain="global")
    return boundary


def _no_media(call: Call) -> ApiError:
    domain = "youtube." + call.method.partition(".")[0].removesuffix("s")
    return ApiError(
        400, "mediaBodyRequired", "The request does not include the media content.", domain=domain
    )


def _too_large() -> ApiError:
    return ApiError(413, "uploadTooLarge", "Request entity too large.", domain="global")
