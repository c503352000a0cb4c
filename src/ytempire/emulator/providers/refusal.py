"""Refusals: what a vendor says no with, and how a vendor is described so that it can say it in its own shape."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from ytempire.emulator.faults import FaultRule


@dataclass(slots=True)
class Refusal(Exception):
    """A vendor's no. `reason` is the vendor's own word for it, `kind` its class where the vendor has one.

    `facts` are further fields of the body.
    """

    status: int
    reason: str
    message: str
    kind: str = ""
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A vendor's name, everything it refuses with, and the reply that carries a refusal and a request id.

    Of several refusals with one status the first is what a bare status means.
    """

    name: str
    refusals: tuple[Refusal, ...]
    reply: Callable[[Refusal, str], Response]

    def named(self, reason: str, message: str | None = None, *, param: str | None = None) -> Refusal:
        """The refusal with this reason, in other words where given.

        Raises:
            KeyError: The vendor has no such reason.
        """
        found = next((each for each in self.refusals if each.reason == reason), None)
        if found is None:
            raise KeyError(reason)
        return dataclasses.replace(found, message=message or found.message, param=param or found.param)

    def of_status(self, status: int) -> Refusal:
        """The usual refusal with this status; for a strange one, the vendor's inner failure under it."""
        found = [each for each in self.refusals if each.status == status]
        inner = [each for each in self.refusals if each.status == 500]
        return dataclasses.replace((found or inner)[0], status=status)

    def scripted(self, rule: FaultRule) -> Refusal:
        """What a `status` rule asks for: its reason if the vendor knows it, else its status, else a 500."""
        try:
            found = self.named(rule.reason or "")
        except KeyError:
            found = self.of_status(rule.status or 500)
            found.reason = rule.reason or found.reason
        headers = {**found.headers, **rule.headers}
        if rule.retry_after is not None:
            headers = {name: value for name, value in headers.items() if not name.startswith("retry-after")}
            headers["retry-after"] = rule.retry_after
        return dataclasses.replace(
            found,
            status=rule.status or found.status,
            message=rule.message or found.message,
            headers=headers,
        )
