"""Counts in sentences: one thing, or so many of them."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 video`, `0 videos`, `1,000 videos`. `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def are(number: int) -> str:
    """The verb of so many: `is` or `are`."""
    return "is" if number == 1 else "are"


def were(number: int) -> str:
    """The same of what is past: `was` or `were`."""
    return "was" if number == 1 else "were"
