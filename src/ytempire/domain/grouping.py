"""By what things that happened are put together. It imports nothing of ours, so that a command line costs little."""

from enum import StrEnum


class By(StrEnum):
    """What faults are put together by."""

    REASON = "reason"
    ACCOUNT = "account"
    HOUR = "hour"
