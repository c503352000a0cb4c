"""Points of the checklist about accounts: their health, the reserves, the tokens, and the quota of their projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.checklist import Name, Point, Verdict, some
from ytempire.domain.counting import counted
from ytempire.domain.health import ALARM
from ytempire.domain.quota import CEILING_PERCENT, LedgerLine
from ytempire.domain.reserves import Readiness
from ytempire.domain.values import AccountId

_ENDS_SOON = timedelta(days=3)
"""An end that is so near comes before somebody who looks once a day has had time to act."""

_FULL_DAYS = 2
"""One full day is a busy day; so many of those in a week are a pattern."""


@dataclass(frozen=True, slots=True)
class Vital:
    """An account, its health from 0 to 1, and its condition with the reason that was given for it."""

    account: AccountId
    health: float
    condition: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TokenFact:
    """An account's grant. `unusable`: why nothing can be done with it, or empty. `lives_until` is the end of the
    access token, `renewed_at` when Google last gave one, `ends_at` the soonest end of the grant that can be seen
    coming, and `why_it_ends` the reason.
    """

    account: AccountId
    unusable: str
    lives_until: datetime | None = None
    renewed_at: datetime | None = None
    ends_at: datetime | None = None
    why_it_ends: str = ""


def health(vitals: Sequence[Vital]) -> Point:
    """The lowest health of all accounts is above the alarm."""
    target = f"> {ALARM} for all accounts"
    if not vitals:
        return _no_accounts(Name.HEALTH, target)
    lowest = min(vitals, key=lambda each: each.health)
    ill = [each for each in vitals if each.health <= ALARM]
    return Point(
        Name.HEALTH,
        f"{lowest.health:.2f} ({lowest.account})",
        target,
        Verdict.FAILED if ill else Verdict.OK,
        some([_said(each) for each in ill]),
        f"look at `ytempire accounts show {lowest.account}`" if ill else "",
        round(lowest.health, 4),
    )


def accounts(vitals: Sequence[Vital], reserves: Readiness) -> Point:
    """Every account is well, and as many reserves are ready as are wanted."""
    target = f"every account well, {counted(reserves.wanted, 'reserve')} ready"
    if not vitals:
        return _no_accounts(Name.ACCOUNTS, target)
    ill = [each for each in vitals if each.health <= ALARM]
    wrong = [_said(each) for each in ill]
    remedies = [f"`ytempire accounts show {ill[0].account}`"] if ill else []
    if not reserves.enough:
        wrong.append(f"{len(reserves.ready)} of {counted(reserves.wanted, 'reserve')} are ready")
        wrong += [f"{account} is not: {why}" for account, why in reserves.not_ready]
        remedies.append("connect or resume reserves, or set checklist.reserves_ready to what you do with")
    value = f"{len(vitals) - len(ill)} of {len(vitals)} well, {counted(len(reserves.ready), 'reserve')} ready"
    verdict = (
        Verdict.FAILED if ill or (wrong and _has(reserves)) else Verdict.UNKNOWN if wrong else Verdict.OK
    )
    return Point(Name.ACCOUNTS, value, target, verdict, some(wrong), "; ".join(remedies))


def _has(reserves: Readiness) -> bool:
    """Are any configured? Where there are none, nobody can say whether they would be ready."""
    return bool(reserves.ready or reserves.not_ready)


def _said(vital: Vital) -> str:
    why = f": {vital.why}" if vital.why else ""
    return f"{vital.account} has health {vital.health:.2f}, it is {vital.condition}{why}"


def tokens(facts: Sequence[TokenFact]) -> Point:
    """Every account has a grant that can be used."""
    target = "100 % valid"
    if not facts:
        return _no_accounts(Name.TOKENS, target)
    dead = [each for each in facts if each.unusable]
    share = (len(facts) - len(dead)) / len(facts)
    return Point(
        Name.TOKENS,
        f"{len(facts) - len(dead)} of {len(facts)} ({share:.0%})",
        target,
        Verdict.FAILED if dead else Verdict.OK,
        some([f"{each.account}: {each.unusable}" for each in dead]),
        f"run `ytempire connect {dead[0].account}`" if dead else "",
        round(share, 4),
    )


def token_check(facts: Sequence[TokenFact], now: datetime) -> Point:
    """Google has lately proven each grant by giving a token that still lives, and no grant is about to end."""
    target = "each proven within the hour, no end in sight"
    if not facts:
        return _no_accounts(Name.TOKEN_CHECK, target)
    dead = [f"{each.account}: {each.unusable}" for each in facts if each.unusable]
    ends = [
        f"{each.account} ends on {each.ends_at:%Y-%m-%d %H:%M} UTC: {each.why_it_ends}"
        for each in facts
        if not each.unusable and each.ends_at is not None and each.ends_at - now <= _ENDS_SOON
    ]
    stale = [each for each in facts if not each.unusable and not _lives(each, now)]
    proven = len(facts) - len(dead) - len(stale)
    value = f"{proven} of {len(facts)} proven"
    if dead or ends:
        remedy = "connect them anew with `ytempire connect ACCOUNT`; see `ytempire tokens status`"
        return Point(Name.TOKEN_CHECK, value, target, Verdict.FAILED, some(dead + ends), remedy)
    if stale:
        remedy = "run `ytempire tokens refresh`, or a worker, which renews them by itself"
        return Point(Name.TOKEN_CHECK, value, target, Verdict.UNKNOWN, some(list(map(_last, stale))), remedy)
    return Point(Name.TOKEN_CHECK, value, target, Verdict.OK)


def _lives(fact: TokenFact, now: datetime) -> bool:
    return fact.lives_until is not None and fact.lives_until > now


def _last(fact: TokenFact) -> str:
    if fact.renewed_at is None:
        return f"the token of {fact.account} was never renewed"
    return f"the token of {fact.account} was last renewed on {fact.renewed_at:%Y-%m-%d %H:%M} UTC"


def quota(today: Sequence[LedgerLine]) -> Point:
    """No bucket of any project is used beyond the ceiling."""
    target = f"< {CEILING_PERCENT} % in every bucket"
    lines = [line for line in today if line.limit]
    if not lines:
        remedy = "add [projects.NAME] and [[accounts]] to the configuration"
        return Point(Name.QUOTA, "none", target, Verdict.UNKNOWN, "no bucket has a limit", remedy)
    fullest = max(lines, key=lambda line: line.percent)
    full = [line for line in lines if line.percent >= CEILING_PERCENT]
    return Point(
        Name.QUOTA,
        f"{fullest.percent:.1f} % ({fullest.bucket} of {fullest.project})",
        target,
        Verdict.FAILED if full else Verdict.OK,
        some([f"{line.percent:.1f} % of the {line.bucket} of {line.project} are used" for line in full]),
        f"nothing new starts before the reset at {fullest.day.resets:%H:%M} UTC; see `ytempire quota` and "
        "`ytempire plan`" if full else "",
        round(fullest.percent, 2),
    )  # fmt: skip


def quota_patterns(lines: Sequence[LedgerLine]) -> Point:
    """Google closed no bucket today or yesterday, and no bucket is full day after day. `lines`: today and the days
    before it, in any order.
    """
    target = f"no bucket closed by Google, none full on {_FULL_DAYS} days of the week"
    used = [line for line in lines if line.limit and (line.used + line.overhead or line.closed)]
    if not used:
        why = "nothing was sent in these days"
        return Point(Name.QUOTA_PATTERNS, "nothing used", target, Verdict.UNKNOWN, why)
    fullest = max(used, key=lambda line: line.percent)
    value = f"at most {fullest.percent:.1f} % ({fullest.bucket} of {fullest.project} on {fullest.day})"
    lately = sorted({line.day for line in lines})[-2:]
    wrong = [
        f"Google closed the {line.bucket} of {line.project} on {line.day} at {line.percent:.1f} %: {line.closed}"
        for line in used
        if line.closed and line.day in lately
    ]
    wrong += _full_again_and_again(used)
    remedy = "see `ytempire quota`; what `ytempire plan` names as remedies: fewer extras, another account, more quota"
    verdict = Verdict.FAILED if wrong else Verdict.OK
    return Point(Name.QUOTA_PATTERNS, value, target, verdict, some(wrong), remedy if wrong else "")


def _full_again_and_again(used: Sequence[LedgerLine]) -> list[str]:
    full = [(line.project, line.bucket) for line in used if line.percent >= CEILING_PERCENT]
    return [
        f"the {bucket} of {project} were full on {full.count((project, bucket))} days"
        for project, bucket in sorted(set(full))
        if full.count((project, bucket)) >= _FULL_DAYS
    ]


def _no_accounts(name: Name, target: str) -> Point:
    remedy = "add [[accounts]] to the configuration"
    return Point(name, "none", target, Verdict.UNKNOWN, "no accounts are configured", remedy)
