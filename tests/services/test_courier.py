"""The escort of a piece looks for a cancel while bytes flow; a look that fails is neither lost nor fatal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.services.house import House
from ytempire.domain.drafts import Draft
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Publication
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import PublicationId


class Watched:
    """A store that counts looks for a cancel, and answers them as a test says."""

    def __init__(self, house: House, answer: Callable[[int], bool]) -> None:
        self.house = house
        self.answer = answer
        self.looks = 0
        self.under_way = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house.store, name)

    async def cancel_flagged(self, which: PublicationId) -> bool:
        del which
        self.looks += 1
        self.under_way += 1
        try:
            return self.answer(self.looks)
        finally:
            self.under_way -= 1


async def uploaded(house: House, store: Watched) -> Publication:
    """One pass during which two seconds go by with every block."""
    house.media.put("/videos/long.mp4", b"long", size=20 * GRANULE)
    accepted = await house.staff().submission.submit(Draft("/videos/long.mp4", Metadata("long")))

    def slowly(which: PublicationId, offset: int, total: int) -> None:
        del which, offset, total
        house.clock.advance(timedelta(seconds=2))

    house.progress = slowly
    ports: Any = replace(house.ports(), store=store)
    await house.staff(ports).publishing.advance(accepted.id)
    return await house.now(accepted.id)


def failing(look: int) -> bool:
    raise ConnectionError(f"look {look} finds the store away")


async def test_a_look_that_fails_is_told_and_repeated_and_the_upload_goes_on(house: House) -> None:
    store = Watched(house, failing)

    with capture_logs() as told:
        done = await uploaded(house, store)

    assert State.PROCESSING is done.state
    assert store.looks > 1
    assert {"ConnectionError"} == {entry["error"] for entry in told if "look for a cancel" in entry["event"]}
    assert 0 == store.under_way


async def test_a_look_that_sees_a_cancel_ends_the_upload_before_its_last_bytes(house: House) -> None:
    done = await uploaded(house, Watched(house, lambda look: True))

    assert State.CANCELLED is done.state
    assert {} == house.youtube.videos


@pytest.mark.parametrize("seen", [1, 2])
async def test_a_cancel_once_seen_stays_seen(house: House, seen: int) -> None:
    done = await uploaded(house, Watched(house, lambda look: look == seen))

    assert State.CANCELLED is done.state
