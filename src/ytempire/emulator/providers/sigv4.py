"""Checking a signature of AWS: version 4, recomputed with the known secret. Time is left out, for clocks shift here.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_SCHEME = "AWS4-HMAC-SHA256"
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed request as it came in; header names are in small letters, `path` is as it stood on the line."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


def objection(request: Signed, *, key_id: str, secret: str, service: str) -> str | None:
    """The name of the error with which AWS would refuse this signature; None where it is right."""
    given = request.headers.get("authorization", "")
    if not given:
        return "MissingAuthenticationTokenException"
    parts = dict(_PART.findall(given))
    scope = parts.get("Credential", "").split("/")
    stamp = request.headers.get("x-amz-date", "")
    if not given.startswith(_SCHEME) or len(parts) != 3 or len(scope) != 5 or not stamp:
        return "IncompleteSignatureException"
    if scope[0] != key_id:
        return "UnrecognizedClientException"
    named = parts["SignedHeaders"].split(";")
    if scope[1] != stamp[:8] or scope[3:] != [service, "aws4_request"] or "host" not in named:
        return "InvalidSignatureException"
    right = _signature(request, named, scope[1:], secret)
    return None if hmac.compare_digest(right, parts["Signature"]) else "InvalidSignatureException"


def _signature(request: Signed, named: list[str], scope: list[str], secret: str) -> str:
    """The signature over these headers that the holder of the secret would make."""
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/~"),
            "&".join(sorted(f"{_coded(name)}={_coded(value)}" for name, value in request.query)),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in named),
            "",
            ";".join(named),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((_SCHEME, request.headers["x-amz-date"], "/".join(scope), hashed))
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _coded(text: str) -> str:
    return quote(text, safe="~")
