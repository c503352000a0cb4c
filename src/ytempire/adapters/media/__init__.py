"""Media files: checks at the door, and small real videos for the demo. No other adapter is known here."""

from ytempire.adapters.media.check import MediaCheck

__all__ = ["MediaCheck"]
