"""Every section and key there is, with its default and its limits. docs/reference/configuration.md explains each.

Plain dataclasses, because every command reads them and none should wait for a library to be loaded.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ytempire.settings.chain_sections import (
    BreakerSection,
    ChainSection,
    HealthSection,
    ProviderSection,
    RetentionSection,
)
from ytempire.settings.keys import limited as _limited
from ytempire.settings.keys import needed as _needed


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSection:
    """Where the API is, and how to speak to it. 0 pieces: the rest of a file at once; 0 bandwidth: unlimited."""

    api_root: str = _limited(
        "https://youtube.googleapis.com/",
        pattern=r"https?://[^/?#\s]+(/[^?#\s]*)?",
        meant="write an address like https://youtube.googleapis.com/",
    )
    timeout_seconds: float = _limited(60.0, above=0)
    upload_piece_bytes: int = _limited(0, at_least=0)
    bandwidth_bytes_per_second: int = _limited(0, at_least=0)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSection:
    """A Google Cloud project: its OAuth client, its price list, its own limits."""

    client_secrets: str = "client_secrets.json"
    profile: Literal["buckets-2026", "units-2025-12", "units-2025"] = "buckets-2026"
    limits: dict[Literal["uploads", "searches", "units"], int] = field(
        default_factory=dict, metadata={"at_least": 0}
    )
    inserts_charged_twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSection:
    """One YouTube channel. `roots`: what a token for some accounts may name of `[api] roots` lies below these."""

    id: str = _needed(
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        meant="use letters, digits, dot, dash and underscore, at most 64, and begin with a letter or digit",
    )
    kind: Literal["production", "reserve"] = "production"
    project: str = "main"
    daily_uploads: int = _limited(5, at_least=0)
    concurrent_uploads: int = _limited(1, at_least=1)
    groups: tuple[str, ...] = ()
    allocation: dict[Literal["uploads", "metadata", "thumbnails", "total"], int] = field(
        default_factory=dict, metadata={"at_least": 0}
    )
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistSection:
    """A playlist by the name that publications use; made on a channel when it is first needed there."""

    title: str = _needed(pattern=r".{1,150}", meant="write 1 to 150 characters")
    privacy: Literal["public", "unlisted", "private"] = "public"
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSection:
    """Where the key is that seals secrets; relative to the home. `YTEMPIRE_KEY` goes before the file."""

    key_file: str = "keys/ring.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSection:
    """Where the truth is kept; empty: `ytempire.sqlite` in the home. The address may hold a password."""

    url: str = field(
        default="",
        repr=False,
        metadata={
            "secret": True,
            "pattern": r"(postgresql://\S+)?",
            "meant": "write postgresql://user@host/name, or nothing to keep it in the home",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingSection:
    """How patiently to publish; all times in seconds."""

    retry_base_seconds: float = _limited(1.0, above=0)
    retry_cap_seconds: float = _limited(300.0, above=0)
    processing_poll_seconds: float = _limited(15.0, above=0)
    requeue_seconds: float = _limited(3600.0, above=0)
    reconcile_seconds: tuple[float, ...] = _limited(
        (0.0, 60.0, 300.0, 900.0, 3600.0), at_least=0, not_empty=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSection:
    """What the day's quota may be used for across projects, and what an ordinary video has besides its bytes."""

    cross_project_failover: bool = False
    usual_extras: str = "thumbnail,update,playlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSection:
    """The worker: how many publications at once, and how often it looks for new ones."""

    concurrency: int = _limited(12, at_least=1)
    beat_seconds: float = _limited(0.5, above=0)


_TIME_OF_DAY = r"([01]\d|2[0-3]):[0-5]\d|24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSection:
    """A part of the day in which uploads are planned, in local time, and its share of the videos."""

    name: str = _needed(pattern=r".{1,40}", meant="write 1 to 40 characters")
    start: str = _needed(pattern=_TIME_OF_DAY, meant="write a time of day like 06:00")
    end: str = _needed(pattern=_TIME_OF_DAY, meant="write a time of day like 18:00, at most 24:00")
    share: int = _needed(at_least=0)


_WINDOWS = (
    WindowSection(name="morning", start="06:00", end="12:00", share=20),
    WindowSection(name="afternoon", start="12:00", end="18:00", share=20),
    WindowSection(name="evening", start="18:00", end="23:00", share=10),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningSection:
    """How a day is planned: its windows in their zone, the minutes between uploads of one account, the reserves."""

    zone: str = "America/Los_Angeles"
    windows: tuple[WindowSection, ...] = _limited(_WINDOWS, not_empty=True)
    spacing_minutes: int = _limited(30, at_least=1)
    reserves: Literal["standby", "daily", "off"] = "standby"
    follow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSection:
    """Somebody who is told of alerts. The address is a secret and given in exactly one of three ways."""

    url: str | None = field(default=None, repr=False, metadata={"secret": True})
    url_env: str | None = None
    url_file: str | None = None
    levels: tuple[Literal["info", "warning", "high", "critical"], ...] = _limited(
        ("high", "critical"), not_empty=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsSection:
    """Who is told of alerts, by name."""

    targets: dict[str, TargetSection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistSection:
    """When a worker makes the checklist of the day, in which zone, and what its points are judged by."""

    at: str = _limited("06:00", pattern=r"([01]\d|2[0-3]):[0-5]\d", meant="write a time of day like 06:00")
    zone: str = "America/Los_Angeles"
    window_days: int = _limited(7, at_least=1)
    reserves_ready: int = _limited(3, at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSection:
    """The HTTP API: under which names it is reached, who needs no token, which files it may be told to publish.

    `roots` are folders; files below them may be named by path. `proxies` are those whose word on who asks counts
    behind a proxy.
    """

    hosts: tuple[str, ...] = _limited(
        (),
        pattern=r"[A-Za-z0-9._\[\]:-]{1,255}",
        meant="write a name like videos.example.org, perhaps with a port",
    )
    local_role: Literal["none", "viewer", "submitter", "operator", "admin"] = "operator"
    roots: tuple[str, ...] = ()
    max_file_bytes: int = _limited(274_877_906_944, at_least=1)
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSection:
    """How a process that goes on for long tells what it does, on standard error."""

    format: Literal["json", "text"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSection:
    """A receiver of events over HTTP. Its secret is made by `ytempire webhook add` and kept in the vault."""

    url: str = field(repr=False, metadata={"secret": True})
    events: tuple[str, ...] = _limited(("publication.*",), not_empty=True)
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything there is to configure. `home` and `source` are where it was found."""

    google: GoogleSection = GoogleSection()
    projects: dict[str, ProjectSection] = field(default_factory=dict)
    accounts: tuple[AccountSection, ...] = ()
    playlists: dict[str, PlaylistSection] = field(default_factory=dict)
    vault: VaultSection = VaultSection()
    database: DatabaseSection = DatabaseSection()
    publishing: PublishingSection = PublishingSection()
    quota: QuotaSection = QuotaSection()
    worker: WorkerSection = WorkerSection()
    alerts: AlertsSection = AlertsSection()
    planning: PlanningSection = PlanningSection()
    checklist: ChecklistSection = ChecklistSection()
    logging: LoggingSection = LoggingSection()
    providers: dict[str, ProviderSection] = field(default_factory=dict)
    chains: dict[str, ChainSection] = field(default_factory=dict)
    breakers: BreakerSection = field(default_factory=BreakerSection)
    health: HealthSection = field(default_factory=HealthSection)
    retention: RetentionSection = field(default_factory=RetentionSection)
    api: ApiSection = ApiSection()
    webhooks: dict[str, WebhookSection] = field(default_factory=dict)
    home: Path = field(metadata={"outside": True})
    source: Path = field(metadata={"outside": True})

    def beside(self, name: str) -> Path:
        """A file named in the configuration: relative to the folder the configuration is in."""
        return self.source.parent / Path(name).expanduser()

    def at_home(self, name: str) -> Path:
        """A file of this installation: relative to the home."""
        return self.home / Path(name).expanduser()
