"""Tests of the services on adapters in memory: no sockets, a clock that is told to move, nothing patched."""
