"""The addresses of the consent page: showing it, taking a person's answer, and answering without a browser."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ytempire.emulator import consent
from ytempire.emulator.call import Call, Caller, Reset, Work, answer, open_call
from ytempire.emulator.consent import Question
from ytempire.emulator.consent_page import consent_page, error_page, page_headers
from ytempire.emulator.errors import ConsentRefused
from ytempire.emulator.journal import EventKind
from ytempire.emulator.oauth import form_of
from ytempire.emulator.routes import Endpoint
from ytempire.emulator.world import Account, Grant, World

PATH = "/o/oauth2/v2/auth"
_PAGE_LIFE = timedelta(minutes=10)
_OPEN_PAGES = 1000


class OpenPages:
    """Pages that were shown and not answered yet, by the ticket in their form."""

    def __init__(self) -> None:
        """Start with none."""
        self._shown: dict[str, tuple[Question, datetime]] = {}

    def show(self, ticket: str, question: Question, *, now: datetime) -> None:
        """Remember a page for ten minutes; of very many, the oldest is forgotten."""
        self._shown[ticket] = (question, now + _PAGE_LIFE)
        if len(self._shown) > _OPEN_PAGES:
            del self._shown[next(iter(self._shown))]

    def take(self, ticket: str, *, now: datetime) -> Question:
        """The question of a page, once: the ticket is used up.

        Raises:
            ConsentRefused: The page was never shown, is answered already, or too old.
        """
        question, until = self._shown.pop(ticket, (None, now))
        if question is None or now >= until:
            raise ConsentRefused(400, "invalid_request", "This page was answered already or is too old.")
        return question


def consent_routes(world: World) -> list[Route]:
    """The consent page's address, to look at and to answer."""
    pages = OpenPages()
    return [
        Route(PATH, _show(world, pages), methods=["GET"]),
        Route(PATH, _answer(world, pages), methods=["POST"]),
    ]


def _show(world: World, pages: OpenPages) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "authorize", point="authorize.show")

        async def work(call: Call) -> Response:
            question = consent.read_question(world, request.query_params.multi_items())
            if question.silent:
                return _redirect(consent.pass_silently(world, question, root=_root(request)))
            ticket = world.clock.letters(40)
            pages.show(ticket, question, now=call.now)
            consent.note_shown(world, question)
            accounts = consent.choices(world, question)
            return consent_page(world.projects[question.project], question, accounts, ticket=ticket)

        return await answer(call, _or_error_page(work))

    return endpoint


def _answer(world: World, pages: OpenPages) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "authorize", point="authorize.answer")
        form = await form_of(call)
        if form is None:
            return Reset(call.link)
        fields = dict(form)
        account = world.accounts.get(fields.get("account", ""))
        if account is not None:
            call.caller = Caller(account, Grant("", account.id, (), call.now), valid=True)

        async def work(call: Call) -> Response:
            question = pages.take(fields.get("ticket", ""), now=call.now)
            if fields.get("choice") == "deny":
                return _redirect(consent.deny(world, question, root=_root(request)))
            chosen = _chosen(fields.get("choice"), account)
            ticked = [value for name, value in form if name == "scope"]
            scopes = ticked if len(question.scopes) > 1 else question.scopes
            return _redirect(consent.allow(world, question, chosen, scopes, root=_root(request)))

        return await answer(call, _or_error_page(work))

    return endpoint


def _chosen(choice: str | None, account: Account | None) -> Account:
    if choice != "allow" or account is None:
        raise ConsentRefused(400, "invalid_request", "No channel was chosen, or neither Allow nor Deny.")
    return account


def _or_error_page(work: Work) -> Work:
    """The work, with Google's page in place of a refusal, and a line of it in the journal."""

    async def shown(call: Call) -> Response:
        try:
            return await work(call)
        except ConsentRefused as refusal:
            _note_refusal(call.world, refusal)
            call.facts["reason"] = refusal.error
            return error_page(refusal)

    return shown


def _note_refusal(world: World, refusal: ConsentRefused) -> None:
    world.journal.record(EventKind.CONSENT_REFUSED, error=refusal.error)


def _redirect(address: str) -> Response:
    return Response(status_code=303, headers={**page_headers(), "Location": address})


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides on the page: for which account, and for which scopes (None: all that are asked)."""

    account: str
    allow: bool = True
    scopes: Collection[str] | None = None


def decide(world: World, url: str, decision: Decision, *, root: str) -> str:
    """Do what a person does on the page at this address; returns the address to which a browser would go.

    Raises:
        ConsentRefused: There is an error page instead.
        KeyError: There is no such account.
        ValueError: The address is not that of the consent page.
    """
    parts = urlsplit(url)
    if parts.path != PATH:
        raise ValueError(f"a consent page is at {PATH}, not at {parts.path or '/'}")
    account = world.accounts[decision.account]
    try:
        question = consent.read_question(world, parse_qsl(parts.query, keep_blank_values=True))
        if question.silent:
            return consent.pass_silently(world, question, root=root)
        consent.note_shown(world, question)
        if not decision.allow:
            return consent.deny(world, question, root=root)
        scopes = question.scopes if decision.scopes is None else decision.scopes
        return consent.allow(world, question, account, scopes, root=root)
    except ConsentRefused as refusal:
        _note_refusal(world, refusal)
        raise
