"""The small YouTube in memory answers the domain's own calls, and its troubles come when scripted."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_file, a_publication, a_request, a_session
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.google import ASK, REVOKE, SEND, TOKEN, MemoryGoogle
from ytempire.adapters.memory.youtube import Channel, MemoryYouTube
from ytempire.domain import calls, oauth
from ytempire.domain.faults import read
from ytempire.domain.processing import PARTS, Ready, Rejected, Working, judge
from ytempire.domain.publication import Caption, Metadata, Privacy, Request
from ytempire.domain.reconcile import matches
from ytempire.domain.upload import GRANULE, Finished, Going, Transfer, Troubled, next_request, read_reply
from ytempire.domain.values import PlaylistId, Secret, VideoId
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Reply, Stopped
from ytempire.ports import Courier, Google

SIZE = 3 * GRANULE + 5
CLIENT = oauth.OAuthClient("client", Secret("secret"), "https://auth", "https://token")


class World:
    """One channel, a live token, and the Google that serves them."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.youtube = MemoryYouTube(self.clock)
        self.channel: Channel = self.youtube.add_channel("UCone", "One")
        self.google = MemoryGoogle(self.youtube)
        self.port: Google = self.google
        self.token = Secret(self.youtube.token(self.channel))

    async def call(self, call: Call) -> Reply:
        answer = await self.port.call(call, self.token)
        assert isinstance(answer, Reply)
        return answer

    async def transfer(self, request: Request) -> Transfer:
        opened = await self.call(calls.open_session(request))
        return Transfer(
            opened.headers["location"], request.video.path, request.mime, request.video.size, offset=0
        )

    async def turn(self, transfer: Transfer, courier: Courier) -> tuple[Answer | Stopped, Transfer]:
        request = next_request(transfer)
        if isinstance(request, Ask):
            answer: Answer | Stopped = await self.port.ask(request, self.token)
        else:
            answer = await self.port.send(request, self.token, courier)
        if isinstance(answer, Stopped):
            return answer, transfer
        turn = read_reply(transfer, answer)
        return answer, turn.transfer if isinstance(turn, Going | Troubled) else transfer

    async def upload(self, request: Request | None = None) -> VideoId:
        transfer = await self.transfer(request or a_request(video=a_file(size=SIZE)))
        answer, _ = await self.turn(transfer, Courier(opened))
        assert isinstance(answer, Reply)
        turn = read_reply(transfer, answer)
        assert isinstance(turn, Finished)
        return turn.video_id


async def opened() -> bool:
    return True


async def closed() -> bool:
    return False


@pytest.fixture
def world() -> World:
    return World()


# -------------------------------------------------------------------------------------------------- uploads


async def test_a_video_is_uploaded_and_processed(world: World) -> None:
    metadata = Metadata("A title", privacy=Privacy.UNLISTED)
    video = await world.upload(a_request(metadata=metadata, video=a_file(size=SIZE)))

    looks = [(await world.call(calls.list_videos([video]))).json()["items"][0] for _ in range(2)]

    assert [Working(), Ready(None)] == [judge(look, metadata, now=NOW) for look in looks]
    assert {"id", "kind", *PARTS.split(",")} == set(looks[0])
    assert ["videos.insert", SEND, "videos.list", "videos.list"] == [
        each.name for each in world.google.journal
    ]


async def test_a_video_in_pieces_shows_progress_and_asks_the_gate_once(world: World) -> None:
    transfer = replace(await world.transfer(a_request(video=a_file(size=SIZE))), piece=GRANULE)
    asked, progress = [], list[int]()

    async def gate() -> bool:
        asked.append(list(progress))
        return True

    while True:
        answer, transfer = await world.turn(transfer, Courier(gate, progress=progress.append))
        if isinstance(answer, Reply) and answer.status == 200:
            break

    assert [GRANULE, 2 * GRANULE, 3 * GRANULE, SIZE] == progress
    assert [[GRANULE, 2 * GRANULE, 3 * GRANULE]] == asked
    assert 4 == world.google.count(SEND)
    assert 1 == len(world.youtube.videos)


async def test_a_closed_gate_stops_before_the_last_bytes(world: World) -> None:
    transfer = await world.transfer(a_request(video=a_file(size=SIZE)))

    answer, _ = await world.turn(transfer, Courier(closed))

    assert Stopped("the gate was closed") == answer
    assert {} == world.youtube.videos
    state = await world.port.ask(Ask(transfer.uri, SIZE), world.token)
    assert Reply(308, {"range": f"bytes=0-{3 * GRANULE - 1}"}) == state


async def test_a_halt_stops_at_once(world: World) -> None:
    transfer = await world.transfer(a_request(video=a_file(size=SIZE)))

    answer, _ = await world.turn(transfer, Courier(opened, halted=lambda: True))

    assert Stopped("a stop was asked for") == answer
    assert Reply(308) == await world.port.ask(Ask(transfer.uri, SIZE), world.token)


async def test_a_lost_reply_has_made_the_video_once(world: World) -> None:
    transfer = await world.transfer(a_request(video=a_file(size=SIZE)))
    world.google.trouble(SEND, NoReply("reset"), done=True)

    lost, doubtful = await world.turn(transfer, Courier(opened))
    found, _ = await world.turn(doubtful, Courier(opened))
    again, _ = await world.turn(doubtful, Courier(opened))

    assert NoReply("reset") == lost
    assert isinstance(found, Reply)
    assert (200, found) == (found.status, again)
    assert 1 == len(world.youtube.videos)


async def test_a_drop_keeps_what_arrived(world: World) -> None:
    transfer = await world.transfer(a_request(video=a_file(size=SIZE)))
    world.google.trouble(SEND, NoReply("reset"), stored=GRANULE + 7)
    world.google.trouble(ASK, Reply(503), times=2)

    _, doubtful = await world.turn(transfer, Courier(opened))
    answers = [(await world.turn(doubtful, Courier(opened)))[0] for _ in range(3)]

    assert [Reply(503), Reply(503), Reply(308, {"range": f"bytes=0-{GRANULE + 6}"})] == answers


async def test_bytes_beyond_a_gap_are_dropped(world: World) -> None:
    transfer = await world.transfer(a_request(video=a_file(size=SIZE)))

    piece = Piece(transfer.uri, "path", "video/mp4", 5, SIZE, SIZE)

    assert Reply(308) == await world.port.send(piece, world.token, Courier(opened))


async def test_unknown_sessions_and_strange_tokens_are_refused(world: World) -> None:
    transfer = await world.transfer(a_request())
    other = Secret(world.youtube.token(world.youtube.add_channel("UCtwo")))
    gone = replace(transfer, uri="memory:session/none")
    world.google.trouble(SEND, Reply(500))

    answers = [
        await world.port.ask(Ask(gone.uri, 1), world.token),
        await world.port.ask(Ask(transfer.uri, 1), other),
        await world.port.send(Piece(gone.uri, "p", "m", 0, 1, 1), world.token, Courier(opened)),
        await world.port.send(Piece(gone.uri, "p", "m", 0, 1, 1), world.token, Courier(opened)),
    ]

    assert [404, 401, 500, 404] == [each.status for each in answers if isinstance(each, Reply)]


# ---------------------------------------------------------------------------------------------------- calls


async def test_extras_are_kept_and_a_second_time_is_said_to_be_one(world: World) -> None:
    video = await world.upload()
    made = await world.call(calls.make_playlist("Songs", Privacy.PRIVATE))
    playlist = PlaylistId(made.json()["id"])
    extras = [
        calls.set_thumbnail(video, "/thumb.png", "image/png"),
        calls.insert_caption(video, Caption(a_file("/en.srt"), "en", "English")),
        calls.add_to_playlist(playlist, video),
    ]

    assert [200, 200, 200] == [(await world.call(extra)).status for extra in extras]
    codes = [read(await world.call(extra)).code for extra in extras[1:]]
    assert ["alreadyDone", "alreadyDone"] == codes
    stored = world.youtube.videos[video]
    assert ("/thumb.png", [("en", "English")]) == (stored.thumbnail, stored.captions)
    mine = (await world.call(calls.my_playlists())).json()["items"]
    assert [(playlist, "Songs")] == [(each["id"], each["snippet"]["title"]) for each in mine]


@pytest.mark.parametrize("owner", ["nobody", "another"])
async def test_videos_of_others_cannot_be_touched(world: World, owner: str) -> None:
    video = await world.upload()
    which = VideoId("none") if owner == "nobody" else video
    world.token = Secret(world.youtube.token(world.youtube.add_channel("UCtwo")))
    made = await world.call(calls.make_playlist("Songs", Privacy.PRIVATE))
    touching = [
        calls.set_thumbnail(which, "/thumb.png", "image/png"),
        calls.insert_caption(which, Caption(a_file("/en.srt"), "en")),
        calls.delete_video(which),
        calls.update_video({"id": which, "snippet": {}}, {"snippet": {"title": "Mine"}}),
        calls.add_to_playlist(PlaylistId("none"), which),
        calls.playlist_entries(PlaylistId("none")),
    ]

    assert [404] * 6 == [(await world.call(each)).status for each in touching]
    added = await world.call(calls.add_to_playlist(PlaylistId(made.json()["id"]), VideoId("none")))
    assert "videoNotFound" == read(added).code


async def test_the_newest_uploads_of_a_channel_can_be_matched(world: World) -> None:
    request = a_request(video=a_file(size=SIZE))
    older, newer = await world.upload(request), await world.upload(request)
    mine = (await world.call(calls.my_channel())).json()["items"][0]
    uploads = PlaylistId(mine["contentDetails"]["relatedPlaylists"]["uploads"])

    entries = (await world.call(calls.playlist_entries(uploads))).json()["items"]
    ids = [VideoId(entry["contentDetails"]["videoId"]) for entry in entries]
    listed = await world.call(calls.list_videos(ids, parts="snippet,fileDetails"))

    assert [newer, older] == ids
    publication = a_publication(request=request)
    found = matches(publication, a_session(size=SIZE), listed.json()["items"], frozenset({older}))
    assert [(newer, True)] == [(match.video_id, match.proven) for match in found]


async def test_an_update_and_a_deletion_are_seen(world: World) -> None:
    video = await world.upload()
    current = (await world.call(calls.list_videos([video]))).json()["items"][0]
    made = PlaylistId((await world.call(calls.make_playlist("Songs", Privacy.PRIVATE))).json()["id"])
    await world.call(calls.add_to_playlist(made, video))

    await world.call(calls.update_video(current, {"status": {"privacyStatus": "public"}}))
    assert "public" == world.youtube.videos[video].status["privacyStatus"]
    await world.call(calls.delete_video(video))

    assert [] == (await world.call(calls.list_videos([video]))).json()["items"]
    left = (await world.call(calls.playlist_entries(made, video=video))).json()["items"]
    assert ["Deleted video"] == [entry["snippet"]["title"] for entry in left]


async def test_a_verdict_comes_after_processing(world: World) -> None:
    world.youtube.verdicts["A title"] = {"uploadStatus": "rejected", "rejectionReason": "duplicate"}
    video = await world.upload()

    looks = [(await world.call(calls.list_videos([video]))).json()["items"][0] for _ in range(2)]

    assert Working() == judge(looks[0], Metadata("A title"), now=NOW)
    verdict = judge(looks[1], Metadata("A title"), now=NOW)
    assert isinstance(verdict, Rejected)
    assert verdict.duplicate


async def test_a_scheduled_video_becomes_public_at_its_moment(world: World) -> None:
    metadata = Metadata("A title", publish_at=NOW + timedelta(hours=1))
    video = await world.upload(a_request(metadata=metadata, video=a_file(size=SIZE)))
    seen = []
    for _ in range(2):
        world.clock.advance(timedelta(minutes=31))
        world.token = Secret(world.youtube.token(world.channel))
        seen.append((await world.call(calls.list_videos([video]))).json()["items"][0]["status"])

    assert ["private", "public"] == [status["privacyStatus"] for status in seen]
    assert "publishAt" not in seen[1]


async def test_what_is_no_method_is_not_found(world: World) -> None:
    assert 404 == (await world.call(Call("GET", "youtube/v3/comments"))).status


# --------------------------------------------------------------------------------------- tokens and troubles


async def test_a_refresh_gives_a_token_that_works_until_it_is_too_old(world: World) -> None:
    answer = await world.port.post(oauth.refresh_request(CLIENT, Secret(world.channel.refresh_token)))
    fresh = oauth.read_refresh(answer, world.clock.now())
    assert isinstance(fresh, oauth.Refreshed)
    world.token = fresh.access_token

    assert 200 == (await world.call(calls.my_channel())).status
    world.clock.set(fresh.expires_at)
    assert "authError" == read(await world.call(calls.my_channel())).code


async def test_a_code_gives_a_refresh_token_too(world: World) -> None:
    form = Form("https://token", {"grant_type": "authorization_code", "code": "code-UCone"})

    fresh = oauth.read_refresh(await world.port.post(form), NOW)

    assert isinstance(fresh, oauth.Refreshed)
    assert Secret("refresh-UCone") == fresh.refresh_token


async def test_a_grant_that_was_revoked_or_never_given_is_dead(world: World) -> None:
    refresh = oauth.refresh_request(CLIENT, Secret(world.channel.refresh_token))
    assert Reply(200, {}, b"{}") == await world.port.post(Form("https://revoke", {"token": "refresh-UCone"}))

    assert oauth.GrantDead("Token has been revoked.") == oauth.read_refresh(
        await world.port.post(refresh), NOW
    )
    assert 401 == (await world.call(calls.my_channel())).status
    assert [REVOKE, TOKEN, "channels.list"] == [entry.name for entry in world.google.journal]


async def test_troubles_come_in_order_and_pass(world: World) -> None:
    world.google.trouble("channels.list", NoReply("down"))
    world.google.trouble("channels.list", Reply(503), done=True)
    world.google.trouble(TOKEN, Reply(500))
    world.google.trouble(TOKEN, Reply(502), done=True)
    refresh = oauth.refresh_request(CLIENT, Secret(world.channel.refresh_token))

    answers = [await world.port.call(calls.my_channel(), world.token) for _ in range(3)]
    tokens = [await world.port.post(refresh) for _ in range(3)]

    statuses = [each.status if isinstance(each, Reply) else None for each in (*answers, *tokens)]
    assert [None, 503, 200, 500, 502, 200] == statuses
    assert statuses == [entry.status for entry in world.google.journal]


async def test_many_uploads_at_once_do_not_disturb_each_other(world: World) -> None:
    ids = await asyncio.gather(*(world.upload() for _ in range(12)))

    assert set(ids) == set(world.youtube.videos)
    assert 12 == len(ids)
