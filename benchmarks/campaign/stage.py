"""The stage of one run: an emulator here, a prepared home, and children that work on it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.campaign import films
from benchmarks.campaign.child import Plan, Task
from benchmarks.campaign.nursery import PATIENCE, Child, Nursery
from benchmarks.campaign.saboteur import Trigger, shifted
from ytempire.adapters.vault import Vault
from ytempire.bootstrap.house import Acting, Fittings, acting
from ytempire.domain.drafts import parse
from ytempire.domain.publication import Publication
from ytempire.domain.quota import LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.tokenfiles import parse_token_file
from ytempire.domain.values import PublicationId
from ytempire.emulator import Emulator, EmulatorConfig
from ytempire.emulator.journal import Event
from ytempire.ports import Filter
from ytempire.services.submit import Rejected
from ytempire.settings import Settings, load

T = TypeVar("T")
Row = dict[str, Any]
MEGABYTE = 1_000_000

_CONFIGURATION = """\
[google]
api_root = "{root}/"
timeout_seconds = 10
bandwidth_bytes_per_second = {bandwidth}
upload_piece_bytes = {piece}

[publishing]
retry_base_seconds = 0.05
retry_cap_seconds = 0.5
processing_poll_seconds = 0.1
reconcile_seconds = [0, 0.1, 0.2]

[worker]
beat_seconds = 0.05
concurrency = 4

[playlists.daily]
title = "Today"

[projects.main]
client_secrets = "client_secrets.json"
profile = "buckets-2026"
limits = {limits}
inserts_charged_twice = {twice}
"""
_ACCOUNT = '\n[[accounts]]\nid = "{id}"\nproject = "main"\ndaily_uploads = {cap}\n'
_RESERVE = '\n[[accounts]]\nid = "{id}"\nkind = "reserve"\nproject = "main"\ndaily_uploads = 2\n'


@dataclass(frozen=True, slots=True)
class Scene:
    """What a run begins with. Bandwidth in bytes per second; 0 is none, as in the configuration. `database` is the
    address of an empty one on PostgreSQL; without it SQLite in the home. `more` is further configuration.
    """

    accounts: int = 2
    reserves: int = 0
    daily_uploads: int = 5
    bandwidth: int = 0
    piece: int = 0
    limits: Mapping[str, int] = field(default_factory=dict)
    emulator: EmulatorConfig = field(default_factory=lambda: EmulatorConfig(processing_seconds=0.05))
    connected: bool = True
    offset: float = 0.0
    database: str = ""
    more: str = ""


@dataclass(slots=True)
class Stage:
    """A run's world. The clock offset and the marks of children are files in its folder."""

    folder: Path
    emulator: Emulator
    nursery: Nursery
    settings: Settings
    submitted: list[Publication] = field(default_factory=list)
    deaths: int = 0

    @property
    def accounts(self) -> list[str]:
        """The names of the accounts."""
        return [each.id for each in self.settings.accounts]

    @property
    def now(self) -> datetime:
        """The moment on the shifted clock of the house and the emulator."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "clock").read_text()))

    def shift(self, seconds: float) -> None:
        """Sets both clocks to real time plus this."""
        (self.folder / "clock").write_text(str(seconds))
        self.emulator.shift_clock(seconds)

    def act(self, do: Callable[[Acting], Awaitable[T]]) -> T:
        """Does one thing in this process, as a command would."""

        async def main() -> T:
            fittings = Fittings(clock=shifted(self.folder / "clock"))
            async with acting(self.settings, fittings=fittings) as house:
                return await do(house)

        return asyncio.run(main())

    def connect(self) -> None:
        """Connects every account with a token file of the emulator."""
        tokens = {
            name: json.dumps(self.emulator.create_account(name, "main", title=name)) for name in self.accounts
        }

        async def all_of_them(house: Acting) -> None:
            for account in await house.reading.store.accounts(house.context.clock.now()):
                await house.connecting.import_grant(account, parse_token_file(tokens[account.id]))

        self.act(all_of_them)

    def rows(self, count: int, size: int = MEGABYTE, **more: object) -> list[Row]:
        """The drafts of so many videos, as a manifest would have them."""
        return [
            {
                "file": str(films.film(number, size + number * 100_000)),
                "title": f"Film {number}",
                "privacy": "unlisted",
                "idempotency_key": f"key-{number}",
                **more,
            }
            for number in range(1, count + 1)
        ]

    def submit(self, rows: list[Row]) -> list[Publication]:
        """Queues them all; they are expected to be published."""

        async def submit(house: Acting) -> list[Publication]:
            queued = await house.submission.submit_all([parse(row) for row in rows])
            stored = [each for each in queued if not isinstance(each, Rejected)]
            if len(stored) != len(rows):
                raise RuntimeError(f"the run's own drafts were refused: {queued}")
            return stored

        stored = self.act(submit)
        self.submitted += stored
        return stored

    def start(
        self, *triggers: Trigger, task: Task = "work", point: str = "", rows: list[Row] | None = None
    ) -> Child:
        """A child at its task."""
        (self.folder / "died").unlink(missing_ok=True)
        plan = Plan(str(self.folder), self.emulator.base_url, task, point, triggers, tuple(rows or ()))
        return self.nursery.start(plan)

    def work(self, seconds: float = PATIENCE) -> int:
        """A worker that nobody disturbs, until it is idle; its exit status."""
        return self.start().wait(seconds)

    def died_at(self) -> str | None:
        """The point at which the last child killed itself."""
        mark = self.folder / "died"
        return mark.read_text() if mark.exists() else None

    def until(self, what: Callable[[], bool], seconds: float = 20.0) -> None:
        """Waits for something outside to happen. Raises `TimeoutError`."""
        latest = time.monotonic() + seconds
        while not what():
            if time.monotonic() > latest:
                raise TimeoutError("what was waited for did not happen")
            time.sleep(0.005)

    def publications(self) -> dict[PublicationId, Publication]:
        """All that are stored."""

        async def look(house: Acting) -> tuple[Publication, ...]:
            return await house.reading.store.publications(Filter(limit=1000))

        return {each.id: each for each in self.act(look)}

    def only(self) -> Publication:
        """The one that is stored."""
        (publication,) = self.publications().values()
        return publication

    def levels(self, which: PublicationId) -> list[tuple[str, str]]:
        """The kinds of its events with their levels, in order."""

        async def look(house: Acting) -> list[tuple[str, str]]:
            told = await house.reading.store.events(publication=which)
            return [(str(event.kind), str(event.level)) for _, event in told]

        return self.act(look)

    def events(self, which: PublicationId) -> list[str]:
        """The kinds of its events, in order."""
        return [kind for kind, _ in self.levels(which)]

    def ledger(self, day: QuotaDay | None = None) -> tuple[LedgerLine, ...]:
        """The ledger of a day, today's by default."""
        return self.act(lambda house: house.reading.store.ledger(day or QuotaDay.of(self.now)))

    def journal(self, *kinds: str) -> list[Event]:
        """What the emulator wrote down, all or of some kinds."""
        return [event for event in self.emulator.journal.since(0) if not kinds or event.kind in kinds]

    def requests(self, point: str) -> list[Event]:
        """The requests that reached the emulator at a point, such as `videos.insert.start`."""
        return [event for event in self.journal("request") if event.facts["point"] == point]

    def log(self) -> str:
        """What the children said."""
        path = self.folder / "child.log"
        return path.read_text() if path.exists() else ""


@contextmanager
def stage(folder: Path, nursery: Nursery, scene: Scene) -> Iterator[Stage]:
    """A stage in an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with Emulator.in_thread(scene.emulator) as emulator:
        built = Stage(folder, emulator, nursery, _settings(folder, emulator, scene))
        built.shift(scene.offset)
        Vault.create(built.settings.at_home(built.settings.vault.key_file))
        if scene.connected:
            built.connect()
        yield built


def _settings(folder: Path, emulator: Emulator, scene: Scene) -> Settings:
    secrets = emulator.create_project("main", limits=scene.limits)
    (folder / "client_secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    (folder / "home").mkdir(mode=0o700)
    limits = ", ".join(f"{bucket} = {limit}" for bucket, limit in scene.limits.items())
    text = _CONFIGURATION.format(
        root=emulator.base_url,
        bandwidth=scene.bandwidth,
        piece=scene.piece,
        limits=f"{{ {limits} }}",
        twice=str(scene.emulator.charging == "both").lower(),
    )
    for number in range(1, scene.accounts + 1):
        text += _ACCOUNT.format(id=f"channel_{number}", cap=scene.daily_uploads)
    for number in range(1, scene.reserves + 1):
        text += _RESERVE.format(id=f"reserve_{number}")
    if scene.database:
        text += f'\n[database]\nurl = "{scene.database}"\n'
    config = folder / "ytempire.toml"
    config.write_text(text + scene.more, encoding="utf-8")
    return load(config, folder / "home", {})
