"""How a section declares a key: with or without a default, and with its limits."""

from dataclasses import field
from typing import Any


def limited(default: Any, **limits: object) -> Any:
    """A key with limits: `above`, `at_least`, `pattern` with `meant`, `not_empty`."""
    return field(default=default, metadata=limits)


def needed(**limits: object) -> Any:
    """A key without a default."""
    return field(metadata=limits)
