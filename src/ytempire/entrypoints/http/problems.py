"""What went wrong, told as `application/problem+json` (RFC 9457) with a stable code and the request's id; to a
person with a browser as a page.

No traceback, no path and nothing that somebody else's server said gets out of here.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from ytempire.domain.values import Mendable, NoRoom, Refusal, Refused, StoreGone, Unanswered
from ytempire.entrypoints.http import plain
from ytempire.entrypoints.http.elsewhere import for_people, for_programs
from ytempire.entrypoints.http.texts import Json
from ytempire.entrypoints.malformed import field_of, in_words

_log = structlog.get_logger(__name__)
_STATUS: Mapping[str, int] = {
    "publication_unknown": 404, "no_such_account": 404, "token_unknown": 404, "webhook_unknown": 404,
    "unknown_unknown": 404, "not_possible": 409, "key_conflict": 409, "changed_meanwhile": 412,
    "accounts_only": 403,
}  # fmt: skip
"""The statuses of refusals by their code; of all others 422."""
_MALFORMED = "the request has not the form it should have; the form of each route is on the page /docs"


class Problem(Exception):
    """An answer that is no good news; `code` is stable."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        problems: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.problems = list(problems)


def told(problem: Problem, scope: Scope) -> Response:
    """The problem for whoever asked: a page for a person with a browser, a document for everything else."""
    correlation = str(scope.get("ytempire.correlation", ""))
    if not _by_a_person(scope):
        return answer(problem, correlation)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return plain.login("Sign in first, then do it again." if scope["method"] != "GET" else None, 401)
    title = "Not there" if problem.status == HTTPStatus.NOT_FOUND else "Not done"
    page = plain.page(
        title, f"{for_people(problem.detail)} ({problem.code}, request {correlation})", problem.status
    )
    page.headers.update(problem.headers)
    return page


def _by_a_person(scope: Scope) -> bool:
    """Does a browser ask for a page? Programs have their routes below /api/."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accept and not scope["path"].startswith("/api/")


def answer(problem: Problem, correlation: str) -> JSONResponse:
    """The problem as a document."""
    body: dict[str, Any] = {
        "type": f"urn:ytempire:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": for_programs(problem.detail),
        "code": problem.code,
        "correlation_id": correlation,
    }
    if problem.problems:
        body["problems"] = problem.problems
    return Json(body, problem.status, headers=problem.headers, media_type="application/problem+json")


def refused(found: Refused) -> Problem:
    """A refusal of ours: not there, not possible now, or not understood."""
    first = found.refusals[0]
    many = [refusal_document(each) for each in found.refusals]
    return Problem(_STATUS.get(first.code, 422), first.code, str(found), problems=many)


def refusal_document(refusal: Refusal) -> dict[str, str]:
    """One refusal."""
    return {
        "field": refusal.field,
        "code": refusal.code,
        "message": for_programs(refusal.message),
        "remedy": for_programs(refusal.remedy),
    }


def install(app: FastAPI) -> None:
    """Teaches an application to tell every problem in this way."""

    async def known(request: Request, error: Exception) -> Response:
        return told(problem_of(error), request.scope)

    for kind in (Problem, Refused, Mendable, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, known)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is; raises the error again when it is none that we know."""
    match error:
        case Problem():
            return error
        case Refused():
            return refused(error)
        case StoreGone():
            _log.warning("the database is gone", why=str(error))
            return Problem(503, "upstream_silent", "the database does not answer", {"Retry-After": "30"})
        case Unanswered():
            return Problem(503, "upstream_silent", str(error), {"Retry-After": "30"})
        case NoRoom():
            _log.warning("a file found no room", why=str(error))
            return Problem(507, "no_room", str(error))
        case Mendable():
            _log.warning("the installation needs a person", why=str(error))
            return Problem(
                503, "needs_a_person", "something here must be mended first; see `ytempire doctor`"
            )
        case RequestValidationError():
            return _malformed(error)
        case HTTPException():
            code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
            return Problem(error.status_code, code, HTTPStatus(error.status_code).phrase, error.headers)
        case _:
            raise error


def _malformed(error: RequestValidationError) -> Problem:
    """Every part of a request that has not the form it should have."""
    found = [
        {
            "field": field_of(each, "body", "query", "path", "header")[:100] or str(each["loc"][0]),
            "code": str(each["type"]),
            "message": in_words(each)[:300],
            "remedy": "the form of each route is on the page /docs, and for programs in /api/v1/openapi.json",
        }
        for each in error.errors()
    ]
    return Problem(422, "malformed", _MALFORMED, problems=found)
