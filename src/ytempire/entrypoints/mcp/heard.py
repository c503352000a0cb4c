"""What comes in on standard input: messages go on, and a line that is none is answered as JSON-RPC asks for.

The official server drops such a line without a word, and whoever sent it waits for ever.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog
from mcp.shared.message import SessionMessage
from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

if TYPE_CHECKING:
    from mcp.shared._stream_protocols import ReadStream, WriteStream

_log = structlog.get_logger(__name__)
_NO_JSON = ErrorData(code=PARSE_ERROR, message="this line is no JSON; send one message on each line")
_NO_MESSAGE = ErrorData(code=INVALID_REQUEST, message="this line is JSON, but no message of JSON-RPC 2.0")


@dataclass(frozen=True, slots=True)
class Heard:
    """Messages as they come; what is none is answered here and goes no further."""

    messages: "ReadStream[SessionMessage | Exception]"
    answers: "WriteStream[SessionMessage]"

    @property
    def last_context(self) -> object:
        """Where the last one came from, as far as the stream knows."""
        return getattr(self.messages, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        """The next message. Raises what the stream raises at its end."""
        return await self._message(self.messages.receive)

    async def aclose(self) -> None:
        """Hears no more."""
        await self.messages.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return await self._message(self.messages.__anext__)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _message(
        self, following: Callable[[], Awaitable[SessionMessage | Exception]]
    ) -> SessionMessage:
        while True:
            found = await following()
            if isinstance(found, SessionMessage):
                return found
            why = _NO_JSON if _is_no_json(found) else _NO_MESSAGE
            _log.warning("a line that is no message was refused", why=why.message)
            await self.answers.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=why)))


def _is_no_json(error: Exception) -> bool:
    return isinstance(error, ValidationError) and any(
        each["type"] == "json_invalid" for each in error.errors()
    )
