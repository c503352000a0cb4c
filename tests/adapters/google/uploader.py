"""A process that uploads one file and prints how much its memory grew, in KiB: `uploader ROOT CA FILE`."""

import asyncio
import resource
import sys
from dataclasses import replace
from pathlib import Path

from tests.adapters.google.conftest import TOKEN, whole
from ytempire.adapters.google import HttpGoogle
from ytempire.adapters.system import MachineClock
from ytempire.ports import Courier


async def main(root: str, ca: str, path: str) -> None:
    google = HttpGoogle(root, MachineClock(), extra_ca=ca)

    async def opened() -> bool:
        return True

    piece = whole(root, Path(path))
    await google.send(replace(piece, end=100, total=100), TOKEN, Courier(opened))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await google.send(piece, TOKEN, Courier(opened))
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
    await google.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
