"""The sections of provider chains: vendors, their order and money, breakers, health, and what is kept how long."""

from dataclasses import dataclass, field
from typing import Literal

from ytempire.settings.keys import limited

QualityName = Literal["emergency", "basic", "standard", "good", "premium"]
_ADDRESS = r"(https?://[^?#\s]+)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSection:
    """A provider of a chain, by name. What is left out is what docs/reference/providers.md says for its kind.

    Its key is a secret and given in one of three ways. Amounts are in USD.
    """

    kind: str | None = None
    service: str | None = None
    quality: QualityName | None = None
    api_key: str | None = field(default=None, repr=False, metadata={"secret": True})
    api_key_env: str | None = None
    api_key_file: str | None = None
    key_id: str | None = None
    base_url: str | None = limited(
        None, pattern=_ADDRESS, meant="write an address like https://api.openai.com/v1"
    )
    model: str | None = None
    voice: str | None = None
    timeout_seconds: float | None = limited(None, above=0)
    cost_usd: float | None = limited(None, at_least=0)
    per_thousand_characters_usd: float = limited(0.0, at_least=0)
    per_million_input_tokens_usd: float = limited(0.0, at_least=0)
    per_million_output_tokens_usd: float = limited(0.0, at_least=0)
    paid: bool | None = None
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSection:
    """A chain: providers in order, what a call and a UTC day may cost in USD (0: no limit), the least quality."""

    providers: tuple[str, ...] = ()
    max_cost_usd: float = limited(0.0, at_least=0)
    daily_budget_usd: float = limited(0.0, at_least=0)
    min_quality: QualityName = "emergency"
    timeout_seconds: float = limited(0.0, at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSection:
    """When the breaker of a provider opens, and for how long."""

    failures: int = limited(5, at_least=1)
    window_seconds: float = limited(60.0, above=0)
    minimum_calls: int = limited(20, at_least=1)
    failure_percent: int = limited(50, at_least=1)
    recovery_seconds: float = limited(60.0, above=0)
    growth: float = limited(2.0, at_least=1)
    jitter_percent: int = limited(10, at_least=0)
    longest_seconds: float = limited(900.0, above=0)
    probes: int = limited(3, at_least=1)
    probe_seconds: float = limited(120.0, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSection:
    """For how many days a worker keeps what happened, and what chains did."""

    events_days: int = limited(400, at_least=31)
    alerts_days: int = limited(400, at_least=31)
    dead_letters_days: int = limited(90, at_least=1)
    plans_days: int = limited(400, at_least=31)
    quota_days: int = limited(3660, at_least=31)
    calls_days: int = limited(400, at_least=31)
    drills_days: int = limited(400, at_least=31)
    spend_days: int = limited(400, at_least=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSection:
    """How services are looked after by a worker. 0 YouTube calls: only what costs no quota; 0 drill days: none."""

    probe_seconds: float = limited(30.0, above=0)
    timeout_seconds: float = limited(5.0, above=0)
    confirmations: int = limited(3, at_least=1)
    stale_seconds: float = limited(120.0, above=0)
    youtube_calls_per_day: int = limited(24, at_least=0)
    drill_days: int = limited(7, at_least=0)
    stripe_key: str | None = field(default=None, repr=False, metadata={"secret": True})
    stripe_key_env: str = "STRIPE_API_KEY"
    stripe_base_url: str = limited(
        "https://api.stripe.com", pattern=_ADDRESS, meant="write an address like https://api.stripe.com"
    )
