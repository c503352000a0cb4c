"""One page: rendered whole, or only its main part when the page itself asks anew for what has changed.

A file of pages has a `router = pages()`, and its routes end with `return await page(...)`. What a page may not do is
told as a page too. A form is answered with `done(...)`, which sends the browser on.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import RedirectResponse

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Caller, Role
from ytempire.domain.lifecycle import State
from ytempire.domain.values import Mendable, Refusal, Refused, Secret
from ytempire.entrypoints.http import plain
from ytempire.entrypoints.http.doors import GuardedRoute, caller_of, serving_of
from ytempire.entrypoints.http.pages import words
from ytempire.entrypoints.http.problems import Problem, problem_of
from ytempire.entrypoints.http.static_files import address
from ytempire.entrypoints.http.texts import Html

TEMPLATES = Path(__file__).parents[1] / "templates"
_LONGEST_FORM = 200
_LONGEST_NUMBER = 15
_POLITE = {"Referrer-Policy": "same-origin"}
"""With `no-referrer` a browser would send `Origin: null` with a form, which is nobody's."""

NAVIGATION = (
    ("today", "/", "Today"),
    ("publications", "/publications", "Publications"),
    ("accounts", "/accounts", "Accounts"),
    ("plan", "/plan", "Plan"),
    ("services", "/services", "Services"),
    ("quota", "/quota", "Quota"),
    ("alerts", "/alerts", "Alerts"),
    ("errors", "/errors", "Errors"),
    ("webhooks", "/webhooks", "Webhooks"),
    ("log", "/log", "Log"),
)

OF_ACCOUNTS = frozenset({"publications", "accounts", "log"})
"""What of these is there for a token for some accounts: what concerns them."""

SAID: Mapping[str, str] = {
    "cancelled": "Cancelled, or asked to stop if it is uploading.",
    "retried": "It is back in the queue.",
    "renewed": "The same request is queued anew under this id.",
    "extras": "Failed extras are tried again.",
    "resolved": "The hold is resolved.",
    "moved": "It was moved; the same request goes on here under a new id.",
    "paused": "Paused: no new upload is started on it.",
    "resumed": "It takes uploads again.",
    "connected": "The channel is connected.",
    "disconnected": "Disconnected: its grants are revoked and erased.",
    "submitted": "Submitted. It will be published at most once.",
    "muted": "Muted: these alerts are written down and not told.",
    "unmuted": "The mute has ended.",
    "planned": "The day is planned anew.",
    "checked": "The checklist is made anew.",
    "isolated": "Isolated: it is not called until it is reset.",
    "reset": "Reset: it is called again.",
    "drilled": "The drill is done; what it found is below.",
    "dismissed": "Struck off the list until it is met again.",
    "hook_tested": "The receiver took the test message.",
    "hook_enabled": "It is served again, with events from now on.",
    "hook_replayed": "What was given up waits again, under the old ids.",
    "hook_removed": "Removed. Take its section out of the configuration too.",
}
"""What a page says after a form was done, by its code in the address."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What every page is made with."""

    templates: Environment
    secret: Secret


def frames(secret: Secret) -> Frames:
    """Templates that escape everything, and a secret that forms are signed with as long as the server runs."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (words.mark, words.number, words.size, words.percent, words.seconds, words.iso, words.pacific,
               words.event_name, words.details, words.counted)  # fmt: skip
    made.filters |= {each.__name__: each for each in filters}
    made.globals |= {"asset": address, "navigation": NAVIGATION, "of_accounts": OF_ACCOUNTS}
    return Frames(made, secret)


class PageRoute(GuardedRoute):
    """A route whose problems are told as pages. Who has shown nothing is asked to sign in."""

    def _telling(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers requests."""
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except (Problem, Refused, Mendable, RequestValidationError) as found:
                return await _sorry(request, problem_of(found))

        return told

    get_route_handler = _telling  # the framework's name for it


def whole(name: str, text: str, least: int, most: int) -> int:
    """A whole number out of an address. Raises `Refused`, in words for people."""
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and least <= int(text) <= most:
        return int(text)
    message = f"{name} is to be a whole number from {least:,} to {most:,}, and {text!r:.40} is none"
    raise Refused(Refusal(name, "not_a_number", message, "mend the address, or begin at the page itself"))


def pages() -> APIRouter:
    """A router of pages."""
    return APIRouter(route_class=PageRoute, redirect_slashes=False, include_in_schema=False)


async def page(request: Request, template: str, current: str, *, status: int = 200, **view: Any) -> Response:
    """A page. `current` is its name in the navigation."""
    serving, caller = serving_of(request), caller_of(request)
    made: Frames = request.app.state.frames
    now = serving.acting.context.clock.now()
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    part = request.headers.get("hx-request") == "true"
    common = {
        "layout": "part.html" if part else "base.html",
        "current": current,
        "here": here,
        "now": now,
        "clock": partial(words.clock, now=now),
        "ago": lambda moment: words.ago(moment, now),
        "ahead": lambda moment: words.ahead(moment, now),
        "csrf": signature(request),
        "caller": caller,
        "may": _Abilities(caller),
        "badges": await _badges(serving, caller),
        "said": None if part else SAID.get(request.query_params.get("said", "")),
    }
    text = made.templates.get_template(template).render(common | view)
    return Html(text, status, headers=_POLITE)


@dataclass(frozen=True, slots=True)
class _Abilities:
    """What the caller may do, so that nobody is offered what would be refused."""

    caller: Caller

    @property
    def submit(self) -> bool:
        return self.caller.role.covers(Role.SUBMITTER)

    @property
    def operate(self) -> bool:
        return self.caller.role.covers(Role.OPERATOR)

    @property
    def admin(self) -> bool:
        return self.caller.role.covers(Role.ADMIN)

    @property
    def everything(self) -> bool:
        return self.caller.accounts is None


async def _badges(serving: Serving, caller: Caller) -> dict[str, int]:
    """Numbers beside names in the navigation; none for whoever is shown some accounts only."""
    if caller.accounts is not None or caller.role is Role.ANYBODY:
        return {}
    store = serving.acting.context.store
    held = (await store.counts()).get(State.HELD, 0)
    return {"publications": held, "alerts": len(await store.alerts())}


async def _sorry(request: Request, problem: Problem) -> Response:
    caller = caller_of(request)
    if problem.status == 401 and request.method == "GET":
        return plain.login(status=401)  # also for who does not say that they take pages
    if caller.role is Role.ANYBODY:
        raise problem
    start = request.url.path if request.method == "GET" and problem.status == 422 else "/"
    back = back_of(dict(parse_qsl((await request.body()).decode(errors="replace"))), start)
    correlation = request.scope.get("ytempire.correlation", "")
    response = await page(
        request,
        "problem.html",
        "",
        status=problem.status,
        problem=problem,
        back=back,
        correlation=correlation,
    )
    response.headers.update(problem.headers)
    return response


def signature(request: Request) -> str:
    """What a form carries to show that it came from a page of ours, shown to this caller."""
    made: Frames = request.app.state.frames
    whose = f"{caller_of(request).key} {request.scope.get('ytempire.session', '')}"
    return hmac.new(made.secret.reveal().encode(), whose.encode(), hashlib.sha256).hexdigest()


async def form(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is there several times, all with commas between.

    Raises `Problem` for a form that did not come from a page of ours.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(415, "not_a_form", "this is for the forms of the pages; programs use /api/v1")
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_LONGEST_FORM, errors="strict")
    except ValueError:
        raise Problem(400, "malformed_form", "the form holds what is no letter") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        plain = value.replace("\r\n", "\n")
        fields[name] = f"{fields[name]},{plain}" if fields.get(name) else plain
    if not hmac.compare_digest(fields.pop("csrf", "").encode(), signature(request).encode()):
        raise Problem(403, "stale_form", "this form is too old; go back, load the page again, and repeat it")
    return fields


def back_of(fields: Mapping[str, str], otherwise: str) -> str:
    """Where a form wants its person to be sent afterwards; only ever a page of ours."""
    wanted = fields.get("back", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else otherwise


def done(fields: Mapping[str, str], otherwise: str, said: str) -> Response:
    """After a form: on to a page, which says what was done."""
    path, _, query = back_of(fields, otherwise).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != "said"]
    where = f"{quote(path, safe='/:@')}?{urlencode([*kept, ('said', said)])}"
    return RedirectResponse(where, 303, headers=_POLITE)
