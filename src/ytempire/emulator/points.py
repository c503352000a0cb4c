"""The places at which a fault can be scripted: methods, points of methods, operations of providers."""

from collections.abc import Mapping

from ytempire.emulator.methods import MEDIA, SCOPES

_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "openai": ("chat", "responses", "models"),
    "anthropic": ("messages", "models"),
    "elevenlabs": ("speech", "subscription", "models", "voices"),
    "google_tts": ("speech", "voices"),
    "polly": ("speech", "voices"),
    "stripe": ("balance",),
}
POINTS = (
    *SCOPES,
    *(f"{method}.{part}" for method in sorted(MEDIA) for part in ("start", "put", "query")),
    "videos.insert.processing",
    "token",
    "token.refresh",
    "token.code",
    "revoke",
    "authorize.show",
    "authorize.answer",
    *(f"{vendor}.{operation}" for vendor, operations in _OPERATIONS.items() for operation in operations),
)
"""All that a call can be at."""


def known_method(method: str) -> bool:
    """Is this a point, a dotted beginning of one, or `*` for all?"""
    return method == "*" or any(point == method or point.startswith(f"{method}.") for point in POINTS)
