"""Films for the tests: one short film, written into the containers and codecs that people really send."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.frame import PictureType
from av.video.stream import VideoStream

from ytempire.adapters.media.maker import make_video


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one film is written; no codec means that the film has no such stream."""

    name: str
    container: str
    mime: str
    muxer: str | None = None
    video: str | None = "libx264"
    audio: str | None = "aac"
    options: tuple[tuple[str, str], ...] = ()
    coding: tuple[tuple[str, str], ...] = ()


GOOD = (
    Recipe(name="film.mov", container="mov", mime="video/quicktime"),
    Recipe(name="film.3gp", container="3gp", mime="video/3gpp"),
    Recipe(name="film.mkv", container="mkv", mime="video/x-matroska"),
    Recipe(name="film.webm", container="webm", mime="video/webm", video="libvpx", audio="libopus"),
    Recipe(
        name="live.webm",
        container="webm",
        mime="video/webm",
        video="libvpx",
        audio="libopus",
        options=(("live", "1"),),
    ),
    Recipe(name="film.avi", container="avi", mime="video/x-msvideo", video="mpeg4", audio="libmp3lame"),
    Recipe(name="film.ts", container="mpeg-ts", mime="video/mp2t", muxer="mpegts"),
    Recipe(name="film.mpg", container="mpeg", mime="video/mpeg", video="mpeg2video", audio="mp2"),
    Recipe(name="film.flv", container="flv", mime="video/x-flv", video="flv"),
    Recipe(
        name="film.wmv", container="wmv", mime="video/x-ms-wmv", muxer="asf", video="wmv2", audio="libmp3lame"
    ),
    Recipe(name="film.mxf", container="mxf", mime="application/octet-stream", video="mpeg2video", audio=None),
    Recipe(name="silent.mp4", container="mp4", mime="video/mp4", audio=None),
    Recipe(
        name="fragments.mp4",
        container="mp4",
        mime="video/mp4",
        options=(("movflags", "frag_keyframe+empty_moov"),),
    ),
    Recipe(
        name="open-gop.mp4",
        container="mp4",
        mime="video/mp4",
        coding=(("preset", "veryfast"), ("x264-params", "open-gop=1:keyint=50:bframes=3")),
    ),
)

AUDIO_ONLY = Recipe(name="sound.mp4", container="mp4", mime="", video=None)


def write_film(folder: Path, source: Path, recipe: Recipe) -> Path:
    """Write the source film anew by a recipe: nine seconds and a half, so that its tail is not all of it."""
    target = folder / recipe.name
    with av.open(str(target), "w", format=recipe.muxer, options=dict(recipe.options)) as made:
        picture = _picture(made, recipe) if recipe.video else None
        sound = _sound(made, recipe.audio) if recipe.audio else None
        if sound is not None:
            with av.open(str(source)) as given:
                for frame in given.decode(given.streams.audio[0]):
                    made.mux(sound.encode(frame))
            made.mux(sound.encode(None))
        if picture is not None:
            for number, image in enumerate(_pictures(source)):
                made.mux(picture.encode(_numbered(image, number)))
            made.mux(picture.encode(None))
    return target


def _pictures(source: Path) -> Iterator[av.VideoFrame]:
    """Every picture of the source three times."""
    with av.open(str(source)) as given:
        for frame in given.decode(given.streams.video[0]):
            for _ in range(3):
                yield frame.reformat(frame.width, frame.height, "yuv420p")


def _numbered(frame: av.VideoFrame, number: int) -> av.VideoFrame:
    frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, 25), PictureType.NONE
    return frame


_FAST = {"libx264": {"preset": "ultrafast"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}


def _picture(made: av.container.OutputContainer, recipe: Recipe) -> VideoStream:
    stream = made.add_stream(
        recipe.video or "", rate=25, options=_FAST.get(recipe.video or "", {}) | dict(recipe.coding)
    )
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
    return stream


def _sound(made: av.container.OutputContainer, codec: str) -> AudioStream:
    layout = "stereo" if codec == "mp2" else "mono"
    stream = made.add_stream(codec, rate=48_000 if codec == "libopus" else 44_100, layout=layout)
    assert isinstance(stream, AudioStream)
    return stream


def write_source(folder: Path, name: str, *, index_first: bool) -> Path:
    """Eight seconds of film from our own maker."""
    target = folder / name
    make_video(target, seed=41, seconds=8, width=320, height=180, index_first=index_first)
    return target
