"""What bodies may be, and what is told of those that may not."""

import json

import pytest

from tests.entrypoints.http.asking import Answer
from tests.entrypoints.http.conftest import House, Open
from ytempire.entrypoints.http.bodies import DEEPEST, MOST_BYTES

CHECK = "/api/v1/publications/check"
JSON = {"content-type": "application/json"}


async def sent(house: House, body: bytes, kind: str = "application/json") -> Answer:
    return await house.ask("POST", CHECK, body=body, headers={"content-type": kind})


def nested(depth: int) -> bytes:
    return b'{"tags": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


async def test_a_body_that_is_too_long_is_refused_whether_it_says_so_or_not(house: House) -> None:
    long = b'{"title": "' + b"x" * MOST_BYTES + b'"}'

    assert "body_too_long" == (await sent(house, long)).code
    declared = JSON | {"content-length": str(len(long))}
    answer = await house.ask("POST", CHECK, body=b"{", headers=declared)
    assert (413, "body_too_long") == (answer.status, answer.code)


async def test_a_body_may_be_so_deep_and_no_deeper(house: House) -> None:
    assert "malformed" == (await sent(house, nested(DEEPEST))).code
    assert "too_deep" == (await sent(house, nested(DEEPEST + 1))).code
    assert (await sent(house, nested(100_000))).code in ("too_deep", "malformed_json")


@pytest.mark.parametrize(
    "body",
    [b"{", b"x", b'{"title": NaN}', b'{"title": Infinity}', b'{"priority": 1e999}', b'{"title": "\\ud800"}',
     b'{"priority": ' + b"9" * 5000 + b"}", b"\xff", b'{"title": "a\x00b"}', b"\xef\xbb\xbf{}"],
)  # fmt: skip
async def test_what_is_no_json_that_could_be_meant_is_refused(house: House, body: bytes) -> None:
    answer = await sent(house, body)

    assert (400, "malformed_json") == (answer.status, answer.code)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"]
)
async def test_only_json_is_taken(house: House, kind: str) -> None:
    answer = await sent(house, b"{}", kind)

    assert (415, "not_json") == (answer.status, answer.code)


async def test_everything_of_the_wrong_form_is_told_at_once(house: House) -> None:
    given = {"title": 5, "nonsense": 1, "tags": "a,b", "captions": [{"file": "x"}]}
    answer = await house.ask("POST", CHECK, given=given)

    assert (422, "malformed") == (answer.status, answer.code)
    assert {"title", "nonsense", "tags", "captions.0.language"} == {
        each["field"] for each in answer.json()["problems"]
    }
    said = {each["field"]: (each["code"], each["message"]) for each in answer.json()["problems"]}
    assert ("string_type", "it must be a text") == said["title"]
    assert ("extra_forbidden", "there is no such field") == said["nonsense"]
    assert ("missing", "it is missing") == said["captions.0.language"]
    assert all("/api/v1/openapi.json" in each["remedy"] for each in answer.json()["problems"])


@pytest.mark.parametrize(
    ("method", "path", "given", "field", "said"),
    [
        ("POST", CHECK, [1], "body", 'it must be a JSON object, like {"name": "value"}'),
        (
            "POST",
            CHECK,
            {"captions": ["x"]},
            "captions.0",
            'it must be a JSON object, like {"name": "value"}',
        ),
        (
            "POST",
            CHECK,
            {"privacy": "secret"},
            "privacy",
            "it must be one of 'public', 'unlisted' or 'private'",
        ),
        ("POST", CHECK, {"again": "yes"}, "again", "it must be true or false"),
        (
            "POST",
            "/api/v1/tokens",
            {"name": "x", "role": "viewer", "days": 0},
            "days",
            "it must be at least 1",
        ),
        ("GET", "/api/v1/alerts?limit=many", None, "limit", "it must be a whole number"),
        ("GET", "/api/v1/alerts?limit=1001", None, "limit", "it must be at most 1000"),
    ],
)
async def test_what_is_wrong_is_said_in_plain_words(
    opened: Open, method: str, path: str, given: object, field: str, said: str
) -> None:
    async with opened(local="admin") as house:
        answer = await house.ask(method, path, given=given)
    (problem,) = answer.json()["problems"]

    assert (422, field, said) == (answer.status, problem["field"], problem["message"])


@pytest.mark.parametrize(("span", "code"), [("zz", "span_malformed"), ("91d", "span_out_of_range")])
async def test_a_span_that_is_none_is_not_understood(house: House, span: str, code: str) -> None:
    given = {"pattern": "quota:*", "for": span, "why": "x"}
    answer = await house.ask("POST", "/api/v1/alerts/mutes", given=given)

    assert (422, code) == (answer.status, answer.code)


async def test_everything_wrong_with_a_video_is_told_at_once(house: House) -> None:
    given = {
        "title": "<b>",
        "description": "é" * 3000,
        "tags": ["x" * 501],
        "priority": 11,
        "account": "chanel_1",
    }
    answer = await house.ask("POST", CHECK, given=given)

    codes = {each["code"] for each in answer.json()["problems"]}
    assert {
        "angle_brackets",
        "description_too_long",
        "tags_too_long",
        "priority_range",
        "account_unknown",
    } == codes
    assert {"title_characters": 3, "description_bytes": 6000, "tag_characters": 501} == answer.json()[
        "counts"
    ]


@pytest.mark.parametrize(
    "text", ["\u0000", "\u001b[31m", "a\nb\r\nINFO forged", "<script>alert(1)</script>", "\u200b", "🎬"]
)
async def test_odd_texts_come_back_as_json_and_nothing_else(house: House, text: str) -> None:
    answer = await house.ask("POST", "/api/v1/accounts/channel_1/pause", given={"why": text})

    assert answer.status in (200, 422)
    assert "application/" in answer.headers["content-type"]
    if answer.status == 200:
        assert text == answer.json()["why"]
        assert text not in json.dumps(dict(answer.headers))
