"""The API and its own document: whatever is sent, the answer is one that the document tells of, and never a 500.

A slice of what `python -m benchmarks fuzz` does at length.
"""

import pytest

from benchmarks.fuzz import fuzz, served
from tests.entrypoints.http.conftest import House
from ytempire.entrypoints.http.app import routed, ways_in
from ytempire.settings import Settings

EXAMPLES = 8


@pytest.fixture
def document(house: House) -> dict[str, object]:
    """The document of the API."""
    return dict(routed(house.serving).openapi())


@pytest.mark.unmeasured
@pytest.mark.timeout(180)
@pytest.mark.filterwarnings("ignore")  # the tool's own
def test_every_answer_is_one_that_the_document_tells_of(
    settings: Settings, document: dict[str, object]
) -> None:
    with served(settings) as address:
        sent, wrong = fuzz(address, document, EXAMPLES)

    assert [] == wrong
    assert 300 < sent


async def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(house: House) -> None:
    app = routed(house.serving)
    paths: dict[str, dict[str, dict[str, object]]] = app.openapi()["paths"]
    operations = [told for methods in paths.values() for told in methods.values()]
    names = [told["operationId"] for told in operations]

    assert len(names) == len(set(names))
    assert all(told.get("description") and told.get("x-least-role") for told in operations)
    listed = {(door.method, door.path) for door in ways_in(app)}
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} <= listed


async def test_the_page_of_the_document_shows_every_operation_and_loads_nothing_from_elsewhere(
    house: House,
) -> None:
    page = (await house.ask("GET", "/docs")).body.decode()
    paths = (await house.ask("GET", "/api/v1/openapi.json")).json()["paths"]

    assert all(f"{method.upper()} {path}" in page for path, methods in paths.items() for method in methods)
    assert "//" not in page.replace("http://127.0.0.1", "").partition("<h2>Shapes")[0].replace("https:/", "")
    assert "<script" not in page
