"""The application: routes, and around them everything that a request passes on its way in.

From the outside in: correlation, headers of the answer, Host and Origin, limits, identity, idempotency, routes.
How a route declares its role is told in `doors`. Every file of routes has a `router`, which is named in `ROUTERS`;
pages have theirs in `pages/` and are named there too.
"""

from fastapi import FastAPI
from starlette.types import ASGIApp

from ytempire.bootstrap.serving import Serving
from ytempire.entrypoints.http import problems
from ytempire.entrypoints.http.correlation import Correlation
from ytempire.entrypoints.http.doors import Door, doors
from ytempire.entrypoints.http.identity import Identity
from ytempire.entrypoints.http.routes import accounts, health

ROUTERS = (health.router, accounts.router)


def build(serving: Serving) -> ASGIApp:
    """The application of a house, ready to be served. Raises `NoRole` for a route without a role."""
    app = routed(serving)
    return Correlation(Identity(app, serving), serving)


def routed(serving: Serving) -> FastAPI:
    """The routes alone, without what a request passes before it reaches them."""
    app = FastAPI(title="ytempire", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    app.router.routes.clear()
    app.state.serving = serving
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    problems.install(app)
    ways_in(app)
    return app


def ways_in(app: FastAPI) -> tuple[Door, ...]:
    """Every way in, with who may use it."""
    return tuple(doors(app, {}))
