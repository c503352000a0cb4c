"""Drills: each link of a chain is tried alone, so that a fallback is known to hold before it is needed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.chain import SCRIPT, UPLOAD, VOICE, Budget, CallerFault, ChainFailed, Link, Quality
from ytempire.domain.chain_drill import FIRST_DRILL
from ytempire.domain.chain_drill import Link as UploadLink
from ytempire.domain.checklist import Verdict
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.money import usd
from ytempire.domain.scripts import ScriptOrder
from ytempire.domain.slips import meant
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import Mendable, Refusal, Refused
from ytempire.ports import Chainbook, Clock, DrillReport, Leases, Log, Sounds
from ytempire.services.chains import Chains
from ytempire.services.speaking import Speaking
from ytempire.services.unbroken import finished
from ytempire.services.writing import Writing

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
_SPEECH = SpeechOrder("This is a drill of the voice chain. One short sentence is enough.")
_SCRIPT = ScriptOrder("why drills matter", minutes=0.5)
_SPARE = timedelta(minutes=5)
"""So much longer than the calls of its links a drill may take."""

Finding = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Drills:
    """Drills chains. `upload` tries the links of the upload chain, which sends nothing; None where no account is
    configured.
    """

    chains: Chains
    speaking: Speaking
    writing: Writing
    sounds: Sounds
    clock: Clock
    actor: str
    log: Log
    leases: Leases
    upload: Callable[[], Awaitable[Sequence[UploadLink]]] | None

    @property
    def book(self) -> Chainbook:
        """Where drills are kept."""
        return self.chains.book

    def known(self) -> tuple[str, ...]:
        """The chains that can be drilled."""
        uploads = (UPLOAD,) if self.upload is not None else ()
        return (*(name for name in (VOICE, SCRIPT) if name in self.chains.chains), *uploads)

    async def run(self, chain: str, *, paid: bool = False, by: str = "") -> DrillReport:
        """Tries each link, keeps and tells the result.

        A link that costs money is only looked at, unless `paid`. The drill passes when no link that is set up
        fails, and at least one holds. Raises `Refused` for a chain that cannot be drilled.
        """
        if chain not in self.known():
            told = f"there is no chain {chain:.64} to drill"
            known = self.known()
            remedy = meant(chain, known, f"known are {', '.join(known)}")
            raise Refused(Refusal("chain", "chain_unknown", told, remedy))
        if chain == UPLOAD and self.upload is not None:
            links = _found(await self.upload())
        else:
            links = await self._providers(chain, paid=paid)
        verdicts = [verdict for _, verdict, _ in links]
        passed = OK in verdicts and FAILED not in verdicts
        now = self.clock.now()
        report = DrillReport(chain, now, by or self.actor, passed, links)
        why = "; ".join(f"{name}: {told}" for name, verdict, told in links if verdict == FAILED)
        data = {"chain": chain, "passed": passed, "why": why, "by": by or self.actor}
        level = Level.INFO if passed else Level.WARNING
        await self.book.note_drill(report, (Event(Kind.DRILL_DONE, now, level, data=data),))
        return report

    async def round(self, every: timedelta) -> None:
        """Drills what is due, without buying anything; nothing when `every` is no time. For a worker; of several on
        one store, one drills.

        A home is first drilled when it is that old, for nothing is left to a schedule that a person has just set up.
        """
        if not every:
            return
        for chain in await self._due(every):
            await self._alone(chain, every)

    async def _due(self, every: timedelta) -> list[str]:
        """The chains whose last drill is so long ago."""
        now = self.clock.now()
        first = await self._first(now)
        last = {each.chain: each.at for each in await self.book.drills()}
        return [chain for chain in self.known() if now - last.get(chain, first) >= every]

    async def _alone(self, chain: str, every: timedelta) -> None:
        """Drills a chain, unless another worker does, or just did."""
        lease, holder, now = f"drill:{chain}", self.clock.new_id("drill"), self.clock.now()
        if not await self.leases.take_lease(lease, holder, now, now + self._longest(chain)):
            return
        try:
            if chain in await self._due(every):
                await self.run(chain)
        finally:
            await finished(self.leases.drop_lease(lease, holder))

    def _longest(self, chain: str) -> timedelta:
        """How long a drill may take. After a crash others wait so long."""
        links = self.chains.chains[chain].links if chain in self.chains.chains else ()
        return _SPARE + timedelta(seconds=sum(each.seconds for each in links))

    async def _first(self, now: datetime) -> datetime:
        """When this was first asked on this home."""
        told = await self.log.fact(FIRST_DRILL)
        if told is not None:
            return datetime.fromisoformat(told)
        await self.log.put_fact(FIRST_DRILL, now.isoformat())
        return now

    async def _providers(self, chain: str, *, paid: bool) -> tuple[Finding, ...]:
        return tuple([await self._link(chain, link, paid=paid) for link in self.chains.chains[chain].links])

    async def _link(self, chain: str, link: Link, *, paid: bool) -> Finding:
        if link.unready:
            return link.provider, SKIPPED, link.unready
        if link.paid and not paid:
            return await self._looked_at(link)
        try:
            told = await (self._speak(link) if chain == VOICE else self._write(link))
        except (ChainFailed, CallerFault) as failed:
            return link.provider, FAILED, failed.trail[-1].why
        except Mendable as wrong:
            # A link that could not be tried does not keep the others from it.
            return link.provider, FAILED, str(wrong)
        return link.provider, OK, told

    async def _looked_at(self, link: Link) -> Finding:
        seen = await self.chains.vitality.look(link.service)
        if seen is None:
            return (
                link.provider,
                SKIPPED,
                "it costs money and nothing can look at it for free; --paid tries it",
            )
        if not seen.well:
            return link.provider, FAILED, seen.error
        if link.model in seen.lacking:
            return (
                link.provider,
                FAILED,
                f"it answers, but the model {link.model} is not among those it offers",
            )
        told = "it answers and takes our key; nothing was bought (--paid buys)"
        return link.provider, OK, "; ".join((told, *seen.notes))

    async def _speak(self, link: Link) -> str:
        scratch = await self.sounds.scratch()
        try:
            served = await self.speaking.speak(
                _SPEECH, f"{scratch}/drill.wav", _ANY, only=link.provider, forced=True
            )
            return f"spoke for {served.value.sound.seconds:.1f} s, for {usd(served.cost)} USD"
        finally:
            await self.sounds.discard(scratch)

    async def _write(self, link: Link) -> str:
        served = await self.writing.write(_SCRIPT, _ANY, only=link.provider, forced=True)
        return f"wrote {served.value.words} words, for {usd(served.cost)} USD"


def _found(links: Sequence[UploadLink]) -> tuple[Finding, ...]:
    verdicts = {Verdict.OK: OK, Verdict.FAILED: FAILED}
    return tuple((each.name, verdicts.get(each.verdict, SKIPPED), each.told) for each in links)


_ANY = Budget(floor=Quality.EMERGENCY)
"""A drill tries the least link too, whatever quality is asked for otherwise."""
