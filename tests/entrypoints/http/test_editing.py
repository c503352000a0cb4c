"""Changing a published video over the API: who may, and what is told of what cannot be."""

from tests.builders import NOW, a_publication
from tests.entrypoints.http.conftest import House
from ytempire.domain.callers import Role


async def test_only_an_operator_changes_a_video_and_only_one_that_is_published(house: House) -> None:
    store = house.serving.acting.context.store
    await store.submit(a_publication("pub_1", created_at=NOW, updated_at=NOW, due=None), "one", ())
    operator = await house.token("op", Role.OPERATOR)
    submitter = await house.token("sub", Role.SUBMITTER)
    path, given = "/api/v1/publications/{}/edit", {"title": "After"}

    too_low = await house.ask("POST", path.format("pub_1"), given=given, token=submitter)
    too_early = await house.ask("POST", path.format("pub_1"), given=given, token=operator)
    unknown = await house.ask("POST", path.format("pub_9"), given=given, token=operator)
    malformed = await house.ask("POST", path.format("pub_1"), given={"privacy": "public"}, token=operator)

    assert [
        (403, "role_too_low"),
        (409, "not_possible"),
        (404, "publication_unknown"),
        (422, "malformed"),
    ] == [(each.status, each.code) for each in (too_low, too_early, unknown, malformed)]
