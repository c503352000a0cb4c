"""What looks like a secret is struck out, wherever it is, and nothing else is."""

import pytest

from ytempire.domain.masking import MASK, masked

SECRETS = (
    "ya29.a0AfH6SMBx-example_token",
    "1//0gabcdefghijklmnopqrstuvwxyz-AB",
    "4/0AY0e-g7abcdefghijklmnop",
    "GOCSPX-abcdefgh12345678",
    "yte_" + "a" * 43,
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "yt1.0123456789ab.c2VhbGVkLXRleHQ",
    "sk-proj-abcdefghijklmnopqrstuv",
    "Bearer abc.def-ghi",
    "https://youtube.googleapis.com/resumable/upload/youtube/v3/videos?part=snippet&upload_id=ABPtcPq",
    "https://youtube.googleapis.com/upload/youtube/v3/videos?uploadType=resumable",
    "http://127.0.0.1:9000/any/way?upload_id=abc",
)


def test_half_a_character_becomes_a_question_mark_everywhere() -> None:
    assert {"caf?": ["caf?.mp4"]} == masked({"caf\udce9": ["caf\udce9.mp4"]})


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_struck_out_in_the_middle_of_anything(secret: str) -> None:
    told = masked({"why": f"it said {secret} and ended", "list": [{"deep": secret}], secret: 1})

    assert secret not in str(told)
    assert {"why": f"it said {MASK} and ended", "list": [{"deep": MASK}], MASK: 1} == told


@pytest.mark.parametrize(
    "plain",
    [
        "1/2 of the day",
        "pub_0123456789",
        "https://youtu.be/dQw4w9WgXcQ",
        "risk-free sk-8",
        5,
        None,
        True,
        1.5,
    ],
)
def test_plain_words_and_numbers_stay(plain: object) -> None:
    assert plain == masked(plain)
