"""Questions that are asked often walk along an index, however much history there is."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import FIRST, NOW
from ytempire.adapters.sql import chain_calls, listings, log, retention, spend, vault_keys
from ytempire.adapters.sql.program import Program, Row, Statement, run
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.lifecycle import State
from ytempire.domain.values import PublicationId
from ytempire.ports import Filter

QUESTIONS: dict[str, Callable[[], Program[Any]]] = {
    "publications_due": lambda: listings.due(NOW, 10),
    "publications_age": lambda: listings.publications(Filter()),
    "publications_state": lambda: listings.publications(
        Filter(states=frozenset({State.HELD, State.PUBLISHED}))
    ),
    "publications_sha256": lambda: listings.same_content("ab" * 32),
    "publications_videos": lambda: listings.videos_of(FIRST),
    "chain_calls_newest": lambda: chain_calls.newest(None, NOW, 10),
    "chain_calls_of_chain": lambda: chain_calls.newest("voice_synthesis", None, 10),
    "COVERING INDEX chain_calls_usage": lambda: chain_calls.usage(NOW),
    "spend_by_day": lambda: spend.lines(NOW.date()),
    "chain_calls_newest (at<?)": lambda: retention.calls(NOW, 10),
    "drills_newest": chain_calls.drills,
    "events_faults": lambda: log.faults(NOW, NOW),
    "events_account": lambda: log.account_history(FIRST, 10),
    "events_publication": lambda: log.read_events(PublicationId("pub_1"), 0, 10),
}


async def plan_of(tmp_path: Path, question: Callable[[], Program[Any]]) -> list[str]:
    store = await SqlStore.open(tmp_path / "store.db")
    await store.close()
    plans: list[str] = []
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:

        def explain(statement: Statement) -> Sequence[Row]:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params).fetchall()
            plans.append(" / ".join(row[3] for row in rows))
            return []

        run(explain, question())
    return plans


@pytest.mark.parametrize("index", QUESTIONS)
async def test_a_question_is_answered_from_its_index(index: str, tmp_path: Path) -> None:
    plans = await plan_of(tmp_path, QUESTIONS[index])

    assert plans
    assert all(index in plan for plan in plans), plans
    assert all("ORDER BY" not in plan for plan in plans) or index in (
        "publications_due",
        "publications_sha256",
    )


async def test_sessions_are_counted_and_found_by_their_key_along_an_index(tmp_path: Path) -> None:
    (counts,) = await plan_of(tmp_path, vault_keys.keys)
    _, below, above, *_ = await plan_of(tmp_path, lambda: vault_keys.sealed_otherwise("key", 10))

    assert "SEARCH s USING COVERING INDEX sessions_sealed_by (sealed_by=?)" in counts
    assert "SEARCH sessions USING INDEX sessions_sealed_by (sealed_by<?)" == below
    assert "SEARCH sessions USING INDEX sessions_sealed_by (sealed_by>?)" == above
