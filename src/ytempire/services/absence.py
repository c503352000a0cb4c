"""Alerts and breakers of what was taken out of the configuration: nothing will happen to it that could end them.

What a person ordered stays, and an alert is told again when its subject comes back, for it is as it was.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.alert_subjects import Known, comes_back, why_gone
from ytempire.domain.alerts import Alert
from ytempire.domain.breaker import Phase
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.ports import Clock, Store
from ytempire.services.breakers import Breakers

_MANY = 10_000
_ENDED = "alerts.absent"
"""The fact that holds what is told again: by key the words of the alert."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Ends what nobody else would end. Any number of workers may."""

    store: Store
    clock: Clock
    breakers: Breakers
    known: Known

    async def round(self) -> None:
        """Closes breakers, ends alerts, and tells again of what came back."""
        await self.breakers.retire(self.known.providers)
        now = self.clock.now()
        kept = dict(json.loads(await self.store.fact(_ENDED) or "{}"))
        returned = {key: words for key, words in kept.items() if why_gone(key, self.known) is None}
        told = [_back(key, words, now) for key, words in returned.items() if await self._still(key, now)]
        if told:
            await self.store.record(told)
        gone = [each for each in await self.store.alerts(limit=_MANY) if why_gone(each.key, self.known)]
        left = {key: words for key, words in kept.items() if key not in returned} | _words(gone)
        if left != kept:
            await self.store.put_fact(_ENDED, json.dumps(left))
        if gone:  # remembered before it is told: whoever dies in between tells it next time
            await self.store.record([self._gone(each, now) for each in gone])

    async def _still(self, key: str, now: datetime) -> bool:
        """Is it as it was? A person may have ended it meanwhile, as far as that is possible."""
        word, name = key.split(":")[:2]
        if word == "breaker":
            breaker = await self.store.breaker(name)
            return breaker is not None and breaker.phase is Phase.ISOLATED
        if word == "webhook":
            hook = await self.store.webhook(name, now)
            return hook is not None and (hook.disabled_at is not None) is key.endswith(":disabled")
        return True

    def _gone(self, alert: Alert, now: datetime) -> Event:
        data = {"alert": alert.key, "why": why_gone(alert.key, self.known)}
        return Event(Kind.SUBJECT_GONE, now, data=data)


def _words(alerts: Iterable[Alert]) -> dict[str, dict[str, str]]:
    return {
        each.key: {"level": str(each.level), "title": each.title, "text": each.text, "remedy": each.remedy}
        for each in alerts
        if comes_back(each)
    }


def _back(key: str, words: dict[str, str], now: datetime) -> Event:
    level = Level(words["level"])
    return Event(Kind.SUBJECT_BACK, now, level, data={"alert": key, **words})
