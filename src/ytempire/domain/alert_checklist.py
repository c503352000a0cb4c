"""Which results of the checklist begin or end which alert: one for each failing point and day.

A point that fails again on another day is told again, and the alert of the day on which it was last told makes room
without a word, for nothing has become good. A point that is not known leaves everything as it is.
"""

from collections.abc import Iterable, Mapping

from ytempire.domain.alert_parts import Change, said
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.checklist import Verdict
from ytempire.domain.events import Event
from ytempire.domain.faults import Level


def made(event: Event) -> tuple[Change, ...]:
    """A checklist was made: good points end their alerts, bad ones begin theirs."""
    verdicts, wrong = event.data.get("verdicts"), event.data.get("failed")
    good = verdicts.items() if isinstance(verdicts, Mapping) else ()
    ended = tuple(Resolve(f"checklist:{name}:", prefix=True) for name, each in good if each == Verdict.OK)
    bad = wrong if isinstance(wrong, list | tuple) else ()
    return ended + tuple(_begun(event, (each for each in bad if isinstance(each, Mapping))))


def _begun(event: Event, bad: Iterable[Mapping[str, object]]) -> Iterable[Change]:
    day = said(event, "day", f"{event.at:%Y-%m-%d}")
    for each in bad:
        name, before = each.get("point"), each.get("before")
        if before not in (None, day):
            yield Resolve(f"checklist:{name}:{before}", quiet=True)
        yield Raise(
            f"checklist:{name}:{day}",
            Level.HIGH,
            f"the checklist of {day} fails: {each.get('title', name)}",
            f"{each.get('value')}, wanted {each.get('target')}. {each.get('why')}",
            str(each.get("remedy", "")),
        )
