"""The videos that are delivered each day: how many for which window, when each may go, and what it asks for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ytempire.domain.accounts import Kind
from ytempire.domain.drafts import Draft
from ytempire.domain.planning import Window
from ytempire.domain.planning_calendar import windows_of
from ytempire.domain.publication import Metadata, Privacy, Target
from ytempire.domain.values import AccountId
from ytempire.simulation.chance import Dice
from ytempire.simulation.scenario import Scenario

THUMBNAIL = "/videos/thumbnail.jpg"
_ROOM = timedelta(hours=1)
"""Before a window ends, so that a start fits in after the moment that was asked for."""

_NAMED, _URGENT, _PATIENT, _DATED = 0.06, 0.1, 0.1, 0.04
"""The shares of videos that name their account, are urgent, can wait, and must go the same day."""


def drafts_of(scenario: Scenario, day: date, playlist: str) -> list[Draft]:
    """The videos of one local day, in the order of the moments they ask for."""
    dice = Dice(scenario.seed, f"demand {day}")
    plan = scenario.layout.plan
    windows = windows_of(day, plan.shapes, plan.zone)
    if not windows:
        return []
    ends = windows[-1].ends
    accounts = sorted(each.id for each in scenario.layout.accounts if each.kind is Kind.PRODUCTION)
    moments = [
        moment
        for window, number in zip(windows, shares(windows, scenario.videos), strict=True)
        for moment in _moments(window, number, dice)
    ]
    return [
        _draft(f"{day} {number:04}", moment, ends, accounts, dice, playlist)
        for number, moment in enumerate(sorted(moments), 1)
    ]


def shares(windows: Sequence[Window], videos: int) -> list[int]:
    """So many videos divided by the shares of windows, whole, by largest remainders."""
    total = sum(window.share for window in windows)
    if not total:
        return [videos, *(0 for _ in windows[1:])]
    whole = [videos * window.share // total for window in windows]
    rests = [(-(videos * window.share % total), number) for number, window in enumerate(windows)]
    for _, number in sorted(rests)[: videos - sum(whole)]:
        whole[number] += 1
    return whole


def _moments(window: Window, videos: int, dice: Dice) -> list[datetime]:
    """Spread over the window, each somewhere in its part."""
    length = max(timedelta(0), window.ends - window.starts - _ROOM)
    return [window.starts + length * ((number + dice.roll()) / videos) for number in range(videos)]


def _draft(
    title: str, moment: datetime, ends: datetime, accounts: Sequence[AccountId], dice: Dice, playlist: str
) -> Draft:
    named, urgency, dated, seen = dice.roll(), dice.roll(), dice.roll(), dice.roll()
    account = accounts[int(dice.roll() * len(accounts))] if named < _NAMED and accounts else None
    metadata = Metadata(
        title=title,
        privacy=tuple(Privacy)[int(seen * len(Privacy))],
        made_for_kids=False,
        synthetic_media=False,
        notify_subscribers=False,
    )
    return Draft(
        f"/videos/{title}.mp4",
        metadata,
        thumbnail=THUMBNAIL,
        playlists=(playlist,),
        target=Target(account),
        priority=1 if urgency < _URGENT else 8 if urgency > 1 - _PATIENT else 5,
        not_before=moment,
        deadline=ends + timedelta(days=1) if dated < _DATED else None,
    )
