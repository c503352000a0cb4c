"""Bytes into a session: PUTs with ranges, status queries, and the faults that only happen while bytes flow.

Protocol: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. A new request to a session
takes it over from a PUT that still hangs on an older connection, whose arrived blocks are committed first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ytempire.emulator.call import BrokenBody, Call, Reset, answer, open_call, require, take_fault
from ytempire.emulator.errors import ApiError, forbidden
from ytempire.emulator.faults import FaultKind, FaultRule
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.routes import Endpoint
from ytempire.emulator.sink import BLOCK
from ytempire.emulator.uploads import final_answer, finish, progress
from ytempire.emulator.world import Upload, World

_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|(?P<query>\*))/(?P<total>\d+|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Piece:
    """What a PUT says about itself. `length` None means: as long as the body is. A query brings no bytes."""

    first: int
    length: int | None
    total: int | None
    query: bool = False

    @property
    def reaches_end(self) -> bool:
        """Whether this piece carries the last byte."""
        return not self.query and self.length is not None and self.first + self.length == self.total


def read_piece(headers: Mapping[str, str]) -> Piece | None:
    """The piece that the headers announce; None where they contradict each other or make no sense."""
    sent = headers.get("content-length")
    length = int(sent) if sent is not None and sent.isdigit() else None
    announced = headers.get("content-range")
    if announced is None:
        return Piece(0, length, length)
    match = _RANGE.fullmatch(announced.strip())
    if match is None:
        return None
    total = None if match["total"] == "*" else int(match["total"])
    if match["query"]:
        return Piece(0, 0, total, query=True) if not length else None
    first, last = int(match["first"]), int(match["last"])
    if last < first or (total is not None and last >= total) or length not in (None, last - first + 1):
        return None
    return Piece(first, last - first + 1, total)


def put_endpoint(world: World, method: str) -> Endpoint:
    """The endpoint for PUTs to a session address."""

    async def endpoint(request: Request) -> Response:
        key = request.query_params.get("upload_id", "")
        upload = world.uploads.get(key)
        piece = read_piece(request.headers)
        query = piece is not None and piece.query
        call = open_call(world, request, method, point=f"{method}.{'query' if query else 'put'}")
        call.facts["session"] = fingerprint(key)
        call.final = piece is not None and piece.reaches_end
        call.title = None if upload is None else upload.title

        async def work(call: Call) -> Response:
            return await _serve(call, upload, piece)

        return await answer(call, work)

    return endpoint


async def _serve(call: Call, known: Upload | None, piece: Piece | None) -> Response:
    account = require(call)
    if known is not None and call.fault is not None and call.fault.kind is FaultKind.SESSION_GONE:
        _end(call, known)
    upload = _alive(call, known)
    if upload.account != account.id:
        raise forbidden("The session belongs to another channel.")
    _take_over(call, upload)
    if upload.final is not None:
        bent = take_fault(call, among=frozenset({FaultKind.NO_ID}))
        return final_answer(upload, without_id=bent is not None)
    if piece is None or not _agrees(upload, piece):
        raise ApiError(400, "badRequest", "Failed to parse Content-Range header.", domain="global")
    if piece.query:
        return finish(call, upload) if upload.total == upload.sink.length else progress(upload)
    if piece.first != upload.committed:
        call.facts["refused_from"] = piece.first
        return progress(upload)
    return await _receive(call, upload, piece)


def _end(call: Call, upload: Upload) -> None:
    upload.gone = (call.fault.status if call.fault is not None else None) or 404
    upload.writer += 1
    upload.writing = False


def _alive(call: Call, upload: Upload | None) -> Upload:
    """The session, if it lives and is of this method."""
    if upload is not None and upload.method == call.method:
        if upload.gone == 410:
            raise ApiError(410, "gone", "The upload session was terminated.", domain="global")
        if upload.gone is None and not call.world.session_expired(upload, call.now):
            return upload
    raise ApiError(404, "notFound", "Upload session not found.", domain="global")


def _agrees(upload: Upload, piece: Piece) -> bool:
    """Whether the piece speaks of the same file size as the session; a first mention settles it."""
    if piece.total is None:
        return True
    if upload.total is None and piece.total >= upload.committed:
        upload.total = piece.total
    return upload.total == piece.total


def _take_over(call: Call, upload: Upload) -> None:
    """Settle a PUT that still hangs on another connection; from now on it may not write."""
    if upload.writing:
        _commit(call.world, upload, exact=call.world.config.commit == "exact")
    upload.writer += 1


async def _receive(call: Call, upload: Upload, piece: Piece) -> Response:
    """Take bytes in until the body ends, breaks, or is cut short by a fault; then commit and answer."""
    fault, mine = call.fault, upload.writer
    upload.writing, upload.put_start, upload.received = True, upload.committed, 0
    upload.sink.mark()
    whole = await _pour(call, upload, _limit(fault, piece))
    if upload.writer != mine:
        return Reset(call.link)
    if upload.total is None and piece.length is None and whole:
        upload.total = upload.sink.length
    kept_exactly = fault is not None and fault.kind is FaultKind.SHORT_308 and fault.amount is not None
    exact = kept_exactly or (not whole and call.world.config.commit == "exact")
    _commit(call.world, upload, exact=exact, fault=fault)
    call.facts["received"] = upload.received
    response = finish(call, upload) if upload.committed == upload.total else progress(upload)
    cut = fault is not None and fault.kind is FaultKind.DROP_AFTER_BYTES
    return response if whole and not cut else Reset(call.link)


def _limit(fault: FaultRule | None, piece: Piece) -> int | None:
    """How many bytes of this PUT are stored at most."""
    if fault is not None and fault.kind is FaultKind.SHORT_308:
        half = (piece.length or 0) // 2 // BLOCK * BLOCK
        return half if fault.amount is None else min(fault.amount, max((piece.length or 1) - 1, 0))
    if fault is not None and fault.kind is FaultKind.DROP_AFTER_BYTES and fault.amount is not None:
        return fault.amount if piece.length is None else min(fault.amount, piece.length)
    return piece.length


async def _pour(call: Call, upload: Upload, limit: int | None) -> bool:
    """Write the body into the sink, up to the limit; whether the body came to its end."""
    fault, mine, stored = call.fault, upload.writer, 0
    cut = fault.amount if fault is not None and fault.kind is FaultKind.DROP_AFTER_BYTES else None
    rate = fault.amount if fault is not None and fault.kind is FaultKind.SLOW else None
    try:
        async for chunk in call.chunks():
            if upload.writer != mine:
                return False
            kept = chunk if limit is None else chunk[: limit - stored]
            upload.sink.write(kept)
            stored += len(kept)
            upload.received += len(chunk)
            if cut is not None and upload.received >= cut:
                upload.received = cut
                return False
            if rate:
                await call.link.pause(len(chunk) / rate)
    except BrokenBody:
        return False
    return True


def _commit(world: World, upload: Upload, *, exact: bool, fault: FaultRule | None = None) -> None:
    """Make arrived bytes count: all at the end or when `exact`, else whole blocks; faults take some away."""
    upload.writing = False
    sink, start = upload.sink, upload.put_start
    if sink.length != upload.total and not exact:
        sink.rewind(max(sink.length // BLOCK * BLOCK, start))
    if fault is not None and fault.kind is FaultKind.BACKWARD_308:
        sink.rewind(max(start - (BLOCK if fault.amount is None else fault.amount), 0))
    if fault is not None and fault.kind is FaultKind.NO_RANGE:
        sink.rewind(0)
    upload.committed = sink.length
    account = world.accounts[upload.account]
    world.journal.record(
        EventKind.BYTES_COMMITTED,
        session=fingerprint(upload.key),
        method=upload.method,
        project=account.project,
        account=account.id,
        start=start,
        received=upload.received,
        **{"from": start, "to": upload.committed},
    )
