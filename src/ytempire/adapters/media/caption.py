"""Whether a file holds captions: text in UTF-8 that says when each line is spoken."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from ytempire.domain.values import Refusal, Refused

_BLOCK = 1 << 20
_OVERLAP = 200
"""Characters kept between blocks, so that a timing across their border is seen."""

# The kinds of timing in the formats that YouTube reads as text (support answer 2734698). `captions.insert`
# has no `sync` any more (deprecated 2024-04-12): a file without timings would be of no use.
_TIMING = re.compile(
    r"""
      \d\d:\d\d[.,:]\d{1,3}[ \t]*-->[ \t]*\d+:\d\d          # SubRip, WebVTT
    | ^\d{1,2}:\d\d:\d\d[.,]\d{2,3},\d{1,2}:\d\d:\d\d[.,]\d # SBV, SubViewer
    | ^\[\d{1,3}:\d\d(?:[.:]\d{1,3})?\]                     # LRC
    | ^\d\d:\d\d:\d\d[:;]\d\d[ \t]                          # Scenarist, Spruce
    | <sync[ \t]+start\s*=                                  # SAMI
    | \bbegin\s*=\s*["']\d                                  # TTML
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)


def check_caption(file: BinaryIO, *, field: str) -> None:
    """Read an open caption file in blocks; raises `Refused` when it is no text or has no timings."""
    file.seek(0)
    timed = False
    kept = ""
    try:
        for text in _texts(file):
            timed = timed or _TIMING.search(kept + text) is not None
            kept = text[-_OVERLAP:]
    except UnicodeDecodeError as problem:
        what, remedy = "the captions are not text in UTF-8", "save them as SRT or WebVTT in UTF-8"
        raise Refused(Refusal(field, "not_text", what, remedy)) from problem
    if not timed:
        what, remedy = "the captions do not say when a line is spoken", "export them as SRT or WebVTT"
        raise Refused(Refusal(field, "no_timings", what, remedy))


def _texts(file: BinaryIO) -> Iterator[str]:
    """The text block by block. Raises `UnicodeDecodeError`, also for a zero byte (UTF-16, binary)."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    while block := file.read(_BLOCK):
        if b"\0" in block:
            raise UnicodeDecodeError("utf-8", block, block.index(0), block.index(0) + 1, "zero byte")
        yield decoder.decode(block).replace("\r", "\n")
    decoder.decode(b"", final=True)
