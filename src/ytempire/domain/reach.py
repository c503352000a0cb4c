"""Which addresses may be spoken to when somebody else chose the name: rules against being sent to one's own house.

An address is judged after its name was looked up, and the connection goes to that very address; so neither odd
spellings (`0x7f.1`, `2130706433`) nor a name that answers differently the second time lead inside. The ranges are
those of the registries for special purposes (RFC 6890) as Python knows them, and IPv4 inside IPv6 is taken out first.
"""

import ipaddress
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_COMPATIBLE = ipaddress.ip_network("::/96")
_UNIQUE = ipaddress.ip_network("fc00::/7")
_UNROUTED = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "fec0::/10", "3fff::/20", "5f00::/16")))
"""Protocol assignments, site-local, documentation and segment routing: special too, and not known as such to every
Python.
"""
_SECRETS = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"))
)
"""Where clouds keep their secrets inside ranges that are private: Alibaba Cloud, AWS (instances and pods), Google."""

_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def refused_address(text: str, *, private: bool) -> str | None:
    """Why an address may not be spoken to; None when it may.

    `private`: addresses of this machine and of private networks may. Those that clouds keep their secrets behind
    (link-local ones, and some few in private ranges), multicast and reserved ones never may.
    """
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return f"{text!r:.60} is no address"
    for each in (address, *_within(address)):
        if why := _refused(each, private=private):
            return f"{text} {why}"
    return None


def is_inside(text: str) -> bool:
    """Is this an address of this machine or of a private network?"""
    address = ipaddress.ip_address(text.partition("%")[0])
    return any(_is_private(each) for each in (_within(address) or (address,)))


def refused_url(url: str, *, private: bool) -> str | None:
    """Why an address on the web may not be used, without repeating it; None when it may.

    Without `private` it is https. No name and password, no fragment, nothing but printable ASCII.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "write it in plain ASCII without blanks, a name with other letters as xn--..."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not a web address; write one like https://example.org/hook"
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        return "it is not a web address; write one like https://example.org/hook"
    if "@" in parts.netloc:
        return "it holds a name or a password; leave that out, messages are signed"
    if parts.fragment or url.endswith("#"):
        return "it has a fragment, which is never sent; leave out what follows the #"
    if parts.scheme == "http" and not private:
        return "it is not https; use https, or set allow_private for a receiver on your own network"
    return None


def _within(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found: list[Address] = [each for each in (address.ipv4_mapped, address.sixtofour) if each is not None]
    if address.teredo is not None:
        found += address.teredo
    embeds = address in _NAT64 or address in _LOCAL_NAT64 or (address in _COMPATIBLE and int(address) > 1)
    if embeds:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return tuple(found)


def _refused(address: Address, *, private: bool) -> str | None:
    if address in _SECRETS:
        return "is where a cloud keeps its secrets"
    if _is_private(address):
        return None if private else "is an address of this machine or of a private network"
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return None  # what it leads to is judged in its place
    strange = address.is_multicast or address.is_reserved or any(address in each for each in _UNROUTED)
    return None if address.is_global and not strange else "is an address that nobody on the internet has"


def _is_private(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_loopback or address in _UNIQUE
    return address.is_loopback or address in _SHARED or any(address in each for each in _PRIVATE)
