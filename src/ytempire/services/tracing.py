"""Spans around what takes time: passes of work, calls of Google, calls of providers."""

from dataclasses import dataclass

from ytempire.domain.chain import Made, ProviderFault
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import PublicationId, Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Stopped
from ytempire.ports import Courier, Google, Pass, Span, SpanKind, Speaker, Tracer, Writer

_FAILED = 400


def traced_pass(work: Pass, tracer: Tracer) -> Pass:
    """The same work, each pass in a span of its own."""

    async def traced(which: PublicationId) -> None:
        with tracer.span("publication pass", attributes={"ytempire.publication": which}):
            await work(which)

    return traced


@dataclass(frozen=True, slots=True)
class TracedGoogle:
    """`ports.Google`, each call of which is a span. Tokens and addresses of sessions are not told."""

    google: Google
    tracer: Tracer

    async def call(self, call: Call, token: Secret) -> Answer:
        path = call.path.partition("?")[0]
        told = {"http.request.method": call.http, "url.path": f"/{path}"}
        with self.tracer.span(f"google {call.http} {path}", SpanKind.CLIENT, told) as span:
            return _seen(span, await self.google.call(call, token))

    async def post(self, form: Form) -> Answer:
        told = {"http.request.method": "POST"}
        with self.tracer.span("google oauth", SpanKind.CLIENT, told) as span:
            return _seen(span, await self.google.post(form))

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        told: dict[str, str | float] = {"http.request.method": "PUT", "ytempire.size": ask.total}
        with self.tracer.span("google upload question", SpanKind.CLIENT, told) as span:
            return _seen(span, await self.google.ask(ask, token))

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        told: dict[str, str | float] = {
            "http.request.method": "PUT",
            "ytempire.start": piece.start,
            "ytempire.end": piece.end,
            "ytempire.size": piece.total,
        }
        with self.tracer.span("google upload piece", SpanKind.CLIENT, told) as span:
            answer = await self.google.send(piece, token, courier)
            if isinstance(answer, Stopped):
                span.tell("ytempire.stopped", answer.why)
                return answer
            return _seen(span, answer)


@dataclass(frozen=True, slots=True)
class TracedSpeaker:
    """`ports.Speaker`, each call of which is a span."""

    speaker: Speaker
    provider: str
    tracer: Tracer

    @property
    def longest(self) -> int:
        return self.speaker.longest

    @property
    def in_bytes(self) -> bool:
        return self.speaker.in_bytes

    def price(self, order: SpeechOrder) -> int:
        return self.speaker.price(order)

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        told = {"ytempire.provider": self.provider}
        with self.tracer.span(f"provider {self.provider} speak", SpanKind.CLIENT, told) as span:
            answer = await self.speaker.speak(order, into)
            _judged(span, answer)
            return answer


@dataclass(frozen=True, slots=True)
class TracedWriter:
    """`ports.Writer`, each call of which is a span."""

    writer: Writer
    provider: str
    tracer: Tracer

    def price(self, order: ScriptOrder) -> int:
        return self.writer.price(order)

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        told = {"ytempire.provider": self.provider}
        with self.tracer.span(f"provider {self.provider} write", SpanKind.CLIENT, told) as span:
            answer = await self.writer.write(order)
            _judged(span, answer)
            return answer


def _seen(span: Span, answer: Answer) -> Answer:
    if isinstance(answer, NoReply):
        span.failed(answer.why)
        return answer
    span.tell("http.response.status_code", answer.status)
    if answer.status >= _FAILED:
        span.failed(f"status {answer.status}")
    return answer


def _judged(span: Span, answer: object) -> None:
    if isinstance(answer, ProviderFault):
        span.tell("ytempire.blame", answer.blame.value)
        span.failed(answer.code)
