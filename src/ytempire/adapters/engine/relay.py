"""What DBOS has to say, in our log: warnings and worse, one event each, nothing on the console."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ytempire.adapters.engine.errors import PassFailed

log = structlog.get_logger("ytempire.engine")


class Relay(logging.Handler):
    """Passes the records of a standard logger on to ours."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Logs the message and the kind of the error. Failed passes are left out: they are logged already."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, PassFailed):
            return
        kind = type(error).__name__ if error else None
        log.log(record.levelno, "engine says", message=record.getMessage(), error=kind)


@contextmanager
def relayed() -> Iterator[None]:
    """DBOS's logger speaks to ours while this lasts. (It prints to the console only when nothing listens.)"""
    relay, logger = Relay(), logging.getLogger("dbos")
    logger.addHandler(relay)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(relay)
        logger.propagate = before
