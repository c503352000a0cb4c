"""The whole store in memory: its six parts over one set of tables."""

from ytempire.adapters.memory.accounts import MemoryAccounts
from ytempire.adapters.memory.alerts import MemoryAlerts
from ytempire.adapters.memory.grants import MemoryGrants
from ytempire.adapters.memory.ledger import MemoryLedger
from ytempire.adapters.memory.log import MemoryLog
from ytempire.adapters.memory.publications import MemoryPublications


class MemoryStore(MemoryPublications, MemoryLedger, MemoryAccounts, MemoryGrants, MemoryLog, MemoryAlerts):
    """`ports.Store` with the exact semantics of the database, forgotten when the process ends."""
