"""From settings to the way alerts are told: targets, their secret addresses, and the alerting of a house."""

import os
from typing import TYPE_CHECKING

from ytempire.domain.alerts import Message, Target
from ytempire.domain.faults import Level
from ytempire.domain.values import Secret
from ytempire.ports import Clock, Notifier, Store
from ytempire.services.alerting import Alerting
from ytempire.settings import BadSettings, Settings

if TYPE_CHECKING:
    from ytempire.settings.sections import TargetSection


class Nobody:
    """`ports.Notifier` of a house that has no targets."""

    async def send(self, target: str, message: Message) -> str | None:
        del target, message
        return "it is not configured"


def targets(settings: Settings) -> tuple[Target, ...]:
    """Who is told of which levels."""
    return tuple(
        Target(name, frozenset(map(Level, each.levels))) for name, each in settings.alerts.targets.items()
    )


def notifier(settings: Settings) -> Notifier:
    """The way to the targets. Raises `BadSettings` or `UnknownAddress` with every target that cannot be used."""
    if not settings.alerts.targets:
        return Nobody()
    from ytempire.adapters.apprise import AppriseNotifier

    found, problems = {}, []
    for name, target in settings.alerts.targets.items():
        address = _address(settings, target)
        if isinstance(address, Secret):
            found[name] = address
        else:
            problems.append(f"alerts.targets.{name}.{address}")
    if problems:
        raise BadSettings(problems)
    return AppriseNotifier(found)


def addresses(settings: Settings) -> dict[str, Secret]:
    """The addresses of targets that can be read."""
    found = {name: _address(settings, target) for name, target in settings.alerts.targets.items()}
    return {name: address for name, address in found.items() if isinstance(address, Secret)}


def alerting(settings: Settings, store: Store, clock: Clock) -> Alerting:
    """The alerting of a house. Raises like `notifier`."""
    return Alerting(store, clock, notifier(settings), targets(settings))


def _address(settings: Settings, target: "TargetSection") -> Secret | str:
    """The address, or what is wrong with the key that should have it."""
    if target.url is not None:
        return Secret(target.url)
    if target.url_env is not None:
        named = os.environ.get(target.url_env)
        return Secret(named) if named else f"url_env: the variable {target.url_env} is not set; set it"
    path = settings.beside(target.url_file or "")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return f"url_file: {path} cannot be read ({why}); write the address into it"
    return Secret(text) if text else f"url_file: {path} is empty; write the address into it"
