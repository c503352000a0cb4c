"""What must hold after every run, asked of the emulator's journal first and of the store second."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from benchmarks.campaign.stage import Stage
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Account
from ytempire.domain.publication import Publication
from ytempire.domain.quota_day import QuotaDay
from ytempire.emulator import EventKind
from ytempire.emulator.journal import Event

BLOCK = 262_144
"""What the server may drop of a broken request: bytes short of a whole block were never acknowledged."""


def violations(stage: Stage, *, orphans: int | None = None) -> list[str]:
    """Every invariant that does not hold; `orphans` is how many sessions may be left behind (a death each)."""
    found = stage.publications()
    told = stage.journal()
    allowed = stage.deaths if orphans is None else orphans
    return [
        *_published(stage.submitted, found.values()),
        *_once(stage.submitted, told),
        *_where(found.values(), told, stage),
        *_no_byte_twice(told, stage.deaths),
        *_sessions(told, len(stage.submitted), allowed),
        *_extras_once(told),
        *_one_at_a_time(told),
        *_quota(stage),
        *_accounts(stage),
        *_told_once(stage),
    ]


def _published(submitted: list[Publication], found: Iterable[Publication]) -> Iterator[str]:
    """I2, I9: nothing lost, nothing left."""
    states = {each.id: each for each in found}
    for publication in submitted:
        end = states.get(publication.id)
        if end is None:
            yield f"lost: {publication.id} is not in the store"
        elif end.state != "published":
            yield f"not published: {publication.id} is {end.state} ({end.reason})"
        elif end.pending_extras():
            yield f"left undone: {end.pending_extras()} of {publication.id}"
    for extra in states.keys() - {each.id for each in submitted}:
        yield f"stranger: {extra} was never acknowledged, and is {states[extra].state}"


def _once(submitted: list[Publication], told: list[Event]) -> Iterator[str]:
    """I1 and I5: each file arrived once, as it was."""
    arrived = Counter(str(event.facts["sha256"]) for event in told if event.kind is EventKind.VIDEO_COMPLETED)
    asked = Counter(each.request.video.sha256 for each in submitted)
    for digest in asked.keys() | arrived.keys():
        if arrived[digest] > asked[digest]:
            known = "published more than once" if asked[digest] else "no file that was submitted"
            yield f"twice: {digest[:12]} arrived {arrived[digest]} times ({known})"
        elif arrived[digest] < asked[digest]:
            yield f"missing: {digest[:12]} never arrived whole"


def _where(found: Iterable[Publication], told: list[Event], stage: Stage) -> Iterator[str]:
    """I6: the video we know is the one that arrived, on the channel of the account that we know."""
    videos = {event.facts["video"]: event for event in told if event.kind is EventKind.VIDEO_COMPLETED}
    for publication in found:
        if publication.state != "published":
            continue
        video = videos.get(publication.video_id)
        if video is None:
            yield f"unknown video: {publication.id} claims {publication.video_id}"
        elif video.facts["channel"] != stage.emulator.channel_of(str(publication.account)):
            yield f"wrong channel: {publication.id} is on {video.facts['channel']}"
        elif video.facts["sha256"] != publication.request.video.sha256:
            yield f"wrong video: {publication.id} claims {publication.video_id}"


def _no_byte_twice(told: list[Event], deaths: int) -> Iterator[str]:
    """Each request with bytes begins at the offset that the server had, and nothing is sent to a finished one."""
    committed: dict[object, int] = defaultdict(int)
    ended: set[object] = set()
    kept = 0
    received = 0
    for event in told:
        session = event.facts.get("session")
        if event.kind is EventKind.BYTES_COMMITTED and event.facts["method"] == "videos.insert":
            if event.facts["from"] != committed[session]:
                yield f"re-sent: bytes from {event.facts['from']}, {committed[session]} were acknowledged"
            kept += event.facts["to"] - committed[session]
            received += event.facts["received"]
            committed[session] = event.facts["to"]
        elif event.kind is EventKind.SESSION_ENDED:
            ended.add(session)
        elif event.kind is EventKind.REQUEST and "refused_from" in event.facts:
            yield f"re-sent: bytes from {event.facts['refused_from']}, refused by the server"
    if received - kept > max(deaths, 1) * 4 * BLOCK:
        yield f"re-sent: {received - kept} bytes more than were kept, after {deaths} deaths"


def _sessions(told: list[Event], publications: int, orphans: int) -> Iterator[str]:
    """A session that was opened is used; only one that a death cut off from us may be left behind."""
    opened = sum(
        event.kind is EventKind.SESSION_OPENED and event.facts["method"] == "videos.insert" for event in told
    )
    if opened > publications + orphans * 4:
        yield f"sessions: {opened} opened for {publications} publications"


_NAMED = {
    EventKind.PLAYLIST_INSERTED: ("channel", "title"),
    EventKind.PLAYLIST_ITEM_INSERTED: ("playlist", "video"),
    EventKind.CAPTION_INSERTED: ("video", "language"),
}


def _extras_once(told: list[Event]) -> Iterator[str]:
    """What was sent and not answered is looked up before it is sent again."""
    made = Counter(
        (event.kind.value, *(event.facts[name] for name in _NAMED[event.kind]))
        for event in told
        if event.kind in _NAMED
    )
    for what, count in made.items():
        if count > 1:
            yield f"extra: {' '.join(map(str, what))} was made {count} times"
    for event in told:
        if event.facts.get("reason") == "videoAlreadyInPlaylist":  # kind of the emulator; not every server is
            yield "extra: a playlist entry was sent again without looking"


def _one_at_a_time(told: list[Event]) -> Iterator[str]:
    """I7: no account begins another upload before the one under way is whole."""
    under_way: dict[object, object] = {}
    for event in told:
        account, title = event.facts.get("account"), event.facts.get("title")
        if event.kind is EventKind.SESSION_OPENED:
            if under_way.get(account, title) != title:
                yield f"concurrency: {account} began {title} during {under_way[account]}"
            under_way[account] = title
        elif event.kind is EventKind.VIDEO_COMPLETED and under_way.get(account) == title:
            del under_way[account]


def _quota(stage: Stage) -> Iterator[str]:
    """I3: what the server charged <= what we wrote down <= the hard stop; and nothing stays reserved."""
    pages = stage.emulator.totals()["charges"]
    for day in {str(page["day"]) for page in pages}:
        ours = {(str(line.project), str(line.bucket)): line for line in stage.ledger(QuotaDay.parse(day))}
        for page in (page for page in pages if page["day"] == day):
            line = ours.get((page["project"], page["bucket"]))
            if line is None or page["spent"] > line.used + line.overhead:
                yield f"quota: {page['bucket']} of {day} was charged {page['spent']}, our ledger has {line}"
        for line in ours.values():
            if line.used + line.overhead > line.hard_stop:
                yield f"quota: {line.bucket} of {day} is beyond the hard stop: {line}"
            if line.reserved:
                yield f"quota: {line.reserved} {line.bucket} of {day} are still reserved"


def _accounts(stage: Stage) -> Iterator[str]:
    """I7: daily caps kept, and no place still taken."""

    async def look(house: Acting) -> tuple[Account, ...]:
        return await house.reading.store.accounts(house.context.clock.now())

    for account in stage.act(look):
        done = sum(
            event.kind is EventKind.VIDEO_COMPLETED
            and event.facts["account"] == account.id
            and QuotaDay.of(event.at) == QuotaDay.of(stage.now)
            for event in stage.journal()
        )
        if max(done, account.uploads_today) > account.daily_uploads:
            yield f"cap: {account.id} did {done} of {account.daily_uploads} uploads"
        if account.in_flight:
            yield f"place: {account.id} has {account.in_flight} places taken"


def _told_once(stage: Stage) -> Iterator[str]:
    """I11: what others are told rides in the same transaction as the change, so it is told once."""
    for publication in stage.submitted:
        kinds = Counter(stage.events(publication.id))
        for kind in ("publication.submitted", "publication.published"):
            if kinds[kind] != 1:
                yield f"told: {publication.id} has {kinds[kind]} events {kind}"
