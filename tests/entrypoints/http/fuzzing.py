"""Sends an API whatever its own document allows, and much that it does not, and judges the answers by it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

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
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.server import listened, server
from ytempire.settings import Settings

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


def fuzz(address: str, document: dict[str, object], examples: int) -> tuple[int, list[str]]:
    """How many requests were sent, and what was wrong with their answers. The same each time."""
    schema = schemathesis.openapi.from_dict(document)
    sent, wrong = [0], list[str]()
    for found in schema.get_all_operations():
        operation: Any = getattr(found, "ok")()  # noqa: B009  an operation that is none fails here
        if operation.definition.raw.get("operationId") in LEFT_OUT:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _tried(operation.as_strategy(generation_mode=mode), examples, _sender(address, sent))
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
    cases: hypothesis.strategies.SearchStrategy[Any], examples: int, send: Callable[[Any], None]
) -> None:
    settings = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate,),
        report_multiple_bugs=False,
    )

    @settings
    @hypothesis.given(case=cases)
    def run(case: Any) -> None:
        send(case)

    run()
