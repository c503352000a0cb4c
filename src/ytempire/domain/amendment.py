"""Changing what a video that exists is told to be: its title, description, tags, category and language.

What is not named stays as YouTube has it. Its visibility is never part of it.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from ytempire.domain.metadata import refusals
from ytempire.domain.publication import Metadata
from ytempire.domain.values import Refusal

_PARTS = "title, description, tags, category, language"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be otherwise; None stays as it is. Without tags, `tags` is empty."""

    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    category: str | None = None
    language: str | None = None

    def named(self) -> dict[str, object]:
        """The parts that are to be otherwise, by their names."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def wrong(amendment: Amendment, now: datetime) -> tuple[Refusal, ...]:
    """Everything that YouTube would not take, by the rules for new videos. Nothing at all is wrong too."""
    named = amendment.named()
    if not named:
        return (Refusal("publication", "nothing_named", "nothing is to be changed", f"name one of {_PARTS}"),)
    return refusals(replace(Metadata("as it is"), **named), now=now)  # type: ignore[arg-type]  # by their names


def snippet(amendment: Amendment) -> dict[str, object]:
    """The changes as the `snippet` of a video resource has them."""
    told: dict[str, object] = {}
    for name, value in amendment.named().items():
        match name:
            case "tags":
                told["tags"] = list(amendment.tags or ())
            case "category":
                told["categoryId"] = value
            case "language":
                told |= {"defaultLanguage": value, "defaultAudioLanguage": value}
            case _:
                told[name] = value
    return told
