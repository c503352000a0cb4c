"""The control API under /emulator/v1: JSON in, JSON out, for tests and demos in other processes."""

import dataclasses
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator import provision
from ytempire.emulator.authorize import Decision, decide
from ytempire.emulator.clients import ClientTerms
from ytempire.emulator.faults import rule_from_json
from ytempire.emulator.grants import Death, cure, end
from ytempire.emulator.journal import EventKind
from ytempire.emulator.world import Account, Json, Project, World

Act = Callable[[World, Request, Json], object]
_ROOT = "/emulator/v1"


def control_routes(world: World) -> list[Route]:
    """All control routes."""
    table: list[tuple[str, str, Act]] = [
        ("POST", "/projects", _create_project),
        ("GET", "/projects/{project}", _read_project),
        ("PATCH", "/projects/{project}", _change_project),
        ("POST", "/projects/{project}/spend", _spend),
        ("POST", "/accounts", _create_account),
        ("POST", "/accounts/{account}/grants", _grant),
        ("POST", "/accounts/{account}/codes", _code),
        ("POST", "/accounts/{account}/revoke", _revoke),
        ("POST", "/accounts/{account}/expire", _expire),
        ("POST", "/accounts/{account}/deaths", _end),
        ("DELETE", "/accounts/{account}/deaths", _cure),
        ("POST", "/accounts/{account}/scopes", _narrow),
        ("POST", "/consent", _consent),
        ("GET", "/faults", _list_faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("GET", "/journal", _journal),
        ("GET", "/totals", lambda world, _request, _sent: provision.totals(world)),
        ("GET", "/providers", _providers),
        ("PATCH", "/providers/elevenlabs", _credits),
        ("POST", "/clock", _clock),
        ("PATCH", "/settings", _settings),
    ]
    return [Route(_ROOT + path, _endpoint(world, act), methods=[verb]) for verb, path, act in table]


def _endpoint(world: World, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            sent = json.loads(await request.body() or b"{}")
            if not isinstance(sent, dict):
                raise ValueError("the body is a JSON object")
            return JSONResponse(act(world, request, sent))
        except KeyError as missing:
            return JSONResponse({"error": f"unknown or missing: {missing.args[0]}"}, 404)
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return endpoint


def _base(request: Request) -> str:
    return str(request.base_url)


def _project(world: World, request: Request) -> Project:
    return world.projects[request.path_params["project"]]


def _account(world: World, request: Request) -> Account:
    return world.accounts[request.path_params["account"]]


def _create_project(world: World, request: Request, sent: Json) -> Json:
    terms = ClientTerms(**_terms(sent))
    project = provision.create_project(world, sent.pop("id"), terms=terms, **sent)
    return {"id": project.id, "client_secrets": provision.client_secrets(project, _base(request))}


def _terms(sent: Json) -> Json:
    """Take what describes the OAuth client out of what was sent."""
    names = [field.name for field in dataclasses.fields(ClientTerms)]
    return {name: sent.pop(name) for name in names if name in sent}


def _read_project(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - every action takes the body
    project = _project(world, request)
    secrets = provision.client_secrets(project, _base(request))
    return {
        "id": project.id,
        "client_secrets": secrets,
        "publishing": project.terms.publishing,
        "test_users": sorted(project.terms.test_users),
        "client_state": project.client_state,
    }


def _change_project(world: World, request: Request, sent: Json) -> Json:
    project = _project(world, request)
    terms = _terms(sent)
    provision.change_project(world, project, **sent)
    if terms:
        provision.change_terms(world, project, terms)
    return {"id": project.id, "profile": project.standing.profile, "charging": project.charging}


def _spend(world: World, request: Request, sent: Json) -> Json:
    provision.spend(world, _project(world, request), sent.pop("amount"), **sent)
    return provision.totals(world)


def _create_account(world: World, request: Request, sent: Json) -> Json:
    """A channel with a grant, or without one (`granted` false) for somebody who is yet to consent."""
    scopes, seconds = sent.pop("scopes", None), sent.pop("grant_seconds", None)
    granted = sent.pop("granted", True)
    account = provision.create_account(world, sent.pop("id"), sent.pop("project"), **sent)
    made = {"id": account.id, "channel_id": account.channel_id or None, "title": account.title}
    if not granted:
        return {**made, "email": account.email, "token": None}
    grant = provision.grant_for(world, account, scopes=scopes, seconds=seconds)
    return {**made, "email": account.email, "token": provision.authorized_user(world, grant, _base(request))}


def _grant(world: World, request: Request, sent: Json) -> Json:
    grant = provision.grant_for(world, _account(world, request), **sent)
    return {"token": provision.authorized_user(world, grant, _base(request))}


def _code(world: World, request: Request, sent: Json) -> Json:
    code = provision.code_for(
        world,
        _account(world, request),
        redirect_uri=sent["redirect_uri"],
        challenge=sent.get("code_challenge"),
        scopes=sent.get("scopes"),
    )
    return {"code": code}


def _revoke(world: World, request: Request, sent: Json) -> Json:
    provision.revoke(world, _account(world, request), keep_access_tokens=bool(sent.get("keep_access_tokens")))
    return {}


def _expire(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - every action takes the body
    return {"expired": provision.expire_access_tokens(world, _account(world, request))}


def _end(world: World, request: Request, sent: Json) -> Json:
    """Let refresh tokens die: `kind` as `Death`, and one `refresh_token` where not all of them are meant."""
    end(
        world,
        _account(world, request),
        Death(sent["kind"]),
        refresh_token=sent.get("refresh_token"),
    )
    return {}


def _cure(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    cure(world, _account(world, request))
    return {}


def _narrow(world: World, request: Request, sent: Json) -> Json:
    provision.narrow_grants(world, _account(world, request), sent["scopes"])
    return {}


def _consent(world: World, request: Request, sent: Json) -> Json:
    """Decide on the consent page at `url` as a person would; `redirect` is where a browser would go."""
    url = sent.pop("url")
    return {"redirect": decide(world, url, Decision(**sent), root=_base(request).rstrip("/"))}


def _list_faults(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    return {"faults": world.faults.listing()}


def _add_fault(world: World, request: Request, sent: Json) -> Json:
    """One rule, or several under `faults`."""
    rules = [rule_from_json(rule) for rule in sent.get("faults", [sent])]
    for rule in rules:
        world.faults.add(rule, now=world.clock.now())
    return _list_faults(world, request, sent)


def _clear_faults(world: World, request: Request, sent: Json) -> Json:
    world.faults.clear()
    return _list_faults(world, request, sent)


def _journal(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    """Events above `since`, of `kind` where given."""
    kind = request.query_params.get("kind")
    events = world.journal.since(int(request.query_params.get("since", "0")))
    chosen = [event for event in events if kind is None or event.kind is EventKind(kind)]
    return {"events": [event.as_json() for event in chosen], "last": events[-1].seq if events else None}


def _providers(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    return provision.provider_access(world, _base(request))


def _credits(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    provision.set_credits(world, int(sent["credits"]))
    return {"credits": int(sent["credits"])}


def _clock(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    provision.shift_clock(world, float(sent["offset_seconds"]))
    return {"now": world.clock.now().isoformat(), "offset_seconds": world.clock.offset_seconds}


def _settings(world: World, request: Request, sent: Json) -> Json:  # noqa: ARG001 - as above
    unknown = sorted(set(sent) - {"processing_seconds", "access_token_seconds", "require_pkce"})
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(unknown)}")
    world.processing_seconds = float(sent.get("processing_seconds", world.processing_seconds))
    world.access_token_seconds = int(sent.get("access_token_seconds", world.access_token_seconds))
    world.require_pkce = bool(sent.get("require_pkce", world.require_pkce))
    return {
        "require_pkce": world.require_pkce,
        "processing_seconds": world.processing_seconds,
        "access_token_seconds": world.access_token_seconds,
    }
