"""Chains: who is asked, who is left out and why, and what a failure means to the breaker."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOW
from ytempire.domain.breaker import Report, Result
from ytempire.domain.chain import (
    EXHAUSTED_REST,
    Attempt,
    Blame,
    Budget,
    CallerFault,
    Chain,
    ChainFailed,
    Charged,
    Link,
    ProviderFault,
    Quality,
    Skip,
    Step,
    Usage,
    doubtful,
    is_callers_to_mend,
    is_degraded,
    meaning,
    over_day,
    skip,
    stops,
    unknown_provider,
)
from ytempire.domain.values import Mendable, Unanswered

POLLY = Link("polly", Quality.BASIC, service="amazon", cost=150_000)
ESPEAK = Link("espeak", Quality.EMERGENCY, paid=False)
ANY = Budget()


def tried(provider: str = "elevenlabs", step: Step = Step.FAILED, **more: Any) -> Attempt:
    return Attempt(provider, Quality.PREMIUM, step, "503", **more)


def test_qualities_have_an_order() -> None:
    assert ["emergency", "basic", "standard", "good", "premium"] == sorted(
        Quality, key=lambda each: each.rank
    )
    assert [0, 1, 2, 3, 4] == [each.rank for each in Quality]


@pytest.mark.parametrize(
    ("link", "budget", "trail", "expected"),
    [
        (POLLY, ANY, [], None),
        (replace(POLLY, unready="no key"), ANY, [], Skip("no key", expected=True)),
        (POLLY, Budget(floor=Quality.BASIC), [], None),
        (
            POLLY,
            Budget(floor=Quality.STANDARD),
            [],
            Skip("its quality is basic, and at least standard is asked for", expected=True),
        ),
        (POLLY, Budget(per_call=150_000), [], None),
        (
            POLLY,
            Budget(per_call=149_999),
            [],
            Skip("it costs up to 0.15 USD, and 0.149999 are left for this call", expected=True),
        ),
        (
            POLLY,
            Budget(per_call=0),
            [],
            Skip("it costs up to 0.15 USD, and 0.00 are left for this call", expected=True),
        ),
        (POLLY, Budget(per_call=650_000), [tried(cost=500_000, charged=Charged.YES)], None),
        (
            POLLY,
            Budget(per_call=600_000),
            [tried(cost=500_000, charged=Charged.YES)],
            Skip("it costs up to 0.15 USD, and 0.10 are left for this call"),
        ),
        (
            POLLY,
            Budget(per_call=100_000),
            [tried(cost=500_000, charged=Charged.YES)],
            Skip("it costs up to 0.15 USD, and 0.00 are left for this call"),
        ),
        (ESPEAK, Budget(per_call=0), [tried(cost=500_000, charged=Charged.YES)], None),
        (replace(POLLY, cost=0), Budget(per_call=0), [], None),
        (POLLY, ANY, [tried(charged=Charged.NO)], None),
        (POLLY, ANY, [tried(charged=Charged.YES, cost=1)], None),
        (
            POLLY,
            ANY,
            [tried(charged=Charged.MAYBE), tried("google")],
            Skip("elevenlabs may have been paid for this call already"),
        ),
        (ESPEAK, ANY, [tried(charged=Charged.MAYBE)], None),
    ],
)
def test_a_link_is_left_out_for_a_reason(
    link: Link, budget: Budget, trail: list[Attempt], expected: Skip | None
) -> None:
    assert expected == skip(link, budget, trail)


def test_a_link_that_is_ill_is_left_out_and_that_was_not_to_be_expected() -> None:
    assert Skip("amazon is unhealthy") == skip(POLLY, ANY, [], ill="amazon is unhealthy")


def test_the_first_reason_is_told() -> None:
    link = replace(POLLY, unready="no key")
    budget = Budget(per_call=0, floor=Quality.PREMIUM)

    assert Skip("no key", expected=True) == skip(link, budget, [tried(charged=Charged.MAYBE)], ill="ill")


def test_who_may_have_been_paid_is_named() -> None:
    assert "" == doubtful([])
    assert "" == doubtful([tried(charged=Charged.YES), tried(charged=Charged.NO)])
    assert "polly" == doubtful([tried(), tried("polly", charged=Charged.MAYBE), tried(charged=Charged.MAYBE)])


def test_what_the_day_does_not_reach_for_is_told_in_usd() -> None:
    assert "it costs up to 0.15 USD, and the day's 1.00 do not reach for it" == over_day(
        POLLY, Budget(per_day=1_000_000)
    )
    assert "the day's 0.00 do" in over_day(POLLY, ANY)


@pytest.mark.parametrize("blame", list(Blame))
def test_only_the_callers_own_fault_ends_the_call(blame: Blame) -> None:
    assert (blame is Blame.CALLER) == stops(ProviderFault(blame, "x"))


@pytest.mark.parametrize("blame", list(Blame))
@pytest.mark.parametrize("rest", [None, NOW + timedelta(minutes=5)])
def test_what_a_fault_says_to_the_breaker(blame: Blame, rest: Any) -> None:
    found = meaning(ProviderFault(blame, "code", "words", rest_until=rest), NOW)

    if blame in {Blame.CALLER, Blame.UNFIT, Blame.CROWDED}:
        assert Report(Result.IGNORED) == found
    elif blame is Blame.EXHAUSTED:
        assert Report(Result.FAILURE, "code: words", rest or NOW + EXHAUSTED_REST) == found
    else:
        assert Report(Result.FAILURE, "code: words", rest, capped=True) == found


def test_a_fault_without_words_is_told_by_its_code() -> None:
    assert "timeout" == ProviderFault(Blame.OUTAGE, "timeout").sentence()
    assert "timeout: no answer" == ProviderFault(Blame.OUTAGE, "timeout", "no answer").sentence()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], False),
        ([tried(step=Step.SKIPPED, expected=True)], False),
        ([tried(step=Step.SKIPPED)], True),
        ([tried(step=Step.SKIPPED, expected=True), tried()], True),
        ([tried(step=Step.REJECTED)], True),
    ],
)
def test_who_stands_in_for_one_that_should_have_served_is_a_fallback(
    before: list[Attempt], expected: bool
) -> None:
    assert expected == is_degraded([*before, tried("espeak", Step.SERVED)])


def test_a_failure_of_all_names_each_and_why() -> None:
    failed = ChainFailed("voice", [tried(), tried("polly", Step.SKIPPED)])

    assert "no provider of voice could serve: elevenlabs failed: 503; polly skipped: 503" == str(failed)
    assert ("voice", 2) == (failed.chain, len(failed.trail))
    assert isinstance(failed, Unanswered)
    assert "no provider of voice could serve: the chain has no providers" == str(ChainFailed("voice", []))


def test_the_callers_fault_says_who_refuses_it() -> None:
    fault = CallerFault("voice", [tried("polly", Step.SKIPPED), tried()])

    assert "voice: elevenlabs refuses the request itself: 503" == str(fault)
    assert ("voice", 2) == (fault.chain, len(fault.trail))
    assert isinstance(fault, Mendable)


def test_a_chain_has_no_limits_unless_it_is_given_some() -> None:
    assert ANY == Chain("voice", (POLLY,)).budget


def test_the_rate_of_fallbacks_counts_failures_too() -> None:
    assert 0.0 == Usage().rate
    assert 0.06 == Usage(100, 5, 1).rate


def test_an_unknown_provider_is_told_with_the_one_that_was_meant_or_those_that_are_known() -> None:
    known = ["elevenlabs", "youtube"]

    assert "provider: there is no provider eleven; did you mean elevenlabs?" == str(
        unknown_provider("eleven", known)
    )
    assert "provider: there is no provider x; known are elevenlabs, youtube" == str(
        unknown_provider("x", known)
    )


SKIPPED = tried(step=Step.SKIPPED, expected=True)


@pytest.mark.parametrize(
    ("trail", "expected"),
    [
        ([], True),
        ([SKIPPED], True),
        ([SKIPPED, tried(step=Step.FAILED, blame=Blame.UNFIT)], True),
        ([tried(step=Step.FAILED, blame=Blame.CALLER)], True),
        ([SKIPPED, tried(step=Step.SKIPPED)], False),
        ([tried(step=Step.FAILED, blame=Blame.UNFIT), tried(step=Step.FAILED, blame=Blame.OUTAGE)], False),
        ([tried(step=Step.FAILED)], False),
    ],
)
def test_a_call_that_nobody_may_or_can_serve_is_the_caller_s_to_mend(
    trail: list[Attempt], expected: bool
) -> None:
    assert expected is is_callers_to_mend(trail)
