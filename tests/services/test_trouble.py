"""Trouble that lasts is told, and does not fill the log."""

from structlog.testing import capture_logs

from ytempire.services.trouble import AGAIN, Trouble


def test_trouble_is_told_when_it_begins_changes_lasts_and_ends() -> None:
    trouble = Trouble("a round failed")
    with capture_logs() as told:
        trouble.over()
        for beat in range(int(2 * AGAIN) + 1):
            trouble.met(OSError("the disk is gone"), beat / 2)
        trouble.met(TimeoutError(), AGAIN + 1)
        trouble.over()
        trouble.over()
        trouble.met(OSError("again"), AGAIN + 2)

    assert [
        ("a round failed", "OSError"),
        ("a round failed", "OSError"),
        ("a round failed", "TimeoutError"),
        ("it works again", "NoneType"),
        ("a round failed", "OSError"),
    ] == [(each["event"], type(each.get("exc_info")).__name__) for each in told]
