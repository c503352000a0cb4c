"""Where tokens may go."""

import pytest

from ytempire.adapters.google.addresses import trusted_root, why_no_form, why_no_session

GOOGLE = "https://youtube.googleapis.com/"
LOCAL = "http://127.0.0.1:8080/"


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        ("https://youtube.googleapis.com/upload?upload_id=x", GOOGLE),
        ("https://www.googleapis.com/upload?upload_id=x", GOOGLE),
        ("https://WWW.GoogleApis.com/upload", GOOGLE),
        ("http://127.0.0.1:8080/upload", LOCAL),
        ("http://localhost:8080/upload", LOCAL),
        ("http://[::1]:8080/upload", LOCAL),
        ("https://localhost:8443/upload", LOCAL),
        ("https://tube.example/upload", "https://tube.example/"),
    ],
)
def test_a_session_where_the_api_lives_gets_the_token(uri: str, root: str) -> None:
    assert why_no_session(uri, root) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://youtube.googleapis.com/upload",
        "https://evil.example/upload",
        "https://evilgoogleapis.com/upload",
        "https://googleapis.com.evil.example/upload",
        "https://youtube.googleapis.com@evil.example/upload",
        "https://evil.example\\@youtube.googleapis.com/upload",
        "https://127.0.0.1/upload",
        "https://youtube.googleapis.com./upload",
        "https://youtube.googleapis.com/up\r\nHost: evil.example",
        "https://youtube.googleapis.com:port/upload",
        "ftp://youtube.googleapis.com/upload",
        "//youtube.googleapis.com/upload",
        "/upload",
        "",
    ],
)
def test_a_session_anywhere_else_gets_no_token(uri: str) -> None:
    why = why_no_session(uri, GOOGLE)

    assert why
    assert "upload" not in why


@pytest.mark.parametrize("uri", ["http://192.168.0.7/upload", "https://www.googleapis.com/upload"])
def test_a_local_api_has_its_sessions_on_loopback(uri: str) -> None:
    assert why_no_session(uri, LOCAL)


@pytest.mark.parametrize(
    "root", ["http://youtube.googleapis.com/", "http://8.8.8.8/", "youtube", "", "https:///"]
)
def test_a_root_that_would_show_tokens_to_the_public_is_refused(root: str) -> None:
    with pytest.raises(ValueError, match="API root"):
        trusted_root(root)


@pytest.mark.parametrize("root", ["https://tube.example/base", "http://emulator:8080", "http://192.168.0.7/"])
def test_a_root_ends_in_a_slash(root: str) -> None:
    assert root.rstrip("/") + "/" == trusted_root(root)


def test_an_oauth_form_travels_in_clear_only_on_the_local_network() -> None:
    assert why_no_form("https://oauth2.googleapis.com/token", GOOGLE) is None
    assert why_no_form("https://oauth2.googleapis.com/token", LOCAL) is None
    assert why_no_form("http://127.0.0.1:8080/token", LOCAL) is None
    assert why_no_form("http://127.0.0.1:8080/token", GOOGLE)
    assert why_no_form("http://oauth2.googleapis.com/token", LOCAL)
    assert why_no_form("file:///etc/passwd", LOCAL)
