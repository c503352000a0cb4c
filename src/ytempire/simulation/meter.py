"""What the pretended Google charges and sees arrive: the other side's books, kept without looking into ours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ytempire.domain.quota import Bucket, Method, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId

Charges = Counter[tuple[ProjectId, Bucket, QuotaDay]]


@dataclass(frozen=True, slots=True)
class Landed:
    """One video that came of a session: its title, its account, the quota day its session was opened on."""

    title: str
    account: AccountId
    day: QuotaDay
    privacy: str


@dataclass(slots=True)
class Meter:
    """Charges by each way in which Google may charge an insert: at its start, at its end, at both."""

    profiles: Mapping[ProjectId, Profile]
    projects: Mapping[AccountId, ProjectId]
    at_start: Charges = field(default_factory=Charges)
    at_end: Charges = field(default_factory=Charges)
    at_both: Charges = field(default_factory=Charges)
    landed: list[Landed] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[AccountId] = field(default_factory=Counter)
    _sending: Counter[AccountId] = field(default_factory=Counter)

    def received(self, method: Method, account: AccountId, now: datetime) -> None:
        """A request came in; it is charged whether or not it is answered well."""
        self.requests[method] += 1
        models = (self.at_start, self.at_both) if method is Method.VIDEOS_INSERT else self._models()
        self._charge(models, method, account, now)

    def completed(self, video: Landed, now: datetime) -> None:
        """The last byte of an insert came in."""
        self.landed.append(video)
        self._charge((self.at_end, self.at_both), Method.VIDEOS_INSERT, video.account, now)

    def began(self, account: AccountId) -> None:
        """Bytes begin to come in."""
        self._sending[account] += 1
        self.most_at_once[account] = max(self.most_at_once[account], self._sending[account])

    def ended(self, account: AccountId) -> None:
        """They come no more."""
        self._sending[account] -= 1

    def charged(self, project: ProjectId, bucket: Bucket, day: QuotaDay) -> int:
        """The most that Google may have charged, whichever way it does."""
        both = self.profiles[project].inserts_charged_twice
        models = self._models() if both else (self.at_start, self.at_end)
        return max(model[project, bucket, day] for model in models)

    def _models(self) -> tuple[Charges, ...]:
        return self.at_start, self.at_end, self.at_both

    def _charge(self, models: tuple[Charges, ...], method: Method, account: AccountId, now: datetime) -> None:
        project = self.projects[account]
        price, day = self.profiles[project].price(method), QuotaDay.of(now)
        for model in models:
            model[project, price.bucket, day] += price.units
