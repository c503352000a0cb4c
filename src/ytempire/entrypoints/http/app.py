"""The application: routes, and around them everything that a request passes on its way in.

From the outside in: `HEAD` as `GET`, correlation and headers of the answer, a span, Host and Origin, identity and how
often, bodies, answers given again, routes.
How a route declares its role is told in `doors`. Every file of routes has a `router`, which is named in `ROUTERS`;
pages have theirs in `pages/` and are named there too.
"""

from fastapi import FastAPI
from starlette.types import ASGIApp

from ytempire.bootstrap.serving import Serving
from ytempire.entrypoints.http import pages, problems
from ytempire.entrypoints.http.bodies import Bodies
from ytempire.entrypoints.http.correlation import Correlation
from ytempire.entrypoints.http.doors import Door, doors
from ytempire.entrypoints.http.front import Front, Gate
from ytempire.entrypoints.http.heads import Heads
from ytempire.entrypoints.http.identity import Identity
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.replay import Replay
from ytempire.entrypoints.http.routes import (
    accounts,
    alerts,
    checkups,
    connecting,
    files,
    health,
    live,
    metrics,
    paper,
    publications,
    quota,
    services,
    session,
    signing_in,
    tokens,
    webhooks,
)
from ytempire.entrypoints.http.shapes import ProblemDocument
from ytempire.entrypoints.http.tracing import Traced

ROUTERS = (
    health.router, metrics.router, publications.router, files.router, accounts.router, connecting.router,
    quota.router, alerts.router, services.router, checkups.router, webhooks.router, live.router, tokens.router,
    session.router, signing_in.router, paper.router, *pages.ROUTERS,
)  # fmt: skip
_ABOUT = (
    "Publishes videos through many YouTube channels: at most once, within quota, through crashes. Answers are the "
    "documents that the commands print with --json; docs/reference/api.md explains the rules that all routes share."
)


def build(serving: Serving, front: Front, limits: Limits = Limits()) -> ASGIApp:  # noqa: B008  frozen
    """The application of a house, ready to be served. Raises `NoRole` for a route without a role."""
    inner = Bodies(Replay(routed(serving), serving))
    outer = Gate(Identity(inner, serving, front, limits), front)
    return Heads(Correlation(Traced(outer, serving.tracer), serving.acting.context.clock, front))


def routed(serving: Serving) -> FastAPI:
    """The routes alone, without what a request passes before it reaches them."""
    app = FastAPI(
        title="ytempire", version="1", description=_ABOUT, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.router.redirect_slashes = False
    app.router.routes.clear()
    app.state.serving = serving
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    problems.install(app)
    pages.install(app, serving.acting.context.clock)
    ways_in(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Makes the document of the API once, with the shape that every problem has and the ways to show who one is."""
    paper = app.openapi()
    shapes = paper.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes |= problem.pop("$defs", {})
    shapes[ProblemDocument.__name__] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        shapes.pop(unused, None)
    paper["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    paper["security"] = [{"token": []}, {}]


def ways_in(app: FastAPI) -> tuple[Door, ...]:
    """Every way in, with who may use it."""
    return tuple(doors(app, live.SOCKETS))
