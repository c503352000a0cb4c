"""A picture as SVG 1.1 text."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from ytempire.simulation.plot import HEIGHT, WIDTH, Box, Mark, Path, Words

_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
    'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
)


def drawn(marks: Iterable[Mark]) -> str:
    """The whole document."""
    return _HEAD + "".join(f"{_element(mark)}\n" for mark in marks) + "</svg>\n"


def _element(mark: Mark) -> str:
    match mark:
        case Box(x, y, width, height, colour):
            return (
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
            )
        case Path(points, colour):
            through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            return f'<polyline points="{through}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        case Words(x, y, text, colour, ends):
            anchor = ' text-anchor="end"' if ends else ""
            return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{anchor}>{escape(text)}</text>'
