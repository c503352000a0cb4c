"""The real services in the pretended world: what bootstrap builds for a worker, on memory and virtual time."""

from dataclasses import dataclass, field

from ytempire.adapters.memory.engine import MemoryEngine
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.adapters.memory.media import MemoryMedia
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.memory.youtube import MemoryYouTube
from ytempire.domain.drafts import Catalogue
from ytempire.domain.oauth import OAuthClient
from ytempire.domain.publication import Privacy, Request
from ytempire.domain.values import Secret
from ytempire.services.connect import Connecting
from ytempire.services.context import Context, PlaylistRules
from ytempire.services.gateway import Gateway
from ytempire.services.pausing import Ordering
from ytempire.services.planning import Planning
from ytempire.services.publish import Publishing
from ytempire.services.renewal import Renewal
from ytempire.services.reserves import Reserves
from ytempire.services.safe import Safe
from ytempire.services.submit import Submission
from ytempire.services.tokens import Tokens
from ytempire.services.watch import Watch
from ytempire.services.work import Work
from ytempire.simulation.google import PretendedGoogle
from ytempire.simulation.loop import VirtualClock
from ytempire.simulation.meter import Meter
from ytempire.simulation.scenario import Scenario
from ytempire.simulation.store import RingingStore
from ytempire.simulation.weather import Weather, channel_of

PLAYLIST = "daily"
_CLIENT = OAuthClient(
    "client", Secret("client"), "https://google.invalid/auth", "https://google.invalid/token"
)
_VAULT_KEY = "memory"


@dataclass(frozen=True, slots=True)
class World:
    """What is outside the services, all of it pretended. `ordered` is what people asked for, by title."""

    clock: VirtualClock
    store: RingingStore
    media: MemoryMedia
    inner: MemoryGoogle
    weather: Weather
    meter: Meter
    ordered: dict[str, Request] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """The services of a worker and of the people around it."""

    scenario: Scenario
    world: World
    submission: Submission
    planning: Planning
    connecting: Connecting
    ordering: Ordering
    renewal: Renewal
    reserves: Reserves
    publishing: Publishing
    engine: MemoryEngine
    work: Work


async def built(scenario: Scenario, clock: VirtualClock) -> House:
    """A house with all its accounts configured and none connected."""
    layout = scenario.layout
    world = _world(scenario, clock)
    await world.store.configure(layout.projects, layout.accounts, clock.now())
    await world.store.register_keys({_VAULT_KEY: "check"}, clock.now())
    context = _context(scenario, world)
    safe = Safe(context)
    tokens = Tokens(context, safe)
    gateway = Gateway(context, tokens)
    engine = MemoryEngine(scenario.concurrency)
    return House(
        scenario=scenario,
        world=world,
        submission=Submission(world.store, world.media, clock, _catalogue(scenario)),
        planning=Planning(world.store, world.store, clock, layout.profiles, layout.plan, advise=False),
        connecting=Connecting(context, safe),
        ordering=Ordering(context),
        renewal=Renewal(context, tokens),
        reserves=Reserves(context),
        publishing=Publishing(context, tokens, gateway, lambda: False),
        engine=engine,
        work=Work(context, engine, Watch(context, gateway), scenario.concurrency),
    )


def _world(scenario: Scenario, clock: VirtualClock) -> World:
    accounts = scenario.layout.accounts
    projects = {each.id: each.project for each in accounts}
    youtube = MemoryYouTube(clock)
    for account in accounts:
        youtube.add_channel(channel_of(account.id), f"Channel of {account.id}")
    weather = Weather(clock, youtube, projects, scenario.rates, scenario.seed)
    meter = Meter(scenario.layout.profiles, projects)
    return World(clock, RingingStore(), MemoryMedia(), MemoryGoogle(youtube), weather, meter)


def _context(scenario: Scenario, world: World) -> Context:
    layout, projects = scenario.layout, world.weather.projects
    return Context(
        store=world.store,
        google=PretendedGoogle(world.inner, world.weather, world.meter),
        vault=MemoryVault((_VAULT_KEY,)),
        media=world.media,
        clock=world.clock,
        profiles=layout.profiles,
        clients=dict.fromkeys(projects.values(), _CLIENT),
        projects=projects,
        playlists={PLAYLIST: PlaylistRules("Daily", Privacy.PUBLIC)},
        manners=layout.manners,
        actor="simulation",
    )


def _catalogue(scenario: Scenario) -> Catalogue:
    accounts = scenario.layout.accounts
    groups = frozenset(group for each in accounts for group in each.groups)
    return Catalogue(frozenset(each.id for each in accounts), groups, frozenset({PLAYLIST}))
