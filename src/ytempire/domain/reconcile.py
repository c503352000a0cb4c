"""Finding out whether an upload of unknown outcome made a video: match the channel's newest videos.

Listing lags behind, so the channel is looked at several times before the answer is "none". One certain
match is adopted; several, or one that cannot be proven, need a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ytempire.domain.publication import Publication, Session, SessionState
from ytempire.domain.values import VideoId
from ytempire.domain.wire import part

ROUNDS = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 15, 60))
"""When to look, counted from the first doubt."""

MAX_PAGES = 20
"""A thousand uploads: so far back the channel is looked through, at a unit of quota a page."""

_CLOCK_SLACK = timedelta(minutes=10)
_SIZE_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Match:
    """A video that may be ours. `proven`: size, title and time agree, and its size was told."""

    video_id: VideoId
    proven: bool


def matches(
    publication: Publication, session: Session, videos: Sequence[Mapping[str, Any]], taken: frozenset[VideoId]
) -> tuple[Match, ...]:
    """The videos that could be the outcome of this session; `taken` belong to other publications."""
    found = []
    for video in videos:
        video_id = VideoId(str(video.get("id", "")))
        if video_id and video_id not in taken and _same_title_and_time(publication, session, video):
            size = _size(video)
            if size is None or size == session.size:
                found.append(Match(video_id, proven=size is not None))
    return tuple(found)


def twins(
    publication: Publication, session: Session, others: Iterable[Publication]
) -> tuple[Publication, ...]:
    """Those of the others whose outcome on this channel is unknown too, and whose video would look the same."""
    title = _words(publication.request.metadata.title)
    return tuple(
        other
        for other in others
        if other.id != publication.id
        and other.session is not None
        and other.session.state is SessionState.FINISHING
        and (other.session.account, other.session.size) == (session.account, session.size)
        and _words(other.request.metadata.title) == title
    )


def page_of(session: Session, entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[VideoId, ...], bool]:
    """The videos of one page of the uploads list that are not older than the session, and whether all are so.

    When they are not, everything behind this page is older too, for the list has the newest first.
    """
    recent = [entry for entry in entries if not _older(session, part(entry, "snippet"))]
    ids = (part(entry, "contentDetails").get("videoId") for entry in recent)
    return tuple(VideoId(str(which)) for which in ids if which), len(recent) == len(entries)


def _older(session: Session, snippet: Mapping[str, Any]) -> bool:
    """Was it made before the session was opened? What does not say when is not taken to be."""
    try:
        made = datetime.fromisoformat(str(snippet.get("publishedAt")))
    except ValueError:
        return False
    return made.tzinfo is not None and made < session.opened_at - _CLOCK_SLACK


def _same_title_and_time(publication: Publication, session: Session, video: Mapping[str, Any]) -> bool:
    snippet = part(video, "snippet")
    if _words(snippet.get("title")) != _words(publication.request.metadata.title):
        return False
    return not _older(session, snippet)


def _words(title: object) -> list[str]:
    """A title without regard to blanks, which YouTube may trim."""
    return str(title).split()


def _size(video: Mapping[str, Any]) -> int | None:
    text = str(part(video, "fileDetails").get("fileSize", ""))
    return int(text) if text.isdecimal() and len(text) <= _SIZE_DIGITS else None
