"""What an upload takes of the machine."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.adapters.google.conftest import Certificate, Serve
from tests.adapters.google.raw_server import Peer, reply

ROOT = Path(__file__).parents[3]
SIZE = 200 * 1_048_576


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_memory_does_not_grow_with_the_file(
    serve: Serve, certificate: Certificate, tmp_path: Path, tls: bool
) -> None:
    server = serve(takes_all, tls=tls)
    path = tmp_path / "video.mp4"
    path.touch()
    os.truncate(path, SIZE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}

    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adapters.google.uploader", server.root, certificate.file, str(path),
        env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await child.communicate()

    assert 0 == child.returncode
    assert SIZE == server.peer.received
    assert int(output) < 8 * 1024


def takes_all(peer: Peer) -> None:
    peer.take_all().say(reply("200 OK", b"{}"))
