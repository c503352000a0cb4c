"""A faithful local Google over real sockets: OAuth, YouTube, quota, providers, faults, and a journal.

It knows nothing of the product, and the product nothing of it. Loopback only.
"""

from ytempire.emulator.config import EmulatorConfig
from ytempire.emulator.errors import ConsentRefused
from ytempire.emulator.faults import FaultKind, FaultRule
from ytempire.emulator.grants import Death
from ytempire.emulator.journal import Event, EventKind, Journal
from ytempire.emulator.server import Emulator, run_emulator
from ytempire.emulator.vendors import VendorKeys

__all__ = [
    "ConsentRefused",
    "Death",
    "Emulator",
    "EmulatorConfig",
    "Event",
    "EventKind",
    "FaultKind",
    "FaultRule",
    "Journal",
    "VendorKeys",
    "run_emulator",
]
