"""The browser of this machine, opened at an address beside what the program itself does."""

import asyncio
import os
import threading

_PATIENCE = 3.0
"""Seconds after which a browser that has not returned is one that stays in the foreground, and is at work."""


async def opened(address: str) -> bool:
    """Whether some browser took the address.

    It runs beside us, for one that stays in the foreground would keep us from answering when it comes back. And
    it is not given the keys that our environment may hold, for as long as it runs and in what it starts: the
    variables of this program are gone from here on, after all that needs them has read them.
    """
    for name in [name for name in os.environ if name.startswith("YTEMPIRE_")]:
        del os.environ[name]
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bool] = loop.create_future()
    ask = threading.Thread(target=_ask, args=(address, loop, answer), name="browser", daemon=True)
    ask.start()
    await asyncio.wait({answer}, timeout=_PATIENCE)
    return answer.result() if answer.done() else True


def _ask(address: str, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[bool]") -> None:
    import webbrowser

    try:
        found = webbrowser.open(address)
    except webbrowser.Error:
        found = False
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, answer, found)


def _settle(answer: "asyncio.Future[bool]", found: bool) -> None:  # noqa: FBT001  what webbrowser says
    if not answer.done():
        answer.set_result(found)
