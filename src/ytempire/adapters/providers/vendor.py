"""What a kind of provider is to the rest of the house: how its adapter is built, and how it is looked at.

A package outside gives such a value through the entry-point group `ytempire.providers`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ytempire.adapters.providers.web import Web
from ytempire.ports.chains import Probe, Speaker, Terms, Writer

BuildSpeaker = Callable[[Terms, Web], Speaker]
BuildWriter = Callable[[Terms, Web], Writer]
BuildProbe = Callable[[Terms, Web], Probe | None]


@dataclass(frozen=True, slots=True)
class Vendor:
    """A kind of provider: its name in the configuration, and the name of its chain.

    `build` makes a speaker for `voice_synthesis` and a writer for `script_generation`. `probe` makes a look that
    costs nothing, or None when these terms allow none (no key); without it the vendor is known by its calls alone.
    """

    kind: str
    chain: str
    build: BuildSpeaker | BuildWriter
    probe: BuildProbe | None = None
