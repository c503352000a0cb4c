"""Scripts without a model: templates of sentences, filled in a sandbox. It is always there, and it costs nothing.

Templates are named `NAME.LANGUAGE.j2`. Those of the folder in the option `folder` go before those shipped here.
"""

import asyncio
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytempire.adapters.providers.languages import base
from ytempire.adapters.providers.prompts import one_line
from ytempire.adapters.providers.weave import Loom
from ytempire.adapters.providers.web import Web
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.ports.chains import Terms

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

SHIPPED = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LONGEST = 262_144
"""Characters; an hour of speech has 54,000."""

_TRAILING = " .;:,\u2026"


class _Endless(Exception):
    """A template writes more than any script needs."""


class Template:
    """A writer of scripts. Options: `folder` (of own templates)."""

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._folder = terms.options.get("folder", "")

    def price(self, order: ScriptOrder) -> int:
        """See `ports.chains.Writer`."""
        return self._terms.cost

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        """See `ports.chains.Writer`."""
        if not _NAME.fullmatch(order.template):
            return ProviderFault(
                Blame.UNFIT, "no_template", f"{order.template[:60]!r} is no name of a template"
            )
        try:
            async with asyncio.timeout(self._terms.seconds):
                return await asyncio.to_thread(_written, self._folder, order)
        except TimeoutError:
            told = f"the template {order.template} took more than {self._terms.seconds:g} s"
            return ProviderFault(Blame.OUTAGE, "timeout", told)


def _written(folder: str, order: ScriptOrder) -> Made[Script] | ProviderFault:
    import jinja2  # noqa: PLC0415 - other commands need not wait for it

    environment = _environment(folder)
    tags = dict.fromkeys((order.language.replace("_", "-").lower(), base(order.language)))
    names = [f"{order.template}.{tag}.j2" for tag in tags if re.fullmatch(r"[a-z0-9-]+", tag)]
    try:
        template = environment.select_template(names) if names else None
    except jinja2.TemplatesNotFound:
        template = None
    except (jinja2.TemplateError, OSError, UnicodeDecodeError) as error:
        return _broken(order, error)
    if template is None:
        there = ", ".join(known(environment.list_templates()))
        told = f"there is no template {order.template} in {order.language}; there are {there}"
        return ProviderFault(Blame.UNFIT, "no_template", told)
    topic = one_line(order.topic).strip(_TRAILING)
    if not topic:
        return ProviderFault(Blame.CALLER, "no_topic", "the topic is empty")
    loom = Loom(topic, order.words)
    said = {"topic": topic, "words": order.words, "minutes": order.minutes, "language": order.language}
    try:
        text = _bounded(template.generate(**said, weave=loom.weave, pick=loom.pick))
    except Exception as error:  # noqa: BLE001  the outermost call of this thread; a template may raise anything
        return _broken(order, error)
    return Made(Script(re.sub(r"\n\s*\n", "\n\n", text).strip()))


def _bounded(parts: Iterable[str]) -> str:
    made, length = [], 0
    for part in parts:
        made.append(part)
        length += len(part)
        if length > _LONGEST:
            raise _Endless(f"it writes more than {_LONGEST:,} characters")
    return "".join(made)


def _broken(order: ScriptOrder, error: Exception) -> ProviderFault:
    """The template's own fault: somebody must mend it, as with a wrong key."""
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    told = f"the template {order.template} is broken{where}: {type(error).__name__}: {error}"
    return ProviderFault(Blame.CREDENTIAL, "template_broken", " ".join(told.split())[:300])


def known(files: Iterable[str]) -> list[str]:
    """The templates that may be asked for, by their files: `explainer.de`. Files that begin with `_` are parts."""
    return sorted(
        file.removesuffix(".j2")
        for file in files
        if file.endswith(".j2") and _NAME.match(file) and "/" not in file
    )


@cache
def _environment(folder: str) -> "SandboxedEnvironment":
    from jinja2 import FileSystemLoader, StrictUndefined  # noqa: PLC0415 - see _written
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    loader = FileSystemLoader([*([folder] if folder else []), str(SHIPPED)])
    options: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return SandboxedEnvironment(loader=loader, autoescape=False, **options)
