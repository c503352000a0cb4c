"""From a method's plain function to an HTTP endpoint: read the JSON, let the caller in, charge, answer."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ytempire.emulator.call import BrokenBody, Call, Reset, answer, charge, open_call, require
from ytempire.emulator.errors import ApiError
from ytempire.emulator.world import Json, World

Endpoint = Callable[[Request], Awaitable[Response]]
MethodWork = Callable[[Call], Json | None]


def method_endpoint(world: World, method: str, work: MethodWork) -> Endpoint:
    """The endpoint of a method without media; None from the work becomes 204."""

    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, method)
        try:
            problem = parse_json(call, await call.small_body())
        except BrokenBody:
            return Reset(call.link)
        except ApiError as refusal:
            problem = refusal

        async def admitted(call: Call) -> Response:
            require(call)
            charge(call, method)
            if problem is not None:
                raise problem
            body = work(call)
            return Response(status_code=204) if body is None else JSONResponse(body)

        return await answer(call, admitted)

    return endpoint


def parse_json(call: Call, body: bytes) -> ApiError | None:
    """Put the sent resource and its title on the call; the refusal where the body is no JSON object."""
    call.sent = {}
    if body.strip():
        try:
            sent = json.loads(body)
        except ValueError:
            return ApiError(400, "parseError", "Parse Error", domain="global")
        if not isinstance(sent, dict) or not isinstance(sent.get("snippet", {}), dict):
            return ApiError(400, "parseError", "Parse Error", domain="global")
        call.sent = sent
    call.title = title_of(call)
    return None


def title_of(call: Call) -> str | None:
    """The title of the video that a call is about, as far as it says or names one."""
    snippet = call.sent.get("snippet", {})
    named = snippet.get("resourceId")
    ids = (
        call.params.get("videoId"),
        call.params.get("id"),
        call.sent.get("id"),
        snippet.get("videoId"),
        named.get("videoId") if isinstance(named, dict) else None,
    )
    for name in ids:
        video = call.world.videos.get(str(name))
        if video is not None:
            return video.title
    title = snippet.get("title")
    return title if isinstance(title, str) else None
