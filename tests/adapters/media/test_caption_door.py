"""Captions at the door: text in UTF-8 that says when each line is spoken."""

from pathlib import Path

import pytest

from ytempire.adapters.media import MediaCheck
from ytempire.domain.values import Refused

TIMED = {
    "srt": "1\n00:00:01,000 --> 00:00:02,500\nHello\n",
    "srt with CRLF": "1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\n",
    "vtt": "WEBVTT\n\n00:01.000 --> 00:02.500\nGrüße\n",
    "sbv": "0:00:01.000,0:00:02.500\nHello\n",
    "sub": "[INFORMATION]\n00:00:01.00,00:00:02.50\nHello\n",
    "lrc": "[ti:Song]\n[00:01.00]Hello\n",
    "scc": "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420\n",
    "sami": "<SAMI><BODY><SYNC Start=1000><P>Hello</SAMI>",
    "ttml": '<tt xmlns="http://www.w3.org/ns/ttml"><p begin="1s" end="2s">Hello</p></tt>',
    "old Mac": "1\r00:00:01,000 --> 00:00:02,500\rHello\r",
}


async def refusal_of(media: MediaCheck, path: Path) -> str:
    with pytest.raises(Refused) as refused:
        await media.caption(str(path))
    (refusal,) = refused.value.refusals
    assert refusal.sentence().startswith("captions: ")
    return refusal.code


@pytest.mark.parametrize("text", TIMED.values(), ids=TIMED.keys())
async def test_each_sort_of_captions_is_accepted(media: MediaCheck, tmp_path: Path, text: str) -> None:
    (tmp_path / "captions").write_bytes(text.encode())
    assert len(text.encode()) == (await media.caption(str(tmp_path / "captions"))).size


async def test_a_byte_order_mark_does_no_harm(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "captions").write_bytes(b"\xef\xbb\xbf" + TIMED["sbv"].encode())
    assert (await media.caption(str(tmp_path / "captions"))).size > 0


async def test_a_timing_across_the_border_of_two_blocks_is_seen(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "captions").write_text("x" * ((1 << 20) - 10) + "\n" + TIMED["srt"])
    assert (await media.caption(str(tmp_path / "captions"))).size > 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"Hello, these are the words of my video.\n", "no_timings"),
        (b"\n\n\n", "no_timings"),
        (TIMED["srt"].encode("utf-16"), "not_text"),
        (TIMED["vtt"].encode("latin-1"), "not_text"),
        (TIMED["vtt"].encode() + b"\xc3", "not_text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not_text"),
    ],
    ids=["empty", "words alone", "blank", "UTF-16", "latin-1", "half a letter", "picture"],
)
async def test_what_is_no_use_as_captions_is_refused(
    media: MediaCheck, tmp_path: Path, data: bytes, code: str
) -> None:
    (tmp_path / "captions").write_bytes(data)
    assert await refusal_of(media, tmp_path / "captions") == code
