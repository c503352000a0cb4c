"""The official client of OpenAI against the emulator: what it gets, and which of its errors each refusal raises."""

import re
from collections.abc import Callable, Iterator

import openai
import pytest

from tests.emulator.peer import facts
from ytempire.emulator import Emulator, EventKind

PROMPT = "Write a script of 300 words about urban beekeeping."
DAY = 86_400


@pytest.fixture
def client(emulator: Emulator) -> Iterator[openai.OpenAI]:
    root = emulator.provider_root("openai")
    with openai.OpenAI(api_key=emulator.provider_keys.openai, base_url=root, max_retries=0) as made:
        yield made


def chat(client: openai.OpenAI, prompt: str = PROMPT, *, model: str = "gpt-6.1-terra", **more: int) -> str:
    reply = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": "You write for video."}, {"role": "user", "content": prompt}],
        **more,  # type: ignore[call-overload]  # the overloads differ in `stream` alone
    )
    text = reply.choices[0].message.content
    assert isinstance(text, str)
    return text


def test_a_chat_answers_with_a_script_of_the_length_and_topic_asked_for(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-6.1-terra", messages=[{"role": "user", "content": PROMPT}]
    )

    text = reply.choices[0].message.content or ""
    assert 270 < len(text.split()) < 330
    assert text.count("urban beekeeping") > 5
    assert "stop" == reply.choices[0].finish_reason
    assert reply.usage is not None
    assert -(-len(text.encode()) // 4) == reply.usage.completion_tokens
    assert reply.usage.prompt_tokens + reply.usage.completion_tokens == reply.usage.total_tokens


def test_the_same_prompt_gives_the_same_script_and_another_one_another(client: openai.OpenAI) -> None:
    assert chat(client) == chat(client)
    assert chat(client) != chat(client, PROMPT.replace("bee", "shop"))


def test_a_script_is_in_the_language_and_of_the_minutes_asked_for(client: openai.OpenAI) -> None:
    text = chat(client, "Topic: Stadtbienen. A script of 4 minutes in German, please.")

    assert 540 < len(text.split()) < 660
    assert " und " in text
    assert "Stadtbienen" in text


def test_headings_are_there_only_where_the_prompt_speaks_of_them(client: openai.OpenAI) -> None:
    assert "## " in chat(client, f"{PROMPT} Use Markdown headings.")
    assert "#" not in chat(client)


def test_no_sentence_of_a_long_script_comes_twice(client: openai.OpenAI) -> None:
    sentences = re.split(r"(?<=[.?])\s+", chat(client, PROMPT.replace("300", "3,000")))

    assert len(sentences) > 120
    assert len(set(sentences)) == len(sentences)


def test_a_response_answers_with_a_script(client: openai.OpenAI) -> None:
    reply = client.responses.create(model="gpt-6.1-sol", instructions="You write for video.", input=PROMPT)

    assert "completed" == reply.status
    assert 270 < len(reply.output_text.split()) < 330
    assert reply.usage is not None
    assert 0 < reply.usage.input_tokens < reply.usage.output_tokens


def test_a_token_limit_cuts_the_script_and_says_so(client: openai.OpenAI) -> None:
    short = client.chat.completions.create(
        model="gpt-6.1-terra", messages=[{"role": "user", "content": PROMPT}], max_completion_tokens=50
    )
    response = client.responses.create(model="gpt-6.1-terra", input=PROMPT, max_output_tokens=50)

    assert "length" == short.choices[0].finish_reason
    assert 50 == (short.usage and short.usage.completion_tokens)
    assert "incomplete" == response.status
    assert "max_output_tokens" == (response.incomplete_details and response.incomplete_details.reason)


def test_models_say_when_they_are_shut_down(client: openai.OpenAI, emulator: Emulator) -> None:
    emulator.shift_clock(0)
    models = {model.id: model for model in client.models.list()}

    assert models["gpt-6.1-terra"].shutdown_date is None
    assert "2027-01-14" == client.models.retrieve("gpt-4o").shutdown_date
    assert "gpt-4" not in models


def test_a_model_is_gone_after_its_day(client: openai.OpenAI, emulator: Emulator) -> None:
    assert chat(client, model="gpt-4o")
    emulator.shift_clock(500 * DAY)

    with pytest.raises(openai.NotFoundError, match="deprecated") as raised:
        chat(client, model="gpt-4o")

    assert "model_not_found" == raised.value.code


@pytest.mark.parametrize(
    ("reason", "error", "status", "code"),
    [
        ("invalid_api_key", openai.AuthenticationError, 401, "invalid_api_key"),
        ("insufficient_quota", openai.RateLimitError, 429, "insufficient_quota"),
        ("rate_limit_exceeded", openai.RateLimitError, 429, "rate_limit_exceeded"),
        ("model_not_found", openai.NotFoundError, 404, "model_not_found"),
        ("context_length_exceeded", openai.BadRequestError, 400, "context_length_exceeded"),
        ("invalid_prompt", openai.BadRequestError, 400, "invalid_prompt"),
        ("unsupported_country_region_territory", openai.PermissionDeniedError, 403, None),
        ("server_error", openai.InternalServerError, 500, None),
        ("overloaded", openai.InternalServerError, 503, None),
    ],
)
@pytest.mark.parametrize("operation", ["chat", "responses", "models"])
def test_each_refusal_is_the_clients_own_error(
    client: openai.OpenAI,
    emulator: Emulator,
    operation: str,
    reason: str,
    error: type[openai.APIStatusError],
    status: int,
    code: str | None,
) -> None:
    emulator.add_fault(f"openai.{operation}", "status", reason=reason)

    acts: dict[str, Callable[[], object]] = {
        "chat": lambda: chat(client),
        "responses": lambda: client.responses.create(model="gpt-6.1-sol", input=PROMPT),
        "models": client.models.list,
    }

    with pytest.raises(error) as raised:
        acts[operation]()

    assert status == raised.value.status_code
    assert (code or raised.value.code) == raised.value.code
    assert raised.value.message
    assert (raised.value.request_id or "").startswith("req_")


def test_a_burst_says_when_to_come_back_and_an_empty_purse_does_not(
    client: openai.OpenAI, emulator: Emulator
) -> None:
    emulator.add_fault("openai", "status", reason="rate_limit_exceeded")
    emulator.add_fault("openai", "status", reason="rate_limit_exceeded", retry_after="17")
    emulator.add_fault("openai", "status", reason="insufficient_quota")
    heads = []
    for _ in range(3):
        with pytest.raises(openai.RateLimitError) as raised:
            chat(client)
        heads.append(raised.value.response.headers.get("retry-after"))

    assert ["1", "17", None] == heads


def test_another_key_is_refused(emulator: Emulator) -> None:
    root = emulator.provider_root("openai")
    with (
        openai.OpenAI(api_key="sk-wrong", base_url=root, max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        chat(stranger)

    assert "invalid_api_key" == raised.value.code
    assert "sk-wrong" not in str(emulator.journal.since())


@pytest.mark.parametrize(
    ("model", "most", "code"),
    [
        ("gpt-5", 100, "unsupported_parameter"),
        ("gpt-7", 0, "model_not_found"),
        ("gpt-4", 0, "model_not_found"),
    ],
)
def test_what_a_model_does_not_take_is_refused(
    client: openai.OpenAI, model: str, most: int, code: str
) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        chat(client, model=model, max_tokens=most)

    assert code == raised.value.code


def test_a_prompt_that_is_too_long_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="128000 tokens") as raised:
        chat(client, "bees " * 103_000, model="gpt-4o")

    assert "context_length_exceeded" == raised.value.code


def test_a_refused_wish_is_a_reply_without_content(client: openai.OpenAI, emulator: Emulator) -> None:
    emulator.add_fault("openai", "refused_script", count=2)
    chatted = client.chat.completions.create(
        model="gpt-6.1-sol", messages=[{"role": "user", "content": PROMPT}]
    )
    response = client.responses.create(model="gpt-6.1-sol", input=PROMPT)

    assert chatted.choices[0].message.content is None
    assert "I'm sorry" in (chatted.choices[0].message.refusal or "")
    assert "" == response.output_text


def test_a_call_is_journalled_with_its_price_and_without_its_words(
    client: openai.OpenAI, emulator: Emulator
) -> None:
    chat(client)

    called = facts(emulator, EventKind.PROVIDER_CALLED)
    assert 1 == len(called)
    assert ("openai", "chat", 200, "gpt-6.1-terra") == tuple(
        called[0][name] for name in ("provider", "operation", "status", "model")
    )
    # One dollar a million tokens in, five out.
    assert called[0]["input_tokens"] + 5 * called[0]["output_tokens"] == called[0]["billed_microdollars"]
    assert "beekeeping" not in str(called)
    assert [] == emulator.journal.of(EventKind.REQUEST)
