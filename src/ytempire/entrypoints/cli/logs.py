"""What a process that goes on for long says beside its work, on standard error."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ytempire.settings import Settings


def to_standard_error(settings: "Settings | None" = None) -> None:
    """From now on, as `[logging]` says."""
    from ytempire.bootstrap import logs

    logs.to_standard_error(settings)
