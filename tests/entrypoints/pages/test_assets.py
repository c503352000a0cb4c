"""What pages are made of: files of others unchanged, nothing inline, a name for everything that can happen."""

import hashlib
import re

import pytest

from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.worlds import a_busy_day
from tests.entrypoints.program import Installation
from ytempire.domain.accounts import Condition
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.thresholds import Colour
from ytempire.entrypoints.http import static_files
from ytempire.entrypoints.http.pages import words
from ytempire.entrypoints.http.pages.page import TEMPLATES

VENDOR = static_files.FOLDER / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_what_others_wrote_is_as_they_published_it() -> None:
    told = dict(ROW.findall((VENDOR / "VENDORED.md").read_text()))
    found = {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in VENDOR.iterdir()
        if each.name != "VENDORED.md"
    }

    assert told == found


def test_templates_hold_no_script_and_no_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b|hx-on", re.IGNORECASE
    )
    found = {each.name: inline.findall(each.read_text()) for each in TEMPLATES.iterdir()}

    assert {name: [] for name in found} == found


def test_our_own_files_name_nobody_elsewhere() -> None:
    ours = [each for folder in ("style", "script") for each in (static_files.FOLDER / folder).iterdir()]
    found = [
        (each.name, url)
        for each in [*ours, *TEMPLATES.iterdir()]
        for url in re.findall(r"https?://\S+", each.read_text())
    ]

    assert [] == found


async def test_every_page_keeps_to_the_policy(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        answer = await house.ask("GET", "/")
        files = [await house.ask("GET", path) for path in named(answer.body.decode())]

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "same-origin" == answer.headers["referrer-policy"]
    assert "no-store" == answer.headers["cache-control"]
    assert 7 <= len(files)
    assert {200} == {each.status for each in files}
    assert {"public, max-age=31536000, immutable"} == {each.headers["cache-control"] for each in files}
    assert {"nosniff"} == {each.headers["x-content-type-options"] for each in files}


def named(text: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', text)


async def test_no_path_from_outside_names_a_file(company: Installation, opened: OpenPages) -> None:
    async with opened(company) as house:
        paths = (
            "../templates/base.html",
            "vendor/VENDORED.md",
            "..%2f..%2fapp.py",
            "style",
            "",
            "/etc/passwd",
        )
        answers = [await house.ask("GET", f"/static/{path}") for path in paths]

    assert [404] * 6 == [each.status for each in answers]


def test_everything_that_can_happen_has_a_name() -> None:
    assert [] == [kind for kind in Kind if kind not in words.EVENTS]


@pytest.mark.parametrize("kind", [State, Condition, Colour, Level])
def test_every_state_has_a_look_of_its_own_meaning(kind: type[State]) -> None:
    assert [] == [each for each in kind if str(each) not in words.LOOKS]


def test_a_state_that_nobody_foresaw_is_shown_by_its_word() -> None:
    assert words.Mark("ring", "quite new", "idle") == words.mark("quite_new")


@pytest.mark.parametrize(
    ("octets", "told"),
    [(None, words.NOTHING), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_400_000, "12.4 MB")],
)
def test_sizes_are_told_as_people_say_them(octets: int | None, told: str) -> None:
    assert told == words.size(octets)


@pytest.mark.parametrize(
    ("length", "told"), [(0, "0 s"), (59.4, "59 s"), (61, "1 min"), (7500, "2 h 5 min"), (90_000, "1 d 1 h")]
)
def test_spans_are_told_in_their_largest_parts(length: float, told: str) -> None:
    assert told == words.seconds(length)


async def test_pages_are_there_before_anything_was_configured_or_done(
    company: Installation, opened: OpenPages
) -> None:
    text = company.config.read_text()
    company.config.write_text(text[: text.index("[[accounts]]")])
    async with opened(company) as house:
        shown = {path: await house.ask("GET", path) for path in EMPTY}

    assert {200} == {each.status for each in shown.values()}
    assert "No accounts yet" in shown["/accounts"].body.decode()
    assert "Nothing was submitted yet" in shown["/publications"].body.decode()
    assert "No plan for this day" in shown["/plan"].body.decode()
    assert "Voice synthesis" in shown["/services"].body.decode()


EMPTY = (
    "/",
    "/publications",
    "/publications/new",
    "/accounts",
    "/plan",
    "/services",
    "/quota",
    "/alerts",
    "/log",
)


async def test_a_page_that_asks_for_its_part_gets_that_and_the_badges(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as house:
        await a_busy_day(house.serving.acting)
        part = await text_of(house, "/")

    assert "<html" not in part
    assert 'id="badge-alerts" hx-swap-oob="true">5' in part


async def text_of(house: House, path: str) -> str:
    return (await house.ask("GET", path, headers={"hx-request": "true"})).body.decode()
