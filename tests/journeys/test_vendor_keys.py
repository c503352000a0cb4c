"""The keys of all vendors are to be read nowhere: not in a home, a log, an alert, a document or a traceback.

Also not when a vendor sends back what it was sent, in its refusal or in what it made.
"""

import json
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.adapters.receiver import receiving
from tests.canaries import leaks
from tests.entrypoints.chained import SCRIPTS, TEXT, VOICES, Chained
from tests.fixtures.chains import Chain
from ytempire.bootstrap.chain_house import chain_house
from ytempire.domain.chain import ChainFailed
from ytempire.domain.scripts import ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.settings import load

PATHS = {"openai_primary": "/v1", "openai_economy": "/v1"}


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """A server that answers everything with all the headers and the query it was sent, as vendors' errors do."""

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.do_GET()

        def do_GET(self) -> None:
            sent = f"you sent {dict(self.headers)} to {self.path}"
            told = {"code": sent, "type": sent, "status": sent, "message": sent}
            body = json.dumps({"error": told, "detail": told, "message": sent, "code": sent}).encode()
            self.send_response(status, "told you")
            self.send_header("Content-Type", "application/json")
            self.send_header("x-amzn-ErrorType", self.headers.get("Authorization", "")[:300])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def roots(root: str) -> dict[str, str]:
    """Every vendor is at this server."""
    return {name: root + PATHS.get(name, "") for name in (*VOICES[:3], *SCRIPTS[:3])}


def secrets(chained: Chained) -> set[bytes]:
    """Every key of a vendor. The id of an access key is a name, and may be told."""
    return {secret.encode() for secret in chained.emulator.world.vendors.secrets()}


def everything(chained: Chained) -> None:
    """Every command that has to do with vendors, with a log that tells all there is to tell."""
    stripe: dict[str, Any] = {
        "STRIPE_API_KEY": chained.emulator.provider_keys.stripe,
        "YTEMPIRE_HEALTH__STRIPE_BASE_URL": chained.emulator.provider_root("stripe"),
    }
    chained.run("speak", TEXT, "-o", "a.wav", "--json", talkative=True)
    chained.run("speak", TEXT, "-o", "a.mp3", talkative=True)
    chained.run("script", "tides", "--json", talkative=True)
    for name in (*VOICES[:3], *SCRIPTS[:3]):
        order = ["speak", TEXT, "-o", "b.wav"] if name in VOICES else ["script", "tides"]
        chained.run(*order, "--provider", name, talkative=True)
    chained.run("drill", "--json", talkative=True)
    chained.run("drill", "--paid", talkative=True)
    for words in (
        ("services",),
        ("services", "--json"),
        ("services", "calls", "--json"),
        ("checklist", "--json"),
    ):
        chained.run(*words, talkative=True)
    assert 0 == chained.run("init", "--config", "unused.toml").code
    (chained.folder / "unused.toml").unlink()
    chained.run("worker", "--until-idle", talkative=True, **stripe)
    chained.run("alerts", "list", "--all", "--json")


@pytest.mark.parametrize("status", [None, 200, 401, 500])
def test_keys_are_to_be_read_nowhere_even_if_vendors_send_them_back(status: int | None, chain: Chain) -> None:
    with receiving() as receiver, echoing(status or 200) as root:
        elsewhere = (
            {}
            if status is None
            else {name: root + PATHS.get(name, "") for name in (*VOICES[:3], *SCRIPTS[:3])}
        )
        levels = 'levels = ["info", "warning", "high", "critical"]'
        target = f'\n[alerts.targets.ops]\nurl = "json://127.0.0.1:{receiver.port}/x"\n{levels}\n'
        chained = chain(f"{target}\n[breakers]\nfailures = 2\n[health]\nconfirmations = 2\n", **elsewhere)

        everything(chained)

        told = [*chained.said, *receiver.bodies]
    assert [] == leaks(chained.folder, told, secrets(chained))
    assert any("DEBUG:" in each for each in chained.said)
    assert receiver.bodies


async def test_no_key_is_in_the_traceback_of_a_call_that_nobody_served(chain: Chain) -> None:
    with echoing(401) as root:
        chained = chain(**roots(root))
        settings = load(chained.config, chained.home, chained.variables)
        seen = [repr(settings)]
        async with chain_house(settings) as house:
            for name in (*VOICES[:3], *SCRIPTS[:3]):
                try:
                    if name in VOICES:
                        await house.speaking.speak(
                            SpeechOrder(TEXT), str(chained.folder / "a.wav"), only=name
                        )
                    else:
                        await house.writing.write(ScriptOrder("tides"), only=name)
                except ChainFailed as failed:
                    seen += ["".join(traceback.format_exception(failed)), repr(failed.trail)]
            seen.append(repr(house))

    assert 1 + 2 * 6 + 1 == len(seen)
    assert [] == leaks(chained.folder, seen, secrets(chained))
