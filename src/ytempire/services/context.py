"""What the services of one house share: ports, prices and manners. Built by bootstrap, read by everyone here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ytempire.domain.accounts import Weights
from ytempire.domain.decision import Patience
from ytempire.domain.oauth import OAuthClient
from ytempire.domain.publication import Privacy
from ytempire.domain.quota import Profile
from ytempire.domain.reconcile import ROUNDS
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, PlaylistId, ProjectId, PublicationId
from ytempire.ports import Clock, Google, Media, Store, Vault


@dataclass(frozen=True, slots=True)
class PlaylistRules:
    """A playlist as configured: made on a channel when first needed, unless its id there is given."""

    title: str
    privacy: Privacy
    ids: Mapping[AccountId, PlaylistId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manners:
    """How patiently to work, and with which accounts. `piece` is the size in bytes of one upload request; None
    sends the rest in one. `cross_project_failover`: see `domain.failover`.
    """

    patience: Patience = field(default_factory=Patience)
    piece: int | None = None
    poll: timedelta = timedelta(seconds=15)
    reconcile: tuple[timedelta, ...] = ROUNDS
    weights: Weights = field(default_factory=Weights)
    reserves: Policy = Policy.STANDBY
    cross_project_failover: bool = False


Progress = Callable[[PublicationId, int, int], None]
"""Told the publication, the bytes handed to the network, and the size of its file; from any thread."""


def unseen(which: PublicationId, offset: int, total: int) -> None:
    """A listener for when nobody watches: it has nothing to do."""
    del which, offset, total


@dataclass(frozen=True, slots=True)
class Context:
    """The ports and rules of one house. `actor` is who the trail and the history say did it."""

    store: Store
    google: Google
    vault: Vault
    media: Media
    clock: Clock
    profiles: Mapping[ProjectId, Profile]
    clients: Mapping[ProjectId, OAuthClient]
    projects: Mapping[AccountId, ProjectId]
    playlists: Mapping[str, PlaylistRules] = field(default_factory=dict)
    manners: Manners = field(default_factory=Manners)
    progress: Progress = unseen
    actor: str = "ytempire"
