"""What goes wrong between us and a vendor, in words that carry no address, header or reply: those may be secret."""

import socket
import ssl

from ytempire.domain.causes import first_of, first_told
from ytempire.domain.chain import Blame, Charged, ProviderFault

_BY_NAME = {  # those of httpx2, which is not imported here: it is slow to
    "ConnectTimeout": "it could not be reached in time",
    "PoolTimeout": "too many calls are waiting",
    "ReadError": "the connection was reset",
    "WriteError": "the connection was reset",
    "RemoteProtocolError": "the reply broke off or was not HTTP",
    "UnsupportedProtocol": "its address is not a web address",
    "InvalidURL": "its address is not a web address",
}

_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "the secure connection failed"),
    (socket.gaierror, "its name could not be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionError, "the connection was reset"),
    (TimeoutError, "it was silent for too long"),
)


def why(error: BaseException) -> str:
    """One clause that says what happened, from the most telling error in the chain of causes."""
    untrusted = first_of(ssl.SSLCertVerificationError, error)
    if untrusted is not None:
        return f"its certificate is not trusted: {untrusted.verify_message}"
    told = first_told(error, _BY_KIND)
    if told is not None:
        return told
    name = type(error).__name__
    return _BY_NAME.get(name, f"the connection failed ({name})")


def no_room(error: OSError, charged: Charged) -> ProviderFault:
    """The fault of a file that cannot be written: every other provider would find the same, so the call ends."""
    told = error.strerror or type(error).__name__
    return ProviderFault(Blame.CALLER, "cannot_write", f"the sound cannot be written: {told}", charged)
