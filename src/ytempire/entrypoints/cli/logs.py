"""What a process that goes on for long says beside its work: one line of JSON for each thing, on standard error."""

import logging
import sys

import structlog


def to_standard_error() -> None:
    """From now on. A line cannot be forged: what is told is escaped as JSON, line ends too."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
