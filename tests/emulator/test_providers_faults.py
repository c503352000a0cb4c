"""What can go wrong at a provider: broken replies, bad sound, bad scripts, and what of it is billed."""

import base64
import http.client
import json
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.emulator.buyer import PROMPT, Got, chat, google, speak
from tests.emulator.peer import Raw, facts, fired, until
from tests.emulator.voices import TEXT, heard_mp3, heard_pcm
from ytempire.emulator import Emulator, EventKind, FaultKind


def script(emulator: Emulator, prompt: str = PROMPT) -> str:
    return str(chat(emulator, prompt).json["choices"][0]["message"]["content"])


def billed(emulator: Emulator) -> list[bool]:
    return [each["billed_microdollars"] > 0 for each in facts(emulator, EventKind.PROVIDER_CALLED)]


def test_silent_audio_is_as_long_as_speech_and_as_quiet_as_nothing(emulator: Emulator) -> None:
    emulator.add_fault("elevenlabs.speech", "silent_audio", count=2)

    raw, coded = heard_pcm(speak(emulator).body, 22_050), heard_mp3(speak(emulator, "mp3_44100_64").body)

    assert raw.lasts_as_long_as(TEXT)
    assert 0 == raw.rms
    assert coded.lasts_as_long_as(TEXT)
    assert coded.rms < 10
    assert [True, True] == billed(emulator)


def test_clipped_audio_lies_at_the_limits(emulator: Emulator) -> None:
    emulator.add_fault("elevenlabs.speech", "clipped_audio")

    assert heard_pcm(speak(emulator).body, 22_050).at_the_limit > 0.3
    assert 0 == heard_pcm(speak(emulator).body, 22_050).at_the_limit


def test_truncated_audio_promises_more_than_it_brings(emulator: Emulator) -> None:
    whole = speak(emulator)
    emulator.add_fault("elevenlabs.speech", "truncated_audio")
    half = speak(emulator)

    assert not half.whole
    assert whole.headers["content-length"] == half.headers["content-length"]
    assert whole.body[: len(whole.body) // 2] == half.body


def test_a_truncated_stream_ends_in_the_middle(emulator: Emulator) -> None:
    emulator.add_fault("elevenlabs.speech", "truncated_audio")
    half = speak(emulator, stream=True)

    assert not half.whole
    assert "chunked" == half.headers["transfer-encoding"]


@pytest.mark.parametrize("reply", [chat, google])
def test_a_refused_script_says_no_and_sound_cannot_refuse(
    emulator: Emulator, reply: Callable[[Emulator], Got]
) -> None:
    emulator.add_fault("*", "refused_script")
    answered = reply(emulator).json

    assert ("audioContent" in answered) or "can't help" in answered["choices"][0]["message"]["refusal"]


def test_a_short_file_is_whole_by_its_own_account(emulator: Emulator) -> None:
    whole = speak(emulator)
    emulator.add_fault("elevenlabs.speech", "truncated_audio", reason="short_file")
    emulator.add_fault("google_tts.speech", "truncated_audio", reason="short_file")
    half, wav = speak(emulator), base64.b64decode(google(emulator).json["audioContent"])

    assert half.whole
    assert len(whole.body) // 2 == len(half.body)
    assert wav.startswith(b"RIFF")
    assert len(wav) < int.from_bytes(wav[4:8], "little")


def test_wrong_content_is_a_page_under_the_name_of_sound_and_is_billed(emulator: Emulator) -> None:
    emulator.add_fault("*", "wrong_content")
    emulator.add_fault("*", "html")
    paid, free = speak(emulator, "mp3_44100_128"), speak(emulator, "mp3_44100_128")

    assert (200, 200) == (paid.status, free.status)
    assert b"<html>" in paid.body
    assert b"<html>" in free.body
    assert "audio/mpeg" == paid.headers["content-type"]
    assert free.headers["content-type"].startswith("text/html")
    assert [True, False] == billed(emulator)


def test_an_empty_script_is_a_success_without_words(emulator: Emulator) -> None:
    emulator.add_fault("openai.chat", "empty_script")
    reply = chat(emulator)

    assert 200 == reply.status
    assert "" == reply.json["choices"][0]["message"]["content"]


def test_a_short_script_is_far_below_what_was_asked_for(emulator: Emulator) -> None:
    emulator.add_fault("openai.chat", "short_script")

    assert 20 < len(script(emulator).split()) < 100


def test_a_cut_script_says_that_the_limit_came_first(emulator: Emulator) -> None:
    whole = script(emulator)
    emulator.add_fault("openai.chat", "cut_script")
    choice = chat(emulator).json["choices"][0]

    assert "length" == choice["finish_reason"]
    assert whole.startswith(choice["message"]["content"])


def test_holes_are_left_in_the_template(emulator: Emulator) -> None:
    emulator.add_fault("openai.chat", "holes")
    text = script(emulator)

    assert "{{topic}}" in text
    assert "{{ channel_name }}" in text


@pytest.mark.parametrize(
    ("language", "there", "not_there"),
    [("English", " dass ", " that "), ("German", " that ", " dass "), ("French", " that ", " que ")],
)
def test_a_wrong_language_is_another_than_the_one_asked_for(
    emulator: Emulator, language: str, there: str, not_there: str
) -> None:
    emulator.add_fault("openai.chat", "wrong_language")
    wrong, right = (script(emulator, f"{PROMPT} Write in {language}.") for _ in range(2))

    assert there in wrong
    assert not_there not in wrong
    assert not_there in right


def test_a_dropped_call_costs_nothing_and_a_lost_reply_is_paid_for(emulator: Emulator) -> None:
    emulator.add_fault("openai", "drop")
    emulator.add_fault("openai", "lost_response")
    for _ in range(2):
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            chat(emulator)

    assert [False, True] == billed(emulator)
    assert [None, None] == [each["status"] for each in facts(emulator, EventKind.PROVIDER_CALLED)]
    assert ["drop", "lost_response"] == fired(emulator)


def test_a_failure_after_the_work_is_billed(emulator: Emulator) -> None:
    emulator.add_fault("openai", "status", status=503)
    emulator.add_fault("openai", "status", status=503, after=True)

    assert [503, 503] == [chat(emulator).status, chat(emulator).status]
    assert [False, True] == billed(emulator)


def test_a_hang_is_answered_at_its_end_and_a_slow_reply_comes_in_pieces(emulator: Emulator) -> None:
    length = len(chat(emulator).body)
    emulator.add_fault("openai", "hang", seconds=0.3)
    emulator.add_fault("openai", "slow", amount=length * 4)
    spans = []
    for _ in range(2):
        start = time.monotonic()
        assert chat(emulator).json["choices"]
        spans.append(time.monotonic() - start)

    assert spans[0] > 0.3
    assert spans[1] > 0.2


def test_a_hang_ends_when_the_caller_leaves_and_is_billed_all_the_same(emulator: Emulator) -> None:
    emulator.add_fault("openai", "hang", seconds=30)
    caller = threading.Thread(target=_give_up, args=(emulator,))
    caller.start()
    until(lambda: bool(emulator.journal.of(EventKind.PROVIDER_CALLED)))
    caller.join()

    assert [True] == billed(emulator)


def _give_up(emulator: Emulator) -> None:
    """Ask, and leave as soon as the fault has fired."""
    root = urlsplit(emulator.provider_root("openai"))
    connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=20)
    body = json.dumps({"model": "gpt-6-luna", "messages": [{"role": "user", "content": PROMPT}]})
    headers = {"Authorization": f"Bearer {emulator.provider_keys.openai}"}
    connection.request("POST", root.path + "/chat/completions", body, headers)
    until(lambda: bool(emulator.journal.of(EventKind.FAULT_FIRED)))
    connection.close()


def test_the_rules_body_goes_out_as_it_stands(emulator: Emulator) -> None:
    emulator.add_fault(
        "openai",
        "status",
        status=502,
        body="<h1>Bad gateway</h1>",
        content_type="text/html",
        headers={"x-a": "b"},
    )
    reply = chat(emulator)

    assert (502, b"<h1>Bad gateway</h1>", "b") == (reply.status, reply.body, reply.headers["x-a"])


def test_a_fault_of_one_provider_leaves_the_others_alone(emulator: Emulator) -> None:
    emulator.add_fault("openai", "status", reason="server_error", count=None)

    assert 500 == chat(emulator).status
    assert 200 == speak(emulator).status
    assert 200 == google(emulator).status


@pytest.mark.parametrize(
    ("kind", "call"), [("silent_audio", chat), ("holes", speak), ("no_id", chat), ("session_gone", google)]
)
def test_a_fault_that_cannot_befall_a_call_does_not_fire(
    emulator: Emulator, kind: str, call: Callable[[Emulator], Got]
) -> None:
    emulator.add_fault("*", kind)

    assert 200 == call(emulator).status
    assert [] == fired(emulator)


def test_no_fault_of_a_provider_befalls_youtube(emulator: Emulator, raw: Raw) -> None:
    kinds = [kind for kind in FaultKind if kind.value.endswith(("_audio", "_script"))]
    for kind in (*kinds, FaultKind.HOLES, FaultKind.WRONG_LANGUAGE, FaultKind.WRONG_CONTENT):
        emulator.add_fault("*", kind)

    assert raw.upload(b"x" * 1000)["id"]
    assert [] == fired(emulator)


def test_a_body_that_is_no_json_is_refused_in_each_vendors_shape(emulator: Emulator) -> None:
    root = urlsplit(emulator.provider_root("openai"))
    connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=20)
    headers = {"Authorization": f"Bearer {emulator.provider_keys.openai}"}
    connection.request("POST", root.path + "/responses", "{broken", headers)
    reply = connection.getresponse()
    error = json.loads(reply.read())["error"]
    connection.close()

    assert (400, "invalid_request_error") == (reply.status, error["type"])
