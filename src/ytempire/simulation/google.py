"""The pretended Google: the small YouTube in memory, at a distance, in all weathers, with its own books."""

from collections.abc import Iterator
from contextlib import contextmanager

from ytempire.adapters.memory.api import error, method_of
from ytempire.adapters.memory.google import SEND, MemoryGoogle
from ytempire.adapters.memory.youtube import Channel
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Reply, Stopped
from ytempire.ports import Courier
from ytempire.simulation.chance import Dice
from ytempire.simulation.meter import Landed, Meter
from ytempire.simulation.weather import Weather

_LATENCY = 0.3
_UPLOAD = (20.0, 240.0)
"""Seconds that a small request takes, and the range of what a whole upload takes."""

_DOWN = Reply(503, {}, b"")
_SUSPENDED = error(403, "accountSuspended", "The account of the channel has been suspended.")
_UNHEARD = NoReply("the connection broke before the answer came")
_READS = ("GET",)


class PretendedGoogle:
    """`ports.Google` on virtual time."""

    def __init__(self, inner: MemoryGoogle, weather: Weather, meter: Meter) -> None:
        self._inner = inner
        self._youtube = inner.youtube
        self._weather = weather
        self._meter = meter
        self._dice = Dice(weather.seed, "google")
        self._opened: dict[str, QuotaDay] = {}

    async def call(self, call: Call, token: Secret) -> Answer:
        """One small request."""
        await self._weather.clock.sleep(_LATENCY)
        method = method_of(call)
        channel = self._youtube.channel_of(token.reveal())
        if method is None or channel is None:
            return await self._inner.call(call, token)
        if self._happens("silences"):
            return NoReply("the connection could not be made", sent=False)
        account = _account(channel)
        self._meter.received(method, account, self._weather.clock.now())
        refused = self._refusal(account) or self._refused_insert(method, account)
        if refused is not None:
            return refused
        answer = await self._inner.call(call, token)
        if method is Method.VIDEOS_INSERT and isinstance(answer, Reply) and answer.status == 200:
            self._opened[answer.headers["location"]] = QuotaDay.of(self._weather.clock.now())
        lost = call.http not in _READS and self._happens("lost_answers")
        return _UNHEARD if lost else answer

    async def post(self, form: Form) -> Answer:
        """The token endpoint."""
        await self._weather.clock.sleep(_LATENCY)
        self._meter.requests["oauth.token"] += 1
        return _DOWN if self._weather.is_down() else await self._inner.post(form)

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        """How far has a session come?"""
        await self._weather.clock.sleep(_LATENCY)
        self._meter.requests["session.ask"] += 1
        channel = self._youtube.channel_of(token.reveal())
        refused = self._refusal(_account(channel)) if channel is not None else None
        return refused or await self._inner.ask(ask, token)

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        """Bytes of a file; they all arrive when the time they take has passed."""
        channel = self._youtube.channel_of(token.reveal())
        if channel is None:
            return await self._inner.send(piece, token, courier)
        account = _account(channel)
        self._meter.requests["session.send"] += 1
        with self._sending(account):
            return await self._transfer(account, piece, token, courier)

    async def _transfer(
        self, account: AccountId, piece: Piece, token: Secret, courier: Courier
    ) -> Answer | Stopped:
        clock, whole = self._weather.clock, self._dice.between(*_UPLOAD)
        share = (piece.end - piece.start) / max(1, piece.total)
        broken = self._happens("broken_sends")
        arrived = self._dice.roll() if broken else 1.0
        await clock.sleep(_LATENCY + whole * share * arrived)
        refused = self._refusal(account)
        if refused is not None:
            return refused
        if self._happens("lost_sessions"):
            self._youtube.uploads.pop(piece.uri, None)
        if broken:
            stored = piece.start + int((piece.end - piece.start - 1) * arrived)
            self._inner.trouble(SEND, NoReply("the connection broke"), stored=stored)
        answer = await self._inner.send(piece, token, courier)
        self._landed(account, piece.uri)
        if isinstance(answer, Reply) and answer.status == 200 and self._happens("lost_replies"):
            if self._happens("lost_sessions"):
                self._youtube.uploads.pop(piece.uri, None)
            return _UNHEARD
        return answer

    def _landed(self, account: AccountId, uri: str) -> None:
        """Writes down a video that has just come of a session, and decides what YouTube makes of it."""
        upload = self._youtube.uploads.get(uri)
        if upload is None or upload.video is None or uri not in self._opened:
            return
        video = self._youtube.videos[upload.video]
        title = str(video.snippet["title"])
        day = self._opened.pop(uri)
        landed = Landed(title, account, day, str(video.status["privacyStatus"]))
        self._meter.completed(landed, self._weather.clock.now())
        if self._happens("processing_failures"):
            self._youtube.verdicts[title] = {"uploadStatus": "failed", "failureReason": "conversion"}
        elif self._happens("rejections"):
            self._youtube.verdicts[title] = {"uploadStatus": "rejected", "rejectionReason": "duplicate"}

    def _refusal(self, account: AccountId) -> Reply | None:
        """What is answered to any request now; None when it is served."""
        if self._weather.is_down():
            return _DOWN
        if account in self._weather.suspended:
            return _SUSPENDED
        if self._happens("server_errors"):
            return Reply(500, {}, b"")
        if self._happens("bursts"):
            return error(429, "rateLimitExceeded", "Too many requests.")
        if self._happens("refused_tokens"):
            return error(401, "authError", "Invalid Credentials")
        return None

    def _refused_insert(self, method: Method, account: AccountId) -> Reply | None:
        if method is not Method.VIDEOS_INSERT:
            return None
        if self._weather.is_closed(self._weather.projects[account]):
            return error(403, "quotaExceeded", "The request cannot be completed: the quota is exceeded.")
        if self._weather.is_limited(account):
            return error(400, "uploadLimitExceeded", "The user has exceeded the number of videos.")
        return None

    def _happens(self, kind: str) -> bool:
        struck = self._dice.happens(getattr(self._weather.rates, kind))
        self._weather.faults[kind] += struck
        return struck

    @contextmanager
    def _sending(self, account: AccountId) -> Iterator[None]:
        self._meter.began(account)
        try:
            yield
        finally:
            self._meter.ended(account)


def _account(channel: Channel) -> AccountId:
    return AccountId(channel.id.removeprefix("UC"))
