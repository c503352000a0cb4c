"""The engine that runs passes durably, on DBOS with a SQLite file of its own. Only here is DBOS known."""

from ytempire.adapters.engine.embedded import DbosEngine
from ytempire.adapters.engine.errors import EngineBusy

__all__ = ["DbosEngine", "EngineBusy"]
