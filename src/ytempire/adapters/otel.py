"""Spans through OpenTelemetry. Needs the extra `otel`, and is imported only where `OTEL_*` asks for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import Status, StatusCode

from ytempire.domain.redaction import masked
from ytempire.ports import Attributes, Span, SpanKind

_KINDS = {
    SpanKind.INTERNAL: trace.SpanKind.INTERNAL,
    SpanKind.CLIENT: trace.SpanKind.CLIENT,
    SpanKind.SERVER: trace.SpanKind.SERVER,
}
_CARRIERS = ("traceparent", "tracestate", "baggage", "b3")


def exported(*, console: bool) -> "OtelTracer":
    """Spans that are sent as `OTEL_*` says, or printed: in the background, the last ones when the process ends."""
    exporter: SpanExporter = ConsoleSpanExporter() if console else OTLPSpanExporter()
    named = Resource({SERVICE_NAME: "ytempire"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=Resource.create().merge(named))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelTracer(provider)


class OtelTracer:
    """`ports.Tracer` over a provider of OpenTelemetry."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("ytempire")

    @contextmanager
    def span(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Span]:
        carried = {each: headers[each] for each in _CARRIERS if each in headers} if headers else {}
        with self._tracer.start_as_current_span(
            name,
            context=propagate.extract(carried) if carried else None,
            kind=_KINDS[kind],
            attributes=dict(attributes or {}),
            # The message of an error may hold what must not be told; its kind does not.
            record_exception=False,
            set_status_on_exception=False,
        ) as open_span:
            try:
                yield _Open(open_span)
            except Exception as error:
                open_span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise


class _Open:
    """`ports.Span` over one of OpenTelemetry."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def tell(self, name: str, value: str | float) -> None:
        self._span.set_attribute(name, value)

    def failed(self, why: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, masked(why)))
