"""Requests and replies as values."""

import json

import pytest

from tests.builders import NOW
from ytempire.domain import faults
from ytempire.domain.oauth import GrantDead, read_refresh
from ytempire.domain.upload import Transfer, read_reply
from ytempire.domain.wire import Ask, Form, Piece, Reply, part, storable


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"id": "v"}', {"id": "v"}),
        (b"", {}),
        (b"[1, 2]", {}),
        (b'"text"', {}),
        (b"null", {}),
        (b'{"id": "v"', {}),
        (b"<html>Bad gateway</html>", {}),
        (b"\xff\xfe\x00", {}),
        (b"\x80abc", {}),
        (b"[" * 100_000, {}),
        (b"9" * 5_000, {}),
    ],
    ids=lambda each: repr(each)[:20],
)
def test_a_body_is_an_object_or_nothing(body: bytes, document: dict[str, object]) -> None:
    assert document == Reply(200, body=body).json()


@pytest.mark.parametrize(
    ("body", "is_one"), [(b"{}", True), (b'{"a": 1}', True), (b"", False), (b"[]", False), (b"<", False)]
)
def test_an_object_without_fields_is_a_document_and_a_page_is_none(body: bytes, is_one: bool) -> None:
    assert is_one == Reply(200, body=body).is_document


@pytest.mark.parametrize("found", [None, "text", 7, [{"a": 1}]])
def test_a_part_of_a_resource_is_an_object_or_empty(found: object) -> None:
    assert {} == part({}, "status")
    assert {} == part({"status": found}, "status")
    assert {"a": 1} == part({"status": {"a": 1}}, "status")


@pytest.mark.parametrize(("end", "last"), [(99, False), (100, True)])
def test_a_piece_knows_whether_it_is_the_last(end: int, last: bool) -> None:
    assert last == Piece("uri", "path", "video/mp4", 50, end, 100).last


def test_session_addresses_and_form_fields_are_never_shown() -> None:
    shown = repr(
        (Ask("SECRET", 1), Piece("SECRET", "path", "mime", 0, 1, 1), Form("url", {"token": "SECRET"}))
    )

    assert "SECRET" not in shown


def test_an_answer_that_holds_a_session_or_a_token_and_a_conversation_about_one_do_not_show_it() -> None:
    answer = Reply(200, {"location": "https://h/SECRET"}, b'{"access_token": "SECRET"}')
    transfer = Transfer("https://h/SECRET", "path", "mime", 1)

    assert "SECRET" not in repr((answer, transfer, read_reply(transfer, answer)))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Invalid token ya29.a0-Af_x given", "Invalid token ya29.... given"),
        ("refresh_token=1//0abc&client_secret=GOCSPX-x_y", "refresh_token=...&client_secret=..."),
        ("'1//0abc' is revoked", "'1//...' is revoked"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ..."),
        ("no session https://h/upload?upload_id=AbC-1&x=2", "no session https://h/upload?upload_id=...&x=2"),
        ("half \ud800", "half ?"),
        ("The video's title is too long.", "The video's title is too long."),
    ],
)
def test_what_a_server_repeats_of_our_secrets_is_not_kept(said: str, kept: str) -> None:
    assert kept == storable(said, 200)
    body = json.dumps({"error": {"message": said, "errors": [{"reason": "x"}]}}).encode()
    assert kept == faults.said(Reply(400, {}, body)).message
    denied = json.dumps({"error": "invalid_grant", "error_description": said}).encode()
    assert GrantDead(kept) == read_refresh(Reply(400, {}, denied), NOW)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"items": []}', ()),
        (b'{"kind": "youtube#videoListResponse"}', ()),
        (b'{"items": [{"id": "v"}]}', ({"id": "v"},)),
        (b"{}", None),
        (b"<html>", None),
        (b'{"items": null}', None),
        (b'{"items": ["v"]}', None),
    ],
)
def test_a_list_is_empty_only_when_it_says_so(body: bytes, expected: object) -> None:
    assert expected == Reply(200, {}, body).items()
