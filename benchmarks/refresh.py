"""A year of renewing tokens on a virtual clock: how much life was left each time, and was an old one ever used?

Fifteen accounts, connected at odd moments, are looked through every five minutes by the service itself, on
the store in memory; between rounds every account's token is asked for as an upload would. The server knows
which tokens have ended. The same is done under several time zones of the host, which must not matter.

    python -m benchmarks refresh [--days 365] [--accounts 15] [--zones UTC,America/Los_Angeles,...]
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.adapters.memory.media import MemoryMedia
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.memory.youtube import MemoryYouTube
from ytempire.domain.accounts import Kind
from ytempire.domain.oauth import SCOPE, Grant, OAuthClient, Refreshed, read_refresh
from ytempire.domain.quota import BUCKETS_2026
from ytempire.domain.renewal import AHEAD, ROUND
from ytempire.domain.values import AccountId, ProjectId, Secret
from ytempire.domain.wire import Answer, Form, Reply
from ytempire.ports import AccountRules, ProjectRules
from ytempire.services.connect import Connecting, Offer
from ytempire.services.context import Context
from ytempire.services.renewal import Renewal
from ytempire.services.safe import Safe
from ytempire.services.tokens import Tokens

START = datetime(2026, 10, 20, 18, tzinfo=UTC)
"""A few days later Europe, then North America set their clocks back."""

ZONES = (
    "UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati",
)  # fmt: skip
PROJECT = ProjectId("bench")
CLIENT = OAuthClient("client", Secret("secret"), "https://auth.test/auth", "https://token.test/token")
GOAL = 0.999
RESULT = Path(".cache/bench/refresh.json")


@dataclass(slots=True)
class Year:
    """What came of one run. `left` counts renewals by the whole minutes of life the old token still had."""

    zone: str
    renewals: int = 0
    in_time: int = 0
    uses: int = 0
    ended: int = 0
    faults: int = 0
    least: float = float("inf")
    most: float = 0.0
    seconds: float = 0.0
    left: dict[int, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of all renewals, those with 25 to 30 minutes left."""
        return self.in_time / self.renewals if self.renewals else 0.0

    @property
    def good(self) -> bool:
        """The goal: nearly all in time, and never a token in use that had ended."""
        return self.share >= GOAL and not self.ended and not self.faults


class Witness(MemoryGoogle):
    """A Google that notes with how much life left each grant is renewed."""

    def __init__(self, youtube: MemoryYouTube, year: Year) -> None:
        super().__init__(youtube)
        self._year = year
        self._ends: dict[str, datetime] = {}

    async def post(self, form: Form) -> Answer:
        now, grant = self.youtube.now(), form.fields["refresh_token"]
        if grant in self._ends:
            self._count((self._ends[grant] - now).total_seconds() / 60)
        answer = await super().post(form)
        if isinstance(answer, Reply) and answer.status == 200:
            self._ends[grant] = now + timedelta(seconds=answer.json()["expires_in"])
        self.journal.clear()
        return answer

    def _count(self, minutes: float) -> None:
        year = self._year
        year.renewals += 1
        year.in_time += 25 <= minutes <= 30
        year.least, year.most = min(year.least, minutes), max(year.most, minutes)
        year.left[int(minutes)] = year.left.get(int(minutes), 0) + 1


@contextmanager
def host_zone(zone: str) -> Iterator[None]:
    """The machine believes to be elsewhere."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


async def simulated(days: int, accounts: int, zone: str) -> Year:
    """So many days of rounds and uses."""
    year, began = Year(zone), time.perf_counter()
    clock = FakeClock(START)
    youtube = MemoryYouTube(clock)
    google = Witness(youtube, year)
    names = [AccountId(f"account_{number:02}") for number in range(1, accounts + 1)]
    context = await _house(clock, google, names)
    safe = Safe(context)
    tokens = Tokens(context, safe)
    renewal = Renewal(context, tokens)
    for name in names:
        await _connected(context, safe, youtube, name)
        clock.advance(timedelta(seconds=97))
    end = clock.now() + timedelta(days=days)
    while clock.now() < end:
        year.faults += sum(fault is not None for fault in (await renewal.round()).values())
        for step in (1, 149, 150):
            clock.advance(timedelta(seconds=step))
            await _used(tokens, youtube, year, names)
    year.seconds = time.perf_counter() - began
    return year


async def _house(clock: FakeClock, google: MemoryGoogle, names: list[AccountId]) -> Context:
    store, vault = MemoryStore(), MemoryVault()
    project = ProjectRules(PROJECT, BUCKETS_2026.name, dict(BUCKETS_2026.limits))
    rules = [AccountRules(name, PROJECT, Kind.PRODUCTION, daily_uploads=5) for name in names]
    await store.configure([project], rules, clock.now())
    await store.register_keys({"memory": "check"}, clock.now())
    return Context(
        store=store,
        google=google,
        vault=vault,
        media=MemoryMedia(),
        clock=clock,
        profiles={PROJECT: BUCKETS_2026},
        clients={PROJECT: CLIENT},
        projects=dict.fromkeys(names, PROJECT),
    )


async def _connected(context: Context, safe: Safe, youtube: MemoryYouTube, name: AccountId) -> None:
    """Connects an account with a token that was fresh a moment ago."""
    channel = youtube.add_channel(f"UC{name}")
    request = Form(CLIENT.token_uri, {"refresh_token": channel.refresh_token})
    fresh = read_refresh(await context.google.post(request), context.clock.now())
    if not isinstance(fresh, Refreshed):
        raise TypeError("the server in memory gives tokens")
    grant = Grant(Secret(channel.refresh_token), fresh.access_token, fresh.expires_at, (SCOPE,))
    accounts = {each.id: each for each in await context.store.accounts(context.clock.now())}
    await Connecting(context, safe).accept(accounts[name], Offer(grant, fresh))


async def _used(tokens: Tokens, youtube: MemoryYouTube, year: Year, names: list[AccountId]) -> None:
    for name in names:
        token = await tokens.fresh(name)
        year.uses += 1
        if not isinstance(token, Secret):
            year.faults += 1
        elif youtube.channel_of(token.reveal()) is not youtube.channels[f"UC{name}"]:
            year.ended += 1


def years(days: int, accounts: int, zones: Sequence[str]) -> Iterator[Year]:
    """One run for each zone."""
    for zone in zones:
        with host_zone(zone):
            yield asyncio.run(simulated(days, accounts, zone))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a line for each zone and keeps the figures; 1 when the goal was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks refresh", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--accounts", type=int, default=15)
    parser.add_argument("--zones", default=",".join(ZONES), help="time zones of the host, with commas")
    arguments = parser.parse_args(argv)
    found = []
    print(f"renewal of tokens: {arguments.days} days, {arguments.accounts} accounts, "
          f"rounds every {ROUND.seconds // 60} minutes, {AHEAD.seconds // 60} minutes ahead")  # fmt: skip
    print(f"{'zone':<22}{'renewals':>10}{'25-30 min':>11}{'least':>8}{'most':>8}{'uses':>11}{'ended':>7}")
    for year in years(arguments.days, arguments.accounts, arguments.zones.split(",")):
        found.append(year)
        print(f"{year.zone:<22}{year.renewals:>10,}{year.share:>11.4%}{year.least:>8.2f}{year.most:>8.2f}"
              f"{year.uses:>11,}{year.ended:>7}  {year.seconds:.0f} s", flush=True)  # fmt: skip
    good = all(year.good for year in found)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps([asdict(year) for year in found], indent=1) + "\n")
    print(f"goal ({GOAL:.1%} in time, no ended token used): {'met' if good else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
