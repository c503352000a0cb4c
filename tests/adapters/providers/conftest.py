"""Vendors of the emulator, a bare server that says what a test tells it, and the client between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import pytest

from tests.bare import serving
from ytempire.adapters.providers import SPEAKERS, WRITERS, Web
from ytempire.adapters.system import MachineClock
from ytempire.domain.values import Secret
from ytempire.emulator import Emulator
from ytempire.ports.chains import Speaker, Terms, Writer

MODELS = {"openai": "gpt-6-luna", "anthropic": "claude-haiku-5-5"}
CANARY = "sk-canary-7f3a9c5e1b8d2f4a6c0e9b7d"


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    made = Web(MachineClock())
    yield made
    await made.aclose()


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        yield running


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Iterator[Emulator]:
    yield shared_emulator
    shared_emulator.clear_faults()


def terms_of(emulator: Emulator, kind: str, **changes: object) -> Terms:
    """How a vendor of the emulator is configured."""
    keys = emulator.provider_keys
    secret = keys.polly_secret if kind == "polly" else str(getattr(keys, kind))
    made = Terms(
        name=f"our_{kind}",
        kind=kind,
        key=Secret(secret),
        key_id=keys.polly if kind == "polly" else "",
        base_url=emulator.provider_root(kind),
        model=MODELS.get(kind, ""),
        seconds=10.0,
        cost=500_000,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names fields of Terms


def speaker(terms: Terms, web: Web) -> Speaker:
    return SPEAKERS[terms.kind](terms, web)


def writer(terms: Terms, web: Web) -> Writer:
    return WRITERS[terms.kind](terms, web)


@dataclass
class BareServer:
    """Answers each connection with the next of its answers; an empty one ends it without a word."""

    root: str = ""
    answers: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    silent: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b""
        self.heard.append(head + body)
        self.came.set()
        if self.silent:
            await asyncio.Event().wait()
        writer.write(self.answers.pop(0) if self.answers else b"")
        await writer.drain()


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """A whole reply, or one that promises another length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "Connection: close"]).encode() + b"\r\n\r\n" + body


Serve = Callable[..., Awaitable[BareServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts bare servers that end with the test."""
    async with AsyncExitStack() as stack:

        async def start(*answers: bytes, silent: bool = False) -> BareServer:
            bare = BareServer(answers=list(answers), silent=silent)
            bare.root = f"http://127.0.0.1:{await stack.enter_async_context(serving(bare.serve))}"
            return bare

        yield start
