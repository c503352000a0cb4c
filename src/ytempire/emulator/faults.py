"""Scripted trouble: rules that say which calls fail, how, and how often. Acting on them is elsewhere."""

import base64
import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ytempire.emulator.points import POINTS, known_method


class FaultKind(StrEnum):
    """The ways in which a call can go wrong."""

    STATUS = "status"
    HTML = "html"
    DROP = "drop"
    DROP_AFTER_BYTES = "drop_after_bytes"
    LOST_RESPONSE = "lost_response"
    SHORT_308 = "short_308"
    BACKWARD_308 = "backward_308"
    NO_RANGE = "no_range"
    ODD_308_AT_END = "odd_308_at_end"
    SESSION_GONE = "session_gone"
    NO_ID = "no_id"
    WRONG_CHANNEL = "wrong_channel"
    SLOW = "slow"
    HANG = "hang"
    PROCESSING_FAILED = "processing_failed"
    PROCESSING_REJECTED = "processing_rejected"
    WRONG_CONTENT = "wrong_content"
    SILENT_AUDIO = "silent_audio"
    CLIPPED_AUDIO = "clipped_audio"
    TRUNCATED_AUDIO = "truncated_audio"
    EMPTY_SCRIPT = "empty_script"
    SHORT_SCRIPT = "short_script"
    CUT_SCRIPT = "cut_script"
    HOLES = "holes"
    WRONG_LANGUAGE = "wrong_language"
    REFUSED_SCRIPT = "refused_script"


# What only makes sense while bytes come in, and what only when the last one has come.
PUT_KINDS = frozenset(
    {
        FaultKind.DROP_AFTER_BYTES,
        FaultKind.SHORT_308,
        FaultKind.BACKWARD_308,
        FaultKind.NO_RANGE,
        FaultKind.SLOW,
    }
)
FINAL_KINDS = frozenset({FaultKind.ODD_308_AT_END, FaultKind.NO_ID, FaultKind.WRONG_CHANNEL})
PROCESSING_KINDS = frozenset({FaultKind.PROCESSING_FAILED, FaultKind.PROCESSING_REJECTED})
# What only befalls what a provider makes.
AUDIO_KINDS = frozenset({FaultKind.SILENT_AUDIO, FaultKind.CLIPPED_AUDIO, FaultKind.TRUNCATED_AUDIO})
SCRIPT_KINDS = frozenset(
    {
        FaultKind.EMPTY_SCRIPT,
        FaultKind.SHORT_SCRIPT,
        FaultKind.CUT_SCRIPT,
        FaultKind.HOLES,
        FaultKind.WRONG_LANGUAGE,
        FaultKind.REFUSED_SCRIPT,
    }
)
PROVIDER_KINDS = AUDIO_KINDS | SCRIPT_KINDS | {FaultKind.WRONG_CONTENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One rule. The first rule that fits a call fires.

    Match: `method` is a method or point name or a dotted beginning of one (`videos.insert` covers `.start`,
    `.put` and `.query`; `*` covers all); `account`, `channel` and `title` (a part of the video's title)
    narrow it; `final` asks for PUTs that do (or do not) carry the last byte. `skip` lets that many fitting
    calls pass first; `count` is how often it fires, None for always. `lasts` is a span in seconds of the
    emulator's clock, counted from when the rule was armed: it then fires always, and never after.

    Effect: `status`, `reason`, `domain`, `message`, or a raw `body` / `body_base64` with `content_type` and
    `headers`; `retry_after` goes out verbatim. `after` does the work before replying so. `charge` says
    whether a `status` costs quota (default: 5xx do). `amount` is in bytes: of drop_after_bytes (from this
    PUT), short_308 (kept of this PUT), backward_308 (how far below the last acknowledged offset); for `slow`
    it is per second, of the bytes of a PUT or of the reply to anything else but an upload. `seconds` is the
    length of a hang, after which the call is answered. For processing faults `reason` is the failure or
    rejection reason. At a provider a `reason` that the vendor knows brings its status and body along, and
    `short_file` makes truncated_audio a short file under its own length.
    """

    method: str
    kind: FaultKind
    account: str | None = None
    channel: str | None = None
    title: str | None = None
    final: bool | None = None
    skip: int = 0
    count: int | None = 1
    lasts: float | None = None
    status: int | None = None
    reason: str | None = None
    domain: str | None = None
    message: str | None = None
    body: str | None = None
    body_base64: str | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: str | None = None
    after: bool = False
    charge: bool | None = None
    amount: int | None = None
    seconds: float = 60.0

    def __post_init__(self) -> None:
        """Refuse rules that cannot fire or cannot act.

        Raises:
            ValueError: An unknown kind, a count below one, a negative size, or base64 that is none.
        """
        object.__setattr__(self, "kind", FaultKind(self.kind))
        if self.count is not None and self.count < 1:
            raise ValueError("count is how often the fault fires: at least 1, or null for always")
        if self.lasts is not None and self.lasts <= 0:
            raise ValueError("lasts is a span in seconds: more than 0, or null")
        if self.skip < 0 or self.seconds < 0 or (self.amount is not None and self.amount < 0):
            raise ValueError("skip, seconds and amount are not negative")
        if self.kind is FaultKind.DROP_AFTER_BYTES and self.amount is None:
            raise ValueError("drop_after_bytes needs an amount")
        if self.kind is FaultKind.SLOW and not self.amount:
            raise ValueError("slow needs an amount (bytes per second)")
        if self.body_base64 is not None:
            base64.b64decode(self.body_base64, validate=True)

    def raw_body(self) -> bytes | None:
        """The scripted body, where there is one."""
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64)
        return None if self.body is None else self.body.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where in the conversation we are, for matching."""

    point: str
    account: str | None = None
    channel: str | None = None
    title: str | None = None
    final: bool = False


def rule_from_json(data: Mapping[str, Any]) -> FaultRule:
    """A rule from a control call.

    Raises:
        ValueError: An unknown field or method, or a rule that `FaultRule` refuses.
    """
    known = {spec.name for spec in dataclasses.fields(FaultRule)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"unknown fault fields: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if not {"method", "kind"} <= set(data):
        raise ValueError("a fault needs at least method and kind")
    if not known_method(str(data["method"])):
        raise ValueError(
            f"unknown method {data['method']}: known are *, {', '.join(POINTS)}, and beginnings of them"
        )
    return FaultRule(**data)


@dataclass(slots=True)
class _Armed:
    rule: FaultRule
    skip: int
    left: int | None
    until: datetime | None
    fired: int = 0


class FaultBox:
    """The rules in force, in the order in which they came."""

    def __init__(self) -> None:
        """Start with no rule: everything works."""
        self._armed: list[_Armed] = []

    def add(self, rule: FaultRule, *, now: datetime) -> None:
        """Arm a rule behind those already there."""
        if rule.lasts is None:
            self._armed.append(_Armed(rule, rule.skip, rule.count, None))
        else:
            self._armed.append(_Armed(rule, rule.skip, None, now + timedelta(seconds=rule.lasts)))

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        """The armed rules with how often each fired and how many firings are left."""
        return [
            {**_plain(armed.rule), "fired": armed.fired, "left": armed.left} for armed in list(self._armed)
        ]

    def take(self, spot: Spot, *, among: Collection[FaultKind], now: datetime) -> FaultRule | None:
        """The rule that fires here, if any; its count goes down."""
        for armed in list(self._armed):
            over = armed.left == 0 or (armed.until is not None and now >= armed.until)
            if over or armed.rule.kind not in among or not fits(armed.rule, spot):
                continue
            if armed.skip:
                armed.skip -= 1
                continue
            armed.fired += 1
            armed.left = None if armed.left is None else armed.left - 1
            return armed.rule
        return None


def fits(rule: FaultRule, spot: Spot) -> bool:
    """Whether a rule is meant for this spot."""
    named = rule.method in ("*", spot.point) or spot.point.startswith(f"{rule.method}.")
    return (
        named
        and rule.account in (None, spot.account)
        and rule.channel in (None, spot.channel)
        and rule.final in (None, spot.final)
        and (rule.title is None or (spot.title is not None and rule.title in spot.title))
    )


def _plain(rule: FaultRule) -> dict[str, Any]:
    values = dataclasses.asdict(rule)
    return {name: value for name, value in values.items() if value is not None}
