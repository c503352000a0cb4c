"""Read models of alerts and mutes as plain JSON documents, the same for every face."""

from dataclasses import dataclass

from ytempire.domain.alerts import Alert, Delivery, Mute
from ytempire.ports import Clock, Store
from ytempire.services.documents import Document, moment


def alert_document(alert: Alert) -> Document:
    """An alert with its deliveries."""
    return {
        "number": alert.number,
        "key": alert.key,
        "level": str(alert.level),
        "title": alert.title,
        "text": alert.text,
        "remedy": alert.remedy,
        "raised_at": moment(alert.raised_at),
        "until": moment(alert.until),
        "resolved_at": moment(alert.resolved_at),
        "ended_why": alert.ended_why,
        "times": alert.times,
        "muted": alert.muted,
        "deliveries": [_delivery_document(each) for each in alert.deliveries],
    }


def _delivery_document(delivery: Delivery) -> Document:
    return {
        "target": delivery.target,
        "level": str(delivery.level),
        "tells": "end" if delivery.over else "beginning",
        "state": str(delivery.state),
        "tries": delivery.tries,
        "due": moment(delivery.due),
        "sent_at": moment(delivery.sent_at),
        "error": delivery.error,
    }


def mute_document(mute: Mute) -> Document:
    """A mute."""
    return {
        "pattern": mute.pattern,
        "until": moment(mute.until),
        "made_at": moment(mute.made_at),
        "made_by": mute.made_by,
        "why": mute.why,
    }


@dataclass(frozen=True, slots=True)
class AlertReports:
    """Answers for people and programs who only look."""

    store: Store
    clock: Clock

    async def alerts(self, *, ended: bool = False, limit: int = 1000) -> list[Document]:
        """Open alerts, or all of them, newest first."""
        return [alert_document(each) for each in await self.store.alerts(ended=ended, limit=limit)]

    async def mutes(self) -> list[Document]:
        """The mutes that are running."""
        return [mute_document(each) for each in await self.store.mutes(self.clock.now())]
