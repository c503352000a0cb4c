"""The crash points, by their numbers in the list that the reliability bar keeps, and what each needs to be hit.

Not here, because the product has no such step: 19 (metadata go with the start request, 8 to 10), 21 (a
`publish_at` is YouTube's to keep, nobody flips it), 28 (there are no backups yet).
"""

from dataclasses import dataclass, field
from typing import Any

from benchmarks.campaign.child import Task
from benchmarks.campaign.saboteur import Trigger, When
from benchmarks.campaign.stage import MEGABYTE, Scene
from ytempire.emulator import EmulatorConfig

Fault = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One place to die. `vary` lets the n of the last trigger go from 1 to the number of videos."""

    name: str
    triggers: tuple[Trigger, ...]
    task: Task = "work"
    scene: Scene = field(default_factory=Scene)
    videos: int = 2
    size: int = MEGABYTE
    more: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    expired: bool = False
    near_midnight: bool = False
    vary: bool = True

    @property
    def embedded(self) -> bool:
        """Does it die in the making of an SQLite file? PostgreSQL makes its tables in one transaction."""
        return self.task in ("open", "upgrade")

    @property
    def number(self) -> str:
        """The number in the list, as text."""
        return self.name.split()[0].partition("-")[0].rstrip("abcde")


def _at(name: str, when: When, label: str, **how: Any) -> Point:
    return Point(name, (Trigger(when, label),), **how)


_EXTRAS = ("thumbnail", "captions", "playlists")
_SLOW = Scene(bandwidth=3 * MEGABYTE)
"""Blocks are an eighth of a second's bytes, so a share of a file is met to within a fifth of it."""
_PIECES = Scene(piece=524_288)
_HANG = ({"method": "videos.insert.start", "kind": "hang", "seconds": 0.3, "count": 1},)
_START_LOST = ({"method": "videos.insert.start", "kind": "lost_response", "count": 1},)
_END_LOST = ({"method": "videos.insert.put", "kind": "lost_response", "final": True, "count": 1},)
_OUTCOME_LOST = (
    {"method": "videos.insert.put", "kind": "lost_response", "final": True, "title": "Film 1"},
    {"method": "videos.insert.query", "kind": "session_gone", "title": "Film 1"},
)
_MIDNIGHT = {"near_midnight": True, "vary": False}
_TO_THE_NEXT_DAY = Trigger("after", "settle session.opened", action="jump")
_TERM = Trigger("during", "progress", action="term", share=0.4)


def _mid_chunk(percent: int) -> Point:
    trigger = Trigger("during", "progress", share=percent / 100)
    return Point(
        f"12-{percent} transfer: {percent} % of a chunk sent",
        (trigger,),
        scene=_SLOW,
        size=2 * MEGABYTE,
        vary=False,
    )


def _draining(name: str, when: When) -> Point:
    return Point(name, (_TERM, Trigger(when, "settle")), scene=_SLOW, size=2 * MEGABYTE, vary=False)


def _day_roll(name: str, *then: Trigger) -> Point:
    # One video: a clock that jumps by ten minutes would also jump over another one's call that is under way,
    # and no call takes ten minutes.
    return Point(name, (_TO_THE_NEXT_DAY, *then), videos=1, size=2 * MEGABYTE, **_MIDNIGHT)  # type: ignore[arg-type]


POINTS: tuple[Point, ...] = (
    _at("1 submit: before the row is stored", "before", "submit", task="submit"),
    _at("2 submit: stored, before the reply", "after", "submit", task="submit"),
    _at("3 plan: selected, not reserved", "before", "reserve"),
    _at("4 plan: reserved", "after", "reserve"),
    _at("5 token: before the refresh", "before", "token", expired=True),
    _at("6 token: response read, not stored", "after", "token", expired=True),
    _at("7 token: stored, not used", "after", "save_grant token.refreshed", expired=True),
    _at("8a session: before the start is noted", "before", "settle session.opening"),
    _at("8b session: noted, before the POST", "before", "call POST videos"),
    _at("9a session: POST under way", "during", "call POST videos", faults=_HANG, vary=False),
    _at("9b session: POST done, no reply read", "after", "call POST videos", faults=_START_LOST, vary=False),
    _at("10 session: address received, not stored", "after", "call POST videos"),
    _at("11 session: address stored", "after", "settle session.opened"),
    _mid_chunk(25),
    _mid_chunk(50),
    _mid_chunk(75),
    _at("13a transfer: piece acknowledged, not noted", "after", "send piece", scene=_PIECES),
    _at("13b transfer: offset noted", "after", "settle uploading", scene=_PIECES),
    _at("14a transfer: before the last block is allowed", "before", "finishing"),
    _at("14b transfer: allowed, last block not sent", "after", "finishing"),
    Point("15a transfer: last byte handed over, reply unread", (Trigger("during", "progress", share=1.0),),
          vary=False),
    _at("15b transfer: last byte arrived, reply lost", "after", "send last", faults=_END_LOST, vary=False),
    _at("16a transfer: reply read, video not stored", "before", "settle publication.uploaded"),
    _at("16b transfer: outcome unknown, not looked for yet", "after", "settle session.outcome_unknown",
        faults=_OUTCOME_LOST, vary=False),
    _at("16c transfer: found on the channel, not adopted", "before", "settle publication.adopted",
        faults=_OUTCOME_LOST, vary=False),
    _at("16d transfer: adopted from the channel", "after", "settle publication.adopted",
        faults=_OUTCOME_LOST, vary=False),
    _at("17 transfer: video stored, quota not settled", "after", "settle publication.uploaded"),
    _at("18a finish: before the thumbnail", "before", "call POST thumbnails/set", more=_EXTRAS),
    _at("18b finish: thumbnail set, not noted", "after", "call POST thumbnails/set", more=_EXTRAS),
    _at("20a finish: before the playlist entry", "before", "call POST playlistItems", more=_EXTRAS),
    _at("20b finish: entered, not noted", "after", "call POST playlistItems", more=_EXTRAS),
    _at("20c finish: playlist made, not remembered", "after", "call POST playlists", more=_EXTRAS),
    _at("22a finish: before the status poll", "before", "call GET videos", vary=False),
    _at("22b finish: status read, not stored", "after", "call GET videos", vary=False),
    _at("23 finish: before the end is stored", "before", "settle publication.published"),
    _at("24 finish: end and its event stored, told to nobody", "after", "settle publication.published"),
    _day_roll("25a day roll: in mid-upload", Trigger("during", "progress", share=0.9)),
    _day_roll("25b day roll: before the second charge", Trigger("before", "charge uploads")),
    _day_roll("25c day roll: after the second charge", Trigger("after", "charge uploads")),
    _at("26a keys: new key written, not in place", "before", "rename", task="rotate", vary=False),
    _at("26b keys: new key in place, nothing sealed with it", "after", "rotate", task="rotate", vary=False),
    _at("27a schema: before the first table", "before", "sql CREATE TABLE", task="open", vary=False),
    Point("27b schema: half way", (Trigger("before", "sql CREATE TABLE", nth=6),), task="open", vary=False),
    _at("27c schema: made, not configured", "after", "open", task="open", vary=False),
    _at("27d schema: older, before the first change", "before", "sql CREATE TABLE", task="upgrade", vary=False),
    Point("27e schema: older, half way", (Trigger("before", "sql CREATE TABLE", nth=6),), task="upgrade", vary=False),
    _at("29 lease: home locked, nothing begun", "after", "open", vary=False),
    _draining("30a shutdown: told to stop, before its rest is noted", "before"),
    _draining("30b shutdown: told to stop, its rest noted", "after"),
)  # fmt: skip

RANDOM = Point(
    "random moments",
    (),
    videos=6,
    size=600_000,
    scene=Scene(accounts=3, bandwidth=10 * MEGABYTE, emulator=EmulatorConfig(processing_seconds=0.1)),
)
"""Six videos on three channels; the process is killed from outside, one to three times."""


def chosen(names: str) -> tuple[Point, ...]:
    """The points that are asked for: `all`, `crash`, `random`, or numbers and names with commas between.

    Raises `ValueError` for one that is not in the list.
    """
    found: list[Point] = []
    for name in (part.strip() for part in names.split(",")):
        match name:
            case "all":
                found += (*POINTS, RANDOM)
            case "crash":
                found += POINTS
            case "random":
                found.append(RANDOM)
            case _:
                those = [each for each in POINTS if name in (each.number, each.name.split()[0], each.name)]
                if not those:
                    raise ValueError(f"there is no crash point {name!r}")
                found += those
    return tuple(found)
