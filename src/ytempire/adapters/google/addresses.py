"""Which addresses may be given a token or a secret. Plain functions over addresses; nothing is resolved."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".test")


def trusted_root(root: str) -> str:
    """The API root, ending in a slash.

    Raises `ValueError` when it is no address, or would carry tokens in clear over a public network.
    """
    parts = _split(root)
    if parts is None or parts.query or parts.fragment:
        raise ValueError("the API root must be an address such as https://youtube.googleapis.com/")
    if parts.scheme == "http" and not _private(parts.hostname or ""):
        raise ValueError("the API root must use https: tokens would cross a public network in clear")
    return root if root.endswith("/") else root + "/"


def why_no_session(uri: str, root: str) -> str | None:
    """Why a token must not go to this session address; None when it may.

    A session must live where the API root lives: the same host, any loopback name when the root is on
    loopback, any host of googleapis.com when the root is one. The address itself is never in the answer.
    """
    parts, home = _split(uri), urlsplit(root)
    if parts is None:
        return "the session's address is not a plain http or https address"
    if parts.scheme == "http" and home.scheme != "http":
        return "the session's address is not https, and the token must not travel in clear"
    if not _same_place(parts.hostname or "", home.hostname or ""):
        return "the session's address is on another host than the API, and gets no token"
    return None


def why_no_form(url: str, root: str) -> str | None:
    """Why an OAuth form must not go to this address; None when it may."""
    parts = _split(url)
    if parts is None:
        return "the OAuth address is not a plain http or https address"
    local = urlsplit(root).scheme == "http" and _private(parts.hostname or "")
    if parts.scheme == "http" and not local:
        return "the OAuth address is not https, and secrets must not travel in clear"
    return None


def _split(address: str) -> SplitResult | None:
    """The parts of an http(s) address; None when anything about it is odd.

    `urlsplit` quietly drops tabs and line ends and takes a backslash for a letter, so they are refused first.
    """
    if any(not "!" <= letter <= "~" or letter == "\\" for letter in address):
        return None
    try:
        parts = urlsplit(address)
        odd = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        return None
    return None if odd or "@" in parts.netloc else parts


def _same_place(host: str, home: str) -> bool:
    if host == home:
        return True
    if _loopback(home):
        return _loopback(host)
    return _googleapis(home) and _googleapis(host)


def _googleapis(host: str) -> bool:
    return host == "googleapis.com" or host.endswith(".googleapis.com")


def _loopback(host: str) -> bool:
    number = _number(host)
    return host == "localhost" or host.endswith(".localhost") or (number is not None and number.is_loopback)


def _private(host: str) -> bool:
    """Is it surely not on the public network? A name without a dot is a machine or container nearby."""
    number = _number(host)
    if number is not None:
        return number.is_private
    return "." not in host or host.endswith(_PRIVATE_ENDINGS)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
