"""The official client of Anthropic against the emulator."""

from collections.abc import Iterator

import anthropic
import pytest
from anthropic.types import Message

from tests.emulator.peer import facts
from ytempire.emulator import Emulator, EventKind

PROMPT = "Write a script of 300 words about urban beekeeping."


@pytest.fixture
def client(emulator: Emulator) -> Iterator[anthropic.Anthropic]:
    root, key = emulator.provider_root("anthropic"), emulator.provider_keys.anthropic
    with anthropic.Anthropic(api_key=key, base_url=root, max_retries=0) as made:
        yield made


def write(client: anthropic.Anthropic, *, most: int = 4_000, model: str = "claude-sonnet-5-5") -> Message:
    return client.messages.create(
        model=model,
        max_tokens=most,
        system="You write for video.",
        messages=[{"role": "user", "content": PROMPT}],
    )


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_a_message_answers_with_a_script_of_the_length_and_topic_asked_for(
    client: anthropic.Anthropic, emulator: Emulator
) -> None:
    message = write(client)

    assert 270 < len(text_of(message).split()) < 330
    assert "urban beekeeping" in text_of(message)
    assert "end_turn" == message.stop_reason
    called = facts(emulator, EventKind.PROVIDER_CALLED)[0]
    assert message.usage.output_tokens == called["output_tokens"]
    # Two dollars a million tokens in, ten out.
    used = message.usage
    assert 2 * used.input_tokens + 10 * used.output_tokens == called["billed_microdollars"]


def test_a_token_limit_cuts_the_script_and_says_so(client: anthropic.Anthropic) -> None:
    message = write(client, most=40)

    assert "max_tokens" == message.stop_reason
    assert 40 == message.usage.output_tokens


@pytest.mark.parametrize("named", ["api_key", "auth_token"])
def test_the_key_is_taken_from_either_header(emulator: Emulator, named: str) -> None:
    root, key = emulator.provider_root("anthropic"), emulator.provider_keys.anthropic
    with anthropic.Anthropic(base_url=root, max_retries=0, **{named: key}) as client:  # type: ignore[arg-type]  # one of two names
        assert text_of(write(client))


@pytest.mark.parametrize("named", ["api_key", "auth_token"])
def test_another_key_is_refused(emulator: Emulator, named: str) -> None:
    root = emulator.provider_root("anthropic")
    with (
        anthropic.Anthropic(base_url=root, max_retries=0, **{named: "sk-ant-wrong"}) as client,  # type: ignore[arg-type]  # as above
        pytest.raises(anthropic.AuthenticationError),
    ):
        write(client)


def test_models_say_when_they_retire(client: anthropic.Anthropic) -> None:
    models = {model.id: model for model in client.models.list()}

    assert "active" == models["claude-sonnet-5-5"].lifecycle
    assert "deprecated" == models["claude-haiku-4-5"].lifecycle
    assert models["claude-haiku-4-5"].retires_at is not None
    assert "Claude Opus 5.5" == client.models.retrieve("claude-opus-5-5").display_name


@pytest.mark.parametrize(
    ("reason", "error", "status", "kind"),
    [
        ("authentication_error", anthropic.AuthenticationError, 401, "authentication_error"),
        ("billing_error", anthropic.PaymentRequiredError, 402, "billing_error"),
        ("permission_error", anthropic.PermissionDeniedError, 403, "permission_error"),
        ("not_found_error", anthropic.NotFoundError, 404, "not_found_error"),
        ("rate_limit_error", anthropic.RateLimitError, 429, "rate_limit_error"),
        ("api_error", anthropic.InternalServerError, 500, "api_error"),
        ("overloaded_error", anthropic.OverloadedError, 529, "overloaded_error"),
        ("invalid_request_error", anthropic.BadRequestError, 400, "invalid_request_error"),
        ("credit_balance_too_low", anthropic.BadRequestError, 400, "invalid_request_error"),
    ],
)
def test_each_refusal_is_the_clients_own_error(
    client: anthropic.Anthropic,
    emulator: Emulator,
    reason: str,
    error: type[anthropic.APIStatusError],
    status: int,
    kind: str,
) -> None:
    emulator.add_fault("anthropic.messages", "status", reason=reason)

    with pytest.raises(error) as raised:
        write(client)

    body = raised.value.body
    assert isinstance(body, dict)
    assert status == raised.value.status_code
    assert kind == body["error"]["type"]
    assert raised.value.request_id == body["request_id"]


def test_an_empty_purse_says_so_in_the_words_of_a_bad_request(
    client: anthropic.Anthropic, emulator: Emulator
) -> None:
    emulator.add_fault("anthropic", "status", reason="credit_balance_too_low")

    with pytest.raises(anthropic.BadRequestError, match="credit balance is too low"):
        write(client)


def test_a_bare_status_is_the_usual_refusal_with_it(client: anthropic.Anthropic, emulator: Emulator) -> None:
    emulator.add_fault("anthropic", "status", status=529)

    with pytest.raises(anthropic.OverloadedError, match="Overloaded"):
        write(client)


def test_a_refused_wish_ends_as_a_refusal(client: anthropic.Anthropic, emulator: Emulator) -> None:
    emulator.add_fault("anthropic", "refused_script")
    message = write(client)

    assert "refusal" == message.stop_reason
    assert [] == message.content


def test_an_unknown_model_and_too_many_tokens_are_refused(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="claude-2"):
        write(client, model="claude-2")
    patient = client.with_options(
        timeout=30
    )  # without a time-out of ours the client would insist on streaming
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: 64001 > 64000"):
        write(patient, model="claude-haiku-4-5", most=64_001)


def test_a_temperature_is_taken_by_the_old_models_alone(client: anthropic.Anthropic) -> None:
    def warm(model: str) -> Message:
        return client.messages.create(
            model=model,
            max_tokens=500,
            messages=[{"role": "user", "content": PROMPT}],
            extra_body={"temperature": 0.7},  # the client of today no longer offers it
        )

    assert text_of(warm("claude-haiku-4-5"))
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        warm("claude-haiku-5-5")
