"""The way to people: messages to targets that Apprise knows how to reach, each in a thread with a time-out.

An address is a secret: it is opened here and shown nowhere, and what Apprise says of a failure is stripped of
every part of it. Apprise is imported when the first notifier is made; it keeps nothing on disk.
"""

import asyncio
import contextlib
import logging
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ytempire.domain.alerts import Message
from ytempire.domain.faults import Level
from ytempire.domain.values import Mendable, Secret
from ytempire.domain.wire import storable

if TYPE_CHECKING:
    from apprise import NotifyBase

SECONDS = 20.0
_MASK = "•••"
_LONGEST = 200
_SHORTEST_SECRET = 4
"""Shorter parts of an address are words like `to`, and stripping them would leave nothing readable."""

_KINDS = {Level.INFO: "info", Level.WARNING: "warning", Level.HIGH: "failure", Level.CRITICAL: "failure"}
_OVER = "success"


class UnknownAddress(Mendable):
    """Apprise cannot make anything of an address."""


class AppriseNotifier:
    """`ports.Notifier` over Apprise, for targets by name. Raises `UnknownAddress` naming every bad target."""

    def __init__(self, addresses: Mapping[str, Secret], *, seconds: float = SECONDS) -> None:
        self._addresses = dict(addresses)
        self._seconds = seconds
        self._services = {name: _service(address) for name, address in addresses.items()}
        unknown = [name for name, service in self._services.items() if service is None]
        if unknown:
            remedy = "see the list of services in Apprise's documentation, like `slack://` or `mailtos://`"
            raise UnknownAddress(
                "\n".join(
                    f"alerts.targets.{name}: Apprise cannot read its address; {remedy}" for name in unknown
                )
            )

    async def send(self, target: str, message: Message) -> str | None:
        service = self._services.get(target)
        if service is None:
            return "it is not configured"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str | None] = loop.create_future()

        def tell(why: str | None) -> None:
            if not answer.done():
                answer.set_result(why)

        def work() -> None:
            why = _sent(service, message)
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(tell, why)

        # A daemon of its own: a target that never answers must not keep the process from ending.
        threading.Thread(target=work, name=f"alert-{target}", daemon=True).start()
        try:
            why = await asyncio.wait_for(answer, self._seconds)
        except TimeoutError:
            why = f"it did not answer within {self._seconds:g} s"
        return None if why is None else _stripped(why, self._addresses[target])


def _service(address: Secret) -> "NotifyBase | None":
    from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415  a third of a second

    asset = AppriseAsset(
        app_id="ytempire", app_desc="ytempire", storage_mode=PersistentStoreMode.MEMORY, secure_logging=True
    )
    logger = logging.getLogger("apprise")
    logger.propagate = (
        False  # its lines may hold parts of an address; what matters of them is in `send`'s answer
    )
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    service = Apprise.instantiate(address.reveal(), asset=asset)
    return service if service is not None and hasattr(service, "notify") else None


def _sent(service: "NotifyBase", message: Message) -> str | None:
    """None when it was taken, else what Apprise said of it."""
    from apprise import NotifyFormat, NotifyType  # noqa: PLC0415  see _service

    said = _Overheard()
    logger = logging.getLogger("apprise")
    logger.addHandler(said)
    try:
        kind = NotifyType(_OVER if message.over else _KINDS[message.level])
        taken = service.notify(
            body=_letters(message.body),
            title=_letters(message.title),
            notify_type=kind,
            body_format=NotifyFormat.TEXT,
        )
    except Exception as fault:  # noqa: BLE001  the outermost call of this thread; a plugin may raise anything
        return f"{type(fault).__name__}: {fault}"
    finally:
        logger.removeHandler(said)
    return None if taken else (said.last or "it did not take the message")


def _letters(text: str) -> str:
    """The text without halves of characters (of a file's name in another coding), which few services can be sent."""
    return text.encode(errors="replace").decode()


class _Overheard(logging.Handler):
    """The last complaint of Apprise in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.last = record.getMessage()


def _stripped(text: str, address: Secret) -> str:
    """One line without any part of the address that could be a secret, in either spelling; its scheme is none."""
    whole = address.reveal().partition("://")[2]
    parts = {
        part
        for spelt in (whole, unquote(whole))
        for part in (spelt, *re.split(r"[/?&=:@,#]+", spelt))
        if len(part) >= _SHORTEST_SECRET
    }
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, _MASK)
    return storable(" ".join(text.split()), _LONGEST)
