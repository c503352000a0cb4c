"""What the process that dies does: the work of `ytempire worker`, a submission, a new key, a new database,
everything sealed anew; and what many do at once: asking for a token.
"""

import asyncio
import dataclasses
import json
import signal
import sqlite3
import sqlite3.dbapi2
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import structlog

from benchmarks.campaign.saboteur import Marks, Saboteur, Trigger, WatchedGoogle, WatchedStore, shifted
from ytempire.adapters.vault import Vault
from ytempire.bootstrap.house import Fittings, acting, working
from ytempire.domain.drafts import parse
from ytempire.domain.faults import Fault
from ytempire.ports import Google, Store
from ytempire.settings import Settings, load

Task = Literal["work", "submit", "open", "upgrade", "rotate", "reseal", "fresh"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a child is to do, and where it is to die. `rows` are the drafts of a submission."""

    folder: str
    control: str
    task: Task = "work"
    point: str = ""
    triggers: tuple[Trigger, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> str:
        """One line."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def parse(cls, line: str) -> "Plan":
        """The plan in a line."""
        document = json.loads(line)
        triggers = tuple(Trigger(**each) for each in document.pop("triggers"))
        return cls(**{**document, "triggers": triggers, "rows": tuple(document.pop("rows"))})

    def marks(self) -> Marks:
        """Where the child leaves word."""
        return Marks(Path(self.folder) / "died", Path(self.folder) / "clock")


def run(plan: Plan) -> int:
    """Does it; the exit status of the process."""
    folder = Path(plan.folder)
    settings = load(folder / "ytempire.toml", folder / "home", {})
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    saboteur = Saboteur(plan.point, plan.triggers, plan.marks(), plan.control)
    if plan.task == "rotate":
        _rotate(settings, saboteur)
    else:
        asyncio.run(_TASKS[plan.task](plan, settings, saboteur))
    return 0


def _fittings(plan: Plan, saboteur: Saboteur) -> Fittings:
    def store(inner: Store) -> Store:
        return cast(Store, WatchedStore(inner, saboteur))  # every method is passed on

    def google(inner: Google) -> Google:
        return WatchedGoogle(inner, saboteur)

    return Fittings(store, google, shifted(plan.marks().clock))


async def _work(plan: Plan, settings: Settings, saboteur: Saboteur) -> None:
    """As `ytempire worker --until-idle` does it."""
    async with working(settings, fittings=_fittings(plan, saboteur)) as house:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, house.halt)
        saboteur.at("after", "open")
        await house.run(house.idle)


async def _submit(plan: Plan, settings: Settings, saboteur: Saboteur) -> None:
    async with acting(settings, fittings=_fittings(plan, saboteur)) as house:
        await house.submission.submit_all([parse(row) for row in plan.rows])


async def _open(plan: Plan, settings: Settings, saboteur: Saboteur) -> None:
    """Opens a house, whose database may have to be made or brought up to date first: each statement is a moment."""

    def statement(text: str) -> None:
        lines = (line.strip() for line in text.splitlines())
        sql = " ".join(line for line in lines if line and not line.startswith("--"))
        saboteur.at("before", f"sql {sql.upper()}")

    plain = sqlite3.connect

    def watched(*args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain(*args, **more)
        connection.set_trace_callback(statement)
        return connection

    for module in (sqlite3, sqlite3.dbapi2):
        vars(module)["connect"] = watched
    async with acting(settings, fittings=_fittings(plan, saboteur)):
        saboteur.at("after", "open")


async def _reseal(plan: Plan, settings: Settings, saboteur: Saboteur) -> None:
    """As `ytempire keys rotate` does it; the interpreter tells of the rename that puts the key in its file."""

    def told(event: str, _args: tuple[Any, ...]) -> None:
        if event == "os.rename":
            saboteur.at("before", "rename")

    sys.addaudithook(told)
    async with acting(settings, fittings=_fittings(plan, saboteur), actor="keys rotate") as house:
        rotated = await house.ring.rotate()
    if rotated.unreadable:
        raise RuntimeError(f"these cannot be opened: {rotated.unreadable}")


async def _fresh(plan: Plan, settings: Settings, saboteur: Saboteur) -> None:
    """A token for each account, as an upload needs it."""
    async with acting(settings, fittings=_fittings(plan, saboteur), actor="fresh") as house:
        for account in house.context.projects:
            found = await house.tokens.fresh(account)
            if isinstance(found, Fault):
                raise RuntimeError(f"no token for {account}: {found.code} {found.detail}")


_TASKS: dict[str, Callable[[Plan, Settings, Saboteur], Any]] = {
    "work": _work,
    "submit": _submit,
    "open": _open,
    "upgrade": _open,
    "reseal": _reseal,
    "fresh": _fresh,
}


def _rotate(settings: Settings, saboteur: Saboteur) -> None:
    """Puts a new key first; the interpreter tells of the rename before it is done."""

    def told(event: str, _args: tuple[Any, ...]) -> None:
        if event == "os.rename":
            saboteur.at("before", "rename")

    sys.addaudithook(told)
    Vault.add_key(settings.at_home(settings.vault.key_file))
    saboteur.at("after", "rotate")
