"""Where settings come from: which file, which variables, and what they say together."""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ytempire.domain.slips import meant
from ytempire.domain.values import Refused
from ytempire.settings.checking import BadSettings, Place, Problem, section
from ytempire.settings.sections import QuotaSection, Settings

PREFIX = "YTEMPIRE_"
PLAIN_VARIABLES = (
    "YTEMPIRE_CONFIG",
    "YTEMPIRE_HOME",
    "YTEMPIRE_KEY",
    "YTEMPIRE_PASSPHRASE",
    "YTEMPIRE_NEW_PASSPHRASE",
    "YTEMPIRE_BACKUP_PASSPHRASE",
)
FILE_NAME = "ytempire.toml"


class NoConfiguration(BadSettings):
    """There is no configuration file where one is looked for."""


def home_folder(given: Path | None, environment: Mapping[str, str]) -> Path:
    """The data folder: as given, as `YTEMPIRE_HOME` says, else the user's data folder. Raises `BadSettings` when the
    variable is there and empty: whoever set it meant a folder.
    """
    if given is not None:
        return given.expanduser().absolute()
    named = environment.get("YTEMPIRE_HOME")
    if named is not None and not named.strip():
        raise BadSettings(["YTEMPIRE_HOME is empty; set it to a folder, or unset it"])
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
        raise BadSettings([_no_file(path)])
    user = Path(environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    places = [Path(FILE_NAME).absolute(), home / FILE_NAME, user / "ytempire" / "config.toml"]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(map(str, places))
    raise NoConfiguration([f"no configuration was found ({looked}); run `ytempire init` to write one"])


def _no_file(path: Path) -> str:
    """Why what was named is no configuration, and what to name."""
    if path.is_dir():
        return f"{path} is a folder; name the file in it with --config or YTEMPIRE_CONFIG, like {path / FILE_NAME}"
    if path.exists():
        return f"{path} is no ordinary file; name one with --config or YTEMPIRE_CONFIG"
    return f"{path} does not exist; run `ytempire init --config {path}` to write it"


def load(
    config: Path | None,
    home: Path | None,
    environment: Mapping[str, str] | None = None,
    *,
    needed: bool = True,
) -> Settings:
    """The settings of this run. Raises `BadSettings` with every problem and its remedy.

    `needed` False: without any file, what the environment and the defaults say is enough.
    """
    variables = os.environ if environment is None else environment
    folder = home_folder(home, variables)
    try:
        source = config_file(config, folder, variables)
        document = _document(source)
    except NoConfiguration:
        if needed:
            raise
        source, document = folder / FILE_NAME, {}
    overlaid = _overlay(document, variables)
    return check(document, home=folder, source=source, variables=overlaid)


def check(
    document: Mapping[str, Any], *, home: Path, source: Path, variables: Mapping[Place, str] | None = None
) -> Settings:
    """Settings from a document. `variables` are the names of those that set a place in it. Raises `BadSettings`."""
    problems: list[Problem] = []
    settings = section(Settings, document, (), problems, {"home": home, "source": source})
    if not isinstance(settings, Settings):
        raise BadSettings([f"{_name(place, variables or {})}: {message}" for place, message in problems])
    if contradictions := list(_contradictions(settings)):
        raise BadSettings(contradictions)
    return settings


def _name(place: Place, variables: Mapping[Place, str]) -> str:
    """A place as a person knows it: the variable that set it, or the key in the file."""
    for length in range(len(place), 0, -1):
        if place[:length] in variables:
            return ".".join((variables[place[:length]], *place[length:]))
    below = next((name for known, name in variables.items() if known[: len(place)] == place), None)
    return f"{'.'.join(place)} (set by {below})" if below else ".".join(place)


def _document(source: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        remedy = "name a TOML file that you may read with --config or YTEMPIRE_CONFIG"
        raise BadSettings([f"{source} cannot be read: {_why(error)}; {remedy}"]) from error
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits, or 5,000 brackets
        raise BadSettings([f"{source} is not valid TOML: {error}"]) from error
    if problems := [f"{name} cannot be set in the file" for name in ("home", "source") if name in document]:
        raise BadSettings(problems)
    return document


def _why(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror or error)


def _overlay(document: dict[str, Any], variables: Mapping[str, str]) -> dict[Place, str]:
    """Puts the environment over the document; tells which variable set which place."""
    places = {}
    for name in sorted(variables):
        if name.startswith(PREFIX) and name not in PLAIN_VARIABLES and variables[name] != "":
            path = name.removeprefix(PREFIX).lower().split("__")
            places[_put(document, path, _value(variables[name]), name)] = name
    return places


def _put(branch: Any, path: list[str], value: object, name: str) -> Place:
    """Sets one value; the place where it is now, with names spelt as the document spells them."""
    place: list[str] = []
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
        place.append(str(key))
        if following == "":
            branch[key] = value
            break
        if isinstance(branch, dict):
            branch.setdefault(key, [] if following.isdecimal() else {})
        branch = branch[key]
    return tuple(place)


def _value(text: str) -> object:
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _contradictions(settings: Settings) -> Iterator[str]:
    names = [account.id for account in settings.accounts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"accounts: the id {name!r} is used twice; give each account its own"
    for account in settings.accounts:
        if account.project not in settings.projects:
            add = f"add a section [projects.{account.project}]"
            remedy = meant(account.project, settings.projects, add)
            yield f"accounts: {account.id} names the project {account.project!r}, which is not there; {remedy}"
    yield from _quota_contradictions(settings)
    yield from _unknown_zones(settings)
    yield from _planning_contradictions(settings)
    yield from _webhook_contradictions(settings)
    for name, playlist in settings.playlists.items():
        for account_id in sorted(set(playlist.ids) - set(names)):
            yield f"playlists.{name}.ids: there is no account {account_id!r}; use an id from accounts"
    for name, target in settings.alerts.targets.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
            yield f"alerts.targets: {name!r:.100} is no name for a target; use letters, digits, dash and underscore"
        if sum(each is not None for each in (target.url, target.url_env, target.url_file)) != 1:
            yield f"alerts.targets.{name}: give its address in exactly one of url_env, url_file and url"


def _unknown_zones(settings: Settings) -> Iterator[str]:
    for place, zone in (("planning", settings.planning.zone), ("checklist", settings.checklist.zone)):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield f"{place}.zone: there is no zone {zone!r}; write one like Europe/Berlin"


def _planning_contradictions(settings: Settings) -> Iterator[str]:
    windows = sorted(settings.planning.windows, key=lambda each: each.start)
    for window in windows:
        if window.start >= window.end:
            yield f"planning.windows: {window.name} ends before it begins; let it end later on the same day"
    for first, second in pairwise(windows):
        if second.start < first.end:
            yield f"planning.windows: {first.name} and {second.name} overlap; let one end where the other begins"
    if not sum(window.share for window in windows):
        yield "planning.windows: all shares are 0; give one window a share of the videos"


def _webhook_contradictions(settings: Settings) -> Iterator[str]:
    """Names, addresses and patterns that cannot be. Without webhooks nothing is loaded for them."""
    if not settings.webhooks:
        return
    from ytempire.domain.reach import refused_url  # noqa: PLC0415  see above
    from ytempire.domain.webhooks import NAME, means_something  # noqa: PLC0415

    for name, each in settings.webhooks.items():
        if not NAME.fullmatch(name):
            yield f"webhooks: {name!r:.100} is no name for a webhook; use letters, digits, dash and underscore"
        if why := refused_url(each.url, private=each.allow_private):
            yield f"webhooks.{name}.url: {why}"
        for pattern in each.events:
            if not means_something(pattern):
                yield (
                    f"webhooks.{name}.events: no event that is sent is called {pattern!r:.100}; "
                    "see the list of events, and write one or a pattern like publication.*"
                )


def _quota_contradictions(settings: Settings) -> Iterator[str]:
    """Extras that are no extras. Those of the default are, and need no look, which would cost every command."""
    if settings.quota == QuotaSection():
        return
    from ytempire.domain.whatif import extras  # noqa: PLC0415  see above

    try:
        extras(settings.quota.usual_extras)
    except Refused as refused:
        yield from (f"quota.usual_extras: {each.message}; {each.remedy}" for each in refused.refusals)
