"""Services: how those that we call are, their breakers, the chains of providers, and the drills that prove them."""

from typing import Annotated

from fastapi import Path, Request, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages
from ytempire.services.documents import Document
from ytempire.services.service_report import drill_document

router = pages()
Provider = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
_OPERATOR = needs(Role.OPERATOR, whole=True)


@router.get("/services", openapi_extra=needs(Role.VIEWER, whole=True))
async def services(request: Request, serving: Here) -> Response:
    """Services, breakers and chains."""
    chains = serving.chains
    drills = {each["chain"]: each for each in await _drills(serving)}
    return await page(
        request,
        "services.html",
        "services",
        it=await chains.reports.services(),
        drills=[(name, drills.get(name)) for name in chains.drills.known()],
    )


async def _drills(serving: Serving) -> list[Document]:
    return [drill_document(each) for each in await serving.chains.drills.book.drills()]


@router.post("/services/drills", openapi_extra=_OPERATOR)
async def drill(request: Request, serving: Here, caller: Who) -> Response:
    """Tries each link of a chain alone, without buying anything."""
    fields = await form(request)
    await serving.chains.drills.run(fields.get("chain", ""), by=caller.name)
    return done(fields, "/services", "drilled")


@router.post("/services/{provider}/isolate", openapi_extra=_OPERATOR)
async def isolate(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets no call pass, until it is reset."""
    fields = await form(request)
    calls = serving.chains.chains
    await calls.known_provider(provider)
    why = fields.get("why", "").strip()
    if not why:
        remedy = "say why; whoever finds it isolated will want to know"
        raise Refused(Refusal("why", "why_missing", "no reason was given", remedy))
    await calls.breakers.isolate(provider, by=caller.name, why=why)
    return done(fields, "/services", "isolated")


@router.post("/services/{provider}/reset", openapi_extra=_OPERATOR)
async def reset(request: Request, serving: Here, caller: Who, provider: Provider) -> Response:
    """Lets calls pass again, with nothing counted."""
    fields = await form(request)
    calls = serving.chains.chains
    await calls.known_provider(provider)
    await calls.breakers.reset(provider, by=caller.name)
    return done(fields, "/services", "reset")
