"""The dashboard: pages for people, made on the server, alive through the live feed, usable without a script.

One file for each page, with its route and what it shows; `page` is what they share, `deeds` what their buttons do.
"""

from fastapi import FastAPI

from ytempire.entrypoints.http.pages import (
    accounts,
    alerts,
    assets,
    deeds,
    errors,
    log,
    new,
    plan,
    publications,
    quota,
    services,
    today,
    webhooks,
)
from ytempire.entrypoints.http.pages.page import frames
from ytempire.ports import Clock

ROUTERS = (
    assets.router, today.router, new.router, publications.router, accounts.router, plan.router, services.router,
    quota.router, alerts.router, webhooks.router, errors.router, log.router, deeds.router,
)  # fmt: skip
_SECRET_BYTES = 32


def install(app: FastAPI, clock: Clock) -> None:
    """Gives an application what pages are made with."""
    app.state.frames = frames(clock.new_secret(_SECRET_BYTES))
