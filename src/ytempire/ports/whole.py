"""The whole store: every intent of the one database that is the truth, under one name."""

from typing import Protocol

from ytempire.ports.alerts import Alerts
from ytempire.ports.callers import Answers, Callers, Received
from ytempire.ports.chains import Chainbook
from ytempire.ports.credentials import Credentials
from ytempire.ports.forgetting import Forgetting
from ytempire.ports.log import Log
from ytempire.ports.plans import Plans
from ytempire.ports.store import Accounts, Ledger, Publications
from ytempire.ports.webhooks import Webhooks


class Store(
    Publications,
    Ledger,
    Accounts,
    Log,
    Credentials,
    Alerts,
    Plans,
    Chainbook,
    Callers,
    Answers,
    Received,
    Webhooks,
    Forgetting,
    Protocol,
):
    """The one database that is the truth."""
