"""Publications over the API: sent, queued, listed, seen in one state and changed in that state only."""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, a_file, a_publication, a_request, a_session, an_event
from tests.entrypoints.http.asking import Answer
from tests.entrypoints.http.conftest import House, Open
from ytempire.domain.callers import Role
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Reason, SessionState, Target
from ytempire.domain.values import AccountId, VideoId
from ytempire.ports import Filter

PATH = "/api/v1/publications"


async def file_of(house: House, films: Path, name: str = "film1.mp4", token: str | None = None) -> str:
    answer = await house.ask(
        "PUT", f"/api/v1/files?name={name}", body=(films / name).read_bytes(), token=token
    )
    assert 201 == answer.status, answer.body
    return str(answer.json()["file"])


async def created(house: House, films: Path, **given: object) -> Answer:
    return await house.ask("POST", PATH, given={"file": await file_of(house, films), **given})


async def some(house: House, number: int) -> None:
    """So many publications, one a second."""
    for each in range(number):
        at = NOW + timedelta(seconds=each)
        wanted = a_publication(f"pub_{each:03}", created_at=at, updated_at=at, due=None)
        await house.serving.acting.context.store.submit(wanted, str(each), ())


async def test_a_video_with_everything_is_queued_as_it_was_described(house: House, films: Path) -> None:
    given = {
        "title": "Näher 🎬", "description": "zwei\nZeilen", "tags": ["a b", "c"], "category": "27", "language": "de",
        "privacy": "unlisted", "made_for_kids": False, "synthetic_media": True, "license": "creativeCommon",
        "notify_subscribers": False, "priority": 2, "account": "channel_2", "playlists": ["daily"],
        "thumbnail": await file_of(house, films, "thumbnail.jpg"),
        "captions": [{"file": await file_of(house, films, "captions.srt"), "language": "de", "name": "D"}],
        "not_before": "2036-01-01T00:00:00+00:00", "deadline": "2036-02-01T00:00:00+00:00",
    }  # fmt: skip
    answer = await created(house, films, **given)
    assert 201 == answer.status, answer.body
    found = (await house.ask("GET", answer.headers["location"])).json()

    assert "queued" == found["state"]
    assert given == {name: found["request"][name] for name in given}


async def test_a_film_without_a_title_is_called_as_its_sender_calls_it(house: House, films: Path) -> None:
    assert "film1" == (await created(house, films)).json()["title"]


async def test_no_answer_names_a_path_of_this_machine(house: House, films: Path) -> None:
    answer = await created(house, films)
    store = house.serving.acting.context.store
    (stored,) = await store.publications(Filter())
    reason = Reason("source_missing", f"{stored.request.video.path} is gone", ("look",))
    held = a_publication("pub_x", request=stored.request, state=State.HELD, reason=reason, due=None)
    await store.submit(held, "x", ())

    for path in (PATH, f"{PATH}/{answer.json()['id']}", f"{PATH}/pub_x", "/api/v1/events", "/api/v1/doctor"):
        text = (await house.ask("GET", path)).body.decode()
        assert str(house.serving.settings.home) not in text, path
        assert "/incoming" not in text, path
    assert "upload:upl_" in (await house.ask("GET", f"{PATH}/pub_x")).json()["reason"]


async def test_the_list_goes_on_where_it_ended_and_says_where(house: House) -> None:
    await some(house, 25)
    seen: list[str] = []
    path, pages = f"{PATH}?limit=10&state=queued", 0
    while path:
        answer = await house.ask("GET", path)
        seen += [each["id"] for each in answer.json()["publications"]]
        link = answer.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
        pages += 1

    assert [f"pub_{number:03}" for number in reversed(range(25))] == seen
    assert 3 == pages
    assert [] == (await house.ask("GET", f"{PATH}?state=held")).json()["publications"]


async def test_a_list_that_could_never_hold_anything_is_refused_with_the_remedy(house: House) -> None:
    wrong = await house.ask("GET", f"{PATH}?before=garbage&account=nope")
    found = {each["field"]: each["code"] for each in wrong.json()["problems"]}
    nothing_yet = await house.ask("GET", f"{PATH}?account=channel_1")

    assert (422, {"before": "cursor_unknown", "account": "account_not_configured"}) == (wrong.status, found)
    assert all(each["remedy"] for each in wrong.json()["problems"])
    assert (200, []) == (nothing_yet.status, nothing_yet.json()["publications"])


async def test_an_account_that_left_the_configuration_can_still_be_asked_for(opened: Open) -> None:
    async with opened() as house:
        await house.serving.acting.context.store.submit(
            a_publication("pub_1", request=a_request(), account=AccountId("former"), due=None), "x", ()
        )
        token = await house.token("one", Role.VIEWER, "channel_1")
        listed = await house.ask("GET", f"{PATH}?account=former")
        of_others = await house.ask("GET", f"{PATH}?account=former", token=token)

    assert ["pub_1"] == [each["id"] for each in listed.json()["publications"]]
    assert (422, "account_not_configured") == (of_others.status, of_others.code)


async def test_a_parameter_that_no_route_knows_is_refused_with_those_it_knows(house: House) -> None:
    misspelt = await house.ask("GET", f"{PATH}?stat=held&limit=5")
    none = await house.ask("GET", "/api/v1/accounts?limit=5")
    (problem,) = misspelt.json()["problems"]

    assert (422, "parameter_unknown", "stat") == (misspelt.status, misspelt.code, problem["field"])
    assert "known here: account, before, limit, state" == problem["remedy"]
    assert (422, "leave it out: this takes none") == (none.status, none.json()["problems"][0]["remedy"])


async def test_what_did_not_change_is_not_sent_again(house: House, films: Path) -> None:
    answer = await created(house, films)
    path = answer.headers["location"]
    for each in (path, PATH, "/api/v1/accounts"):
        tag = (await house.ask("GET", each)).headers["etag"]
        again = await house.ask("GET", each, headers={"if-none-match": f'"x", {tag}'})
        assert (304, b"") == (again.status, again.body), each
    tag = (await house.ask("GET", path)).headers["etag"]
    await house.ask("POST", f"{path}/cancel")
    assert 200 == (await house.ask("GET", path, headers={"if-none-match": tag})).status


async def test_a_document_that_tells_when_it_was_made_is_the_same_a_second_later(house: House) -> None:
    class Later:
        def now(self) -> datetime:
            return house.serving.acting.context.clock.now() + timedelta(seconds=1)

    first = await house.ask("GET", "/api/v1/quota")
    quota = replace(house.serving.quota, clock=Later())  # type: ignore[arg-type]  # it asks for nothing else
    later = house.upon(quota=quota)
    again = await later.ask("GET", "/api/v1/quota", headers={"if-none-match": first.headers["etag"]})
    whole = await later.ask("GET", "/api/v1/quota")

    assert (304, 200) == (again.status, whole.status)
    assert first.json()["at"] != whole.json()["at"]


async def test_a_change_of_what_has_changed_meanwhile_is_refused(house: House, films: Path) -> None:
    path = (await created(house, films)).headers["location"]
    seen = {"if-match": (await house.ask("GET", path)).headers["etag"]}

    assert 200 == (await house.ask("POST", f"{path}/cancel", headers=seen)).status
    late = await house.ask("POST", f"{path}/retry", headers=seen)
    assert (412, "changed_meanwhile") == (late.status, late.code)
    assert "queued" == (await house.ask("POST", f"{path}/retry")).json()["state"]


async def test_of_many_changes_of_what_was_seen_one_is_made(house: House, films: Path) -> None:
    path = (await created(house, films)).headers["location"]
    seen = {"if-match": (await house.ask("GET", path)).headers["etag"]}
    found = await asyncio.gather(*(house.ask("POST", f"{path}/cancel", headers=seen) for _ in range(8)))

    assert [200, *[412] * 7] == sorted(each.status for each in found)


WRONG: dict[str, object] = {
    "title": "<b>", "publish_at": "nonsense", "account": "nobody", "priority": 99, "playlists": ["none"],
    "deadline": "never", "file": "upload:nothing",
}  # fmt: skip


async def test_everything_wrong_is_told_in_one_round(house: House) -> None:
    checked = (await house.ask("POST", f"{PATH}/check", given=WRONG)).json()
    refused = await house.ask("POST", PATH, given=WRONG)
    token = await house.token("one", Role.SUBMITTER, "channel_1")
    some = {"title": "<b>", "priority": 99}
    scoped = (await house.ask("POST", f"{PATH}/check", given=some, token=token)).json()

    assert not checked["accepted"]
    assert set(WRONG) == {each["field"] for each in checked["problems"]}
    assert (422, checked["problems"]) == (refused.status, refused.json()["problems"])
    assert {"account", "title", "priority"} == {each["field"] for each in scoped["problems"]}


async def test_history_says_who_did_what(house: House, films: Path) -> None:
    made = await created(house, films)
    token = await house.token("anna", Role.OPERATOR)
    await house.ask("POST", f"{made.headers['location']}/cancel", token=token)
    again = await house.ask("POST", f"{made.headers['location']}/retry", token=token)
    events = (await house.ask("GET", "/api/v1/events")).json()["events"]
    told = [
        (each["kind"], each["data"].get("by"))
        for each in events
        if each["publication"] in (made.json()["id"], again.json()["id"])
    ]

    assert [
        ("publication.submitted", "local"), ("publication.cancelled", "anna"), ("publication.submitted", "anna"),
    ] == told  # fmt: skip


async def test_what_is_not_possible_is_told_as_that(house: House, films: Path) -> None:
    path = (await created(house, films)).headers["location"]
    found = [
        await house.ask("POST", f"{path}/retry"),
        await house.ask("POST", f"{path}/retry", given={"extras": True}),
        await house.ask("POST", f"{path}/resolve", given={"action": "reupload"}),
        await house.ask("POST", f"{path}/resolve", given={"action": "adopt", "video_id": "abc"}),
    ]

    assert [(409, "not_possible")] * 4 == [(each.status, each.code) for each in found]


async def test_a_decision_says_exactly_what_is_to_be_done(house: House, films: Path) -> None:
    path = (await created(house, films)).headers["location"]
    for given in ({"action": "adopt"}, {"action": "reassign"}, {"action": "give_up", "account": "channel_1"},
                  {"action": "adopt", "video_id": "x", "account": "y"}):  # fmt: skip
        answer = await house.ask("POST", f"{path}/resolve", given=given)
        assert (422, "decision_unclear") == (answer.status, answer.code)
    other = await house.ask("POST", f"{path}/resolve", given={"action": "reassign", "account": "channel_9"})
    assert "account_not_configured" == other.code
    assert (
        "cancelled"
        == (await house.ask("POST", f"{path}/resolve", given={"action": "give_up"})).json()["state"]
    )


async def test_a_held_one_moves_to_another_account_under_a_new_id(house: House) -> None:
    request = a_request(target=Target())
    held = a_publication("pub_1", request=request, state=State.HELD, reason=Reason("x", "y"), due=None)
    await house.serving.acting.context.store.submit(held, "1", ())
    given = {"action": "reassign", "account": "channel_2"}
    moved = await house.ask("POST", f"{PATH}/pub_1/resolve", given=given)

    assert (200, "queued") == (moved.status, moved.json()["state"])
    assert "pub_1" != moved.json()["id"]


async def test_everything_held_for_one_reason_goes_back_to_work(house: House) -> None:
    for number in range(3):
        file = a_file(sha256=f"{number:064}")
        held = a_publication(
            f"pub_{number}",
            request=a_request(video=file),
            state=State.HELD,
            reason=Reason("poison", "y"),
            due=None,
        )
        await house.serving.acting.context.store.submit(held, str(number), ())
    answer = await house.ask("POST", f"{PATH}/retry-held", given={"reason": "poison"})

    assert (3, []) == (len(answer.json()["publications"]), answer.json()["refused"])


async def test_a_token_for_one_account_publishes_there_alone(opened: Open, films: Path) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.SUBMITTER, "channel_1")
        other = await house.token("two", Role.SUBMITTER, "channel_2")
        file = await file_of(house, films, token=token)
        wishes: list[dict[str, str]] = [
            {},
            {"account": "channel_2"},
            {"group": "x"},
            {"account": "channel_1"},
        ]
        found = [await house.ask("POST", PATH, given={"file": file, **wish}, token=token) for wish in wishes]
        stolen = await house.ask("POST", PATH, given={"file": file, "account": "channel_2"}, token=other)

    assert [422, 422, 422, 201] == [each.status for each in found]
    assert ["account_needed", "account_unknown"] == [each.code for each in found[:2]]
    assert (422, "file_not_open") == (stolen.status, stolen.code)


async def test_a_publication_that_was_chosen_an_account_says_why(house: House) -> None:
    request = a_request(target=Target(account=AccountId("channel_1")))
    await house.serving.acting.context.store.submit(
        a_publication("pub_1", request=request, due=None), "1", ()
    )

    explained = await house.ask("GET", f"{PATH}/pub_1/explanation")
    assert {"publication", "state", "account", "at", "candidates"} == set(explained.json())


ONE = AccountId("channel_1")
POOL, OWN = Target(), Target(account=ONE)


async def on_the_first(house: House, target: Target, state: State, **more: Any) -> str:
    """The path of a publication that is on the first channel, or was last."""
    name = f"pub_{state}_{'pool' if target == POOL else 'own'}"
    file = a_file(sha256=name.encode().hex().ljust(64, "0")[:64])
    request = a_request(video=file, target=target)
    wanted = a_publication(name, request=request, state=state, account=ONE, due=None, **more)
    await house.serving.acting.context.store.submit(wanted, name, ())
    return f"{PATH}/{name}"


DEEDS: dict[str, object] = {
    "retry": None,
    "cancel": None,
    "resolve": {"action": "give_up"},
}


@pytest.mark.parametrize("state", [State.HELD, State.DEFERRED])
async def test_a_token_for_one_account_does_nothing_after_which_a_video_may_land_elsewhere(
    opened: Open, state: State
) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.OPERATOR, "channel_1")
        of_the_pool = await on_the_first(house, POOL, state, reason=Reason("x", "y"))
        of_its_own = await on_the_first(house, OWN, state, reason=Reason("x", "y"))
        before = (await house.ask("GET", of_the_pool, token=token)).json()
        refused = [
            await house.ask("POST", f"{of_the_pool}/{deed}", given=given, token=token)
            for deed, given in DEEDS.items()
        ]
        after = (await house.ask("GET", of_the_pool, token=token)).json()
        done = [
            (await house.ask("POST", f"{of_its_own}/{deed}", given=given, token=token)).status
            for deed, given in (("retry", None), ("cancel", None), ("retry", None))
        ]
        for_all = await house.ask(
            "POST", f"{of_the_pool}/retry", token=await house.token("all", Role.OPERATOR)
        )

    assert [(403, "accounts_only")] * 3 == [(each.status, each.code) for each in refused]
    assert before == after
    assert ([200, 200, 200], 200) == (done, for_all.status)


async def test_what_ended_on_its_account_is_not_queued_anew_for_the_pool(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.OPERATOR, "channel_1")
        paths = [
            await on_the_first(house, POOL, State.CANCELLED),
            await on_the_first(house, POOL, State.FAILED, video_id=VideoId("v")),
        ]
        found = [await house.ask("POST", f"{path}/retry", token=token) for path in paths]

    assert [(403, "accounts_only")] * 2 == [(each.status, each.code) for each in found]


async def test_what_is_being_uploaded_to_its_account_may_be_stopped_and_what_is_held_moved_to_it(
    opened: Open,
) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.OPERATOR, "channel_1")
        running = await on_the_first(house, POOL, State.UPLOADING)
        held = await on_the_first(house, POOL, State.HELD, reason=Reason("x", "y"))
        stopped = await house.ask("POST", f"{running}/cancel", token=token)
        elsewhere = await house.ask(
            "POST", f"{held}/resolve", given={"action": "reassign", "account": "channel_2"}, token=token
        )
        moved = await house.ask(
            "POST", f"{held}/resolve", given={"action": "reassign", "account": "channel_1"}, token=token
        )
        whole = (await house.ask("GET", f"{PATH}/{moved.json()['id']}", token=token)).json()

    assert 200 == stopped.status
    assert (422, "account_not_configured") == (elsewhere.status, elsewhere.code)
    assert (200, "channel_1") == (moved.status, whole["request"]["account"])


async def test_what_may_be_a_video_on_its_account_is_its_own(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.OPERATOR, "channel_1")
        session = a_session(SessionState.FINISHING, account=ONE)
        doubted = await on_the_first(house, POOL, State.HELD, reason=Reason("x", "y"), session=session)
        again = await house.ask("POST", f"{doubted}/resolve", given={"action": "reupload"}, token=token)
        retried = await house.ask("POST", f"{doubted}/retry", token=token)

    assert (403, "accounts_only") == (again.status, again.code)
    assert (200, "queued") == (retried.status, retried.json()["state"])


async def test_the_name_of_a_file_in_another_coding_ends_no_answer(house: House) -> None:
    store = house.serving.acting.context.store
    wanted = a_request(video=replace(a_file(), path=os.fsdecode(b"/films/caf\xe9.mp4")))
    held = Reason("source_changed", f"the file {wanted.video.path} has changed")
    kept = a_publication("pub_1", request=wanted, state=State.HELD, reason=held, due=None)
    event = an_event(Kind.HELD, publication=kept.id, data={"why": held.message})
    await store.submit(kept, "one", (event,))

    paths = (PATH, f"{PATH}/pub_1", "/api/v1/events", "/publications", "/publications/pub_1", "/log", "/")
    found = {path: await house.ask("GET", path) for path in paths}

    assert dict.fromkeys(paths, 200) == {path: answer.status for path, answer in found.items()}
    assert "caf?.mp4" == found[f"{PATH}/pub_1"].json()["file"]
    assert "caf?.mp4" in found["/publications/pub_1"].body.decode()
