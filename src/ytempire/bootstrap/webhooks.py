"""From settings to webhooks: the receivers of the configuration, those who serve them, and the desk of operators."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ytempire.domain.values import Secret
from ytempire.ports import Clock, Store
from ytempire.services.chores import Chore
from ytempire.services.context import Context
from ytempire.services.safe import Safe
from ytempire.services.webhook_desk import WebhookDesk
from ytempire.services.webhook_keys import WebhookKeys
from ytempire.services.webhook_report import WebhookReports
from ytempire.services.webhooks import Receiver, Webhooks
from ytempire.settings import Settings

if TYPE_CHECKING:
    from ytempire.ports import Post

_EVERY = timedelta(seconds=1)
"""How often to look for events that a receiver wants, and for messages that are due."""


def receivers(settings: Settings) -> Mapping[str, Receiver]:
    """The webhooks of the configuration by name."""
    return {
        name: Receiver(name, Secret(each.url), each.events, each.allow_private)
        for name, each in settings.webhooks.items()
    }


def webhook_chores(settings: Settings, context: Context) -> tuple[Chore, ...]:
    """Serving each receiver, none waiting for another."""
    if not settings.webhooks:
        return ()
    served = Webhooks(context, _post(), WebhookKeys(context, Safe(context)), receivers(settings))
    return tuple(
        Chore(f"webhook {name}", _EVERY, partial(served.round, name), at_the_end=True)
        for name in served.receivers
    )


def webhook_desk(settings: Settings, context: Context) -> WebhookDesk:
    """Where operators act on webhooks."""
    return WebhookDesk(context, _post(), WebhookKeys(context, Safe(context)), receivers(settings))


def webhook_reports(settings: Settings, store: Store, clock: Clock) -> WebhookReports:
    """What is told of webhooks."""
    return WebhookReports(store, clock, receivers(settings))


def _post() -> "Post":
    from ytempire.adapters.post import HttpPost

    return HttpPost()
