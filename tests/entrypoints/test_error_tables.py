"""Errors as tables for people."""

import pytest

from ytempire.domain.grouping import By
from ytempire.entrypoints.cli import error_tables


def _hour(number: int) -> dict[str, object]:
    name = f"2026-11-{1 + number // 24:02}T{number % 24:02}:00:00Z"
    return {
        "hour": name, "quota_day": name[:10], "count": 1, "before": 0, "trend": "new", "level": "info",
        "reasons": 1, "last_at": name,
    }  # fmt: skip


def test_of_a_long_span_the_newest_hours_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    hours = [_hour(number) for number in range(100)]
    document = {"days": 5, "count": 100, "before": 0, "trend": "new", "by_hour": hours, "samples": []}

    error_tables.errors(document, (By.HOUR,))

    told = capsys.readouterr().out
    assert "2026-11-05T03:00:00Z" in told
    assert "2026-11-02T04:00:00Z" in told
    assert "2026-11-02T03:00:00Z" not in told
    assert "and 28 hours before; --json has all" in told
