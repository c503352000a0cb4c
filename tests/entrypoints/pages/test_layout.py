"""Nothing is cut, printed over something else, or broken into letters, on screens from a phone to a desk.

The ids are long ones, as people have them, and today's checklist is made.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.entrypoints.pages.browsing import site, watched
from tests.entrypoints.pages.worlds import a_busy_day, a_company
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

PREFIX = "ytempire_prod_"
PATHS = ("/", "/publications", "/log", "/quota", "/services", "/accounts", "/alerts", "/docs")
LEAST = 60
"""The least width in pixels of a cell of text; below it words fall into letters."""

STICKING_OUT = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const found = wide > 0 ? [`the page by ${wide}`] : [];
  for (const box of document.querySelectorAll(".scroll"))
    if (box.scrollWidth > box.clientWidth + 1) found.push(`${box.getAttribute("aria-labelledby")} is cut`);
  for (const box of document.querySelectorAll(".rows > li, .chain > li, table.cards td, table.cards tbody th")) {
    const right = box.getBoundingClientRect().right;
    for (const part of box.querySelectorAll("*"))
      if (!part.closest(".unseen") && part.getBoundingClientRect().right > right + 2)
        found.push(`${part.tagName} ${part.textContent.slice(0, 40)}`);
  }
  return found;
}"""
NARROW = """least => [...document.querySelectorAll(".rows > li > .grow")]
  .filter(each => each.getBoundingClientRect().width < least).map(each => each.textContent)"""


@pytest.fixture
def company(tmp_path: Path, google: Emulator) -> Installation:
    """Channels with long ids."""
    return a_company(Installation(tmp_path), google, prefix=PREFIX)


@pytest.mark.timeout(240)
@pytest.mark.asyncio(loop_scope="session")
async def test_nothing_is_cut_or_printed_over_something_else(company: Installation, browser: Browser) -> None:
    found: dict[str, list[str]] = {}
    async with site(company) as house:
        day = await a_busy_day(house.serving.acting, PREFIX)
        await house.serving.checklist("test").made()
        await day.follow()
        for width in (390, 1024, 1280, 1600):
            async with watched(browser, house.address, viewport={"width": width, "height": 900}) as tab:
                for path in PATHS:
                    await tab.visit(path)
                    told = [
                        *await tab.page.evaluate(STICKING_OUT),
                        *await tab.page.evaluate(NARROW, LEAST),
                    ]
                    found |= {f"{path} at {width}": told} if told else {}

    assert {} == found
