"""Remedies name commands; whoever asks over HTTP is also told the route that does the same, or the page.

In one place, because services and domain do not know who asks.
"""

import re
from collections.abc import Mapping
from typing import Final

_COMMAND = re.compile(r"`ytempire ([a-z]+(?: [a-z]+)?)(?: ([^`\s]+))?[^`]*`")
_ONE, _ACCOUNT, _HOOK = "/api/v1/publications/{}", "/api/v1/accounts/{}", "/api/v1/webhooks/{}"

SAME: Final[Mapping[str, tuple[str, str | None]]] = {
    "jobs list": ("GET /api/v1/publications", "/publications"),
    "jobs held": ("GET /api/v1/publications?state=held", "/publications?state=held"),
    "jobs show": (f"GET {_ONE}", "/publications/{}"),
    "jobs retry": (f"POST {_ONE}/retry", "/publications/{}"),
    "jobs edit": (f"POST {_ONE}/edit", None),
    "jobs resolve": (f"POST {_ONE}/resolve", "/publications/{}"),
    "accounts list": ("GET /api/v1/accounts", "/accounts"),
    "accounts show": (f"GET {_ACCOUNT}", "/accounts/{}"),
    "accounts resume": (f"POST {_ACCOUNT}/resume", "/accounts/{}"),
    "alerts test": ("POST /api/v1/alerts/test", None),
    "connect": ("POST /api/v1/auth/youtube/start?account={}", "/accounts"),
    "doctor": ("GET /api/v1/doctor", None),
    "errors review": ("GET /api/v1/errors/unknown", "/errors"),
    "errors": ("GET /api/v1/errors", "/errors"),
    "plan": ("GET /api/v1/plan", "/plan"),
    "quota": ("GET /api/v1/quota", "/quota"),
    "services": ("GET /api/v1/services", "/services"),
    "token list": ("GET /api/v1/tokens", None),
    "tokens status": ("GET /api/v1/auth/youtube/status?account={}", "/accounts"),
    "webhook add": ("POST /api/v1/webhooks", "/webhooks"),
    "webhook dead": ("GET /api/v1/webhooks/dead", "/webhooks"),
    "webhook enable": (f"POST {_HOOK}/enable", "/webhooks"),
    "webhook replay": (f"POST {_HOOK}/replay", "/webhooks"),
    "webhook rotate": (f"POST {_HOOK}/rotate", "/webhooks"),
    "webhook test": (f"POST {_HOOK}/test", "/webhooks"),
}
"""Commands, and where the same is: a route, and a page if there is one; `{}` stands for what the command is about."""


def for_programs(text: str) -> str:
    """A sentence in which commands are followed by the routes that do the same."""
    return _COMMAND.sub(lambda found: _with(found, "here", 0), text)


def for_people(text: str) -> str:
    """A sentence in which commands are followed by the pages on which the same can be done."""
    return _COMMAND.sub(lambda found: _with(found, "here on the page", 1), text)


def _with(found: re.Match[str], word: str, which: int) -> str:
    whole, words, about = found[0], found[1], found[2]
    first, _, second = words.partition(" ")
    if words not in SAME and second:  # the second word is what it is about
        words, about = first, second
    place = SAME.get(words, (None, None))[which]
    return whole if place is None else f"{whole} ({word}: {place.format(about or 'ID')})"
