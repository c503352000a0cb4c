"""Media files: checks at the door, sound measured and joined, small real videos for the demo.

No other adapter is known here.
"""

from ytempire.adapters.media.check import MediaCheck
from ytempire.adapters.media.sound import PyAvSounds

__all__ = ["MediaCheck", "PyAvSounds"]
