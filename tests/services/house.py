"""A whole house in memory for the tests of services: every port, and on demand the services as at a new start."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.builders import FIRST, MAIN, NOW, SECOND, a_project, activate, rules
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.adapters.memory.media import MemoryMedia
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.memory.youtube import Channel, MemoryYouTube
from ytempire.domain.drafts import Catalogue, Draft
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.oauth import SCOPE, Grant, OAuthClient
from ytempire.domain.publication import Metadata, Privacy, Publication
from ytempire.domain.quota import BUCKETS_2026, Bucket, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import AccountId, ChannelId, ProjectId, PublicationId, Secret
from ytempire.ports import (
    AccountRules,
    Clock,
    Google,
    Media,
    ProjectRules,
    SealedField,
    SealedGrant,
    Store,
    Vault,
)
from ytempire.services.connect import Connecting
from ytempire.services.consent import Consenting
from ytempire.services.context import Context, Manners, PlaylistRules, Progress, unseen
from ytempire.services.disconnect import Disconnecting
from ytempire.services.gateway import Gateway
from ytempire.services.keepsake import Keepsake
from ytempire.services.mending import Mending
from ytempire.services.operate import Operating
from ytempire.services.pausing import Ordering
from ytempire.services.publish import Publishing
from ytempire.services.reconcile import Reconciling
from ytempire.services.renewal import Renewal
from ytempire.services.report import Reports
from ytempire.services.rotation import Rotation
from ytempire.services.safe import Safe, sealed_document
from ytempire.services.submit import Submission
from ytempire.services.tokens import Tokens
from ytempire.services.watch import Watch

SIZE = 3 * GRANULE + 5
"""Four blocks for the network in memory."""

CLIENT = OAuthClient("client", Secret("client-secret"), "https://auth.test", "https://token.test/token")
SHOWS = PlaylistRules("All shows", Privacy.PUBLIC)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one start, each perhaps wrapped."""

    store: Store
    google: Google
    vault: Vault
    media: Media
    clock: Clock
    progress: Progress = unseen


@dataclass(frozen=True, slots=True)
class Staff:
    """The services of one start; nothing in them outlives it."""

    context: Context
    tokens: Tokens
    gateway: Gateway
    publishing: Publishing
    watch: Watch
    reconciling: Reconciling
    operating: Operating
    mending: Mending
    submission: Submission
    connecting: Connecting
    consenting: Consenting
    disconnecting: Disconnecting
    ordering: Ordering
    renewal: Renewal
    rotation: Rotation
    keepsake: Keepsake
    safe: Safe
    reports: Reports


@dataclass(slots=True)
class House:
    """Everything that outlives a start, and the knobs of a test."""

    clock: FakeClock
    youtube: MemoryYouTube
    google: MemoryGoogle
    store: MemoryStore
    vault: MemoryVault
    media: MemoryMedia
    profile: Profile
    manners: Manners
    accounts: tuple[AccountRules, ...]
    playlists: dict[str, PlaylistRules] = field(default_factory=dict)
    progress: Progress = unseen
    halted: bool = False

    def ports(self) -> Ports:
        """The ports as they are."""
        return Ports(self.store, self.google, self.vault, self.media, self.clock, self.progress)

    def staff(self, ports: Ports | None = None) -> Staff:
        """New services, as a new process would have them."""
        used = ports or self.ports()
        context = Context(
            store=used.store,
            google=used.google,
            vault=used.vault,
            media=used.media,
            clock=used.clock,
            profiles={each.project: self.profile for each in self.accounts},
            clients={each.project: CLIENT for each in self.accounts},
            projects={each.id: each.project for each in self.accounts},
            playlists=self.playlists,
            manners=self.manners,
            progress=used.progress,
        )
        safe = Safe(context)
        tokens = Tokens(context, safe)
        connecting = Connecting(context, safe)
        gateway = Gateway(context, tokens)
        catalogue = Catalogue(
            frozenset(each.id for each in self.accounts),
            frozenset(group for each in self.accounts for group in each.groups),
            frozenset(self.playlists),
        )
        return Staff(
            context=context,
            tokens=tokens,
            gateway=gateway,
            publishing=Publishing(context, tokens, gateway, lambda: self.halted),
            watch=Watch(context, gateway),
            reconciling=Reconciling(context, gateway),
            operating=Operating(context, gateway),
            mending=Mending(context, gateway),
            submission=Submission(used.store, used.media, used.clock, catalogue),
            connecting=connecting,
            consenting=Consenting(context, safe, connecting),
            disconnecting=Disconnecting(context, safe),
            ordering=Ordering(context),
            renewal=Renewal(context, tokens),
            rotation=Rotation(context, safe),
            keepsake=Keepsake(context, safe),
            safe=safe,
            reports=Reports(used.store, used.clock, context.profiles),
        )

    # ------------------------------------------------------------------------------------- setting up

    async def connect(self, account: AccountId, *, life: timedelta = timedelta(hours=1)) -> SealedGrant:
        """Stores a grant whose access token has this long to live, as connecting would."""
        channel = self.channel(account)
        token = Secret(self.youtube.token(channel))
        channel.tokens[token.reveal()] = self.clock.now() + life
        grant = Grant(Secret(channel.refresh_token), token, self.clock.now() + life, (SCOPE,))
        stored = await self.store.grant(account)
        text = self.vault.seal(account, SealedField.GRANT, sealed_document(grant))
        sealed = SealedGrant(
            account=account,
            sealed=text,
            key=self.vault.key_of(text),
            revision=(stored.revision if stored else 0) + 1,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
            connected_at=self.clock.now(),
            channel=ChannelId(channel.id),
        )
        assert await self.store.save_grant(sealed, stored.revision if stored else None, ())
        await activate(self.store, account)
        return sealed

    def channel(self, account: AccountId = FIRST) -> Channel:
        """The channel of an account, made when it is not there."""
        which = f"UC{account}"
        return self.youtube.channels.get(which) or self.youtube.add_channel(which, f"Channel of {account}")

    def draft(self, title: str = "A title", **changes: object) -> Draft:
        """A draft whose video lies ready."""
        path = f"/videos/{title}.mp4"
        self.media.put(path, title.encode(), size=SIZE)
        return Draft(path, Metadata(title), **changes)  # type: ignore[arg-type]  # what a test names

    async def submit(self, title: str = "A title", **changes: object) -> Publication:
        """Submits a draft whose video lies ready."""
        return await self.staff().submission.submit(self.draft(title, **changes))

    # --------------------------------------------------------------------------------------- working

    async def advance(self, which: PublicationId) -> Publication:
        """One pass of fresh services, and the publication as it is then."""
        await self.staff().publishing.advance(which)
        return await self.now(which)

    async def now(self, which: PublicationId) -> Publication:
        """The publication as stored."""
        found = await self.store.publication(which)
        assert found is not None
        return found

    async def look(self) -> None:
        """One look of the watch."""
        await self.staff().watch.look()

    async def work(self, *, rounds: int = 200) -> None:
        """Works until nothing is left to do, letting time jump to each next thing. No more than `rounds`."""
        staff = self.staff()
        for _ in range(rounds):
            await staff.watch.look()
            for which in await self.store.due(self.clock.now(), 100):
                await staff.publishing.advance(which)
            due = await self.store.next_due()
            if due is None:
                return
            self.clock.set(max(due, self.clock.now()))
        raise AssertionError(f"there is still something to do after {rounds} rounds")

    async def finish(self, which: PublicationId) -> Publication:
        """Works until nothing is left to do, and gives the publication as it is then."""
        await self.work()
        return await self.now(which)

    # --------------------------------------------------------------------------------------- looking

    async def events(self, kind: EventKind) -> list[Event]:
        """The events of one kind."""
        return [event for _, event in await self.store.events() if event.kind is kind]

    async def spent(
        self, bucket: Bucket, moment: datetime | None = None, project: ProjectId = MAIN
    ) -> tuple[int, int]:
        """Sent and reserved units of a bucket on the day of a moment (now, unless named)."""
        day = QuotaDay.of(moment or self.clock.now())
        for line in await self.store.ledger(day):
            if (line.project, line.bucket) == (project, bucket):
                return line.used + line.overhead, line.reserved
        raise AssertionError(f"there is no {bucket} of {project}")

    async def account(self, which: AccountId = FIRST) -> tuple[str, int, int]:
        """Condition, uploads of the day and running uploads of an account."""
        for each in await self.store.accounts(self.clock.now()):
            if each.id == which:
                return str(each.condition), each.uploads_today, each.in_flight
        raise AssertionError(f"there is no account {which}")


async def a_house(
    *accounts: AccountRules,
    start: datetime = NOW,
    projects: Iterable[ProjectRules] = (),
    profile: Profile = BUCKETS_2026,
    manners: Manners | None = None,
    looks: int = 1,
) -> House:
    """A house with one roomy account unless others are named, all of them connected."""
    clock = FakeClock(start)
    youtube = MemoryYouTube(clock, looks=looks)
    named = accounts or (rules(),)
    house = House(
        clock=clock,
        youtube=youtube,
        google=MemoryGoogle(youtube),
        store=MemoryStore(),
        vault=MemoryVault(),
        media=MemoryMedia(),
        profile=profile,
        manners=manners or Manners(),
        accounts=named,
        playlists={"shows": SHOWS},
    )
    made = tuple(projects) or (a_project(profile=profile),)
    await house.store.configure(made, named, clock.now())
    await house.store.register_keys({"memory": "check"}, clock.now())
    for each in named:
        await house.connect(each.id)
    return house


async def two_accounts() -> House:
    """A house with two accounts of one project."""
    return await a_house(rules(FIRST), rules(SECOND))


def code_of(publication: Publication) -> str | None:
    """The code of the reason why it is where it is."""
    return publication.reason.code if publication.reason else None
