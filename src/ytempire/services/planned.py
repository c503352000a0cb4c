"""A plan as a plain document, the same for every face."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ytempire.domain.planning import Day, Plan
from ytempire.domain.planning_remedies import Remedy
from ytempire.domain.planning_table import SIZES, Row
from ytempire.services.documents import moment

Document = dict[str, Any]


def told(day: Day, plan: Plan, remedies: Sequence[Remedy]) -> Document:
    """The verdict first, then where everything goes."""
    binding = plan.binding
    return {
        "feasible": plan.feasible,
        "videos": len(day.demands),
        "planned": len(plan.placements),
        "fits": plan.fits,
        "spare": plan.spare,
        "spare_on_reserves": plan.spare_on_reserves,
        "at_most": plan.at_most,
        "proven": plan.proven,
        "binding_limit": str(binding.limit) if binding else None,
        "binding": {"limit": str(binding.limit), "where": binding.where, "why": binding.sentence}
        if binding
        else None,
        "remedies": [
            {
                "text": each.sentence,
                "steps": [
                    {"remedy": str(step.cure), "amount": step.amount, "where": step.where}
                    for step in each.steps
                ],
            }
            for each in remedies
        ],
        "promoted": list(plan.promoted),
        "windows": _windows(day, plan),
        "accounts": _accounts(day, plan),
        "assignments": [
            {
                "video": each.video,
                "account": each.account,
                "window": each.window,
                "start_at": moment(each.at),
            }
            for each in plan.placements
        ],
        "unplaced": [
            {"video": each.video, "limit": str(each.why.limit), "why": each.why.sentence}
            for each in plan.missed
        ],
    }


def _windows(day: Day, plan: Plan) -> list[Document]:
    planned = Counter(each.window for each in plan.placements)
    return [
        {
            "name": each.name,
            "starts_at": moment(each.starts),
            "ends_at": moment(each.ends),
            "share": each.share,
            "planned": planned[each.name],
        }
        for each in day.windows
    ]


def _accounts(day: Day, plan: Plan) -> list[Document]:
    """Each account once, however many quota days the windows touch."""
    planned = Counter(each.account for each in plan.placements)
    found = {
        each.account: {
            "account": each.account,
            "kind": "reserve" if each.reserve else "production",
            "project": each.project,
            "planned": planned[each.account],
            "obstacle": each.obstacle,
        }
        for each in day.capacities
    }
    return list(found.values())


def table_document(rows: Sequence[Row]) -> Document:
    """A table of readings: a row's cells are videos a day for jobs of growing size."""
    return {
        "columns": list(SIZES),
        "rows": [
            {
                "row": row.letter,
                "reading": row.reading,
                "videos": [cell.total for cell in row.cells],
                "production": [cell.production for cell in row.cells],
                "reserve": [cell.reserve for cell in row.cells],
            }
            for row in rows
        ],
    }
