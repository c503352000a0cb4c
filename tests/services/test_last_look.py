"""The last look before an upload is done over: only an answer that says that nothing is there counts."""

import pytest

from tests.services.house import House
from tests.services.test_reconcile import in_doubt
from ytempire.domain.quota import Method
from ytempire.domain.values import Refused
from ytempire.domain.wire import Reply


@pytest.mark.parametrize(
    "name", [str(each) for each in (Method.CHANNELS_LIST, Method.PLAYLIST_ITEMS_LIST, Method.VIDEOS_LIST)]
)
@pytest.mark.parametrize("body", [b"{}", b'{"items": null}', b'{"items": [3]}'])
async def test_a_last_look_whose_answer_is_no_list_forbids_it(house: House, name: str, body: bytes) -> None:
    doubtful = await in_doubt(house, made=True)
    videos = dict(house.youtube.videos)
    house.youtube.videos.clear()
    waiting = await house.finish(doubtful.id)
    house.youtube.videos.update(videos)
    house.google.trouble(name, Reply(200, {}, body))
    staff = house.staff()

    with pytest.raises(Refused, match="cannot be looked for"):
        await staff.operating.reupload(waiting.id, staff.reconciling)
    assert waiting == await house.now(waiting.id)
