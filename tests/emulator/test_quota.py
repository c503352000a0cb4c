"""Prices, buckets, charging moments and the Pacific midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.emulator.peer import Json, Raw, facts, resource
from ytempire.emulator import Emulator, EmulatorConfig, EventKind
from ytempire.emulator.config import CHARGING_MODELS, PROFILE_NAMES, Charging
from ytempire.emulator.methods import SCOPES
from ytempire.emulator.quota import PROFILES, Price, pacific_day

INSERT_PRICES = {
    "buckets-2026": Price("uploads", 1),
    "units-2025-12": Price("units", 100),
    "units-2025": Price("units", 1600),
}


def spent(emulator: Emulator, bucket: str, project: str = "main") -> int:
    pages = emulator.totals()["charges"]
    return sum(page["spent"] for page in pages if (page["bucket"], page["project"]) == (bucket, project))


def test_every_method_has_a_price_in_every_profile() -> None:
    for name in PROFILE_NAMES:
        assert set(SCOPES) == set(PROFILES[name].prices)
        assert INSERT_PRICES[name] == PROFILES[name].prices["videos.insert"]
    assert {"uploads": 100, "searches": 100, "units": 10_000} == PROFILES["buckets-2026"].limits


@pytest.mark.parametrize("profile", PROFILE_NAMES)
@pytest.mark.parametrize("charging", CHARGING_MODELS)
def test_an_insert_is_charged_at_the_moment_of_the_model(
    emulator: Emulator, raw: Raw, profile: str, charging: Charging
) -> None:
    emulator.change_project("main", profile=profile, charging=charging)
    price = INSERT_PRICES[profile]
    at_start = 0 if charging == "completion" else price.amount
    at_end = 0 if charging == "session_start" else price.amount
    session = raw.open(size=5)
    assert at_start == spent(emulator, price.bucket)
    raw.put(session, b"bytes")
    raw.query(session, 5)
    assert at_start + at_end == spent(emulator, price.bucket)
    charged = [request["charges"].get(price.bucket, 0) for request in facts(emulator, EventKind.REQUEST)]
    assert at_start + at_end == sum(charged)


@pytest.mark.parametrize("charging", CHARGING_MODELS)
def test_a_refused_insert_costs_at_least_one(emulator: Emulator, raw: Raw, charging: Charging) -> None:
    emulator.change_project("main", charging=charging)
    assert 400 == raw.start("").status
    assert 1 == spent(emulator, "uploads")


def test_a_refused_call_costs_its_price(emulator: Emulator, raw: Raw) -> None:
    assert 400 == raw.call("GET", "videos?part=nonsense&id=x").status
    assert 404 == raw.call("DELETE", "videos?id=x").status
    assert 51 == spent(emulator, "units")


def test_an_empty_upload_bucket_is_429_per_day_and_stops_nothing_else(emulator: Emulator, raw: Raw) -> None:
    emulator.spend("main", 99, bucket="uploads")
    assert 200 == raw.start().status
    reply = raw.start()
    assert (429, "rateLimitExceeded", "global") == (
        reply.status, reply.reason, reply.json["error"]["errors"][0]["domain"]
    )  # fmt: skip
    assert "'Video Uploads' and limit 'Video Uploads per day'" in reply.json["error"]["message"]
    assert "RESOURCE_EXHAUSTED" == reply.json["error"]["status"]
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status
    assert 100 == spent(emulator, "uploads")


def test_searches_have_a_bucket_of_their_own(emulator: Emulator, raw: Raw) -> None:
    emulator.change_project("main", limits={"searches": 1})
    assert [200, 429] == [raw.call("GET", "search?part=snippet&q=x").status for _ in range(2)]
    assert (1, 0) == (spent(emulator, "searches"), spent(emulator, "units"))


@pytest.mark.parametrize("profile", PROFILE_NAMES)
def test_empty_units_are_403_quota_exceeded(emulator: Emulator, raw: Raw, profile: str) -> None:
    emulator.change_project("main", profile=profile)
    emulator.spend("main", 10_000)
    reply = raw.call("GET", "channels?part=id&mine=true")
    assert (403, "quotaExceeded") == (reply.status, reply.reason)
    assert "youtube.quota" == reply.json["error"]["errors"][0]["domain"]
    assert (200 if profile == "buckets-2026" else 403) == raw.start().status


def test_six_uploads_fit_into_a_day_of_2025(emulator: Emulator, raw: Raw) -> None:
    emulator.change_project("main", profile="units-2025")
    assert [200] * 6 + [403] == [raw.start().status for _ in range(7)]


def test_quota_belongs_to_the_project_not_the_channel(emulator: Emulator, raw: Raw) -> None:
    emulator.create_project("rich")
    emulator.change_project("main", limits={"uploads": 1})
    second = Raw(emulator, emulator.create_account("two", "main"))
    third = Raw(emulator, emulator.create_account("three", "rich"))
    assert [200, 429, 200] == [peer.start().status for peer in (raw, second, third)]


def test_the_bucket_is_full_again_after_midnight_in_los_angeles(emulator: Emulator, raw: Raw) -> None:
    pacific = ZoneInfo("America/Los_Angeles")
    now = datetime.now(UTC)
    midnight = datetime.combine(
        now.astimezone(pacific).date() + timedelta(days=1), datetime.min.time(), tzinfo=pacific
    )
    to_midnight = (midnight - now).total_seconds()
    emulator.change_project("main", limits={"uploads": 1})

    def start_at(offset: float) -> int:
        emulator.shift_clock(offset)
        raw.access = raw.refresh().json["access_token"]
        return raw.start().status

    assert [200, 429] == [start_at(to_midnight - 60), start_at(to_midnight - 30)]
    assert 200 == start_at(to_midnight + 1)
    assert 2 == len({page["day"] for page in emulator.totals()["charges"]})


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-22T07:59:59+00:00", date(2026, 11, 21)),
        ("2026-11-22T08:00:00+00:00", date(2026, 11, 22)),
        ("2026-07-01T06:59:59+00:00", date(2026, 6, 30)),
        ("2026-07-01T07:00:00+00:00", date(2026, 7, 1)),
        ("2026-03-09T07:00:00+00:00", date(2026, 3, 9)),
        ("2026-11-01T07:00:00+00:00", date(2026, 11, 1)),
        ("2026-11-02T07:59:59+00:00", date(2026, 11, 1)),
    ],
)
def test_the_quota_day_turns_in_los_angeles_in_summer_and_winter(moment: str, day: date) -> None:
    assert day == pacific_day(datetime.fromisoformat(moment))


def test_bytes_and_status_queries_cost_nothing(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=5)
    for _ in range(5):
        raw.query(session, 5)
    raw.put(session, b"bytes")
    assert (1, 0) == (spent(emulator, "uploads"), spent(emulator, "units"))


def test_a_full_publication_costs_what_the_price_list_says(emulator: Emulator, raw: Raw) -> None:
    video = raw.upload(b"bytes")["id"]
    raw.send("POST", f"/upload/youtube/v3/thumbnails/set?uploadType=media&videoId={video}", b"\xff\xd8\xff",
             {"Content-Type": "image/jpeg"})  # fmt: skip
    caption: Json = {"snippet": {"videoId": video, "language": "en", "name": ""}}
    text = b"--b\r\n\r\n" + str(caption).replace("'", '"').encode() + b"\r\n--b\r\n\r\ntext\r\n--b--"
    answer = raw.send("POST", "/upload/youtube/v3/captions?uploadType=multipart&part=snippet", text,
                      {"Content-Type": "multipart/related; boundary=b"})  # fmt: skip
    assert 200 == answer.status
    made: Json = {"snippet": {"title": "L"}}
    playlist = raw.call("POST", "playlists?part=snippet", made).json["id"]
    named = {"kind": "youtube#video", "videoId": video}
    raw.call("POST", "playlistItems?part=snippet", {"snippet": {"playlistId": playlist, "resourceId": named}})
    raw.call("GET", f"videos?part=status&id={video}")
    raw.call("PUT", "videos?part=status", {"id": video, "status": {"privacyStatus": "unlisted"}})
    assert (1, 50 + 400 + 50 + 50 + 1 + 50) == (spent(emulator, "uploads"), spent(emulator, "units"))


def test_the_channels_own_cap_is_not_the_projects(emulator: Emulator) -> None:
    raw = Raw(emulator, emulator.create_account("capped", "main", upload_limit=1))
    raw.upload(b"first")
    reply = raw.start()
    assert (400, "uploadLimitExceeded") == (reply.status, reply.reason)
    emulator.shift_clock(86_401)
    raw.access = raw.refresh().json["access_token"]
    assert 200 == raw.start(body=resource("Next day")).status


def test_new_projects_take_the_configured_price_list() -> None:
    with Emulator.in_thread(EmulatorConfig(profile="units-2025", limits={"units": 1600})) as emulator:
        emulator.create_project("main")
        raw = Raw(emulator, emulator.create_account("one", "main"))
        assert [200, 403] == [raw.start().status for _ in range(2)]


@pytest.mark.parametrize(
    "wrong", [{"profile": "x"}, {"charging": "x"}, {"limits": {"x": 1}}, {"limits": {"units": -1}}]
)
def test_unknown_words_are_refused(emulator: Emulator, wrong: Json) -> None:
    with pytest.raises(ValueError, match=r"one of|name"):
        emulator.change_project("main", **wrong)
