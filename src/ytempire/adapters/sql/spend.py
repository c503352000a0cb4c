"""Programs for the money of chains, in `ports.Chainbook`: held before a call, settled after it.

A try is a row of `spend`; the sum of a chain's day is a row of `spend_days`, and the ceiling is won by the one
statement that adds to it. Both are written in one transaction, the try first.
"""

from datetime import date

from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement, Undone
from ytempire.adapters.sql.rows import Params
from ytempire.ports import Spending, SpendLine

_TRY = """
INSERT INTO spend (id, call, chain, provider, day, at, held, amount, state)
VALUES (:id, :call, :chain, :provider, :day, :at, :amount, :amount, 'held')
ON CONFLICT (id) DO NOTHING
"""
_WIN = """
INSERT INTO spend_days (chain, day, amount)
SELECT :chain, :day, CAST(:amount AS BIGINT)
WHERE CAST(:ceiling AS BIGINT) IS NULL OR CAST(:amount AS BIGINT) <= CAST(:ceiling AS BIGINT)
ON CONFLICT (chain, day) DO UPDATE SET amount = spend_days.amount + excluded.amount
WHERE CAST(:ceiling AS BIGINT) IS NULL OR spend_days.amount + excluded.amount <= CAST(:ceiling AS BIGINT)
RETURNING amount
"""
"""The casts tell PostgreSQL what a parameter is where nothing beside it does."""
_SETTLE = """
UPDATE spend SET amount = :amount, state = :state WHERE id = :id AND state = 'held' RETURNING chain, day, held
"""
_CORRECT = "UPDATE spend_days SET amount = amount + :more WHERE chain = :chain AND day = :day"
_LINES = """
SELECT day, chain, provider, COUNT(*), CAST(SUM(amount) AS BIGINT),
  CAST(SUM(CASE WHEN state = 'spent' THEN 0 ELSE amount END) AS BIGINT)
FROM spend WHERE day >= :since GROUP BY day, chain, provider
"""


def hold(it: Spending, ceiling: int | None) -> Program[bool]:
    """Holds the money of a try, if the day's ceiling allows it."""
    params: Params = {
        "id": it.id,
        "call": it.call,
        "chain": it.chain,
        "provider": it.provider,
        "day": it.day.isoformat(),
        "at": moment_text(it.at),
        "amount": it.amount,
        "ceiling": ceiling,
    }
    if not (yield Statement(_TRY, params)):
        return False
    if not (yield Statement(_WIN, params)):
        raise Undone(answer=False)
    return True


def settle(which: str, amount: int, *, certain: bool) -> Program[None]:
    """Settles a try, if nobody did before, and the sum of its day."""
    state = "spent" if certain else "doubtful"
    rows = yield Statement(_SETTLE, {"id": which, "amount": amount, "state": state})
    for chain, day, held in rows:
        yield Statement(_CORRECT, {"chain": chain, "day": day, "more": amount - held})


def lines(since: date) -> Program[tuple[SpendLine, ...]]:
    """What was taken, by day, chain and provider. Ordered here, as breakers are."""
    rows = yield Statement(_LINES, {"since": since.isoformat()})
    return tuple(
        SpendLine(date.fromisoformat(day), chain, provider, tries, amount, unsettled)
        for day, chain, provider, tries, amount, unsettled in sorted(rows, key=lambda row: tuple(row)[:3])
    )
