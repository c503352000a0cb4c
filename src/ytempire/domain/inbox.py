"""What a person may do about a held publication, each with the command that does it. Every one is safe under I1.

What is possible follows from one question: may a video exist? It is certain that none does while the last bytes
were never sent; it is certain that one does when its id is known; between the two it must be found out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ytempire.domain.accounts import Account, Condition, allowed
from ytempire.domain.decision import TOO_LATE
from ytempire.domain.publication import WRONG_CHANNEL, Publication, SessionState
from ytempire.domain.values import AccountId, VideoId


class Certainty(StrEnum):
    """May a video have come of it?"""

    NO_VIDEO = "no_video"
    UNKNOWN = "unknown"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do: its name, the command as it is typed, and what comes of it."""

    name: str
    command: str
    effect: str


def certainty(publication: Publication) -> Certainty:
    """What is known about the existence of a video."""
    session = publication.session
    if publication.video_id is not None or (session is not None and session.state is SessionState.DONE):
        return Certainty.VIDEO
    if session is not None and session.state is SessionState.FINISHING:
        return Certainty.UNKNOWN
    return Certainty.NO_VIDEO


def may_go_to(publication: Publication, account: Account) -> bool:
    """May it be moved to this account: is it certain that there is no video, and does its request allow it?

    A session that is left behind binds it no longer, because no video can come of one without its last bytes.
    """
    if certainty(publication) is not Certainty.NO_VIDEO:
        return False
    return allowed(replace(publication, session=None), account)


def elsewhere(publication: Publication, accounts: Iterable[Account]) -> tuple[AccountId, ...]:
    """The active accounts, other than its own, that it may be moved to."""
    return tuple(
        account.id
        for account in accounts
        if account.condition is Condition.ACTIVE
        and account.id != publication.account
        and may_go_to(publication, account)
    )


def actions(
    publication: Publication, accounts: Iterable[Account] = (), videos: Iterable[VideoId] = ()
) -> tuple[Action, ...]:
    """What is possible for a held publication, the likeliest first; `videos` may be its outcome."""
    resolve = f"ytempire jobs resolve {publication.id}"
    known = certainty(publication)
    if known is Certainty.VIDEO:
        return (*_watched(publication, resolve), _given_up(publication, resolve))
    found: tuple[Action, ...] = ()
    if known is Certainty.UNKNOWN:
        found = tuple(_adopted(resolve, video) for video in videos) or (_adopted(resolve, "VIDEO_ID"),)
    late = is_too_late(publication)
    if late and known is Certainty.NO_VIDEO:
        return (_given_up(publication, resolve),)
    retry = Action("retry", f"ytempire jobs retry {publication.id}", _RETRY[known])
    if known is Certainty.UNKNOWN and not late:
        found += (Action("reupload", f"{resolve} --reupload", _REUPLOAD),)
    moves = tuple(
        Action("reassign", f"{resolve} --reassign {account}", f"goes to {account} instead, under a new id")
        for account in elsewhere(publication, accounts)
    )
    return (retry, *found, *moves, _given_up(publication, resolve))


def is_too_late(publication: Publication) -> bool:
    """Was it held for a moment that has passed? Then whatever queues it again holds it again, unless it may be a
    video already: that is found out at any time.
    """
    return publication.reason is not None and publication.reason.code in TOO_LATE


_RETRY = {
    Certainty.NO_VIDEO: "back to the queue; no video can have come of it",
    Certainty.UNKNOWN: "the upload session is asked again first; nothing is sent twice",
}
_REUPLOAD = (
    "the channel is looked through once more, then it is uploaded again; refused when a video is found"
)


def _adopted(resolve: str, video: str) -> Action:
    return Action("adopt", f"{resolve} --adopt {video}", "it became this video: extras and processing go on")


def _watched(publication: Publication, resolve: str) -> tuple[Action, ...]:
    """To watch its own video again helps nothing where that is on a channel that is not the account's."""
    video = publication.video_id
    strayed = publication.reason is not None and publication.reason.code == WRONG_CHANNEL
    if video is None or strayed:
        return ()
    return (Action("adopt", f"{resolve} --adopt {video}", "its own video is watched again"),)


def _given_up(publication: Publication, resolve: str) -> Action:
    video = publication.video_id
    effect = "cancelled"
    if video is not None:
        effect = f"failed; the video {video} stays at YouTube and is yours to delete"
    elif is_too_late(publication):
        effect = "cancelled; submit it anew with another moment"
    return Action("give up", f"{resolve} --give-up", effect)
