"""What tables say below them."""

from typing import Any

import pytest

from ytempire.entrypoints.cli import tables


def shown(capsys: pytest.CaptureFixture[str], history: list[dict[str, Any]], earlier: int) -> str:
    tables.publication(
        {"id": "pub_1", "state": "held", "remedies": [], "extras": [], "history": history, "earlier": earlier}
    )
    return capsys.readouterr().out


EVENT = {"number": 77, "at": "2026-11-20T18:00:00Z", "kind": "publication.held", "level": "high", "account": None,
         "data": {}}  # fmt: skip


def test_a_long_history_says_how_much_came_before_and_how_to_see_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = shown(capsys, [EVENT], 1_203)

    assert "publication.held" in told
    assert "1,203 events came before; see them with `ytempire jobs show pub_1 --before 77`" in told


def test_a_short_history_says_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert "came before" not in shown(capsys, [EVENT], 0)


def test_a_history_of_which_nothing_is_kept_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing of its history is kept" in shown(capsys, [], 0)
