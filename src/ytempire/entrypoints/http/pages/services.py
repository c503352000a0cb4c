"""Services: how those that we call are, their breakers, the chains of providers, and the drills that prove them."""

from typing import Annotated

from fastapi import Path, Request, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages

router = pages()
Provider = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
_OPERATOR = needs(Role.OPERATOR, whole=True)


@router.get("/services", openapi_extra=needs(Role.VIEWER, whole=True))
async def services(request: Request, serving: Here) -> Response:
    """Services, breakers and chains."""
    return await page(request, "services.html", "services", it=await serving.chains.reports.services())


@router.post("/services/{provider}/isolate", openapi_extra=_OPERATOR)
async def isolate(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets no call pass, until it is reset."""
    fields = await form(request)
    calls = serving.chains.chains
    calls.known_provider(provider)
    why = fields.get("why", "").strip() or "isolated on the page Services"
    await calls.breakers.isolate(provider, by=caller.name, why=why)
    return done(fields, "/services", "isolated")


@router.post("/services/{provider}/reset", openapi_extra=_OPERATOR)
async def reset(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets calls pass again, with nothing counted."""
    fields = await form(request)
    calls = serving.chains.chains
    calls.known_provider(provider)
    await calls.breakers.reset(provider, by=caller.name)
    return done(fields, "/services", "reset")
