"""How routes answer: documents with a name for their very state (`ETag`), and what may go wrong, for the document."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from ytempire.entrypoints.http.problems import Problem
from ytempire.entrypoints.http.shapes import ProblemDocument
from ytempire.entrypoints.http.texts import Json

_ALWAYS = (400, 401, 403, 408, 421, 422, 429, 431, 503)
_PART = re.compile(r'("\d+-\d+)-\d+(?=")')
_TAGS = re.compile(r'(?:W/)?"[^"]*"|\*')


def may(model: type[BaseModel] | None, *more: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """What a route may answer: this, and problems; for the API's document."""
    told: dict[int | str, dict[str, Any]] = {status: {"model": model} if model else {"description": "done"}}
    for each in sorted({*_ALWAYS, *more}):
        told[each] = {
            "description": "a problem",
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
                }
            },
        }
    return told


def told_on_a_page() -> dict[int | str, dict[str, Any]]:
    """What a route may answer that tells a person on a page how it went; for the API's document."""
    told, page = may(None), {"text/html": {"schema": {"type": "string"}}}
    told[200] = {"description": "it went well", "content": page}
    told[400]["content"] |= page
    return told


def document(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A document."""
    return Json(value, status, headers=dict(headers or {}))


def dated(value: Mapping[str, object], *moments: str) -> JSONResponse:
    """A document whose `ETag` leaves out when it was made, which stands under these names."""
    lasting = {name: each for name, each in value.items() if name not in moments}
    return document(value, headers={"ETag": _tag(Json(lasting).body)})


def conditional(request: Request, response: Response) -> Response:
    """The answer with an `ETag`; 304 without a body when the caller has this very one already."""
    body = getattr(response, "body", b"")
    if request.method != "GET" or response.status_code != 200 or not isinstance(response, JSONResponse):
        return response
    if "etag" not in response.headers:
        response.headers["etag"] = _tag(body)
    if _names(request.headers.get("if-none-match", ""), response.headers["etag"]):
        return Response(status_code=304, headers={"etag": response.headers["etag"]})
    return response


def unchanged(request: Request, tag: str) -> None:
    """Raises `Problem` when the caller meant another state than this (`If-Match`). Whoever looked at an earlier part
    of a story saw this state too: its name is followed by a dash and the number of that part.
    """
    wanted = request.headers.get("if-match")
    if wanted is not None and not _names(_PART.sub(r"\1", wanted), tag):
        raise Problem(412, "changed_meanwhile", "it is not as you saw it any more; look again")


def _tag(body: bytes | memoryview) -> str:
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def _names(header: str, tag: str) -> bool:
    plain = tag.removeprefix("W/")
    return any(each == "*" or each.removeprefix("W/") == plain for each in _TAGS.findall(header))
