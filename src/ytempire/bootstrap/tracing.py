"""Whether and how a process is traced. Nothing of OpenTelemetry is imported unless `OTEL_*` asks for it."""

import os
from collections.abc import Mapping
from functools import cache

from ytempire.adapters.untraced import Untraced
from ytempire.domain.installed import lacks_extra
from ytempire.ports import Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
UNTRACED = Untraced()


@cache
def tracer() -> Tracer:
    """The tracer of this process, as its environment says."""
    return traced_by(os.environ)


def traced_by(environment: Mapping[str, str]) -> Tracer:
    """A tracer as these variables say; one that keeps nothing where they ask for none, or the extra is not there."""
    exporter = asked_for(environment)
    if exporter is None:
        return UNTRACED
    try:
        from ytempire.adapters.otel import exported
    except ImportError:
        _warn(lacks_extra("what OTEL_* asks for", "otel"))
        return UNTRACED
    return exported(console=exporter == "console")


def asked_for(environment: Mapping[str, str]) -> str | None:
    """Which exporter these variables ask for: `otlp`, `console` or none."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if not named and any(environment.get(name) for name in _ENDPOINTS):
        named = "otlp"
    if named in ("", "none"):
        return None
    if named not in ("otlp", "console"):
        _warn("OTEL_TRACES_EXPORTER names an exporter that is not there; otlp and console are", named=named)
        return None
    return named


def _warn(event: str, **more: str) -> None:
    import structlog  # a tenth of a second that no command that only looks should pay

    structlog.get_logger(__name__).warning(event, **more)
