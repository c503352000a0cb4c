"""Answers of text, whatever the text holds.

The name of a file may be in another coding than UTF-8, and comes as halves of characters: each is shown as a question
mark, for one such name must not end an answer that tells of many.
"""

import json

from starlette.responses import HTMLResponse, JSONResponse


class Json(JSONResponse):
    """A document."""

    def render(self, content: object) -> bytes:
        """The document as it is sent. Raises `ValueError` for what JSON cannot say."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode(errors="replace")


class Html(HTMLResponse):
    """A page."""

    def render(self, content: str) -> bytes:
        """The page as it is sent."""
        return content.encode(errors="replace")
