"""What a process says: one line for each thing, in order, without secrets."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ytempire.adapters.logs import Intake, Redaction, log_to
from ytempire.domain.values import StoreGone

KNOWN, PASSING = "CanaryOfTheConfiguration", "CanaryOnItsWay"
FORGED = 'x\r\n{"event": "forged"}\u2028\u0085\x1b[2J\x00'


class Told:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.redaction = Redaction()
        self.redaction.keep([KNOWN])
        self.redaction.saw(PASSING)

    def begin(self, form: str = "json", level: str = "info") -> None:
        log_to(self.stream, self.redaction, form=form, level=level)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def only(self) -> dict[str, Any]:
        (line,) = self.lines
        return dict(json.loads(line))


@pytest.fixture
def told() -> Iterator[Told]:
    found = Told()
    yield found
    structlog.reset_defaults()
    root = logging.getLogger()
    for each in [each for each in root.handlers if isinstance(each, Intake)]:
        root.removeHandler(each)


def test_a_line_of_json_begins_with_when_how_loud_and_what(told: Told) -> None:
    told.begin()
    with structlog.contextvars.bound_contextvars(request="req_1", publication="pub_1", account="a"):
        structlog.get_logger().warning("something happened", seconds=3)
    line = told.only()

    assert ["timestamp", "level", "event"] == list(line)[:3]
    assert ("warning", "something happened", 3) == (line["level"], line["event"], line["seconds"])
    assert ("req_1", "pub_1", "a") == (line["request"], line["publication"], line["account"])


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_cannot_be_forged(told: Told, form: str) -> None:
    told.begin(form)
    structlog.get_logger().warning(FORGED, why=FORGED, **{FORGED: FORGED})
    (line,) = told.lines

    assert line.isascii()
    assert line.isprintable()


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_canary_is_told_wherever_it_stands(told: Told, form: str) -> None:
    told.begin(form)
    log = structlog.get_logger()
    for canary in (KNOWN, PASSING, "ya29.CanaryByItsShape", "1//0CanaryCanaryCanary"):
        log.info(canary, text=canary, deep={"a": [{"b": (canary,)}]}, odd=ValueError(canary))
        log.info("as a name", **{canary: 1})
        log.info("under a name", password=canary[::-1], refresh_token=canary)
        logging.getLogger("library").warning("said with %s", canary)
        try:
            local = canary
            raise ValueError(f"failed with {local}")
        except ValueError:
            log.exception("with its traceback")
            logging.getLogger("library").exception("with its traceback too")
    text = told.stream.getvalue()

    assert 24 == len(told.lines)
    assert [] == [canary for canary in ("Canary", "yranaC") if canary in text]


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_is_in_the_line_and_tells_no_values(told: Told, form: str) -> None:
    told.begin(form)
    hidden = "a local value"
    try:
        raise KeyError("missing")
    except KeyError:
        structlog.get_logger().exception("it failed")
    (line,) = told.lines

    assert "KeyError" in line
    assert "test_logs.py" in line
    assert hidden not in line


def test_the_level_says_what_is_told(told: Told) -> None:
    told.begin(level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().error("loud")

    assert "loud" == told.only()["event"]


def test_what_libraries_say_is_a_line_of_ours(told: Told) -> None:
    told.begin()
    told.begin()  # again, and still told once
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("took %s", "long\nforged")
    line = told.only()

    assert ("a library says", "some.library", "took long\nforged") == (
        line["event"],
        line["library"],
        line["message"],
    )


def test_of_passing_secrets_the_last_ones_are_known(told: Told) -> None:
    for number in range(300):
        told.redaction.saw(f"passing-{number}-secret")
    told.begin()
    structlog.get_logger().info("x", words=["passing-299-secret", "passing-1-secret", KNOWN])

    assert ["•••", "passing-1-secret", "•••"] == told.only()["words"]


def test_what_a_person_can_mend_is_told_in_its_words_and_not_by_its_place_in_the_code(told: Told) -> None:
    told.begin()
    log, gone = structlog.get_logger(), StoreGone(f"the server is gone: {KNOWN}; start it")

    log.error("a round failed", exc_info=gone)
    try:
        raise gone
    except StoreGone:
        log.exception("a round failed")

    lines = [json.loads(line) for line in told.lines]
    assert 2 * [("a round failed", "the server is gone: •••; start it")] == [
        (line["event"], line["why"]) for line in lines
    ]
    assert not any("exception" in line for line in lines)
