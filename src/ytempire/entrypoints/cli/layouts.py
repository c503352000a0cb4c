"""Which house a command reckons with: the configured one, or a layout of `init`, perhaps at other prices."""

from typing import TYPE_CHECKING

from ytempire.entrypoints.cli.options import load

if TYPE_CHECKING:
    from ytempire.settings import Settings


def layout_settings(
    preset: str | None, profile: str | None, *, load_from: tuple[object, object]
) -> "Settings":
    """The installation's settings, or those of a layout; at another price list when one is named.

    Raises `Refused` for names that are not known.
    """
    from ytempire.bootstrap.layouts import Preset
    from ytempire.bootstrap.plans import at_prices_of, preset_settings
    from ytempire.domain.quota import PROFILES

    if preset is not None:
        settings = preset_settings(Preset(_known("preset", preset, list(Preset))))
    else:
        settings = load(*load_from)  # type: ignore[arg-type]  # both are what the options gave
    return settings if profile is None else at_prices_of(settings, _known("profile", profile, list(PROFILES)))


def _known(option: str, given: str, names: list[str]) -> str:
    from ytempire.domain.values import Refusal, Refused

    if given in names:
        return given
    remedy = f"use one of {', '.join(names)}"
    raise Refused(Refusal(f"--{option}", f"{option}_unknown", f"there is no {option} {given!r}", remedy))
