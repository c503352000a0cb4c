"""Services: how those that we call are, their breakers, the chains of providers, and the drills that prove them."""

from typing import Annotated, Any, Protocol

from fastapi import Path, Request, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages

router = pages()
Provider = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
_OPERATOR = needs(Role.OPERATOR, whole=True)


class Told(Protocol):
    """Who tells how services are."""

    async def services(self) -> dict[str, Any]:
        """The document of `ytempire services --json`."""
        ...


class Breakers(Protocol):
    """Breakers by hand."""

    async def isolate(self, name: str, *, by: str, why: str) -> object:
        """No call passes until `reset`."""
        ...

    async def reset(self, name: str, *, by: str) -> object:
        """Closed again, with nothing counted."""
        ...


class Calls(Protocol):
    """What calls go through."""

    @property
    def breakers(self) -> Breakers:
        """The breakers of the house."""
        ...

    def known_provider(self, name: str) -> object:
        """Raises `Refused` for a provider that there is not."""
        ...


class Chained(Protocol):
    """The chains of a house, as pages use them."""

    @property
    def reports(self) -> Told:
        """Who tells of them."""
        ...

    @property
    def chains(self) -> Calls:
        """The chains themselves."""
        ...


@router.get("/services", openapi_extra=needs(Role.VIEWER, whole=True))
async def services(request: Request, serving: Here) -> Response:
    """Services, breakers and chains; or that this installation has none."""
    return await page(request, "services.html", "services", it=await _document(serving))


@router.post("/services/{provider}/isolate", openapi_extra=_OPERATOR)
async def isolate(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets no call pass, until it is reset."""
    fields = await form(request)
    calls = _chains(serving)
    calls.known_provider(provider)
    why = fields.get("why", "").strip() or "isolated on the page Services"
    await calls.breakers.isolate(provider, by=caller.name, why=why)
    return done(fields, "/services", "isolated")


@router.post("/services/{provider}/reset", openapi_extra=_OPERATOR)
async def reset(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets calls pass again, with nothing counted."""
    fields = await form(request)
    calls = _chains(serving)
    calls.known_provider(provider)
    await calls.breakers.reset(provider, by=caller.name)
    return done(fields, "/services", "reset")


def _chains(serving: Serving) -> Calls:
    found = _chained(serving)
    if found is None:
        message = "this installation has no chains of services"
        raise Refused(Refusal("provider", "provider_unknown", message, "configure [chains] first"))
    return found.chains


async def _document(serving: Serving) -> dict[str, Any] | None:
    """What is told of services; None in a house without chains."""
    found = _chained(serving)
    return await found.reports.services() if found is not None else None


def _chained(serving: Serving) -> Chained | None:
    """The chains of the house, if it has any: `Serving.chained`, once a house with chains is served."""
    found: Chained | None = getattr(serving, "chained", None)
    return found
