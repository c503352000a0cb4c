"""The shapes of what comes in and goes out, for the API's document. What comes in is checked against them.

What goes out is made by the services, the same as the commands' `--json`; fields may be added to it, so readers must
not refuse what they do not know.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ytempire.domain.callers import GIVEN
from ytempire.domain.metadata import writable


def _plain(text: str) -> str:
    """A text that can be stored and shown. Raises `ValueError`."""
    for refusal in writable("text", text):
        raise ValueError(refusal.message)
    return text


Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain)]
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
Moment = Annotated[str, Field(description="RFC 3339 with a zone", max_length=40)]


class Given(BaseModel):
    """What comes in: nothing that we do not know, and each thing of its own kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Told(BaseModel):
    """What goes out; there may be more."""

    model_config = ConfigDict(extra="allow")


class Caption(Given):
    """A caption file with its language and name."""

    file: str
    language: str
    name: str = ""


class Draft(Given):
    """A video as a manifest describes it; docs/how-to/publish-from-a-manifest.md explains every field."""

    file: str | None = Field(
        None, description="`upload:ID` of a file that was sent, or a path below [api] roots"
    )
    title: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    category: str | None = None
    language: str | None = None
    privacy: Literal["public", "unlisted", "private"] | None = None
    publish_at: Moment | None = None
    made_for_kids: bool | None = None
    synthetic_media: bool | None = None
    license: Literal["youtube", "creativeCommon"] | None = None
    notify_subscribers: bool | None = None
    thumbnail: str | None = None
    captions: list[Caption] | None = None
    playlists: list[str] | None = None
    priority: int | None = None
    not_before: Moment | None = None
    deadline: Moment | None = None
    account: str | None = None
    group: str | None = None
    idempotency_key: str | None = None
    again: bool | None = None


class Retry(Given):
    """`extras`: only its failed thumbnail, captions and playlists."""

    extras: bool = False


class Edit(Given):
    """What of a published video is to be otherwise; what is not named stays."""

    title: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    category: str | None = None
    language: str | None = None


class Resolution(Given):
    """What a person decides of a hold: `video_id` goes with adopt, `account` with reassign."""

    action: Literal["adopt", "reupload", "reassign", "give_up"]
    video_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    account: str | None = None


class Reason(Given):
    """Why, for everyone who looks."""

    why: Line


class Perhaps(Given):
    """Why, for everyone who looks, if there is something to say."""

    why: Line | None = None


class Code(Given):
    """The code of a reason."""

    reason: Line


class MuteWish(Given):
    """Which alerts to keep quiet, how long (`30m`, `2h`, `1d12h`), and why."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)
    pattern: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
    span: Annotated[str, Field(alias="for", max_length=20)]
    why: Line


class Pattern(Given):
    """The pattern of mutes."""

    pattern: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]


class DrillWish(Given):
    """Which chain to drill: `voice_synthesis`, `script_generation` or `video_upload`."""

    chain: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_plain)]


class Target(Given):
    """Only this target; without it all."""

    target: Line | None = None


class TokenWish(Given):
    """A token: its name, role, the accounts it is for (all without them), and for how many days (for ever)."""

    name: Name
    role: Literal[tuple(map(str, GIVEN))]  # type: ignore[valid-type]  # the roles of the domain, not written twice
    accounts: list[str] = Field(default_factory=list, max_length=1000)
    days: Annotated[int, Field(ge=1, le=3660)] | None = None


class HookName(Given):
    """A receiver of the configuration, by its name."""

    webhook: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class Rotation(Given):
    """`at_once`: the old secret signs no longer, for it is known to others."""

    at_once: bool = False


class Replayed(Given):
    """Only these messages; without them all that were given up."""

    ids: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=1000)


class UnknownKey(Given):
    """An answer without a remedy, by its key."""

    key: Line


class Day(Given):
    """A date, like 2026-11-22; without it the day that comes next."""

    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None


class Login(Given):
    """A token, in exchange for a cookie."""

    token: Annotated[str, Field(max_length=200)]


class Online(Given):
    """`online`: ask YouTube for each account's channel too, one unit of quota each."""

    online: bool = False


class Problems(Told):
    """One thing that is wrong with a request."""

    field: str
    code: str
    message: str
    remedy: str


class ProblemDocument(Told):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    problems: list[Problems] | None = None


class Publication(Told):
    """A publication, as `jobs list --json` tells it; `file` is a name, never a path."""

    id: str
    state: str
    account: str | None
    video_id: str | None
    url: str | None
    reason: str | None
    attempts: int
    due: str | None
    title: str
    file: str
    bytes: int
    priority: int
    created_at: str
    updated_at: str


class Event(Told):
    """One thing that happened."""

    number: int
    at: str
    kind: str
    level: str
    publication: str | None
    account: str | None
    project: str | None
    data: dict[str, Any]


class PublicationDetail(Publication):
    """A publication with what was asked, the newest of its story (so many are `earlier`), and why this account."""

    sha256: str
    request: dict[str, Any]
    history: list[Event]
    earlier: int
    explanation: dict[str, Any]


class PublicationList(Told):
    """Publications, newest first; `next` is the cursor of the page behind."""

    publications: list[Publication]
    next: str | None


class Retried(Told):
    """What is back at work, and what was refused."""

    publications: list[Publication]
    refused: list[str]


class Check(Told):
    """What would be refused."""

    accepted: bool
    problems: list[Problems]
    counts: dict[str, int]


class File(Told):
    """A file that was received; `file` is what to write in a publication."""

    file: str
    id: str
    name: str
    bytes: int
    sha256: str
    received_at: str
    kept_until: str


class Account(Told):
    """An account, as `accounts show --json` tells it."""

    id: str
    kind: str
    project: str
    state: str
    why: str | None
    uploads_today: int
    daily_uploads: int


class AccountList(Told):
    """Every account."""

    accounts: list[Account]


class Explanation(Told):
    """The last choice of an account for a publication."""

    publication: str
    state: str
    account: str | None
    at: str | None
    candidates: list[dict[str, Any]]


class Begun(Told):
    """A consent under way: the address to open in a browser, and until when it is good."""

    account: str
    address: str
    redirect_uri: str
    expires_at: str | None


class Grants(Told):
    """The grants of an account."""

    account: str
    connected: bool
    grants: list[dict[str, Any]]


class Gone(Told):
    """What became of the grants of an account."""

    account: str
    erased: int
    still_standing: list[str]


class Token(Told):
    """What may be shown of a token."""

    id: str
    name: str
    role: str
    accounts: list[str] | None
    state: str
    created_at: str
    expires_at: str | None
    used_at: str | None


class NewToken(Token):
    """A token with its text, which is told this once."""

    token: str


class TokenList(Told):
    """Every token, oldest first."""

    tokens: list[Token]


class HookSecret(Told):
    """The secret that signs for a receiver, told this once."""

    webhook: str
    secret: str


class EventList(Told):
    """Events in the order they were written; go on with `after` = `last`. Up to `forgotten` some are kept no more."""

    events: list[Event]
    last: int
    forgotten: int


class Signed(Told):
    """Who a browser, or a token, is."""

    name: str
    role: str
    accounts: list[str] | None
    expires_at: str | None


class Document(Told):
    """A document as the command of the same name prints it with `--json`; docs/reference/json.md explains it."""
