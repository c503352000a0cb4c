"""One service looked at with the terms of several providers."""

from dataclasses import dataclass

from tests.builders import NOW
from ytempire.adapters.providers.probes import Together
from ytempire.domain.vitals import Observation


@dataclass
class Look:
    """A look whose end is known."""

    service: str
    well: bool
    notes: tuple[str, ...] = ()

    async def look(self, seconds: float) -> Observation:
        return Observation(self.service, NOW, self.well, error="" if self.well else "503", notes=self.notes)


async def test_what_is_worth_knowing_of_any_provider_is_told_of_their_service() -> None:
    both = Together("openai", [Look("openai", True, ("a ends soon",)), Look("openai", True, ("b ends soon",))])

    seen = await both.look(5)

    assert ("openai", True, ("a ends soon", "b ends soon")) == (both.service, seen.well, seen.notes)


async def test_a_service_is_ill_when_one_of_its_looks_says_so() -> None:
    seen = await Together("openai", [Look("openai", True), Look("openai", False)]).look(5)

    assert (False, "503") == (seen.well, seen.error)
