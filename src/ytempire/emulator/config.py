"""The emulator's settings: one frozen value, checked when it is made."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Charging = Literal["session_start", "completion", "both"]
CHARGING_MODELS: tuple[Charging, ...] = ("session_start", "completion", "both")
PROFILE_NAMES = ("buckets-2026", "units-2025-12", "units-2025")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorConfig:
    """How the local Google behaves. Times in seconds, sizes in bytes.

    `profile`, `limits` and `charging` are the start values of each new project. `commit` says what a broken
    PUT leaves behind: whole 256 KiB blocks, or exactly what arrived. `final_status` is 200 or 201.
    `require_pkce` refuses consents without a code challenge.

    Raises:
        ValueError: A host that is not loopback, or an unknown word.
    """

    host: str = "127.0.0.1"
    port: int = 0
    profile: str = "buckets-2026"
    limits: Mapping[str, int] = field(default_factory=dict)
    charging: Charging = "session_start"
    access_token_seconds: int = 3599
    processing_seconds: float = 0.2
    session_seconds: int = 7 * 86_400
    final_status: Literal[200, 201] = 200
    commit: Literal["block", "exact"] = "block"
    reject_duplicates: bool = True
    rotate_refresh_tokens: bool = False
    require_pkce: bool = False
    clock_offset_seconds: float = 0.0
    journal_path: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what the emulator must never be."""
        if not is_loopback(self.host):
            raise ValueError(
                f"the emulator listens on loopback addresses only, and {self.host!r} is not one: "
                "use 127.0.0.1, ::1 or localhost"
            )
        _known("profile", self.profile, PROFILE_NAMES)
        _known("charging", self.charging, CHARGING_MODELS)
        _known("commit", self.commit, ("block", "exact"))
        if self.final_status not in (200, 201):
            raise ValueError(f"final_status is 200 or 201, not {self.final_status}")


def is_loopback(host: str) -> bool:
    """Whether this host name or address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _known(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is one of {', '.join(allowed)}, not {value!r}")
