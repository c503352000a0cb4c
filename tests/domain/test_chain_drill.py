"""The drill of the upload chain: each link, whole and broken."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY, a_line, an_account
from ytempire.domain.accounts import Account, Condition, Kind, World
from ytempire.domain.chain_drill import (
    Drilled,
    Link,
    Listener,
    drill,
    fallback_chain,
    trial_publication,
)
from ytempire.domain.checklist import Verdict
from ytempire.domain.quota import BUCKETS_2026, Bucket
from ytempire.domain.reserves import Policy

OK, FAILED, UNKNOWN = Verdict.OK, Verdict.FAILED, Verdict.UNKNOWN
PRODUCTION = an_account(FIRST)
RESERVE = an_account(SECOND, kind=Kind.RESERVE, condition=Condition.STANDBY)
OPS = Listener("ops", hears=True, reachable=True)


def drilled(
    *accounts: Account,
    listeners: tuple[Listener, ...] = (OPS,),
    policy: Policy = Policy.STANDBY,
    **line: Any,
) -> dict[str, Link]:
    trial = trial_publication(NOW)
    cost = BUCKETS_2026.cost(trial.request.methods())
    ledger = {(MAIN, bucket): a_line(bucket, limit, **line) for bucket, limit in BUCKETS_2026.limits.items()}
    world = World(accounts or (PRODUCTION, RESERVE), ledger, TODAY.resets)
    return {each.name: each for each in drill(trial, {MAIN: cost}, world, listeners, policy, NOW)}


def verdicts(links: dict[str, Link]) -> list[Verdict]:
    return [each.verdict for each in links.values()]


def test_a_sound_chain_holds_link_by_link() -> None:
    links = drilled()

    assert ["production", "reserve", "requeue", "person"] == list(links)
    assert [OK] * 4 == verdicts(links)
    assert f"{SECOND} steps in" == links["reserve"].told


def test_a_worn_day_does_not_break_it() -> None:
    tired = replace(PRODUCTION, uploads_today=5, in_flight=1)

    links = drilled(tired, replace(RESERVE, uploads_today=5), used=80, closed="quotaExceeded")

    assert [OK] * 4 == verdicts(links)


def test_without_a_production_account_in_service_the_first_link_is_broken() -> None:
    links = drilled(replace(PRODUCTION, condition=Condition.NEEDS_REAUTH), RESERVE)

    assert [FAILED, OK, OK, OK] == verdicts(links)
    assert "needs_reauth" in links["production"].told


def test_a_reserve_that_works_every_day_takes_it() -> None:
    links = drilled(PRODUCTION, replace(RESERVE, condition=Condition.ACTIVE))

    assert f"{SECOND} takes it" == links["reserve"].told


@pytest.mark.parametrize(
    ("accounts", "policy", "expected", "told"),
    [
        ((PRODUCTION,), Policy.STANDBY, UNKNOWN, "no reserves are configured"),
        (
            (PRODUCTION, replace(RESERVE, condition=Condition.PAUSED)),
            Policy.STANDBY,
            FAILED,
            "no reserve can step in",
        ),
        ((PRODUCTION, RESERVE), Policy.OFF, UNKNOWN, "planning.reserves is off"),
    ],
)
def test_a_reserve_that_cannot_step_in_breaks_the_second_link(
    accounts: tuple[Account, ...], policy: Policy, expected: Verdict, told: str
) -> None:
    link = drilled(*accounts, policy=policy)["reserve"]

    assert (expected, told) == (link.verdict, link.told)
    assert link.remedy


def test_where_every_account_is_out_for_good_nothing_is_queued_anew() -> None:
    out = [replace(each, condition=Condition.SUSPENDED) for each in (PRODUCTION, RESERVE)]

    assert [FAILED, FAILED, FAILED, OK] == verdicts(drilled(*out))


def test_a_parked_account_is_waited_for() -> None:
    capped = replace(PRODUCTION, condition=Condition.CAPPED, parked_until=NOW + timedelta(hours=9))

    assert OK is drilled(capped, RESERVE)["requeue"].verdict


@pytest.mark.parametrize(
    ("listeners", "expected"),
    [
        ((), UNKNOWN),
        ((replace(OPS, hears=False),), UNKNOWN),
        ((replace(OPS, reachable=False),), FAILED),
        ((replace(OPS, reachable=False), replace(OPS, name="chat")), OK),
    ],
)
def test_somebody_must_hear_of_a_hold(listeners: tuple[Listener, ...], expected: Verdict) -> None:
    link = drilled(listeners=listeners)["person"]

    assert expected is link.verdict
    assert link.told.startswith("it is held")


def test_the_point_is_as_good_as_its_weakest_link_and_says_what_is_missing() -> None:
    whole = fallback_chain((Link("production", OK, "x"), Link("person", OK, "y")))
    broken = fallback_chain((Link("production", FAILED, "nobody", "connect"), Link("person", UNKNOWN, "y")))

    assert (OK, "2 of 2 links hold (production, person)", "") == (whole.verdict, whole.value, whole.why)
    assert (FAILED, "0 of 2 links hold", "connect") == (broken.verdict, broken.value, broken.remedy)
    assert "production: nobody; person: y" == broken.why


def test_the_point_counts_the_drills_of_provider_chains() -> None:
    held = (Link("production", OK, "x"),)
    passed = fallback_chain(held, (Link("voice_synthesis", OK, "y"), Link("script_generation", OK, "z")))
    failed = fallback_chain(held, (Link("voice_synthesis", FAILED, "polly: 503", "mend it"),))
    never = fallback_chain(held, (Link("voice_synthesis", UNKNOWN, "never drilled", "run it"),))

    told = "1 of 1 links hold (production); drills of voice_synthesis, script_generation passed"
    assert (OK, told) == (passed.verdict, passed.value)
    assert (FAILED, "voice_synthesis: polly: 503", "mend it") == (failed.verdict, failed.why, failed.remedy)
    assert (UNKNOWN, "1 of 1 links hold (production)") == (never.verdict, never.value)


@pytest.mark.parametrize(
    ("drilled", "expected", "told"),
    [
        (Drilled("voice"), UNKNOWN, "never drilled"),
        (Drilled("voice", first=NOW - timedelta(days=8)), UNKNOWN, "never drilled"),
        (
            Drilled("voice", first=NOW - timedelta(days=9)),
            FAILED,
            "never drilled in 9 days, and 7 are meant",
        ),
        (Drilled("voice", NOW, passed=True), OK, "its drill passed"),
        (Drilled("voice", NOW + timedelta(hours=1), passed=True), OK, "its drill passed"),
        (Drilled("voice", NOW - timedelta(days=8), passed=True), OK, "its drill passed"),
        (
            Drilled("voice", NOW - timedelta(days=8, seconds=1), passed=True),
            FAILED,
            "last drilled 8 days ago, and 7 are meant",
        ),
        (Drilled("voice", NOW, why="polly: 503"), FAILED, "polly: 503"),
        (
            Drilled("voice", NOW - timedelta(days=30), why="polly: 503"),
            FAILED,
            "last drilled 30 days ago, and 7 are meant",
        ),
    ],
)
def test_a_drill_of_a_provider_chain_counts_for_a_week_and_a_day(
    drilled: Drilled, expected: Verdict, told: str
) -> None:
    link = drilled.link(NOW, timedelta(days=7))

    assert (expected, "voice", told) == (link.verdict, link.name, link.told)
    assert (expected is not OK) == ("run `ytempire drill voice`" in link.remedy)


def test_the_trial_costs_one_insert() -> None:
    assert {Bucket.UPLOADS: 1} == dict(BUCKETS_2026.cost(trial_publication(NOW).request.methods()).units)
