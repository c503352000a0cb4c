"""Which event begins or ends which alert. Every kind of event has a decision."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FIRST, MAIN, NOW, TODAY
from ytempire.domain.accounts import Condition
from ytempire.domain.alert_parts import LISTED, Change, told_by_others
from ytempire.domain.alert_rules import KEYLESS, RULES, UNAVAILABLE, changes, trouble
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import PublicationId

PUB = PublicationId("pub_1")


def meant(kind: Kind, level: Level = Level.INFO, **data: object) -> tuple[Change, ...]:
    return changes(Event(kind, NOW, level, PUB, FIRST, MAIN, data))


def raised(kind: Kind, level: Level = Level.INFO, **data: object) -> Raise:
    (found,) = [each for each in meant(kind, level, **data) if isinstance(each, Raise)]
    return found


def resolved(kind: Kind, level: Level = Level.INFO, **data: object) -> list[str]:
    every = [each for each in meant(kind, level, **data) if isinstance(each, Resolve)]
    return [each.key + ("*" if each.prefix else "") for each in every]


def test_every_kind_of_event_has_a_decision() -> None:
    assert set(Kind) == set(RULES)


def test_what_is_everyday_work_means_nothing() -> None:
    quiet = {kind for kind, rule in RULES.items() if rule is told_by_others}

    assert {
        Kind.STARTED, Kind.RETURNED, Kind.RETRYING, Kind.SESSION_OPENING, Kind.SESSION_GONE,
        Kind.RESUMED, Kind.EXTRA_RETRYING, Kind.CANCEL_REQUESTED, Kind.AMENDED, Kind.TOKEN_REFRESHED,
        Kind.CONSENT_STARTED, Kind.CONSENT_REFUSED, Kind.KEY_ADDED, Kind.KEY_RETIRED,
        Kind.FAULT_SEEN, Kind.PLAN_MADE, Kind.ACCOUNT_LEARNED, Kind.API_TOKEN_CREATED, Kind.API_TOKEN_REVOKED,
        Kind.WEBHOOK_ADDED, Kind.WEBHOOK_ROTATED, Kind.WEBHOOK_REPLAYED, Kind.ALERTS_MUTED, Kind.ALERTS_UNMUTED,
    } == quiet  # fmt: skip
    assert all(() == meant(kind) for kind in quiet)


plain = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.just("2026-13-45")
NAMES = (
    "code", "why", "remedies", "instead_of", "bucket", "day", "percent", "condition", "parked_until", "target",
    "extra", "index", "slot", "to", "still_standing", "unreadable", "key", "from", "until",
    "chain", "provider", "phase", "was", "service", "health", "passed", "webhook", "message",
)  # fmt: skip


@given(
    kind=st.sampled_from(Kind),
    level=st.sampled_from(Level),
    data=st.dictionaries(st.sampled_from(NAMES), plain),
)
def test_no_rule_fails_whatever_an_event_holds(kind: Kind, level: Level, data: dict[str, Any]) -> None:
    for change in meant(kind, level, **data):
        assert change.key


def test_a_reserve_that_steps_in_is_told_until_it_stands_by_again() -> None:
    until = NOW + timedelta(hours=5)
    found = raised(Kind.ACCOUNT_PROMOTED, Level.WARNING, why="none else", until=until.isoformat())

    key = f"account:{FIRST}:promoted"
    assert (key, Level.WARNING, until) == (found.key, found.level, found.until)
    assert () == meant(Kind.ACCOUNT_PROMOTED, Level.INFO)
    assert [key] == resolved(Kind.ACCOUNT_RETURNED)


def test_a_backup_that_died_is_told_until_another_is_connected() -> None:
    assert f"account:{FIRST}:grant:backup" == raised(Kind.BACKUP_LOST, why="revoked").key
    assert f"account:{FIRST}:grant:backup" in resolved(Kind.ACCOUNT_CONNECTED, slot="backup")


# --------------------------------------------------------------------------------------------- publications


def test_a_hold_is_high_and_says_why_and_what_to_do() -> None:
    found = raised(
        Kind.HELD, Level.HIGH, code="source_missing", why="it is gone", remedies=["put it back", "cancel"]
    )

    assert ("publication:pub_1:held", Level.HIGH, "it is gone") == (found.key, found.level, found.text)
    assert "pub_1 needs a person: source_missing" == found.title
    assert "put it back, cancel; see `ytempire jobs show pub_1`" == found.remedy
    assert found.until is None


def test_a_hold_is_as_loud_as_its_event_and_needs_no_remedies() -> None:
    found = raised(Kind.HELD, Level.CRITICAL, code="wrong_channel")

    assert (Level.CRITICAL, "see `ytempire jobs show pub_1`") == (found.level, found.remedy)
    assert Level.HIGH is raised(Kind.HELD, Level.INFO).level


def test_a_doubt_ends_when_a_person_is_asked_instead() -> None:
    assert "publication:pub_1:outcome" == raised(Kind.OUTCOME_UNKNOWN, Level.WARNING, why="no answer").key
    assert ["publication:pub_1:outcome"] == resolved(Kind.HELD)


@pytest.mark.parametrize("kind", [Kind.UPLOADED, Kind.ADOPTED, Kind.PUBLISHED])
def test_what_arrived_is_held_and_in_doubt_no_longer_and_shows_that_google_answers(kind: Kind) -> None:
    assert ["publication:pub_1:held", "publication:pub_1:outcome", UNAVAILABLE] == resolved(kind)


@pytest.mark.parametrize("kind", [Kind.CANCELLED, Kind.RELEASED])
def test_a_person_s_decision_ends_every_alert_about_it(kind: Kind) -> None:
    assert ["publication:pub_1:*"] == resolved(kind)


def test_an_extra_that_is_done_after_all_ends_its_alert() -> None:
    assert ["publication:pub_1:caption:1"] == resolved(Kind.EXTRA_DONE, extra="caption", index=1)


def test_an_answer_without_a_remedy_is_told_once_for_each_code_until_it_is_dismissed() -> None:
    found = raised(Kind.FAULT_UNKNOWN, code="unknown:418:teapot", step="videos.list", why="I am a teapot")

    assert ("fault:unknown:418:teapot", Level.WARNING) == (found.key, found.level)
    assert "Google answered unknown:418:teapot to videos.list, and no remedy is known" == found.title
    assert "see `ytempire errors review`" == found.remedy
    assert ["fault:unknown:418:teapot"] == resolved(Kind.FAULT_DISMISSED, code="unknown:418:teapot")


def test_what_is_submitted_instead_ends_the_alerts_about_the_other() -> None:
    assert ["publication:pub_0:*"] == resolved(Kind.SUBMITTED, instead_of="pub_0")
    assert () == meant(Kind.SUBMITTED)


@pytest.mark.parametrize(
    ("kind", "key", "level"),
    [
        (Kind.REFUSED, "publication:pub_1:refused", Level.WARNING),
        (Kind.PROCESSING_FAILED, "publication:pub_1:failed", Level.HIGH),
        (Kind.VISIBILITY_DIFFERS, "publication:pub_1:visibility", Level.HIGH),
        (Kind.EXTRA_FAILED, "publication:pub_1:thumbnail:0", Level.WARNING),
    ],
)
def test_what_cannot_be_undone_is_told_once_and_listed_for_a_week(kind: Kind, key: str, level: Level) -> None:
    found = raised(kind, why="because", extra="thumbnail", index=0)

    assert (key, level, "because") == (found.key, found.level, found.text)
    assert (True, NOW + LISTED) == (found.passing, found.until)
    assert Level.CRITICAL is raised(kind, Level.CRITICAL).level


def test_only_youtube_s_own_finding_of_a_duplicate_is_told() -> None:
    assert "publication:pub_1:duplicate" == raised(Kind.DUPLICATE, Level.WARNING).key
    assert ["publication:pub_1:held", "publication:pub_1:outcome"] == resolved(Kind.DUPLICATE, Level.INFO)
    assert 2 == len(meant(Kind.DUPLICATE, Level.INFO))


def test_a_deferral_is_told_when_google_is_down_and_under_one_key_for_all() -> None:
    assert UNAVAILABLE == raised(Kind.DEFERRED, code="backendError", why="HTTP 503").key
    assert Level.WARNING is raised(Kind.DEFERRED, code="noReply").level
    assert UNAVAILABLE == raised(Kind.DEFERRED, code="noProgress").key


def test_a_key_that_cannot_be_read_is_told_until_an_upload_is_opened() -> None:
    told = raised(Kind.DEFERRED, code="key_gone", why="the keys were taken away")

    assert (KEYLESS, Level.CRITICAL) == (told.key, told.level)
    assert [KEYLESS] == resolved(Kind.SESSION_OPENED)


@pytest.mark.parametrize("code", ["out_of_quota", "condition", "not_yet", None])
def test_a_deferral_for_another_reason_is_everyday_work(code: str | None) -> None:
    assert () == meant(Kind.DEFERRED, code=code)


# ---------------------------------------------------------------------------------------------------- quota


def test_a_closed_bucket_is_critical_until_the_reset() -> None:
    found = raised(Kind.BUCKET_CLOSED, bucket="units", day=str(TODAY), why="quotaExceeded")

    assert ("quota:main:units:closed", Level.CRITICAL) == (found.key, found.level)
    assert TODAY.resets == found.until
    assert not found.passing


@pytest.mark.parametrize(("percent", "level"), [(70, Level.INFO), (80, Level.WARNING), (90, Level.CRITICAL)])
def test_a_threshold_is_as_loud_as_its_event_until_the_reset_of_its_day(percent: int, level: Level) -> None:
    yesterday = QuotaDay.of(TODAY.starts - timedelta(hours=1))
    found = raised(Kind.QUOTA_THRESHOLD, level, bucket="uploads", day=str(yesterday), percent=percent)

    assert ("quota:main:uploads", level) == (found.key, found.level)
    assert f"{percent} % of the uploads of main are used" == found.title
    assert TODAY.starts == found.until


def test_a_crossing_without_a_day_is_of_the_day_it_happened_on() -> None:
    assert TODAY.resets == raised(Kind.QUOTA_THRESHOLD, bucket="units").until


# ------------------------------------------------------------------------------------------------- accounts


def test_an_account_that_must_be_connected_again_is_high() -> None:
    found = raised(Kind.ACCOUNT_CHANGED, condition="needs_reauth", why="revoked")

    assert ("account:account_01:needs_reauth", Level.HIGH) == (found.key, found.level)
    assert "run `ytempire connect account_01`" == found.remedy


def test_a_dead_grant_is_the_same_alert_whoever_finds_it() -> None:
    assert raised(Kind.TOKEN_FAILED, why="x") == raised(
        Kind.ACCOUNT_CHANGED, condition="needs_reauth", why="x"
    )


def test_a_suspended_account_is_critical() -> None:
    found = raised(Kind.ACCOUNT_CHANGED, condition="suspended")

    assert ("account:account_01:suspended", Level.CRITICAL) == (found.key, found.level)
    assert "`ytempire accounts resume account_01`" in found.remedy


BOTH = ["account:account_01:needs_reauth", "account:account_01:suspended"]


@pytest.mark.parametrize(
    "condition", [each for each in Condition if each not in (Condition.NEEDS_REAUTH, Condition.SUSPENDED)]
)
def test_any_other_condition_ends_them(condition: Condition) -> None:
    assert BOTH == resolved(Kind.ACCOUNT_CHANGED, condition=str(condition))


def test_a_pause_and_its_end_tell_the_condition_as_where_it_went() -> None:
    assert BOTH == resolved(Kind.ACCOUNT_CHANGED, to="active")


def test_connecting_ends_the_need_for_it_and_a_quarantine_and_no_suspension() -> None:
    ended = [BOTH[0], "account:account_01:grant:primary", "account:account_01:standing"]
    assert ended == resolved(Kind.ACCOUNT_CONNECTED)


def test_resumed_with_a_dead_grant_it_is_suspended_no_longer_and_must_be_connected() -> None:
    ended, begun = meant(Kind.ACCOUNT_CHANGED, to="needs_reauth")

    assert Resolve("account:account_01:suspended") == ended
    assert isinstance(begun, Raise)
    assert BOTH[0] == begun.key


def test_connecting_a_backup_mends_nothing_but_the_backup() -> None:
    ended = ["account:account_01:grant:backup", "account:account_01:standing"]
    assert ended == resolved(Kind.ACCOUNT_CONNECTED, slot="backup")


def test_a_backup_that_stepped_in_is_a_warning_and_mends_the_account() -> None:
    assert "account:account_01:backup" == raised(Kind.BACKUP_PROMOTED, Level.WARNING).key
    assert [BOTH[0], "account:account_01:grant:primary"] == resolved(Kind.BACKUP_PROMOTED)


def test_a_quarantined_grant_is_critical() -> None:
    found = raised(Kind.GRANT_QUARANTINED, Level.CRITICAL, slot="backup", why="it was changed")

    assert ("account:account_01:grant:backup", Level.CRITICAL, "it was changed") == (
        found.key,
        found.level,
        found.text,
    )


def test_disconnecting_ends_all_about_an_account_and_tells_what_google_did_not_revoke() -> None:
    assert ["account:account_01:*"] == resolved(Kind.ACCOUNT_DISCONNECTED, still_standing=[])
    assert 1 == len(meant(Kind.ACCOUNT_DISCONNECTED, still_standing=[]))
    found = raised(Kind.ACCOUNT_DISCONNECTED, still_standing=["primary: no answer"])
    assert ("account:account_01:standing", Level.HIGH) == (found.key, found.level)
    assert found.key in resolved(Kind.ACCOUNT_CONNECTED)


def test_a_silent_token_endpoint_is_a_warning_until_it_answers() -> None:
    assert ("token:main:unreachable", Level.WARNING) == (
        raised(Kind.TOKEN_UNREACHABLE).key,
        raised(Kind.TOKEN_UNREACHABLE).level,
    )
    assert ["token:main:*"] == resolved(Kind.TOKEN_ANSWERED)


def test_a_refused_client_is_critical() -> None:
    assert ("token:main:client", Level.CRITICAL) == (
        raised(Kind.CLIENT_REFUSED).key,
        raised(Kind.CLIENT_REFUSED).level,
    )


def test_a_rotation_is_told_when_something_could_not_be_opened() -> None:
    assert () == meant(Kind.KEYS_ROTATED, key="k2", unreadable=0)
    assert "keys:k2:unreadable" == raised(Kind.KEYS_ROTATED, key="k2", unreadable=2).key


def test_a_parked_channel_is_a_warning_until_it_is_free() -> None:
    free = NOW + timedelta(hours=24)
    found = raised(
        Kind.ACCOUNT_CHANGED, Level.WARNING, parked_until=free.isoformat(), why="uploadLimitExceeded"
    )

    assert ("account:account_01:parked", Level.WARNING, free) == (found.key, found.level, found.until)


ENDED: dict[str, Any] = {"from": "capped", "to": "active"}


def test_a_parking_that_a_person_ends_is_over() -> None:
    assert [*BOTH, "account:account_01:parked"] == resolved(Kind.ACCOUNT_CHANGED, **ENDED)


def test_a_reserve_that_stands_in_is_a_warning_until_it_stands_by_again() -> None:
    reset = NOW + timedelta(hours=14)
    found = raised(
        Kind.ACCOUNT_PROMOTED, Level.WARNING, until=reset.isoformat(), why="account_02 is suspended"
    )

    assert ("account:account_01:promoted", Level.WARNING, reset) == (found.key, found.level, found.until)
    assert "account_02 is suspended" == found.text
    assert [found.key] == resolved(Kind.ACCOUNT_RETURNED)


def test_reserves_that_work_every_day_are_no_alert() -> None:
    assert () == meant(Kind.ACCOUNT_PROMOTED, until=None, policy="daily")


@pytest.mark.parametrize("until", [None, 5, "soon", "2026-11-20T18:00:00"])
def test_a_change_that_says_nothing_means_nothing(until: object) -> None:
    assert () == meant(Kind.ACCOUNT_CHANGED, parked_until=until)


# ------------------------------------------------------------------------------------------------ ourselves


def test_a_target_that_cannot_be_reached_is_told_to_the_others() -> None:
    found = raised(Kind.DELIVERY_FAILED, target="ops", why="HTTP 500")

    assert (trouble("ops"), "ops", Level.HIGH) == (found.key, found.spared, found.level)
    assert [trouble("ops")] == resolved(Kind.DELIVERY_RESTORED, target="ops")
