"""Tables of quota for people."""

from collections.abc import Sequence

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import Document, table

_NOW = {
    "project": "project", "bucket": "bucket", "used": "used", "reserved": "reserved", "free": "free",
    "limit": "limit", "percent": "percent", "colour": "colour", "per_hour": "per hour",
    "empty_at": "empty (UTC)", "resets_at": "resets (UTC)", "closed": "closed",
}  # fmt: skip
_ACCOUNTS = {
    "account": "account", "project": "project", "state": "state", "uploads_today": "uploads today",
    "daily_uploads": "of", "in_flight": "uploading", "units": "units", "percent_of_project": "% of project",
}  # fmt: skip
_PAST = {
    "day": "day (Pacific)", "project": "project", "bucket": "bucket", "used": "used",
    "used_by_work": "work", "used_by_reads": "reads", "limit": "limit", "percent": "percent",
    "colour": "colour", "closed": "closed",
}  # fmt: skip
_NEEDS = {
    "bucket": "bucket", "each": "each", "total": "in all", "ceiling": "ceiling 80 %", "limit": "limit",
    "percent": "percent", "room": "videos that fit", "limit_needed": "limit needed",
}  # fmt: skip


def today(document: Document) -> None:
    """The day's ledger, what is still possible, and what each account has used."""
    if not document["buckets"]:
        say("no projects yet; add [projects.NAME] to the configuration")
        return
    _rows(_NOW, document["buckets"])
    for line in document["buckets"]:
        if line["drift"]:
            say(
                f"{line['project']} {line['bucket']}: Google closed it at {line['used']} of {line['limit']} by our "
                f"count; {line['drift']} were used elsewhere, or the limit there is lower"
            )
    say("")
    say(
        f"still possible today: {counted(document['uploads_possible'], 'upload')} with {document['usual_extras']}"
    )
    for each in document["projects"]:
        more = each["more_on_reserves"]
        beside = f", and {more} more on reserves that stand by" if more else ""
        say(
            f"  {each['project']}: {each['uploads']} (quota leaves {each['by_quota']}, the daily caps of its "
            f"accounts {each['by_accounts']}){beside}"
        )
    if document["accounts"]:
        say("")
        _rows(_ACCOUNTS, document["accounts"])


def history(lines: Sequence[Document]) -> None:
    """Days gone by, newest first."""
    if lines:
        _rows(_PAST, lines)
    else:
        say("nothing was charged on these days")


def supposed(document: Document) -> None:
    """What so many videos would cost, and the verdict."""
    for each in document["projects"]:
        say(f"{each['project'] or 'a project'} at the prices of {each['profile']}")
        _rows(_NEEDS, each["buckets"])
        say("")
    room, videos = document["room"], document["videos"]
    if document["fits"]:
        say(f"{counted(videos, 'video')} {'fits' if videos == 1 else 'fit'} on a day; {room} would")
    else:
        binding = ", ".join(sorted({each["binding"] for each in document["projects"]}))
        asked, able = ("does" if each == 1 else "do" for each in (videos, room))
        told = f"{counted(videos, 'video')} {asked} not fit on a day: {room} {able}"
        say(f"{told}, {binding} being used up first")


def _rows(columns: dict[str, str], documents: Sequence[Document]) -> None:
    table(list(columns.values()), [[each[name] for name in columns] for each in documents])
