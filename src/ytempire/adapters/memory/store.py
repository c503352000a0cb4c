"""The whole store in memory: its parts over one set of tables."""

from ytempire.adapters.memory.accounts import MemoryAccounts
from ytempire.adapters.memory.grants import MemoryGrants
from ytempire.adapters.memory.ledger import MemoryLedger
from ytempire.adapters.memory.log import MemoryLog
from ytempire.adapters.memory.plans import MemoryPlans
from ytempire.adapters.memory.publications import MemoryPublications


class MemoryStore(MemoryPublications, MemoryLedger, MemoryAccounts, MemoryGrants, MemoryLog, MemoryPlans):
    """`ports.Store` and `ports.Plans` with the exact semantics of the database, forgotten when the process ends."""
