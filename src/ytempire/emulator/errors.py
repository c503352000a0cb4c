"""Errors in the words and shapes of Google: of the YouTube methods, the token endpoint, the consent page.

Shapes: developers.google.com/youtube/v3/docs/errors; RFC 6749 section 5.2 with Google's `error_subtype`.
"""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response

_STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@dataclass(slots=True)
class ApiError(Exception):
    """A refusal by a YouTube method; becomes the reply with Google's error body."""

    status: int
    reason: str
    message: str
    domain: str = "youtube.common"
    location: str | None = None
    location_type: str | None = None
    detail_reason: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON that Google sends with this refusal."""
        entry: dict[str, Any] = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location is not None:
            entry |= {"location": self.location, "locationType": self.location_type or "parameter"}
        error: dict[str, Any] = {"code": self.status, "message": self.message, "errors": [entry]}
        if self.status in _STATUS_WORDS:
            error["status"] = _STATUS_WORDS[self.status]
        if self.detail_reason is not None:
            error["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": self.detail_reason,
                    "domain": "googleapis.com",
                }
            ]
        return {"error": error}

    def response(self) -> Response:
        """The reply that carries this refusal."""
        return JSONResponse(self.body(), status_code=self.status, headers=self.headers)


@dataclass(slots=True)
class OAuthError(Exception):
    """A refusal by the token or revocation endpoint. `why` is for the journal and never sent."""

    status: int
    error: str
    description: str | None = None
    subtype: str | None = None
    uri: str | None = None
    why: str | None = None

    def response(self) -> Response:
        """The reply that carries this refusal."""
        body = {"error": self.error}
        if self.description is not None:
            body["error_description"] = self.description
        if self.uri is not None:
            body["error_uri"] = self.uri
        if self.subtype is not None:
            body["error_subtype"] = self.subtype
        return JSONResponse(body, status_code=self.status, headers={"Cache-Control": "no-store"})


@dataclass(slots=True)
class ConsentRefused(ValueError):
    """A refusal on the consent page: no browser is sent anywhere. `number` is what Google's page shows."""

    number: int
    error: str
    message: str

    def __str__(self) -> str:
        """As Google's page says it."""
        return f"Error {self.number}: {self.error}. {self.message}"


def bad_metadata(reason: str, message: str, *, location: str) -> ApiError:
    """400 for a field of a video's metadata, with Google's reason word."""
    return ApiError(400, reason, message, domain="youtube.video", location=location, location_type="other")


def missing_parameter(name: str) -> ApiError:
    """400: a required parameter is not there."""
    return ApiError(
        400,
        "missingRequiredParameter",
        f"No filter selected. Expected one of or required parameter: {name}",
        domain="youtube.parameter",
        location=name,
        location_type="parameter",
    )


def bad_parameter(name: str, message: str, *, reason: str = "invalidParameter") -> ApiError:
    """400: a parameter has a value that the method does not take."""
    return ApiError(
        400, reason, message, domain="youtube.parameter", location=name, location_type="parameter"
    )


def forbidden(message: str) -> ApiError:
    """403: the caller may not do this to that thing."""
    return ApiError(403, "forbidden", message, location="Authorization", location_type="header")
