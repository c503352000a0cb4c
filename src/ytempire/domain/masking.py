"""What must not be read, struck out of what is told: the last line of defence, for faces that others read from.

Nothing that is told holds a secret to begin with; this is for the day on which something does after all.
"""

import re
from collections.abc import Mapping

MASK = "•••"

_SECRETS = re.compile(
    r"""
      ya29\.[\w.-]+                        # an access token of Google
    | \b1//[\w-]{20,}                      # a refresh token of Google
    | \b4/[\w-]{20,}                       # a code of consent
    | GOCSPX-[\w-]{8,}                     # a client secret of Google
    | \byte_[A-Za-z0-9_-]{43}              # a token of our API
    | \bwhsec_[A-Za-z0-9+/=_-]{16,}        # a secret of a webhook
    | \byt1\.[0-9a-f]{12}\.[\w-]+          # a sealed text
    | \bsk-[\w-]{20,}                      # a key of a provider
    | \bBearer\s+[\w.~+/=-]+
    | https?://[^\s"']*upload_id=[^\s"']+  # the address of an upload session
    | https?://[^\s"'/]*/(?:resumable/)?upload/[^\s"']+
    """,
    re.VERBOSE,
)


def masked(value: object) -> object:
    """The same JSON value with everything that looks like a secret struck out of its texts.

    Halves of characters (of the name of a file in another coding), which nobody could be sent, become question marks.
    """
    if isinstance(value, str):
        return _SECRETS.sub(MASK, value).encode(errors="replace").decode()
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]
    if isinstance(value, Mapping):
        return {str(masked(name)): masked(each) for name, each in value.items()}
    return value
