"""Spans through OpenTelemetry, collected in memory."""

import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace import StatusCode

from tests.house.source import ROOT
from tests.services.house import House, two_accounts
from ytempire.adapters.otel import OtelTracer
from ytempire.adapters.untraced import Untraced
from ytempire.bootstrap.tracing import UNTRACED, asked_for, traced_by
from ytempire.domain.calls import my_channel
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import PublicationId, Secret
from ytempire.domain.wire import NoReply
from ytempire.ports import SpanKind
from ytempire.services.tracing import TracedGoogle, TracedSpeaker, TracedWriter, traced_pass

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Traced:
    """A tracer, and the spans it closed."""

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracer = OtelTracer(self._provider)

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {each.name: each for each in self._kept.get_finished_spans()}


@pytest.fixture
def traced() -> Traced:
    return Traced()


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_span_is_within_the_one_that_is_open(traced: Traced) -> None:
    with traced.tracer.span("outer"), traced.tracer.span("inner", SpanKind.CLIENT, {"a": 1}) as span:
        span.tell("b", "two")
    outer, inner = traced.spans["outer"], traced.spans["inner"]

    assert inner.parent is not None
    assert outer.context is not None
    assert outer.context.span_id == inner.parent.span_id
    assert (OtelKind.CLIENT, {"a": 1, "b": "two"}) == (inner.kind, attributes(inner))


def test_a_request_brings_its_trace(traced: Traced) -> None:
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "cookie": "x"}
    with traced.tracer.span("http GET", SpanKind.SERVER, headers=headers):
        traced.tracer.span("nothing is told until it is entered")
    context = traced.spans["http GET"].context

    assert context is not None
    assert int(TRACE, 16) == context.trace_id


def test_an_error_marks_the_span_by_its_kind_alone_and_passes_on(traced: Traced) -> None:
    with pytest.raises(ValueError, match="ya29"), traced.tracer.span("it"):
        raise ValueError("ya29.Canary")
    span = traced.spans["it"]

    assert (StatusCode.ERROR, "ValueError", ()) == (
        span.status.status_code,
        span.status.description,
        span.events,
    )


def test_why_it_failed_is_told_without_secrets(traced: Traced) -> None:
    with traced.tracer.span("it") as span:
        span.failed("Bearer Canary was refused")

    assert "Bearer ••• was refused" == traced.spans["it"].status.description


async def test_a_pass_of_work_holds_the_calls_it_makes(traced: Traced) -> None:
    house = await two_accounts()
    publication = await house.submit()
    await passed(house, traced, publication.id)
    spans = traced.spans
    whole = spans["publication pass"]

    assert {"publication pass", "google POST upload/youtube/v3/videos", "google upload piece"} <= set(spans)
    assert {"ytempire.publication": publication.id} == attributes(whole)
    assert {whole.context and whole.context.span_id} == {
        each.parent and each.parent.span_id for name, each in spans.items() if each is not whole
    }
    assert [200, 200] == [
        attributes(spans[name])["http.response.status_code"]
        for name in ("google POST upload/youtube/v3/videos", "google upload piece")
    ]


async def passed(house: House, traced: Traced, which: PublicationId) -> None:
    """One pass, traced."""
    ports = house.ports()
    ports = type(ports)(
        ports.store, TracedGoogle(ports.google, traced.tracer), ports.vault, ports.media, ports.clock
    )
    await traced_pass(house.staff(ports).publishing.advance, traced.tracer)(which)


async def test_no_token_and_no_address_of_a_session_is_told(traced: Traced) -> None:
    house = await two_accounts()
    publication = await house.submit()
    await passed(house, traced, publication.id)
    told = "".join(each.to_json() for each in traced.spans.values())

    assert [] == [word for word in ("upload_id", "ya29", "at-", "client-secret", "A title") if word in told]


async def test_a_call_without_an_answer_or_with_a_bad_one_has_failed(traced: Traced) -> None:
    house = await two_accounts()
    google = TracedGoogle(house.google, traced.tracer)
    house.google.trouble("channels.list", NoReply("the line is dead", sent=True))
    await google.call(my_channel(), Secret("no such token"))
    (dead,) = traced.spans.values()
    await google.call(my_channel(), Secret("no such token"))
    refused = list(traced.spans.values())[-1]

    assert (StatusCode.ERROR, "the line is dead") == (dead.status.status_code, dead.status.description)
    assert "status 401" == refused.status.description


class Voice:
    """Says everything but the word no."""

    longest, in_bytes = 40, True

    def price(self, order: SpeechOrder) -> int:
        return len(order.text)

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        del into
        return ProviderFault(Blame.BUSY, "429", "Bearer Canary") if order.text == "no" else Made(None)


class Pen:
    """Writes what it is told."""

    def price(self, order: ScriptOrder) -> int:
        return len(order.topic)

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        return Made(Script(order.topic))


async def test_calls_of_providers_are_spans_that_tell_no_text(traced: Traced) -> None:
    speaker = TracedSpeaker(Voice(), "polly", traced.tracer)
    writer = TracedWriter(Pen(), "template", traced.tracer)
    await writer.write(ScriptOrder("a topic of ours"))
    await speaker.speak(SpeechOrder("no"), "into.wav")
    spans = traced.spans
    refused = spans["provider polly speak"]

    assert (40, True, 2, 3) == (
        speaker.longest,
        speaker.in_bytes,
        speaker.price(SpeechOrder("no")),
        writer.price(ScriptOrder("abc")),
    )
    assert (StatusCode.ERROR, "429") == (refused.status.status_code, refused.status.description)
    assert {"ytempire.provider": "polly", "ytempire.blame": "busy"} == attributes(refused)
    assert {"ytempire.provider": "template"} == attributes(spans["provider template write"])
    assert "a topic" not in spans["provider template write"].to_json()


def test_nothing_is_traced_unless_it_is_asked_for() -> None:
    assert UNTRACED is traced_by({})
    assert isinstance(UNTRACED, Untraced)
    with UNTRACED.span("x", headers={}) as span:
        span.tell("a", 1)
        span.failed("why")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"OTEL_SERVICE_NAME": "x"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, None),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, None),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "otlp"}, None),
    ],
)
def test_the_variables_of_opentelemetry_decide(environment: dict[str, str], expected: str | None) -> None:
    assert expected == asked_for(environment)


PROGRAM = """
import sys
if "absent" in sys.argv:
    sys.modules["opentelemetry.sdk"] = None
from ytempire.bootstrap.tracing import UNTRACED, tracer
import ytempire.bootstrap.serving, ytempire.entrypoints.http.app
made = tracer()
heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "ytempire.adapters.otel")
loaded = [name for name in sys.modules if name.startswith(heavy) and sys.modules[name]]
if made is not UNTRACED:
    with made.span("a span of the test"):
        print("within")
print("untraced" if made is UNTRACED else "traced", len(loaded))
"""


def ran(*words: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": str(Path(sys.executable).parent), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_nothing_of_opentelemetry_is_loaded_unless_it_is_configured() -> None:
    assert "untraced 0\n" == ran()


def test_without_the_extra_it_is_told_and_work_goes_on() -> None:
    said = ran("absent", OTEL_TRACES_EXPORTER="otlp")

    assert "the extra otel" in said
    assert "untraced" in said.splitlines()[-1]


def test_spans_are_printed_when_the_console_is_asked_for_and_named_as_the_variables_say() -> None:
    said = ran(
        OTEL_TRACES_EXPORTER="console", OTEL_SERVICE_NAME="channels", OTEL_RESOURCE_ATTRIBUTES="team=media"
    )

    assert '"name": "a span of the test"' in said
    assert ('"service.name": "channels"' in said, '"team": "media"' in said) == (True, True)
    assert '"service.name": "ytempire"' in ran(OTEL_TRACES_EXPORTER="console")
