"""The whole store in memory: its parts over one set of tables."""

from ytempire.adapters.memory.accounts import MemoryAccounts
from ytempire.adapters.memory.alerts import MemoryAlerts
from ytempire.adapters.memory.audit import MemoryAudit
from ytempire.adapters.memory.callers import MemoryAnswers, MemoryCallers, MemoryReceived
from ytempire.adapters.memory.chains import MemoryChains
from ytempire.adapters.memory.consents import MemoryConsents
from ytempire.adapters.memory.forgetting import MemoryForgetting
from ytempire.adapters.memory.grants import MemoryGrants
from ytempire.adapters.memory.keys import MemoryKeys
from ytempire.adapters.memory.leases import MemoryLeases
from ytempire.adapters.memory.ledger import MemoryLedger
from ytempire.adapters.memory.log import MemoryLog
from ytempire.adapters.memory.plans import MemoryPlans
from ytempire.adapters.memory.publications import MemoryPublications
from ytempire.adapters.memory.webhooks import MemoryWebhooks


class MemoryStore(
    MemoryPublications,
    MemoryLedger,
    MemoryAccounts,
    MemoryLog,
    MemoryGrants,
    MemoryConsents,
    MemoryKeys,
    MemoryLeases,
    MemoryAudit,
    MemoryAlerts,
    MemoryPlans,
    MemoryChains,
    MemoryCallers,
    MemoryAnswers,
    MemoryReceived,
    MemoryWebhooks,
    MemoryForgetting,
):
    """`ports.Store` with the exact semantics of the database, forgotten when the process ends."""
