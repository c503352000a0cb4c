"""What went wrong, read from (status, reason, domain, metric, step) into one closed table of faults.

Source of each row: the errors pages of the YouTube Data API as collected in the facts this project keeps
(HTTP code, reason, domain). Branching is on the reason; the message text is used for one thing only: to
tell the daily "Video Uploads per day" 429 from a burst (google-api-python-client issue 2753). What the table
does not know is for review: `ytempire errors review` lists it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ytempire.domain.wire import Answer, NoReply, Reply, storable


class Remedy(StrEnum):
    """What helps. Faults are sorted by this, not by where they came from."""

    RETRY = "retry"
    REFRESH = "refresh"
    REAUTHORISE = "reauthorise"
    CLOSE_BUCKET = "close_bucket"
    PARK_CHANNEL = "park_channel"
    DISABLE_ACCOUNT = "disable_account"
    REFUSE = "refuse"
    CONFIGURE = "configure"
    ALREADY_DONE = "already_done"
    SKIP_EXTRA = "skip_extra"
    PARK_EXTRA = "park_extra"
    REVIEW = "review"


class Scope(StrEnum):
    """Whose fault it is: who must not be blamed for it, and what else it will hit."""

    REQUEST = "request"
    ACCOUNT = "account"
    BUCKET = "bucket"
    PROJECT = "project"
    SERVICE = "service"


class Level(StrEnum):
    """How loudly to say it."""

    INFO = "info"
    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a stable `code`, the remedy, the scope, how loud, how often to try, and what was said.

    `tries` is the budget of tries without progress; `detail` is Google's sentence, cut and without secrets.
    Where it was met (`step`, a method or a part of one) and in which words (`status`, `reason`, `domain`) is kept
    for those who look for patterns; it makes no difference to what the fault is.
    """

    code: str
    remedy: Remedy
    scope: Scope
    level: Level
    tries: int = 0
    detail: str = ""
    retry_after: str | None = None
    status: int | None = field(default=None, compare=False)
    reason: str = field(default="", compare=False)
    domain: str = field(default="", compare=False)
    step: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Said:
    """An error in Google's words: its reason, the domain of that reason, and its sentence; empty when not told."""

    reason: str = ""
    domain: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the reasons it covers, and what they mean."""

    reasons: tuple[str, ...]
    code: str
    remedy: Remedy
    scope: Scope
    level: Level
    tries: int = 0


_BAD_METADATA = (
    "invalidTitle", "invalidDescription", "invalidTags", "invalidCategoryId", "invalidPublishAt",
    "invalidRecordingDetails", "invalidVideoGameRating", "invalidVideoMetadata", "invalidFilename",
    "defaultLanguageNotSet", "mediaBodyRequired", "forbiddenPrivacySetting", "forbiddenLicenseSetting",
    "forbiddenEmbedSetting", "invalidPublishScheduleForVideo", "invalidDefaultBroadcastPrivacySetting",
    "uploadTooLarge",
)  # fmt: skip
_GONE_ACCOUNT = (
    "authenticatedUserAccountSuspended", "authenticatedUserAccountClosed", "channelSuspended",
    "channelClosed", "channelNotFound", "authenticatedUserNotChannel", "youtubeSignupRequired",
    "accountSuspended", "accountClosed",
)  # fmt: skip
_CONFIGURATION = (
    "accessNotConfigured", "keyInvalid", "keyExpired", "accountDelegationForbidden",
    "cmsUserAccountNotFound", "insufficientCapabilities", "contentOwnerAccountNotFound",
    "SERVICE_DISABLED",
)  # fmt: skip
_OUR_MISTAKE = (
    "incompatibleParameters", "invalidFilters", "invalidPageToken", "missingRequiredParameter",
    "unexpectedParameter", "unknownPart", "unexpectedPart", "invalidPart", "invalidLanguage",
    "invalidRegionCode", "invalidCriteria", "channelForbidden", "categoryNotFound", "badRequest", "parseError",
    "required",
)  # fmt: skip
_BAD_EXTRA = (
    "invalidImage", "playlistContainsMaximumNumberOfVideos", "playlistItemsNotAccessible",
    "invalidContentDetails", "invalidPlaylistItemPosition", "invalidResourceType", "manualSortRequired",
    "videoAlreadyInAnotherSeriesPlaylist", "channelIdRequired", "playlistIdRequired",
    "resourceIdRequired", "playlistOperationUnsupported", "contentRequired", "invalidMetadata", "nameTooLong",
)  # fmt: skip

TABLE: tuple[Row, ...] = (
    Row(("quotaExceeded", "dailyLimitExceeded"), "quotaExceeded", Remedy.CLOSE_BUCKET, Scope.BUCKET, Level.CRITICAL),
    Row(("uploadLimitExceeded",), "uploadLimitExceeded", Remedy.PARK_CHANNEL, Scope.ACCOUNT, Level.WARNING),
    Row(("rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "RATE_LIMIT_EXCEEDED"),
        "rateLimitExceeded", Remedy.RETRY, Scope.SERVICE, Level.INFO, tries=5),
    Row(("uploadRateLimitExceeded",), "uploadRateLimitExceeded", Remedy.PARK_EXTRA, Scope.ACCOUNT, Level.WARNING),
    Row(("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "insufficientPermissions",
        Remedy.REAUTHORISE, Scope.ACCOUNT, Level.HIGH),
    Row(("authError", "authorizationRequired", "expired"), "authError", Remedy.REFRESH, Scope.ACCOUNT,
        Level.HIGH, tries=1),
    Row(_GONE_ACCOUNT, "accountUnusable", Remedy.DISABLE_ACCOUNT, Scope.ACCOUNT, Level.CRITICAL),
    Row(_BAD_METADATA, "invalidMetadata", Remedy.REFUSE, Scope.REQUEST, Level.WARNING),
    Row(_BAD_EXTRA, "extraRefused", Remedy.SKIP_EXTRA, Scope.REQUEST, Level.WARNING),
    Row(_CONFIGURATION, "notConfigured", Remedy.CONFIGURE, Scope.PROJECT, Level.CRITICAL),
    Row(_OUR_MISTAKE, "badRequest", Remedy.REVIEW, Scope.REQUEST, Level.HIGH),
    Row(("videoAlreadyInPlaylist", "captionExists"), "alreadyDone", Remedy.ALREADY_DONE, Scope.REQUEST, Level.INFO),
    Row(("videoNotFound",), "videoNotFound", Remedy.RETRY, Scope.REQUEST, Level.WARNING, tries=5),
    Row(("playlistNotFound",), "playlistNotFound", Remedy.RETRY, Scope.REQUEST, Level.WARNING, tries=5),
    Row(("forbidden",), "forbidden", Remedy.REVIEW, Scope.ACCOUNT, Level.HIGH),
    Row(("duplicateUpload", "duplicate"), "duplicateUpload", Remedy.REFUSE, Scope.REQUEST, Level.INFO),
)  # fmt: skip

_BY_REASON = {reason: row for row in TABLE for reason in row.reasons}
_TRANSIENT = (408, 500, 502, 503, 504)
_OUT_OF_STEP = (412, 416, 428)
"""The server is elsewhere in the upload than we thought; the next try asks it for its offset."""
_MAX_DETAIL = 300
_MAX_REASON = 100


def read(answer: Answer, step: str = "") -> Fault:
    """The fault behind an answer that is not a success. Never raises; the unknown becomes `REVIEW`.

    `step` is what was asked for, such as `thumbnails.set`.
    """
    if isinstance(answer, NoReply):
        why = answer.why[:_MAX_DETAIL]
        return Fault("noReply", Remedy.RETRY, Scope.SERVICE, Level.INFO, tries=10, detail=why, step=step)
    found = said(answer)
    fault = _named(answer, found)
    return replace(fault, status=answer.status, reason=found.reason, domain=found.domain, step=step)


def _named(answer: Reply, found: Said) -> Fault:
    reason, message = found.reason, found.message
    after = answer.headers.get("retry-after")
    row = _BY_REASON.get(reason)
    burst = answer.status == 429 if row is None else row.code == "rateLimitExceeded"
    if burst and "per day" in message.lower():
        return Fault("quotaExceeded", Remedy.CLOSE_BUCKET, Scope.BUCKET, Level.CRITICAL, detail=message)
    if row is not None and not (answer.status == 401 and row.remedy is Remedy.REVIEW):
        return Fault(row.code, row.remedy, row.scope, row.level, row.tries, message or reason, after)
    return _by_status(answer.status, reason, message, after)


def _by_status(status: int, reason: str, message: str, after: str | None) -> Fault:
    detail = message or reason or f"HTTP {status}"
    if status == 401:
        return Fault("authError", Remedy.REFRESH, Scope.ACCOUNT, Level.HIGH, 1, detail)
    if status in _TRANSIENT:
        return Fault("backendError", Remedy.RETRY, Scope.SERVICE, Level.INFO, 10, detail, after)
    if status == 308:
        text = "the upload session answered again and again without any progress"
        return Fault("noProgress", Remedy.RETRY, Scope.SERVICE, Level.INFO, 5, text, after)
    if status == 429:
        return Fault("rateLimitExceeded", Remedy.RETRY, Scope.SERVICE, Level.INFO, 5, detail, after)
    if status == 413:
        return Fault("invalidMetadata", Remedy.REFUSE, Scope.REQUEST, Level.WARNING, 0, detail)
    if status in _OUT_OF_STEP:
        return Fault("outOfStep", Remedy.RETRY, Scope.REQUEST, Level.WARNING, 3, detail, after)
    code = f"unknown:{status}:{reason or 'none'}"
    return Fault(code, Remedy.REVIEW, Scope.REQUEST, Level.HIGH, 0, detail)


SESSION_LOST = Fault(
    "sessionLost", Remedy.RETRY, Scope.SERVICE, Level.INFO, 5, "YouTube no longer knows the upload session"
)
ADDRESS_FORGOTTEN = replace(
    SESSION_LOST,
    detail="the address of the upload session was forgotten here, with the lost key that sealed it",
)
UNPROVEN = Fault(
    "unprovenSuccess",
    Remedy.RETRY,
    Scope.SERVICE,
    Level.WARNING,
    5,
    "a success was claimed but no video was named",
)
NO_LOCATION = Fault(
    "noSession",
    Remedy.RETRY,
    Scope.SERVICE,
    Level.WARNING,
    5,
    "the start of the upload was answered without a session",
)
STOPPED = Fault(
    "transferStopped", Remedy.RETRY, Scope.REQUEST, Level.WARNING, 5, "the transfer was broken off"
)
HARD_STOP = Fault(
    "hardStop",
    Remedy.CLOSE_BUCKET,
    Scope.BUCKET,
    Level.WARNING,
    0,
    "the hard stop of the day's quota is reached",
)


def said(reply: Reply) -> Said:
    """What an error says, from either body shape; nothing when the body is neither.

    Where several reasons are given, one that the table has a remedy for counts before a vague one: `details`
    may hold SERVICE_DISABLED beside an `errors` of forbidden.
    """
    error = reply.json().get("error")
    if not isinstance(error, dict):
        return Said()
    message = error.get("message")
    text = storable(message, _MAX_DETAIL) if isinstance(message, str) else ""
    found = [each for key in ("errors", "details") for each in _reasons(error.get(key))]
    clear = [each for each in found if each[0] in _BY_REASON and not _vague(each[0])]
    reason, domain = (clear or found or [("", "")])[0]
    return Said(reason, domain, text)


def _reasons(listed: object) -> Iterator[tuple[str, str]]:
    """Reasons with their domains, in order; what is no reason is passed over."""
    for item in listed if isinstance(listed, list) else []:
        reason = item.get("reason") if isinstance(item, dict) else None
        if isinstance(reason, str) and reason:
            domain = item.get("domain")
            yield (
                storable(reason, _MAX_REASON),
                storable(domain, _MAX_REASON) if isinstance(domain, str) else "",
            )


def _vague(reason: str) -> bool:
    return _BY_REASON[reason].remedy is Remedy.REVIEW
