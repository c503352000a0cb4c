"""What measures a house that is served."""

import platform
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version

from ytempire.adapters.exposition import PrometheusPaper
from ytempire.bootstrap import guards
from ytempire.bootstrap.chains import orders
from ytempire.bootstrap.house import Acting, Fittings
from ytempire.ports import Exposition, Google
from ytempire.services.measuring import Measuring
from ytempire.services.tallies import Lag, Metered, Sent


@dataclass(frozen=True, slots=True)
class Measured:
    """What is put around a house so that its bytes are counted, and what measures it then."""

    sent: Sent = field(default_factory=Sent)
    paper: Exposition = field(default_factory=PrometheusPaper)

    def fitted(self, fittings: Fittings) -> Fittings:
        """The same fittings, with a count of bytes around Google."""

        def metered(google: Google) -> Google:
            return Metered(fittings.google(google), self.sent)

        return replace(fittings, google=metered)

    async def around(self, house: Acting) -> Measuring:
        """What measures this house, from now on."""
        settings, context = house.reading.settings, house.context
        store, clock = context.store, context.clock
        made = Measuring(
            reports=house.reading.reports,
            store=store,
            clock=clock,
            sent=self.sent,
            lag=Lag(clock),
            manners_of=guards.vitality(settings, store, clock).manners_of,
            worker_runs=house.reading.worker_runs,
            chains=tuple(orders(settings)),
            build=(_version(), platform.python_version()),
        )
        await made.begin()
        return made


def _version() -> str:
    try:
        return version("ytempire")
    except PackageNotFoundError:
        return "unknown"
