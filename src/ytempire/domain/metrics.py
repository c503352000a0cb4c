"""The table of metrics: every name there is, what it means, its unit and its labels. docs/reference/metrics.md is
made of the same words, and a test holds the two together.

Base units only: seconds, bytes, ratios from 0 to 1, dollars; quota in Google's own units. Labels are names out of
the configuration and words of ours, never a video or a title, so that their number is bounded.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What kind of a number it is."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets` are the upper bounds of a histogram, without the last, which is infinite."""

    name: str
    shape: Shape
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """What a histogram has counted: how many in each bucket (the last is the infinite one), and their sum."""

    counts: tuple[int, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; `labels` in the order of the metric."""

    metric: Metric
    value: float | Spread
    labels: tuple[str, ...] = ()


def _gauge(name: str, about: str, *labels: str) -> Metric:
    return Metric(f"ytempire_{name}", Shape.GAUGE, about, labels)


def _counter(name: str, about: str, *labels: str) -> Metric:
    return Metric(f"ytempire_{name}", Shape.COUNTER, about, labels)


def _histogram(name: str, about: str, *buckets: float) -> Metric:
    return Metric(f"ytempire_{name}", Shape.HISTOGRAM, about, (), buckets)


PUBLICATIONS = _gauge("publications", "publications in each state", "state")
QUEUE_DEPTH = _gauge("queue_depth", "publications that could be started now and were not yet")
QUEUE_WAIT = _gauge("queue_oldest_wait_seconds", "how long the one of them has waited that waits longest")

FINISHED = _counter("uploads_finished_total", "uploads whose video exists at YouTube", "account")
FAILED = _counter(
    "uploads_failed_total", "uploads that were held or refused, or lost in processing", "account"
)
BYTES = _counter("upload_bytes_total", "bytes of videos handed to the network by this process")
DURATION = _histogram(
    "upload_duration_seconds",
    "from the opening of a session to the id of the video",
    *(0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600),
)
RETRIES = _counter("retries_total", "publications put off to be tried again on the same account", "reason")
FAULTS = _counter("faults_total", "faults met, by their code and whom they concern", "reason", "scope")

QUOTA_USED = _gauge("quota_used_units", "sent today, work and reads", "project", "bucket")
QUOTA_RESERVED = _gauge("quota_reserved_units", "promised to what was started today", "project", "bucket")
QUOTA_LIMIT = _gauge("quota_limit_units", "what Google allows in a day", "project", "bucket")
QUOTA_FREE = _gauge("quota_free_units", "what new work may still take today", "project", "bucket")
QUOTA_CLOSED = _gauge("quota_closed", "1 when Google refuses more of it today", "project", "bucket")
QUOTA_RESET = _gauge("quota_reset_seconds", "seconds until buckets are full again")
THRESHOLD = _gauge(
    "quota_threshold_ratio", "share of a limit at which an alert of this level is raised", "level"
)
CEILING = _gauge("quota_ceiling_ratio", "share of a limit that planned work may take")
HARD_STOP = _gauge("quota_hard_stop_ratio", "share of a limit beyond which nothing is sent")

TOKEN_EXPIRY = _gauge(
    "token_expiry_seconds", "seconds until the access token ends; below 0 it has ended", "account"
)
TOKEN_USABLE = _gauge("token_usable", "1 when there is a grant that can be used", "account")

HEALTH = _gauge("account_health_ratio", "the condition of the account; 0.7 and less is an alarm", "account")
FITNESS = _gauge("account_fitness_ratio", "its fitness for a plain upload now", "account")
ACCOUNT_STATE = _gauge("account_state", "1 for the state it is in, 0 for the others", "account", "state")
UPLOADS_TODAY = _gauge("account_uploads_today", "uploads started on this quota day", "account")
UPLOADS_CAP = _gauge("account_uploads_cap", "uploads it may start on a day", "account")
IN_FLIGHT = _gauge("account_uploads_in_flight", "uploads under way", "account")

ALERTS = _gauge("alerts_open", "alerts that are not over", "level")

BREAKER = _gauge("breaker_phase", "1 for the phase it is in, 0 for the others", "provider", "phase")
CALLS = _counter("chain_calls_total", "calls of a chain, by how they ended", "chain", "outcome")
FALLBACKS = _counter("chain_fallbacks_total", "calls that a stand-in served", "chain", "provider")
SPEND = _counter("chain_spend_dollars_total", "money that calls took, US dollars", "chain")
SPEND_TODAY = _gauge("chain_spend_today_dollars", "money spent or held on this UTC day", "chain", "provider")
LATENCY = _gauge("service_latency_seconds", "the middle of the newest response times", "service")
SERVICE = _gauge("service_health", "1 for how it is, 0 for the others", "service", "health")

LAG = _histogram(
    "event_loop_lag_seconds",
    "how late this process is for what it meant to do",
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WORKER = _gauge("worker_running", "1 when a worker runs on this home")
READ_AT = _gauge("read_timestamp_seconds", "when the store was read for these values, Unix time")
READ_TOOK = _gauge("read_duration_seconds", "how long that took")
BUILD = Metric("ytempire_build_info", Shape.INFO, "what runs", ("version", "python"))

METRICS = (
    PUBLICATIONS, QUEUE_DEPTH, QUEUE_WAIT, FINISHED, FAILED, BYTES, DURATION, RETRIES, FAULTS, QUOTA_USED,
    QUOTA_RESERVED, QUOTA_LIMIT, QUOTA_FREE, QUOTA_CLOSED, QUOTA_RESET, THRESHOLD, CEILING, HARD_STOP, TOKEN_EXPIRY,
    TOKEN_USABLE, HEALTH, FITNESS, ACCOUNT_STATE, UPLOADS_TODAY, UPLOADS_CAP, IN_FLIGHT, ALERTS, BREAKER, CALLS,
    FALLBACKS, SPEND, SPEND_TODAY, LATENCY, SERVICE, LAG, WORKER, READ_AT, READ_TOOK, BUILD,
)  # fmt: skip
"""Every metric, in the order of the documentation."""


def series(metric: Metric) -> tuple[str, ...]:
    """The names under which the values of a metric are found."""
    if metric.shape is not Shape.HISTOGRAM:
        return (metric.name,)
    return tuple(f"{metric.name}_{part}" for part in ("bucket", "sum", "count"))
