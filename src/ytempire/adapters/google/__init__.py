"""Google over HTTP: small calls on the event loop, the bytes of files in worker threads.

`HttpGoogle` is the whole of what others may use.
"""

from ytempire.adapters.google.client import HttpGoogle
from ytempire.adapters.google.mishaps import Timeouts

__all__ = ["HttpGoogle", "Timeouts"]
