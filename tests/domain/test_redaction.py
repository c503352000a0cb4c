"""What must not be told is masked, and what may be told is left as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.redaction import MASK, cleaned, is_secret, masked, pattern_of

CANARY = "CanaryCanaryCanaryCanary42"


@pytest.mark.parametrize(
    "text",
    [
        f"ya29.{CANARY}",
        f"1//0{CANARY}",
        f"4/0A{CANARY}",
        f"GOCSPX-{CANARY}",
        f"AIza{CANARY}{CANARY}",
        f"yte_{CANARY}",
        f"sk-ant-{CANARY}",
        f"sk_live_{CANARY}",
        f"rk_live_{CANARY}",
        f"whsec_{CANARY}",
        f"eyJhbGci.{CANARY}.x",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"authorization: basic {CANARY}",
        f"https://host/upload?upload_id={CANARY}&part=1",
        f"refresh_token={CANARY}",
        f"{{'client_secret': '{CANARY}'}}",
        f'{{"access_token":"{CANARY}"}}',
        f"code={CANARY}&scope=x",
        f"state={CANARY}",
        f"xi-api-key: {CANARY}",
        f"postgresql://somebody:{CANARY}@host/db",
        f"https://:{CANARY}@host/",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    told = masked(f"before {text} after")

    assert CANARY not in told
    assert MASK in told
    assert told.startswith("before ")


def test_the_id_of_a_key_of_aws_is_masked() -> None:
    assert f"as {MASK}" == masked("as AKIAIOSFODNN7EXAMPLE")


@pytest.mark.parametrize(
    "text",
    [
        "a round of work failed; it is tried again",
        "code=backendError scope=request state=uploading",
        "code: quotaExceeded",
        "https://youtube.googleapis.com/upload/youtube/v3/videos?uploadType=resumable",
        "pub_01m81vj3wf15ce3a94c3 on ytempire_prod_01: status 503",
        "10:15:00, 3 of 4, 1/2, key: quota",
    ],
)
def test_ordinary_words_are_left_as_they_are(text: str) -> None:
    assert text == masked(text)


def test_a_known_secret_is_masked_in_any_text_and_as_it_stands_in_an_address() -> None:
    known = pattern_of(["pass word/§1", "pass word/§1-and-more", "abc"])

    assert f"<{MASK}>" == masked("<pass word/§1-and-more>", known)
    assert f"<{MASK}>" == masked("<pass%20word%2F%C2%A71>", known)
    assert "abc" == masked("abc", known)  # too short to be told from ordinary words
    assert None is pattern_of(["abc"])


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "Authorization", "api_key", "x-api-key", "sealed"]
)
def test_whatever_stands_under_a_telling_name_is_a_secret(name: str) -> None:
    assert is_secret(name)
    assert {"a": [{name: MASK}]} == cleaned({"a": [{name: CANARY}]})
    assert {name: None} == cleaned({name: None})


@pytest.mark.parametrize("name", ["code", "key", "state", "publication", "token_uri", "tokens"])
def test_other_names_tell_what_they_hold(name: str) -> None:
    assert not is_secret(name)


def test_every_kind_of_value_becomes_plain_and_clean() -> None:
    known = pattern_of([CANARY])

    class Odd:
        def __str__(self) -> str:
            return f"odd {CANARY}"

    given_values = {
        "n": 1,
        "f": 0.5,
        "b": CANARY.encode(),
        "t": (CANARY,),
        "s": {CANARY},
        "o": Odd(),
        CANARY: True,
    }

    assert {
        "n": 1, "f": 0.5, "b": MASK, "t": [MASK], "s": [MASK], "o": f"odd {MASK}", MASK: True,
    } == cleaned(given_values, known)  # fmt: skip


def test_what_is_too_deep_is_not_told() -> None:
    deep: object = CANARY
    for _ in range(20):
        deep = [deep]

    assert CANARY not in str(cleaned(deep))


@given(st.text(max_size=200), st.text(max_size=200), st.text(min_size=6, max_size=80))
def test_a_known_secret_is_never_told(before: str, after: str, secret: str) -> None:
    known = pattern_of([secret])

    assert secret in MASK or secret not in masked(before + secret + after, known).replace(MASK, "\0")
