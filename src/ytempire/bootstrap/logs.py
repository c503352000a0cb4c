"""Where a process logs, in which form, and which secrets it must not tell."""

import json
import os
import sys
from collections.abc import Iterator

from ytempire.adapters.logs import Redaction, log_to
from ytempire.bootstrap import rules
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
    for project in sorted({account.project for account in settings.accounts}):
        try:
            yield rules.client(settings, project).client_secret.reveal()
        except BadSettings:
            continue


def _provider_keys(settings: Settings) -> Iterator[str]:
    try:
        names = {each for order in orders(settings).values() for each in order}
    except BadSettings:
        return
    for name in sorted(names):
        try:
            key = named(settings, name).terms.key
        except BadSettings:
            continue
        if key is not None:
            yield key.reveal()


def _ring(settings: Settings) -> Iterator[str]:
    """The keys of the vault as they stand in an unprotected file."""
    try:
        ring = json.loads(settings.at_home(settings.vault.key_file).read_text(encoding="utf-8"))
        yield from [str(each["key"]) for each in ring.get("keys", ()) if "key" in each]
    except (OSError, ValueError, AttributeError, TypeError):
        return
