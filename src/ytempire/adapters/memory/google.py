"""`ports.Google` over the small YouTube in memory, with a script of troubles and a journal. No sockets."""

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass

from ytempire.adapters.memory.api import error, method_of, serve
from ytempire.adapters.memory.youtube import TOKEN_LIFE, Channel, MemoryYouTube, Upload
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Reply, Stopped
from ytempire.ports import Courier

ASK = "session.ask"
SEND = "session.send"
TOKEN = "oauth.token"
REVOKE = "oauth.revoke"

_DEAD = Reply(400, {}, b'{"error": "invalid_grant", "error_description": "Token has been revoked."}')
_GONE = Reply(400, {}, b'{"error": "invalid_token", "error_description": "Token expired or revoked"}')


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that comes instead of the true one.

    `done`: the request was served all the same, only its answer is replaced (a lost reply). `stored`, for
    bytes of a file: what arrives up to this offset is kept, then the answer comes.
    """

    answer: Answer
    done: bool = False
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it came in: its name, the channel it acted for, the status answered (None: no reply)."""

    name: str
    channel: str | None
    status: int | None


class MemoryGoogle:
    """Serves a `MemoryYouTube`. Names of requests are the API's methods, and the constants of this module."""

    def __init__(self, youtube: MemoryYouTube) -> None:
        self.youtube = youtube
        self.journal: list[Entry] = []
        self._script: dict[str, deque[Trouble]] = defaultdict(deque)

    def trouble(
        self, name: str, answer: Answer, *, times: int = 1, done: bool = False, stored: int | None = None
    ) -> None:
        """The next requests of this name are answered so; troubles of one name come in the order given."""
        self._script[name].extend([Trouble(answer, done, stored)] * times)

    def count(self, name: str) -> int:
        """How many requests of this name came in."""
        return sum(entry.name == name for entry in self.journal)

    async def call(self, call: Call, token: Secret) -> Answer:
        """One API call; what no method of the API matches is answered with 404."""
        await asyncio.sleep(0)
        method = method_of(call)
        name = str(method) if method else f"{call.http} {call.path}"
        channel = self.youtube.channel_of(token.reveal())
        trouble = self._next(name)
        answer: Answer
        if trouble is not None and not trouble.done:
            answer = trouble.answer
        elif channel is None:
            answer = error(401, "authError", "Invalid Credentials")
        else:
            answer = serve(self.youtube, method, channel, call) if method else error(404, "notFound")
        return self._written(name, channel, trouble.answer if trouble else answer)

    async def post(self, form: Form) -> Answer:
        """The token and revocation endpoints; an address that ends in `revoke` is the latter."""
        await asyncio.sleep(0)
        name = REVOKE if form.url.endswith("revoke") else TOKEN
        trouble = self._next(name)
        if trouble is not None and not trouble.done:
            return self._written(name, None, trouble.answer)
        channel = self._granted(form)
        dead = _GONE if name == REVOKE else _DEAD
        answer = dead if channel is None else self._token_answer(name, channel, form)
        return self._written(name, channel, trouble.answer if trouble else answer)

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        """How far a session has come."""
        await asyncio.sleep(0)
        trouble = self._next(ASK)
        if trouble is not None and not trouble.done:
            return self._written(ASK, None, trouble.answer)
        upload, refused = self._session(ask.uri, token)
        answer = self._state(upload) if upload else refused
        return self._written(ASK, upload.channel if upload else None, trouble.answer if trouble else answer)

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        """Takes the bytes of a piece, 256 KiB at a time; only their number counts, no file is read."""
        trouble = self._next(SEND)
        if trouble is not None and not trouble.done and trouble.stored is None:
            return self._written(SEND, None, trouble.answer)
        upload, refused = self._session(piece.uri, token)
        if upload is None:
            return self._written(SEND, None, refused)
        stopped = await self._take(upload, piece, courier, until=trouble.stored if trouble else None)
        if stopped is not None:
            self._written(SEND, upload.channel, NoReply(stopped.why))
            return stopped
        answer = trouble.answer if trouble else self._state(upload)
        return self._written(SEND, upload.channel, answer)

    async def _take(
        self, upload: Upload, piece: Piece, courier: Courier, *, until: int | None
    ) -> Stopped | None:
        """Stores a piece block by block, as far as `until`. Bytes beyond a gap are dropped; the last byte makes
        the video, whether or not anybody is left to hear of it.
        """
        fits = piece.start <= upload.stored
        end = piece.end if until is None else min(piece.end, until)
        for start in range(piece.start, piece.end, GRANULE):
            await asyncio.sleep(0)
            stop = min(start + GRANULE, piece.end)
            if courier.halted():
                return Stopped("a stop was asked for")
            if stop == piece.total and not await courier.gate():
                return Stopped("the gate was closed")
            if fits:
                upload.stored = max(upload.stored, min(stop, end))
            if upload.stored >= upload.size:
                self.youtube.complete(upload)
            courier.progress(stop)
            if stop >= end:
                break
        return None

    def _state(self, upload: Upload) -> Reply:
        """What a session answers: 308 and its offset, or the video."""
        if upload.video is not None:
            video = self.youtube.videos.get(upload.video)
            resource = {"id": upload.video, "snippet": video.snippet, "status": video.status} if video else {}
            return Reply(200, {}, json.dumps(resource or {"id": upload.video}).encode())
        return Reply(308, {"range": f"bytes=0-{upload.stored - 1}"} if upload.stored else {})

    def _session(self, uri: str, token: Secret) -> tuple[Upload | None, Reply]:
        upload = self.youtube.uploads.get(uri)
        if upload is None:
            return None, error(404, "notFound")
        if self.youtube.channel_of(token.reveal()) is not upload.channel:
            return None, error(401, "authError", "Invalid Credentials")
        return upload, Reply(200)

    def _granted(self, form: Form) -> Channel | None:
        """The channel whose live grant a form names: by refresh token, or by the code `code-CHANNEL`."""
        named = {form.fields.get("refresh_token"), form.fields.get("token"), form.fields.get("code")}
        for channel in self.youtube.channels.values():
            if not channel.dead and named & {channel.refresh_token, f"code-{channel.id}"}:
                return channel
        return None

    def _token_answer(self, name: str, channel: Channel, form: Form) -> Reply:
        if name == REVOKE:
            channel.dead = True
            return Reply(200, {}, b"{}")
        document = {
            "access_token": self.youtube.token(channel),
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": "https://www.googleapis.com/auth/youtube.force-ssl",
        }
        if "code" in form.fields:
            document["refresh_token"] = channel.refresh_token
        return Reply(200, {}, json.dumps(document).encode())

    def _next(self, name: str) -> Trouble | None:
        script = self._script[name]
        return script.popleft() if script else None

    def _written(self, name: str, channel: Channel | None, answer: Answer) -> Answer:
        status = answer.status if isinstance(answer, Reply) else None
        self.journal.append(Entry(name, channel.id if channel else None, status))
        return answer
