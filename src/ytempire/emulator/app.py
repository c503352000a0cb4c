"""Wiring: which address leads to which method. The providers are wired in their own folder."""

from collections.abc import Mapping
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.emulator import extras, playlists, videos
from ytempire.emulator.authorize import consent_routes
from ytempire.emulator.control import control_routes
from ytempire.emulator.errors import ApiError
from ytempire.emulator.oauth import revoke_endpoint, token_endpoint
from ytempire.emulator.providers.routes import provider_routes
from ytempire.emulator.put import put_endpoint
from ytempire.emulator.routes import MethodWork, method_endpoint
from ytempire.emulator.uploads import post_endpoint
from ytempire.emulator.world import World

_API = "/youtube/v3/"

METHODS: Mapping[str, tuple[str, str, MethodWork]] = {
    "channels.list": ("GET", "channels", extras.list_channels),
    "videos.list": ("GET", "videos", videos.list_videos),
    "videos.update": ("PUT", "videos", videos.update_video),
    "videos.delete": ("DELETE", "videos", videos.delete_video),
    "captions.list": ("GET", "captions", extras.list_captions),
    "playlists.insert": ("POST", "playlists", playlists.insert_playlist),
    "playlists.list": ("GET", "playlists", playlists.list_playlists),
    "playlistItems.insert": ("POST", "playlistItems", playlists.insert_item),
    "playlistItems.list": ("GET", "playlistItems", playlists.list_items),
    "search.list": ("GET", "search", extras.search),
}
UPLOADS = {"videos.insert": "videos", "thumbnails.set": "thumbnails/set", "captions.insert": "captions"}


def build_app(world: World) -> Starlette:
    """The whole local Google as one ASGI application over this world."""
    routes = [
        Route(_API + path, method_endpoint(world, method, work), methods=[verb])
        for method, (verb, path, work) in METHODS.items()
    ]
    for method, path in UPLOADS.items():
        # POST without the upload root carries no media: the endpoint says so in Google's words.
        for root in ("/upload", "/resumable/upload", ""):
            routes += [Route(f"{root}{_API}{path}", post_endpoint(world, method), methods=["POST"])]
        for root in ("/upload", "/resumable/upload"):
            routes += [Route(f"{root}{_API}{path}", put_endpoint(world, method), methods=["PUT"])]
    routes += [
        Route("/token", token_endpoint(world), methods=["POST"]),
        Route("/revoke", revoke_endpoint(world), methods=["POST"]),
        *consent_routes(world),
        *control_routes(world),
        *provider_routes(world),
    ]
    return Starlette(
        routes=routes,
        exception_handlers={404: _not_found, 405: _not_found},
        middleware=[Middleware(Dated, world=world)],
    )


class Dated:
    """Gives every reply the emulator's own time as its Date, so that a clock that runs wrong shows."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        """Date the replies of this application."""
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if all(name.lower() != b"date" for name, _ in headers):
                    now = format_datetime(self._world.clock.now(), usegmt=True)
                    message["headers"] = [*headers, (b"date", now.encode())]
            await send(message)

        await self._app(scope, receive, dated)


async def _not_found(*_: object) -> JSONResponse:
    """Google's answer to an address that leads nowhere."""
    return JSONResponse(ApiError(404, "notFound", "Not Found", domain="global").body(), status_code=404)
