"""Buying from the providers over a plain connection: what arrives, whole or not."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.emulator.peer import Json
from tests.emulator.voices import TEXT
from ytempire.emulator import Emulator

RACHEL = "21m00Tcm4TlvDq8ikWAM"
PROMPT = "Write a script of 300 words about urban beekeeping."


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    @property
    def json(self) -> Json:
        content: Json = json.loads(self.body)
        return content


def post(emulator: Emulator, provider: str, path: str, body: Json, headers: dict[str, str]) -> Got:
    root = urlsplit(emulator.provider_root(provider))
    connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=20)
    try:
        connection.request("POST", root.path + path, json.dumps(body), headers)
        reply = connection.getresponse()
        head = {name.lower(): value for name, value in reply.getheaders()}
        try:
            return Got(reply.status, head, reply.read())
        except http.client.IncompleteRead as torn:
            return Got(reply.status, head, torn.partial, whole=False)
    finally:
        connection.close()


def speak(emulator: Emulator, form: str = "pcm_22050", *, stream: bool = False) -> Got:
    path = f"/v1/text-to-speech/{RACHEL}{'/stream' if stream else ''}?output_format={form}"
    return post(
        emulator, "elevenlabs", path, {"text": TEXT}, {"xi-api-key": emulator.provider_keys.elevenlabs}
    )


def google(emulator: Emulator) -> Got:
    body = {
        "input": {"text": TEXT},
        "voice": {"languageCode": "en-US"},
        "audioConfig": {"audioEncoding": "LINEAR16"},
    }
    headers = {"X-Goog-Api-Key": emulator.provider_keys.google_tts}
    return post(emulator, "google_tts", "/v1/text:synthesize", body, headers)


def chat(emulator: Emulator, prompt: str = PROMPT) -> Got:
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": prompt}]}
    headers = {"Authorization": f"Bearer {emulator.provider_keys.openai}"}
    return post(emulator, "openai", "/chat/completions", body, headers)
