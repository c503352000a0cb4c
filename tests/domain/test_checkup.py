"""Findings of a checkup: facts in, a grade and a remedy out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ytempire.domain import checkup
from ytempire.domain.checkup import Finding, Grade, GrantFacts
from ytempire.domain.oauth import SCOPE, OAuthClient
from ytempire.domain.quota import PROFILES
from ytempire.domain.renewal import End, Forecast
from ytempire.domain.values import Secret

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GIB = 2**30
WELL = GrantFacts("one", "active", None, connected=True, unusable=None, scopes=(SCOPE,), forecasts=())


def test_only_what_needs_something_done_has_a_remedy() -> None:
    assert Finding("disk", Grade.OK, "fine") == checkup.ok("disk", "fine")
    assert Finding("disk", Grade.WARNING, "low", "tidy") == checkup.warning("disk", "low", "tidy")
    assert Finding("disk", Grade.PROBLEM, "full", "tidy") == checkup.problem("disk", "full", "tidy")


@pytest.mark.parametrize(
    ("ours_ahead", "grade", "said"),
    [
        (0, Grade.OK, "agrees with Google's to 1 s"),
        (-20, Grade.OK, "agrees with Google's to 20 s"),
        (30, Grade.OK, "to 30 s"),
        (31, Grade.WARNING, "31 s ahead of"),
        (-300, Grade.WARNING, "300 s behind"),
        (301, Grade.PROBLEM, "301 s ahead of"),
        (-600, Grade.PROBLEM, "600 s behind"),
    ],
)
def test_the_clock_is_held_against_googles(ours_ahead: int, grade: Grade, said: str) -> None:
    found = checkup.clock(NOW + timedelta(seconds=ours_ahead), NOW)

    assert (grade, True) == (found.grade, said in found.message)
    assert (grade is Grade.OK) == (found.remedy == "")


def test_a_clock_that_cannot_be_compared_is_a_warning_with_the_reason() -> None:
    found = checkup.clock(NOW, None, "no route")

    assert (Grade.WARNING, True) == (found.grade, "no route" in found.message)


def test_the_rules_of_pacific_time_are_tried() -> None:
    found = checkup.quota_day(NOW)

    assert (Grade.OK, "the quota day is 2026-11-22; it ends 2026-11-23 08:00 UTC") == (
        found.grade,
        found.message,
    )


def test_wrong_rules_of_pacific_time_are_a_problem() -> None:
    assert Grade.PROBLEM is checkup.zone_rules([24, 24], NOW).grade


@pytest.mark.parametrize(("web", "kind"), [(False, "desktop app"), (True, "web server")])
def test_a_client_is_named_with_its_kind(web: bool, kind: str) -> None:
    client = OAuthClient("id", Secret("hush"), "https://a", "https://t/token", (), web)

    found = checkup.client("main", client)

    assert Finding("client of main", Grade.OK, f"id ({kind}), tokens from https://t/token") == found


@pytest.mark.parametrize(
    ("name", "moment", "grade"),
    [
        ("buckets-2026", NOW, Grade.OK),
        ("units-2025", NOW, Grade.WARNING),
        ("buckets-2026", datetime(2026, 5, 31, 12, 0, tzinfo=UTC), Grade.WARNING),
        ("units-2025", datetime(2025, 6, 1, 12, 0, tzinfo=UTC), Grade.OK),
    ],
)
def test_prices_are_held_against_the_day(name: str, moment: datetime, grade: Grade) -> None:
    found = checkup.profile(["main"], PROFILES[name], moment)

    assert ("prices of main", grade) == (found.about, found.grade)


def test_many_names_are_told_shortly() -> None:
    assert "a, b, c" == checkup.some(["a", "b", "c"])
    assert "a, b, c and 2 more" == checkup.some(["a", "b", "c", "d", "e"])


def test_several_projects_are_against_the_policy() -> None:
    assert Grade.OK is checkup.one_project(["main", "main"]).grade
    found = checkup.one_project(["one", "two"])
    assert (Grade.WARNING, True) == (found.grade, "III.D.1.c" in found.message)


@pytest.mark.parametrize(
    ("free", "grade"),
    [(100 * GIB, Grade.OK), (5 * GIB, Grade.OK), (5 * GIB - 1, Grade.WARNING), (GIB // 2 - 1, Grade.PROBLEM)],
)
def test_room_on_the_disk_is_looked_at(free: int, grade: Grade) -> None:
    assert grade is checkup.room(free).grade


def test_an_account_in_order_says_so() -> None:
    assert Finding("account one", Grade.OK, "active, connected") == checkup.grant(WELL, SCOPE)
    backed = checkup.grant(replace(WELL, has_backup=True), SCOPE)
    assert "active, connected, with a backup grant" == backed.message


ENDS = Forecast(End.TESTING, NOW + timedelta(days=2), "testing mode", "publish the app")


@pytest.mark.parametrize(
    ("facts", "grade", "said", "remedy"),
    [
        (replace(WELL, connected=False), Grade.PROBLEM, "not connected", "connect one"),
        (replace(WELL, unusable="revoked"), Grade.PROBLEM, "revoked", "connect one"),
        (replace(WELL, scopes=("openid",)), Grade.PROBLEM, "lacks", "allow all"),
        (replace(WELL, scopes=()), Grade.OK, "connected", ""),
        (replace(WELL, condition="paused", why="holiday"), Grade.WARNING, "paused: holiday", "accounts resume one"),
        (replace(WELL, condition="suspended"), Grade.WARNING, "no reason was given", "accounts resume one"),
        (replace(WELL, condition="needs_reauth"), Grade.WARNING, "needs_reauth", "connect one"),
        (replace(WELL, forecasts=(ENDS,)), Grade.WARNING, "its grant ends on 2026-11-24 12:00", "publish the app"),
        (
            replace(WELL, forecasts=(replace(ENDS, end=End.IDLE_PROJECT),)),
            Grade.WARNING, "its project may lose its quota on 2026-11-24 12:00", "publish the app",
        ),
        (replace(WELL, backup_unusable="revoked"), Grade.WARNING, "backup grant is dead", "--backup"),
        (replace(WELL, scopes=(SCOPE, "openid")), Grade.WARNING, "openid", "no more than is asked for"),
    ],
)  # fmt: skip
def test_each_trouble_of_an_account_has_its_remedy(
    facts: GrantFacts, grade: Grade, said: str, remedy: str
) -> None:
    found = checkup.grant(facts, SCOPE)

    assert (grade, True, True) == (found.grade, said in found.message, remedy in found.remedy)


def test_a_channel_is_held_against_what_the_grant_acts_as() -> None:
    assert Finding("channel of one", Grade.OK, "UC1") == checkup.channel("one", "UC1", "UC1")
    assert Grade.OK is checkup.channel("one", None, "UC1").grade
    assert Grade.PROBLEM is checkup.channel("one", "UC1", "UC2").grade
    unknown = checkup.channel("one", "UC1", None, "hard stop")
    assert (Grade.WARNING, True) == (unknown.grade, "hard stop" in unknown.message)


@pytest.mark.parametrize(
    ("sqlite", "python", "grade"),
    [
        ((3, 40, 1), (3, 11, 7), Grade.OK),
        ((3, 34, 9), (3, 11, 7), Grade.PROBLEM),
        ((3, 45, 0), (3, 14, 0), Grade.WARNING),
    ],
)
def test_versions_that_are_too_old_or_too_new_are_told(
    sqlite: tuple[int, ...], python: tuple[int, ...], grade: Grade
) -> None:
    found = checkup.versions({"Python": "x"}, sqlite=sqlite, python=python)

    assert (grade, True) == (found.grade, "Python x" in found.message)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), False),
        ((checkup.ok("home", "/srv"), checkup.problem("key", "it is gone", "put it back")), False),
        ((checkup.warning("home", "others may look in", "chmod"),), False),
        ((checkup.problem("home", "it does not exist", "make it"),), True),
        ((checkup.problem("configuration", "a key is wrong", "correct it"),), True),
    ],
)
def test_without_a_home_or_a_configuration_there_is_nothing_to_look_at(
    findings: tuple[Finding, ...], expected: bool
) -> None:
    assert expected is checkup.is_nowhere(findings)
