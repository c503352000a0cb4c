"""`Idempotency-Key`: a request with one is answered once, and the same request gets the same answer for a day.

The same key with another body is refused, and with the same body while the first is answered too. An answer that
holds a secret is not kept: whoever asks again learns only that it was given.
"""

import asyncio
import hashlib
import re
from contextlib import suppress
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Caller, Role
from ytempire.entrypoints.http.problems import Problem
from ytempire.ports import Asked, AskedOtherwise, InFlight, KeptAnswer

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT = timedelta(days=1)
_LEASE = timedelta(seconds=60)
_PROLONGED_EVERY = 20.0
_NOT_KEPT = frozenset({401, 403, 408, 429})
_TOLD = (b"content-type", b"location", b"etag")
_TOLD_ONCE = KeptAnswer(409, {}, "")
"""In place of an answer that holds a secret."""


class Replay:
    """Answers requests with a key once."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._store = serving.acting.context.store
        self._clock = serving.acting.context.clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        if asked is None:
            await self._app(scope, receive, send)
            return
        holder, now = self._clock.new_id("req"), self._clock.now()
        claim = await self._store.claim_answer(asked, holder, now, now + _LEASE)
        if claim == _TOLD_ONCE:
            detail = "this was done, and the secret in its answer is not told twice"
            raise Problem(409, "told_once", detail, {"Idempotency-Replayed": "true"})
        if isinstance(claim, KeptAnswer):
            await _give(claim, send)
        elif isinstance(claim, InFlight):
            raise Problem(409, "in_flight", "the same request is being answered", {"Retry-After": "1"})
        elif isinstance(claim, AskedOtherwise):
            raise Problem(
                422, "key_reused", "this Idempotency-Key was used for another request; use a new one"
            )
        else:
            await self._answer(asked, holder, scope, receive, send)

    async def _answer(self, asked: Asked, holder: str, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Recorder(send)
        prolonging = asyncio.create_task(self._prolong(asked, holder))
        try:
            await self._app(scope, receive, answer)
        except BaseException:
            await self._store.drop_answer(asked, holder)
            raise
        finally:
            prolonging.cancel()
            with suppress(asyncio.CancelledError):
                await prolonging
        if answer.status >= 500 or answer.status in _NOT_KEPT:
            await self._store.drop_answer(asked, holder)
        else:
            kept = _TOLD_ONCE if scope.get("ytempire.secret_answer") else answer.kept()
            await self._store.keep_answer(asked, holder, kept, self._clock.now() + _KEPT)
        await answer.let_go()

    async def _prolong(self, asked: Asked, holder: str) -> None:
        while True:
            await self._clock.sleep(_PROLONGED_EVERY)
            await self._store.prolong_answer(asked, holder, self._clock.now() + _LEASE)


class _Recorder:
    """Holds an answer back until it is kept, so that nobody has it who could not get it again."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self._messages.append(message)

    def kept(self) -> KeptAnswer:
        """What was answered."""
        headers = {
            name.decode(): value.decode("latin-1")
            for message in self._messages
            for name, value in message.get("headers", ())
            if name in _TOLD
        }
        body = b"".join(message.get("body", b"") for message in self._messages)
        return KeptAnswer(self.status, headers, body.decode())

    async def let_go(self) -> None:
        """Gives the answer."""
        for message in self._messages:
            await self._send(message)


def _asked(scope: Scope) -> Asked | None:
    """What is asked under which key; None without one. Raises `Problem` for a key that is none."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"idempotency-key"]
    caller = scope["ytempire.caller"]
    if not given or not isinstance(caller, Caller) or caller.role is Role.ANYBODY:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise Problem(400, "bad_key", "an Idempotency-Key is 1 to 255 visible ASCII characters")
    whole = hashlib.sha256()
    for part in (scope["path"].encode(), scope["query_string"], scope["ytempire.body"]):
        whole.update(hashlib.sha256(part).digest())
    return Asked(caller.key, given[0], whole.hexdigest())


async def _give(kept: KeptAnswer, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in kept.headers.items()]
    body = kept.body.encode()
    headers += [(b"content-length", str(len(body)).encode()), (b"idempotency-replayed", b"true")]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
