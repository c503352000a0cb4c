"""Which vendors there are: those shipped, and those of other packages."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ytempire.adapters.providers import GROUP, PROBES, SPEAKERS, VENDORS, WRITERS, Web, WrongVendor, plugins
from ytempire.adapters.providers import speakers as speakers_of
from ytempire.domain.chain import SCRIPT, VOICE, Made
from ytempire.domain.speech import SpeechOrder
from ytempire.ports.chains import Terms

RECIPE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "add-a-provider.md"


def test_every_vendor_of_the_brief_is_there_and_can_be_looked_at() -> None:
    assert {"elevenlabs", "google_tts", "polly", "espeak"} == set(SPEAKERS)
    assert {"openai", "anthropic", "template"} == set(WRITERS)
    assert {each.kind for each in VENDORS} == set(PROBES) == set(SPEAKERS) | set(WRITERS)
    assert {VOICE, SCRIPT} == {each.chain for each in VENDORS}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages that ends with the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(site: Path, code: str, entry: str = "ours = our_vendor:VENDOR") -> None:
    """A package with one module and one entry point, as an installer leaves it."""
    (site / "our_vendor.py").write_text(code)
    info = site / "our_vendor-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-vendor\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n")


def recipe() -> str:
    """The module of the documented recipe."""
    return RECIPE.read_text().split("```python\n")[1].split("```")[0]


def test_without_packages_there_are_no_more() -> None:
    assert () == plugins()


async def test_the_documented_recipe_makes_a_vendor_that_speaks(site: Path, web: Web) -> None:
    install(site, recipe())

    found = plugins()
    voice = speakers_of(found)["beep"](Terms(name="beep", kind="beep", cost=7), web)
    made = await voice.speak(SpeechOrder("Hello."), str(site / "a.wav"))

    assert ["beep"] == [each.kind for each in found]
    assert Made(None) == made
    assert (7, 2_000) == (voice.price(SpeechOrder("Hello.")), voice.longest)
    assert (site / "a.wav").stat().st_size > 1000


@pytest.mark.parametrize(
    ("code", "entry", "expected"),
    [
        ("VENDOR = 7", "ours = our_vendor:VENDOR", "no Vendor"),
        ("", "ours = our_vendor:VENDOR", "AttributeError"),
        ("import no_such_module", "ours = our_vendor:VENDOR", "ModuleNotFoundError"),
        (
            "from ytempire.adapters.providers import Vendor\nVENDOR = Vendor('x', 'video_upload', print)",
            "ours = our_vendor:VENDOR",
            "no Vendor of the chain",
        ),
        (
            "from ytempire.adapters.providers import Vendor\nVENDOR = Vendor('polly', 'voice_synthesis', print)",
            "ours = our_vendor:VENDOR",
            "polly already",
        ),
    ],
)
def test_a_package_that_offers_something_else_is_named(
    code: str, entry: str, expected: str, site: Path
) -> None:
    install(site, code, entry)

    with pytest.raises(WrongVendor, match=expected) as told:
        plugins()

    assert "the provider ours of our-vendor" in str(told.value)
