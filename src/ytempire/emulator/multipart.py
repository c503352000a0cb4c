"""Reading a multipart/related upload as it comes in: first the metadata, then the media, piece by piece."""

from collections.abc import AsyncIterator

from ytempire.emulator.errors import ApiError

_LARGEST_HEAD = 4 * 1024 * 1024


class Related:
    """The two parts of an upload body: ask for `metadata` first, then iterate over `media`.

    Line ends are those of the first boundary line: RFC 2387 wants CRLF, Google's own Python client sends LF.
    """

    def __init__(self, boundary: str, chunks: AsyncIterator[bytes]) -> None:
        """Read these chunks, parted by this boundary."""
        self._opening = b"--" + boundary.encode()
        self._newline = b"\r\n"
        self._chunks = chunks
        self._buffer = b""

    async def metadata(self) -> tuple[bytes, str]:
        """The metadata's bytes, and the media type that the second part names.

        Raises:
            ApiError: The body is not two parts.
        """
        first_line = await self._until(b"\n")
        if not first_line.startswith(self._opening):
            raise _malformed()
        self._newline = b"\r\n" if first_line.endswith(b"\r") else b"\n"
        part = self._newline + await self._until(self._newline + self._opening)
        _, _, metadata = part.partition(self._newline * 2)
        await self._until(b"\n")
        headers = await self._headers()
        return metadata, _content_type(headers)

    async def media(self) -> AsyncIterator[bytes]:
        """The second part's bytes.

        Raises:
            ApiError: The closing boundary never came.
        """
        closing = self._newline + self._opening
        while True:
            media, found, _ = self._buffer.partition(closing)
            if found:
                yield media
                return
            safe = max(len(self._buffer) - len(closing), 0)
            ready, self._buffer = self._buffer[:safe], self._buffer[safe:]
            if ready:
                yield ready
            self._buffer += await self._more()

    async def _headers(self) -> bytes:
        self._buffer = self._newline + self._buffer
        return await self._until(self._newline * 2)

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            if len(self._buffer) > _LARGEST_HEAD:
                raise _malformed()
            self._buffer += await self._more()
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    async def _more(self) -> bytes:
        async for chunk in self._chunks:
            return chunk
        raise _malformed()


def _content_type(headers: bytes) -> str:
    for line in headers.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.strip()
    return "application/octet-stream"


def _malformed() -> ApiError:
    return ApiError(400, "badRequest", "Malformed multipart body.", domain="global")
