"""What a process says beside its work: one line for each thing, with what it belongs to, and without secrets.

A line cannot be forged: whatever is told is escaped, line ends and control characters too.
"""

import json
import logging
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from ytempire.domain.redaction import cleaned_all, pattern_of
from ytempire.domain.values import Mendable

_MOST_PASSING = 256
"""So many secrets that come and go (access tokens) are remembered."""

_FIRST = ("timestamp", "level", "event")
_PLAIN = re.compile(r"[\w.:/@%+-]+")
_log = structlog.get_logger(__name__)


class Redaction:
    """Knows secrets, and takes them out of what is told. May be used from any thread."""

    def __init__(self) -> None:
        self._lasting: frozenset[str] = frozenset()
        self._passing: OrderedDict[str, None] = OrderedDict()
        self._known: re.Pattern[str] | None = None
        self._changed = False
        self._lock = threading.Lock()

    def keep(self, secrets: Iterable[str]) -> None:
        """These are secrets as long as this process lives."""
        with self._lock:
            self._lasting |= frozenset(secrets)
            self._changed = True

    def saw(self, secret: str) -> None:
        """This is a secret for now; of those the last ones seen are remembered."""
        with self._lock:
            if secret in self._passing or secret in self._lasting:
                return
            self._passing[secret] = None
            while len(self._passing) > _MOST_PASSING:
                self._passing.popitem(last=False)
            self._changed = True

    def clean(self, logger: Any, method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor of structlog."""
        del logger, method
        return cleaned_all(told, self._pattern())

    def _pattern(self) -> re.Pattern[str] | None:
        """What finds all of them.

        Made anew when something is told, and not with each secret: to make it takes milliseconds.
        """
        with self._lock:
            if self._changed:
                self._known = pattern_of((*self._lasting, *self._passing))
                self._changed = False
            return self._known


def log_to(stream: TextIO, redaction: Redaction, *, form: str = "json", level: str = "info") -> None:
    """From now on everything is told there: `form` is `json` or `text`, `level` the least that is told."""
    lines = structlog.processors.JSONRenderer(sort_keys=False) if form == "json" else _text
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _in_its_words,
            # Without the values of variables: among them are the secrets that code works with.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            redaction.clean,
            _ordered,
            lines,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for each in [each for each in root.handlers if isinstance(each, Intake)]:
        root.removeHandler(each)
    root.addHandler(Intake())


class Intake(logging.Handler):
    """Takes what libraries log into ours, so that it is redacted and escaped too: warnings and worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Tells it as a line of ours."""
        _log.log(
            record.levelno,
            "a library says",
            library=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info or None,
        )


def _in_its_words(logger: Any, method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What a person can mend says why itself; from where in the code it came helps nobody."""
    del logger, method
    told_of = told.get("exc_info")
    error = sys.exc_info()[1] if told_of is True else told_of
    if isinstance(error, Mendable):
        del told["exc_info"]
        told["why"] = str(error)
    return told


def _ordered(logger: Any, method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    del logger, method
    first = {name: told[name] for name in _FIRST if name in told}
    return first | {name: value for name, value in told.items() if name not in first}


def _text(logger: Any, method: str, told: MutableMapping[str, Any]) -> str:
    """A line for people: when, how loud, what, and the rest as words."""
    del logger, method
    head = [
        str(told.pop("timestamp", "")),
        f"{told.pop('level', ''):<8}",
        json.dumps(str(told.pop("event", "")))[1:-1],
    ]
    return " ".join([*head, *(f"{_word(name)}={_word(value)}" for name, value in told.items())])


def _word(value: object) -> str:
    """One word: as it is when it is one, else as JSON."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.isascii():
        return value
    return json.dumps(value, default=str)
