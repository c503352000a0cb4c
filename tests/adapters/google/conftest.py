"""A client with short patience, files to send, and a certificate authority of our own."""

import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.adapters.google.raw_server import RawServer, Script
from ytempire.adapters.google import HttpGoogle, Timeouts
from ytempire.adapters.system import MachineClock
from ytempire.domain.values import Secret
from ytempire.domain.wire import Piece

TOKEN = Secret("ya29.a-token")
QUICK = Timeouts(connect=2.0, call=1.0, stall=0.4)


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for localhost, as a file clients may trust, with the file of its key."""

    file: str
    key: str
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return Certificate(str(public), str(private), context)


Serve = Callable[..., RawServer]


@pytest.fixture
def serve(certificate: Certificate) -> Iterator[Serve]:
    """Starts servers that end with the test."""
    with ExitStack() as stack:

        def start(script: Script, *, tls: bool = False) -> RawServer:
            return stack.enter_context(RawServer(script, certificate.context if tls else None))

        yield start


Connect = Callable[..., HttpGoogle]


@pytest.fixture
async def connect(certificate: Certificate) -> AsyncIterator[Connect]:
    """Makes clients that are closed with the test."""
    made: list[HttpGoogle] = []

    def make(
        root: str, timeouts: Timeouts = QUICK, *, trusting: bool = True, max_bandwidth: int | None = None
    ) -> HttpGoogle:
        google = HttpGoogle(
            root,
            MachineClock(),
            timeouts=timeouts,
            extra_ca=certificate.file if trusting else None,
            max_bandwidth=max_bandwidth,
        )
        made.append(google)
        return google

    yield make
    for google in made:
        await google.aclose()


@pytest.fixture
def video(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a file of so many bytes that no other offset repeats."""

    def make(size: int) -> Path:
        path = tmp_path / "video.mp4"
        numbers = b"".join(number.to_bytes(4, "big") for number in range(65_536))
        with path.open("wb") as file:
            for block in range(0, size, len(numbers)):
                file.write((block.to_bytes(8, "big") + numbers)[: min(len(numbers), size - block)])
        return path

    return make


def whole(root: str, path: Path) -> Piece:
    """All of a file, for a session on this server."""
    size = path.stat().st_size
    return Piece(root + "session?upload_id=abc", str(path), "video/mp4", 0, size, size)
