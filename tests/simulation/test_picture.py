"""The picture of a simulation, as SVG and as PNG."""

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from tests.simulation.layouts import a_scenario
from ytempire.bootstrap.simulations import plotted
from ytempire.simulation import Result, simulated
from ytempire.simulation.plot import HEIGHT, WIDTH, Box, Path, Words, picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result() -> Result:
    return simulated(a_scenario(days=2, videos=70))


def test_every_mark_is_within_the_picture(result: Result) -> None:
    for mark in picture(result):
        match mark:
            case Box(x, y, width, height, _):
                assert 0 <= x <= x + width <= WIDTH
                assert 0 <= y <= y + height <= HEIGHT
            case Path(points, _):
                assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
            case Words(x, y, _):
                assert 0 <= x <= WIDTH
                assert 0 <= y <= HEIGHT


def test_an_svg_is_a_document_with_a_bar_for_what_was_published_each_day(result: Result) -> None:
    root = ET.fromstring(plotted(result, "svg"))

    bars = [each for each in root.iter(f"{SVG}rect") if each.get("fill") == "#2e7d32"]
    legend = 1
    assert sum(day.published > 0 for day in result.days) + legend == len(bars)
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert "80 %: plans end" in words
    assert "uploads" in words


def test_a_png_is_an_image_of_the_same_size(result: Result) -> None:
    image = Image.open(io.BytesIO(plotted(result, "png")))

    assert (WIDTH, HEIGHT) == image.size
    assert ("PNG", "RGB") == (image.format, image.mode)


def test_a_name_in_a_picture_is_written_as_text(result: Result) -> None:
    from dataclasses import replace

    odd = replace(result.scenario.layout, name="<&>")
    drawn = plotted(replace(result, scenario=replace(result.scenario, layout=odd)), "svg")

    assert b"&lt;&amp;&gt;" in drawn
