"""What of a text must not be told: known secrets, and whatever looks like one to who knows their shapes.

Masking too much costs a word in a log; masking too little costs a channel. A shape is cut only where it begins
unmistakably: by its vendor's prefix, by the name in front of it, or by being a key in PEM.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "•••"
SHORTEST = 6
"""What is shorter cannot be told from ordinary words."""

_SHAPES = re.compile(
    r"""
    ya29\.[\w.~+/=-]+                            # Google: access tokens
    | \b1//[\w.~+/=-]{10,}                       # Google: refresh tokens
    | \b4/[\w.~+=-]{20,}                         # Google: authorization codes
    | GOCSPX-[\w-]+                              # Google: client secrets
    | AIza[\w-]{30,}                             # Google: API keys
    | \byte_[\w.-]{8,}                           # ours, for the HTTP API
    | \bsk[-_][\w-]{12,}                         # OpenAI, Anthropic, ElevenLabs, Stripe
    | \brk_[\w-]{12,}                            # Stripe: restricted keys
    | \bwhsec_[\w+/=-]+                          # Standard Webhooks
    | \beyJ[\w-]+\.[\w-]+\.[\w-]*                # JSON web tokens
    | \bA(?:KI|SI)A[0-9A-Z]{12,}                 # AWS: ids of keys
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----(?:.|\n)*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE,
)
_SCHEME = re.compile(r"\b(Bearer|Basic|Digest|AWS4-HMAC-SHA256)(\s+)[^\s,;\"'<>]+", re.IGNORECASE)
_USERINFO = re.compile(r"(://)[^/?#\s@\"':]*:[^/?#\s@\"']*@")
_NAMED = re.compile(
    r"""(?P<name>\b(?:access_token|refresh_token|id_token|client_secret|code_verifier|upload_id|api[-_]?key|xi-api-key
    |x-goog-api-key|key|code|state|token|password|passphrase|secret|signature|sealed|cookie|authorization)\b
    ["']?\s*[=:]\s*["']?)(?P<value>[^\s&"',;<>{}]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_SECRET_NAMES = re.compile(
    r"(?:^|[_-])(?:token|secret|password|passphrase|authorization|cookie|key|credential|credentials|code|state|verifier|"
    r"sealed|signature)$",
    re.IGNORECASE,
)
_PLAIN_NAMES = frozenset({"code", "key", "state", "account_state"})
"""Names that say other things here: the code of a fault, the key of an alert, the state of a publication."""

_PLAIN_WORD = re.compile(r"[a-z][a-zA-Z]{0,40}(?:_[a-zA-Z]+)*|\d{1,6}|True|False|None")


def masked(text: str, known: re.Pattern[str] | None = None) -> str:
    """The text without secrets. `known` is made by `pattern_of`."""
    if known is not None:
        text = known.sub(MASK, text)
    text = _SHAPES.sub(MASK, text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _USERINFO.sub(rf"\1{MASK}@", text)
    return _NAMED.sub(_named, text)


def is_secret(name: str) -> bool:
    """Is whatever stands under this name a secret, however it looks?"""
    return name.lower() not in _PLAIN_NAMES and _SECRET_NAMES.search(name) is not None


def pattern_of(known: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these values, as they are and as they stand in an address; None without any."""
    shapes = {shape for each in known if len(each) >= SHORTEST for shape in (each, quote(each, safe=""))}
    if not shapes:
        return None
    return re.compile("|".join(map(re.escape, sorted(shapes, key=len, reverse=True))))


def cleaned(value: object, known: re.Pattern[str] | None = None, depth: int = 8) -> object:
    """A value of a log without secrets, as plain JSON values: what is none is told in its own words, masked."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return masked(value, known)
        case bytes():
            return masked(value.decode(errors="backslashreplace"), known)
        case _ if depth == 0:
            return MASK
        case Mapping():
            return cleaned_all(value, known, depth - 1)
        case list() | tuple() | set() | frozenset():
            return [cleaned(each, known, depth - 1) for each in value]
        case _:
            return masked(str(value), known)


def cleaned_all(
    values: Mapping[Any, object], known: re.Pattern[str] | None = None, depth: int = 8
) -> dict[str, Any]:
    """Values by their names, without secrets: neither among the values nor among the names."""
    return {
        masked(str(name), known): MASK
        if is_secret(str(name)) and value is not None
        else cleaned(value, known, depth)
        for name, value in values.items()
    }


def _named(found: re.Match[str]) -> str:
    """What stands behind a telling name, unless it is an ordinary word of ours (`code=backendError`)."""
    name, value = found["name"], found["value"]
    word = re.split(r"[\"'=:\s]", name, maxsplit=1)[0].lower()
    if word in _PLAIN_NAMES and _PLAIN_WORD.fullmatch(value):
        return found[0]
    return found[0] if value.startswith(MASK) else f"{name}{MASK}"
