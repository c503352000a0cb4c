"""How a vendor's refusal is read: by its body first, by its status only where the body says nothing.

Each vendor's file holds its own words; what they share is here. Nothing that a vendor says is shown before every
form of our key was taken out of it.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from ytempire.adapters.providers.web import Heard
from ytempire.domain.chain import Blame, Charged, ProviderFault
from ytempire.domain.values import Secret
from ytempire.domain.wire import storable

_LONGEST_MESSAGE = 300
_LONGEST_CODE = 60
_SHORT_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(days=1)

_BY_STATUS = {
    400: Blame.UNFIT,
    401: Blame.CREDENTIAL,
    402: Blame.EXHAUSTED,
    403: Blame.CREDENTIAL,
    404: Blame.CREDENTIAL,  # a wrong address or model: the configuration's, as a wrong key is
    405: Blame.CREDENTIAL,
    408: Blame.OUTAGE,
    409: Blame.BUSY,
    413: Blame.UNFIT,
    422: Blame.UNFIT,
    429: Blame.BUSY,
}

_GATEWAY = frozenset({500, 502, 504, 520, 522, 524})
"""Without a vendor's body these may come from a machine between us and a vendor that did its work."""


@dataclass(frozen=True, slots=True)
class Words:
    """A vendor's own words: what its codes mean, and what parts of its messages (in lower case) mean.

    A part of a message is more exact than a code, and wins.
    """

    codes: Mapping[str, Blame]
    parts: Sequence[tuple[str, Blame]] = ()

    def blame(self, codes: Sequence[str], message: str) -> Blame | None:
        """What they mean; None when nothing is known of them."""
        low = message.lower()
        told = next((blame for part, blame in self.parts if part in low), None)
        return told or next((self.codes[code] for code in codes if code in self.codes), None)


def refusal(
    heard: Heard, codes: Sequence[str], message: str, *, words: Words, now: datetime
) -> ProviderFault:
    """The fault in a reply that is no success. `codes` are the vendor's, the most exact first, empty ones too."""
    named = [code for code in codes if code]
    blame = words.blame(named, message) or by_status(heard.status)
    vendors_own = bool(named or message)
    charged = Charged.MAYBE if heard.status in _GATEWAY and not vendors_own else Charged.NO
    rest = rest_until(heard.headers, now)
    return ProviderFault(
        blame,
        named[0] if named else f"http_{heard.status}",
        message or "it gave no reason",
        charged,
        rest_until=rest if blame in {Blame.BUSY, Blame.EXHAUSTED, Blame.OUTAGE} else None,
    )


def by_status(status: int) -> Blame:
    """What a status means that came without a word of the vendor."""
    if 300 <= status < 400:
        return Blame.CREDENTIAL  # a redirect is never followed: the address in the configuration is another's
    return _BY_STATUS.get(status, Blame.UNFIT if 400 <= status < 500 else Blame.OUTAGE)


def rest_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a vendor says to come back; None when it does not, or when that is in a moment (RFC 9110 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    try:
        rest = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        rest = _until(text, now)
    return now + min(rest, _LONGEST_REST) if rest > _SHORT_REST else None


def _until(text: str, now: datetime) -> timedelta:
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return timedelta()
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) - now


def unusable(code: str, message: str, cost: int | None = None) -> ProviderFault:
    """A success that holds nothing of use; it was paid for."""
    return ProviderFault(Blame.OUTPUT, code, message, Charged.YES, cost)


def text_of(found: object) -> str:
    """A vendor's word as text; empty when it is none (null, a list)."""
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def safe(fault: ProviderFault, key: Secret | None) -> ProviderFault:
    """The fault, fit to be kept and shown: no form of the key in it, and of bounded length."""
    return replace(
        fault,
        code=storable(without(fault.code, key), _LONGEST_CODE),
        message=storable(" ".join(without(fault.message, key).split()), _LONGEST_MESSAGE),
    )


def without(text: str, key: Secret | None) -> str:
    """A text with every form of the key taken out that a vendor could repeat."""
    secret = key.reveal() if key else ""
    if not secret:
        return text
    raw = secret.encode()
    forms = {secret, quote(secret, safe=""), raw.hex(), base64.b64encode(raw).decode().rstrip("=")}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "•••", text, flags=re.IGNORECASE)
