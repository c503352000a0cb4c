"""A picture as a PNG file, drawn by Pillow."""

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

from ytempire.simulation.plot import HEIGHT, WIDTH, Box, Mark, Path, Words

_SIZE = 13
_THICK = 2


def drawn(marks: Iterable[Mark]) -> bytes:
    """The whole file."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(_SIZE)
    for mark in marks:
        match mark:
            case Box(x, y, width, height, colour):
                pen.rectangle((x, y, x + width, y + height), fill=colour)
            case Path(points, colour):
                pen.line(points, fill=colour, width=_THICK)
            case Words(x, y, text, colour, ends):
                pen.text((x, y), text, fill=colour, font=font, anchor="rs" if ends else "ls")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
