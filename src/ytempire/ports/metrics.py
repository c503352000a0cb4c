"""How metrics are put on paper for whoever collects them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the whole table, which no command that only looks needs
    from ytempire.domain.metrics import Sample


class Exposition(Protocol):
    """A writer of the formats that collectors read."""

    def written(self, samples: "Sequence[Sample]", accept: str) -> tuple[bytes, str]:
        """The samples and the name of their format, the one that `accept` (of HTTP) likes best."""
        ...
