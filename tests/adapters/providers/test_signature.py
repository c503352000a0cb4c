"""Amazon's signature: its published vectors, and its own library as a peer."""

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ytempire.adapters.providers.polly import voices_request
from ytempire.adapters.providers.sigv4 import Signer
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SUITE = Signer("AKIDEXAMPLE", Secret(SECRET), "us-east-1", "service")
ROOT = "https://example.amazonaws.com/"


# The names are those of Amazon's test suite for signature version 4.
@pytest.mark.parametrize(
    ("name", "method", "query", "expected"),
    [
        ("get-vanilla", "GET", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("post-vanilla", "POST", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "get-vanilla-query-order-key-case",
            "GET",
            {"Param2": "value2", "Param1": "value1"},
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_the_published_vectors_are_met(name: str, method: str, query: dict[str, str], expected: str) -> None:
    signed = SUITE.signed(method, ROOT, now=AT, headers={}, query=query, body=b"")

    assert (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={expected}"
    ) == signed["Authorization"]


def test_the_example_of_the_guide_is_met() -> None:
    # docs.aws.amazon.com/IAM, "Create a signed AWS API request": ListUsers.
    signer = Signer("AKIDEXAMPLE", Secret(SECRET), "us-east-1", "iam")
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    signed = signer.signed(
        "GET",
        "https://iam.amazonaws.com/",
        now=AT,
        headers=kind,
        query={"Action": "ListUsers", "Version": "2010-05-08"},
        body=b"",
    )

    assert signed["Authorization"].endswith(
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "root", ["https://polly.eu-central-1.amazonaws.com", "http://127.0.0.1:8123/providers/polly"]
)
@pytest.mark.parametrize("path", ["/v1/speech", "/v1/voices", "/"])
@pytest.mark.parametrize("query", [{}, {"LanguageCode": "en-US"}, {"b": "x y+z/ü~", "a": "", "B": "&=%"}])
@pytest.mark.parametrize("body", [b"", b'{"Text": "Gr\xc3\xbc\xc3\x9fe"}'])
def test_the_vendors_own_library_signs_alike(
    method: str, root: str, path: str, query: dict[str, str], body: bytes
) -> None:
    headers = {"Content-Type": "application/json", "X-Odd": "  two   blanks "}
    theirs = AWSRequest(method=method, url=root + path, data=body, params=query, headers=headers)
    SigV4Auth(Credentials("AKIDEXAMPLE", SECRET), "polly", "eu-central-1").add_auth(theirs)
    stamp = datetime.strptime(theirs.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    signer = Signer("AKIDEXAMPLE", Secret(SECRET), "eu-central-1", "polly")
    ours = signer.signed(method, root + path, now=stamp, headers=headers, query=query, body=body)

    assert theirs.headers["Authorization"] == ours["Authorization"]


def test_a_signed_request_does_not_show_its_key() -> None:
    terms = Terms(name="polly", kind="polly", key=Secret(SECRET), key_id="AKIDEXAMPLE")

    request = voices_request(terms, AT)

    assert SECRET not in f"{request!r} {SUITE!r} {terms!r}"
    assert "Signature" not in repr(request)
    assert SECRET not in str(dict(request.headers))
