"""The clients of the upload benchmark, each in a process of its own: `upload_clients CLIENT ROOT CA FILE...`.

Each gets ready as a running service would be (imports, trust, service objects), then uploads all files at
once. One line of JSON tells of that second part seconds, CPU seconds and memory over idle in bytes, and for
ours the lag of the event loop in milliseconds.
"""

import asyncio
import importlib.resources
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

TICK = 0.005
CHUNK = 50 * 1024 * 1024
"""What the customary example of the official client uses."""

Found = dict[str, Any]


class Meter:
    """What the uploads take, from the moment it is made."""

    def __init__(self) -> None:
        self._memory = _memory_now()
        self._cpu = _cpu()
        self._begun = time.perf_counter()

    def read(self) -> Found:
        """Seconds, CPU seconds of this process and its children, bytes of memory over idle."""
        seconds, cpu = time.perf_counter() - self._begun, _cpu() - self._cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - self._memory
        return {"seconds": seconds, "cpu": cpu, "memory": memory}


def ours(root: str, ca: str, files: list[str]) -> Found:
    """`HttpGoogle` as the product uses it: a session by a small call, one PUT with token and courier."""
    from ytempire.adapters.google import HttpGoogle
    from ytempire.adapters.system import MachineClock
    from ytempire.domain.values import Secret
    from ytempire.domain.wire import Call, Piece, Reply
    from ytempire.ports import Courier

    token = Secret("ya29.benchmark")
    sizes = {path: Path(path).stat().st_size for path in files}

    async def opened() -> bool:
        return True

    async def upload(google: HttpGoogle, path: str, size: int) -> None:
        headers = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
        session = await google.call(Call("POST", "upload", {}, body={"snippet": {}}, headers=headers), token)
        assert isinstance(session, Reply), session
        offsets: list[int] = []
        courier = Courier(opened, halted=lambda: False, progress=offsets.append)
        piece = Piece(session.headers["location"], path, "video/mp4", 0, size, size)
        answer = await google.send(piece, token, courier)
        assert isinstance(answer, Reply), answer
        assert answer.json()["id"] == "v"
        assert offsets[-1] == size

    async def all_of_them() -> Found:
        google = HttpGoogle(root, MachineClock(), extra_ca=ca or None)
        await google.call(Call("POST", "ready"), token)
        lags: list[float] = []
        ticker = asyncio.create_task(_tick(lags))
        meter = Meter()
        await asyncio.gather(*(upload(google, path, size) for path, size in sizes.items()))
        found = meter.read()
        ticker.cancel()
        await google.aclose()
        return found | {"lag_ms": _percentiles(lags)}

    return asyncio.run(all_of_them())


async def _tick(lags: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TICK)
        lags.append((time.perf_counter() - begun - TICK) * 1000)


def _percentiles(lags: list[float]) -> list[float]:
    ordered = sorted(lags)
    return [round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2) for part in (0.5, 0.99, 1)]


def google(root: str, ca: str, files: list[str]) -> Found:
    """google-api-python-client: MediaFileUpload in chunks of 50 MB, a thread and a connection per file."""
    if ca:
        os.environ["HTTPLIB2_CA_CERTS"] = ca
    from googleapiclient.discovery import build_from_document
    from googleapiclient.http import MediaFileUpload, build_http

    documents = importlib.resources.files("googleapiclient.discovery_cache.documents")
    document = json.loads(documents.joinpath("youtube.v3.json").read_text())
    document |= {"rootUrl": root, "baseUrl": root, "mtlsRootUrl": root}

    services = {path: build_from_document(document, http=build_http()) for path in files}

    def upload(path: str) -> None:
        media = MediaFileUpload(path, mimetype="video/mp4", chunksize=CHUNK, resumable=True)
        request = services[path].videos().insert(part="snippet", body={"snippet": {}}, media_body=media)
        answer = None
        while answer is None:
            _, answer = request.next_chunk()
        assert answer["id"] == "v"

    return _at_once(upload, files)


def curl(root: str, ca: str, files: list[str]) -> Found:
    """`curl -T`: a process per file."""

    def upload(path: str) -> None:
        trust = ["--cacert", ca] if ca else []
        command = ["curl", "-sS", "--fail", "-H", "Expect:", *trust, "-T", path, root + "session"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    found = _at_once(upload, files)
    # Nothing is idle in curl: all its processes count whole.
    return found | {"memory": len(files) * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}


def _at_once(upload: Callable[[str], None], files: list[str]) -> Found:
    meter = Meter()
    with ThreadPoolExecutor(len(files)) as threads:
        list(threads.map(upload, files))
    return meter.read()


CLIENTS = {"ours": ours, "google": google, "curl": curl}


def _cpu() -> float:
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in times)


def _memory_now() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    name, root, ca, *files = sys.argv[1:]
    print(json.dumps(CLIENTS[name](root, ca, files)))


if __name__ == "__main__":
    main()
