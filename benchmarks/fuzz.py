"""Sends an API whatever its own document allows, and much that it does not, and judges the answers by it.

python -m benchmarks fuzz [--requests 100000] [--seed 1]
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ytempire.bootstrap.serving import Part, serving
from ytempire.domain.allowance import Rate
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.server import listened, server
from ytempire.settings import Settings, load

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = frozenset({"streamEvents", "examine", "examineOnline"})
"""A stream has no end, and a checkup takes its time; both have tests of their own."""

_PLENTY = Rate(1e9, 10**9)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of an API that runs in a thread, without limits on how often; whoever asks is an admin."""
    ready = threading.Event()
    stop: list[Callable[[], None]] = []
    place: list[str] = []
    wide = replace(settings, api=replace(settings.api, local_role="admin"))

    async def run() -> None:
        async with serving(wide, frozenset({Part.API})) as house:
            socket = listened("127.0.0.1", 0)
            port = int(socket.getsockname()[1])
            running = server(build(house, front(port), Limits(_PLENTY, _PLENTY, _PLENTY)))
            place.append(f"http://127.0.0.1:{port}")
            stop.append(running.leave)
            ready.set()
            await running.serve(sockets=[socket])

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(30)
        yield place[0]
    finally:
        for each in stop:
            each()
        thread.join(30)


def fuzz(address: str, document: dict[str, object], examples: int, seed: int = 0) -> tuple[int, list[str]]:
    """How many requests were sent, and what was wrong with their answers. The same for the same seed."""
    schema = schemathesis.openapi.from_dict(document)
    sent, wrong = [0], list[str]()
    for found in schema.get_all_operations():
        operation: Any = getattr(found, "ok")()  # noqa: B009  an operation that is none fails here
        if operation.definition.raw.get("operationId") in LEFT_OUT:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _tried(operation.as_strategy(generation_mode=mode), examples, seed, _sender(address, sent))
            except hypothesis.errors.Unsatisfiable:
                continue  # nothing can be wrong with a request that has no parts
            except (Exception, BaseExceptionGroup) as problem:  # noqa: BLE001  it is told, and the next one tried
                wrong.append(f"{operation.label} {mode}: {problem}")
    return sent[0], wrong


def _sender(address: str, sent: list[int]) -> Callable[[Any], None]:
    def send(case: Any) -> None:
        sent[0] += 1
        answer = case.call(base_url=address, timeout=30)
        case.validate_response(answer, checks=CHECKS)

    return send


def _tried(
    cases: hypothesis.strategies.SearchStrategy[Any], examples: int, seed: int, send: Callable[[Any], None]
) -> None:
    settings = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate,),
        report_multiple_bugs=False,
    )

    @hypothesis.seed(seed)
    @settings
    @hypothesis.given(case=cases)
    def run(case: Any) -> None:
        send(case)

    run()


def main(argv: Sequence[str] | None = None) -> int:
    """Sends so many requests to an API with two accounts; 1 when an answer was wrong."""
    from tests.entrypoints.conftest import installation  # it needs pytest

    parser = argparse.ArgumentParser(prog="benchmarks fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Emulator.in_thread() as google:
        made = installation(Path(folder), google, 2)
        with served(load(made.config, made.home, {})) as address:
            document = httpx2.get(f"{address}/api/v1/openapi.json").json()
            operations = sum(len(methods) for methods in document["paths"].values()) - len(LEFT_OUT)
            each = max(1, arguments.requests // (2 * operations))
            sent, wrong = fuzz(address, document, each, arguments.seed)
    for problem in wrong:
        print(problem)
    print(f"{sent:,} requests in {time.monotonic() - began:.0f} s, seed {arguments.seed}: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
