"""The folders whose files may be named by path: `[api] roots`, and what of them is a scoped token's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ytempire.adapters.incoming import OpenFolders
from ytempire.domain.callers import Caller
from ytempire.domain.values import AccountId
from ytempire.ports import Folders
from ytempire.settings import BadSettings, Settings


@dataclass(frozen=True, slots=True)
class Roots:
    """The open folders, and those of each account; one that has none of its own has all."""

    everywhere: tuple[Path, ...]
    own: Mapping[AccountId, tuple[Path, ...]]

    def of(self, caller: Caller) -> Folders:
        """What a caller may name: with a token for some accounts only what is theirs."""
        if caller.accounts is None:
            return OpenFolders(self.everywhere)
        theirs = (self.own.get(each, ()) for each in sorted(caller.accounts))
        return OpenFolders(dict.fromkeys(folder for folders in theirs for folder in folders))


def roots_of(settings: Settings) -> Roots:
    """The folders of an installation. Raises `BadSettings` for one that is none, or that lies below no open one."""
    everywhere = open_roots(settings)
    own, problems = {}, []
    for account in settings.accounts:
        folders = [settings.beside(each) for each in account.roots]
        own[AccountId(account.id)] = tuple(folders or everywhere)
        place = f"accounts: {account.id}: roots"
        problems += [
            f"{place}: {each} is no folder; make it, or leave it out" for each in folders if not each.is_dir()
        ]
        problems += [
            f"{place}: {each} does not lie below a folder of api.roots; name one that does"
            for each in folders
            if not any(each.resolve().is_relative_to(root.resolve()) for root in everywhere)
        ]
    if problems:
        raise BadSettings(problems)
    return Roots(tuple(everywhere), own)


def open_roots(settings: Settings) -> list[Path]:
    """The folders whose files may be named. Raises `BadSettings` for one that is none."""
    found = [settings.beside(each) for each in settings.api.roots]
    problems = [
        f"api.roots: {each} is no folder; make it, or leave it out" for each in found if not each.is_dir()
    ]
    if problems:
        raise BadSettings(problems)
    return found
