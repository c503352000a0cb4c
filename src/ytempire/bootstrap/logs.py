"""Where a process logs, in which form, and which secrets it must not tell."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ytempire.adapters.logs import Redaction, log_to
from ytempire.bootstrap.alerts import addresses
from ytempire.bootstrap.chains import orders
from ytempire.bootstrap.vendors import named, stripe_terms
from ytempire.ports import Google
from ytempire.services.discretion import Discreet
from ytempire.settings import BadSettings, Settings

REDACTION = Redaction()
"""One for the process, as its log is."""

_VARIABLES = ("YTEMPIRE_KEY", "YTEMPIRE_PASSPHRASE", "YTEMPIRE_NEW_PASSPHRASE", "YTEMPIRE_BACKUP_PASSPHRASE")


def to_standard_error(settings: Settings | None = None) -> None:
    """From now on, as `[logging]` says."""
    if settings is None:
        log_to(sys.stderr, REDACTION)
        return
    REDACTION.keep(secrets_of(settings))
    log_to(sys.stderr, REDACTION, form=settings.logging.format, level=settings.logging.level)


def discreet(google: Google) -> Google:
    """The same Google, whose secrets are known to the log as they pass."""
    return Discreet(google, REDACTION.saw)


def secrets_of(settings: Settings) -> frozenset[str]:
    """Every secret of the configuration that can be read; what cannot is told of by who needs it."""
    found = {os.environ.get(name, "") for name in _VARIABLES}
    found |= set(_client_secrets(settings)) | set(_provider_keys(settings)) | set(_ring(settings))
    found |= {each.reveal() for each in addresses(settings).values()}
    stripe = stripe_terms(settings).key
    return frozenset(found | {stripe.reveal() if stripe else ""}) - {""}


def _client_secrets(settings: Settings) -> Iterator[str]:
    """Those in files of clients, also in ones that cannot be used."""
    for project in settings.projects.values():
        document = _document(settings.beside(project.client_secrets))
        for each in document.values():
            if isinstance(each, dict) and isinstance(each.get("client_secret"), str):
                yield each["client_secret"]


def _provider_keys(settings: Settings) -> Iterator[str]:
    try:
        ordered = {each for order in orders(settings).values() for each in order}
    except BadSettings:
        ordered = set()
    for name in sorted({*ordered, *settings.providers}):
        try:
            key = named(settings, name).terms.key
        except BadSettings:
            continue
        if key is not None:
            yield key.reveal()


def _ring(settings: Settings) -> Iterator[str]:
    """The keys of the vault as they stand in an unprotected file."""
    keys = _document(settings.at_home(settings.vault.key_file)).get("keys")
    if isinstance(keys, list):
        yield from [str(each["key"]) for each in keys if isinstance(each, dict) and "key" in each]


def _document(path: Path) -> dict[str, Any]:
    """A file of JSON; empty when it is none, for then it is no secret of ours either."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
