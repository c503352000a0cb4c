"""What stands between a tool and whoever calls it: how often, what a refusal says, and that no secret goes out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from mcp.server.mcpserver.exceptions import ToolError

from ytempire.domain.allowance import Allowance, Rate, fresh, take
from ytempire.domain.masking import masked
from ytempire.domain.values import Mendable
from ytempire.ports import Clock
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document

LOOKS: Final = Rate(2, 30)
"""Two looks a second, thirty at once: more than a conversation needs, less than a loop that ran wild wants."""

DEEDS: Final = Rate(1 / 6, 10)
"""Ten deeds a minute."""

Answer = dict[str, Any]


@dataclass(slots=True)
class Guard:
    """Guards the tools of one server."""

    clock: Clock
    _left: dict[Rate, Allowance] = field(default_factory=dict)

    async def look(self, work: Callable[[], Awaitable[Document]]) -> Answer:
        """The answer of a tool that reads."""
        return await self._answered(LOOKS, work)

    async def deed(self, work: Callable[[], Awaitable[Document]]) -> Answer:
        """The answer of a tool that changes something."""
        return await self._answered(DEEDS, work)

    def confirmed(self, what: str, *, confirm: bool) -> None:
        """Raises unless the person was asked."""
        if not confirm:
            raise ToolError(
                f"{what}. Ask the person whether that is wanted; when it is, call again with confirm=true"
            )

    async def _answered(self, rate: Rate, work: Callable[[], Awaitable[Document]]) -> Answer:
        self._count(rate)
        try:
            found = await work()
        except Mendable as problem:
            raise ToolError(str(masked(pathless({"why": str(problem)})["why"]))) from None
        told = masked(pathless(found))
        return told if isinstance(told, dict) else {}

    def _count(self, rate: Rate) -> None:
        now = self.clock.monotonic()
        self._left[rate], wait = take(self._left.get(rate, fresh(rate, now)), rate, now)
        if wait:
            raise ToolError(f"too many calls; wait {wait:.0f} seconds and make fewer")
