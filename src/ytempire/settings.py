"""The configuration: a TOML file under environment variables, checked whole, as one frozen value.

Every key may also come from the environment as `YTEMPIRE_SECTION__KEY` (list items by number:
`YTEMPIRE_ACCOUNTS__0__PROJECT`). A key nobody knows is refused, with the one that was probably meant.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from ytempire.domain.values import Mendable

PREFIX = "YTEMPIRE_"
PLAIN_VARIABLES = ("YTEMPIRE_CONFIG", "YTEMPIRE_HOME", "YTEMPIRE_KEY")
FILE_NAME = "ytempire.toml"


class BadSettings(Mendable):
    """The configuration cannot be used; `problems` names every key that is wrong, and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoogleSection(_Section):
    """Where the API is, and how to speak to it."""

    api_root: str = Field(
        default="https://youtube.googleapis.com/", pattern=r"^https?://[^/]+/.*$|^https?://[^/]+$"
    )
    timeout_seconds: PositiveFloat = 60
    upload_piece_bytes: int = Field(default=0, ge=0, description="0 sends the rest of a file in one request")
    bandwidth_bytes_per_second: int = Field(
        default=0, ge=0, description="0 is unlimited; shared by all uploads"
    )
    ca_file: str | None = None


class ProjectSection(_Section):
    """A Google Cloud project: its OAuth client, its price list, its own limits."""

    client_secrets: str = "client_secrets.json"
    profile: Literal["buckets-2026", "units-2025-12", "units-2025"] = "buckets-2026"
    limits: dict[Literal["uploads", "searches", "units"], int] = {}
    inserts_charged_twice: bool = False


class AccountSection(_Section):
    """One YouTube channel."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    kind: Literal["production", "reserve"] = "production"
    project: str = "main"
    daily_uploads: int = Field(default=5, ge=0)
    concurrent_uploads: PositiveInt = 1
    groups: tuple[str, ...] = ()


class PlaylistSection(_Section):
    """A playlist by the name that publications use; made on a channel when it is first needed there."""

    title: str = Field(min_length=1, max_length=150)
    privacy: Literal["public", "unlisted", "private"] = "public"
    ids: dict[str, str] = {}


class VaultSection(_Section):
    """Where the key is that seals secrets; relative to the home. `YTEMPIRE_KEY` goes before the file."""

    key_file: str = "keys/ring.json"


class DatabaseSection(_Section):
    """Where the truth is kept; empty: `ytempire.sqlite` in the home."""

    url: str = ""


class PublishingSection(_Section):
    """How patiently to publish; all times in seconds."""

    retry_base_seconds: PositiveFloat = 1
    retry_cap_seconds: PositiveFloat = 300
    requeue_seconds: PositiveFloat = 3600
    processing_poll_seconds: PositiveFloat = 15
    reconcile_seconds: tuple[float, ...] = Field(default=(0, 60, 300, 900, 3600), min_length=1)


class WorkerSection(_Section):
    """The worker: how many publications at once, and how often it looks for new ones."""

    concurrency: PositiveInt = 12
    beat_seconds: PositiveFloat = 0.5


class Settings(_Section):
    """Everything there is to configure. `home` and `source` are where it was found."""

    google: GoogleSection = GoogleSection()
    projects: dict[str, ProjectSection] = {}
    accounts: tuple[AccountSection, ...] = ()
    playlists: dict[str, PlaylistSection] = {}
    vault: VaultSection = VaultSection()
    database: DatabaseSection = DatabaseSection()
    publishing: PublishingSection = PublishingSection()
    worker: WorkerSection = WorkerSection()
    home: Path = Field(exclude=True)
    source: Path = Field(exclude=True)

    def beside(self, name: str) -> Path:
        """A file named in the configuration: relative to the folder the configuration is in."""
        return self.source.parent / Path(name).expanduser()

    def at_home(self, name: str) -> Path:
        """A file of this installation: relative to the home."""
        return self.home / Path(name).expanduser()


def home_folder(given: Path | None, environment: Mapping[str, str]) -> Path:
    """The data folder: as given, as `YTEMPIRE_HOME` says, else the user's data folder."""
    if given is not None:
        return given.expanduser().absolute()
    named = environment.get("YTEMPIRE_HOME")
    if named:
        return Path(named).expanduser().absolute()
    data = environment.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(data) / "ytempire"


def config_file(given: Path | None, home: Path, environment: Mapping[str, str]) -> Path:
    """The configuration file: as given, as `YTEMPIRE_CONFIG` says, else the first that exists of those in the
    working folder, the home and the user's configuration folder. Raises `BadSettings` when there is none.
    """
    named = given or environment.get("YTEMPIRE_CONFIG")
    if named:
        path = Path(named).expanduser().absolute()
        if path.is_file():
            return path
        raise BadSettings([f"{path} does not exist; run `ytempire init --config {path}` to write it"])
    user = Path(environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    places = [Path(FILE_NAME).absolute(), home / FILE_NAME, user / "ytempire" / "config.toml"]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(map(str, places))
    raise BadSettings([f"no configuration was found ({looked}); run `ytempire init` to write one"])


def load(config: Path | None, home: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this run. Raises `BadSettings` with every problem and its remedy."""
    variables = os.environ if environment is None else environment
    folder = home_folder(home, variables)
    source = config_file(config, folder, variables)
    document = _document(source)
    _overlay(document, variables)
    return check(document, home=folder, source=source)


def check(document: dict[str, Any], *, home: Path, source: Path) -> Settings:
    """Settings from a document. Raises `BadSettings`."""
    try:
        settings = Settings(**{**document, "home": home, "source": source})
    except ValidationError as error:
        raise BadSettings([_sentence(problem) for problem in error.errors()]) from error
    if problems := list(_contradictions(settings)):
        raise BadSettings(problems)
    return settings


def _document(source: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings([f"{source} cannot be read: {error}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings([f"{source} is not valid TOML: {error}"]) from error
    if problems := [f"{name} cannot be set in the file" for name in ("home", "source") if name in document]:
        raise BadSettings(problems)
    return document


def _overlay(document: dict[str, Any], variables: Mapping[str, str]) -> None:
    for name in sorted(variables):
        if name.startswith(PREFIX) and name not in PLAIN_VARIABLES and variables[name] != "":
            path = name.removeprefix(PREFIX).lower().split("__")
            _put(document, path, _value(variables[name]), name)


def _put(branch: Any, path: list[str], value: object, name: str) -> None:
    for part, following in zip(path, [*path[1:], ""], strict=True):
        if isinstance(branch, list):
            index = int(part) if part.isdecimal() else -1
            if not 0 <= index <= len(branch):
                raise BadSettings([f"{name}: {part!r} is not the number of an item of that list"])
            if index == len(branch):
                branch.append({})
            key: int | str = index
        elif isinstance(branch, dict):
            key = next((known for known in branch if str(known).lower() == part), part)
        else:
            raise BadSettings([f"{name} goes below a key that holds a plain value"])
        if following == "":
            branch[key] = value
            return
        if isinstance(branch, dict):
            branch.setdefault(key, [] if following.isdecimal() else {})
        branch = branch[key]


def _value(text: str) -> object:
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _sentence(problem: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg']} (found {problem['input']!r})"
    known = _known_keys(problem["loc"][:-1])
    close = get_close_matches(str(problem["loc"][-1]), known, 1)
    remedy = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
    return f"{place}: there is no such key; {remedy}"


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    """The keys allowed at a place in the document."""
    sections: dict[str, type[BaseModel]] = {
        "google": GoogleSection,
        "projects": ProjectSection,
        "accounts": AccountSection,
        "playlists": PlaylistSection,
        "vault": VaultSection,
        "database": DatabaseSection,
        "publishing": PublishingSection,
        "worker": WorkerSection,
    }
    section = sections.get(str(path[0])) if path else None
    fields = (section or Settings).model_fields
    return [name for name in fields if name not in ("home", "source")]


def _contradictions(settings: Settings) -> Iterator[str]:
    names = [account.id for account in settings.accounts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"accounts: the id {name!r} is used twice; give each account its own"
    for account in settings.accounts:
        if account.project not in settings.projects:
            close = get_close_matches(account.project, list(settings.projects), 1)
            remedy = f"did you mean {close[0]}?" if close else f"add a section [projects.{account.project}]"
            yield f"accounts: {account.id} names the project {account.project!r}, which is not there; {remedy}"
    for name, playlist in settings.playlists.items():
        for account_id in sorted(set(playlist.ids) - set(names)):
            yield f"playlists.{name}.ids: there is no account {account_id!r}; use an id from accounts"
