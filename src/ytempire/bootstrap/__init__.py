"""The only floor that knows services and adapters: settings in, a running house out, with its closers."""

from ytempire.bootstrap.house import (
    Acting,
    Fittings,
    HomeBusy,
    Reading,
    Working,
    acting,
    reading,
    working,
)

__all__ = ["Acting", "Fittings", "HomeBusy", "Reading", "Working", "acting", "reading", "working"]
