"""What is to be simulated, as values: the layout of the house, the demand, the faults, the seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ytempire.domain.quota import Profile
from ytempire.domain.values import ProjectId
from ytempire.ports import AccountRules, ProjectRules
from ytempire.services.context import Manners
from ytempire.services.planning import PlanRules
from ytempire.simulation.faults import CALM, Rates


@dataclass(frozen=True, slots=True)
class Layout:
    """A house as configured. `name` is how it is told of."""

    name: str
    projects: tuple[ProjectRules, ...]
    accounts: tuple[AccountRules, ...]
    profiles: Mapping[ProjectId, Profile]
    plan: PlanRules
    manners: Manners


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulation; two equal ones have the same result. `start` is the first local date of the windows.

    `videos` are delivered each day for `days` days; then the queue is worked off for at most `after` days more,
    without new videos. A person looks after accounts once a day; a channel is given back `suspended_days` after
    it was suspended.
    """

    layout: Layout
    start: date
    days: int = 30
    videos: int = 50
    rates: Rates = CALM
    seed: int = 1
    after: int = 7
    concurrency: int = 15
    suspended_days: int = 3
