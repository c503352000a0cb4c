"""Gathers the facts of a checkup, floor by floor: what cannot be opened is a finding, and the rest is still told."""

import asyncio
import platform
import shutil
import sqlite3
import stat
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ytempire.adapters.system import MachineClock
from ytempire.bootstrap import rules
from ytempire.bootstrap.house import DATABASE, Acting, Reading, acting, reading
from ytempire.bootstrap.ring import proven_vault
from ytempire.domain import checkup
from ytempire.domain.accounts import Account
from ytempire.domain.calls import my_channel
from ytempire.domain.checkup import Finding, Grade, GrantFacts
from ytempire.domain.counting import counted
from ytempire.domain.faults import Fault
from ytempire.domain.oauth import SCOPE, Slot
from ytempire.domain.quota import PROFILES, Method
from ytempire.domain.renewal import forecasts
from ytempire.domain.values import Mendable, utc
from ytempire.domain.wire import Form, NoReply
from ytempire.ports import SealedGrant
from ytempire.services.report import last_use
from ytempire.settings import BadSettings, Settings

_UNKNOWN = checkup.problem("key", "it was not looked at", "mend the database first")
_LIBRARIES = ("dbos", "httpx2", "cryptography", "av", "tzdata")


async def examined(settings: Settings, *, online: bool) -> AsyncGenerator[Finding, None]:
    """Every finding, as soon as it is known. `online` spends a unit of quota for each connected account."""
    now = MachineClock().now()
    yield checkup.ok("configuration", f"{settings.source}: {counted(len(settings.accounts), 'account')}")
    for finding in (_home(settings.home), _room(settings), _versions(), checkup.quota_day(now)):
        yield finding
    clients = _clients(settings)
    for finding in (*clients, *_prices(settings, now)):
        yield finding
    keys = _UNKNOWN
    try:
        async with reading(settings) as house:
            yield await _database(settings)
            trail = await house.reports.trail(1)
            yield _trail(trail["length"], trail["broken_at"])
            keys = await _keys(settings, house)
            yield keys
    except Mendable as wrong:
        message, _, remedy = str(wrong).partition("; ")
        yield checkup.problem("database", message, remedy or "see the message")
    if all(finding.grade is Grade.OK for finding in (keys, *clients)):
        async with acting(settings, actor="doctor") as house_with_key:
            yield await _clock(house_with_key)
            async with aclosing(_accounts(house_with_key, online=online)) as findings:
                async for finding in findings:
                    yield finding
    else:
        remedy = "mend what is above, then run the checkup again"
        yield checkup.warning("accounts", "neither they nor the clock could be looked at", remedy)


async def _keys(settings: Settings, house: Reading) -> Finding:
    """Whether everything stored can be opened with the keys that are here."""
    try:
        vault = await proven_vault(settings, house.store, house.clock.now())
    except Mendable as wrong:
        message, _, remedy = str(wrong).partition("; ")
        return checkup.problem("key", message, remedy or "see the message")
    how = "protected with a passphrase" if vault.protected else "not protected with a passphrase"
    return checkup.ok("key", f"{vault.key_ids[0]} writes; {len(vault.key_ids)} on the ring, {how}")


def _home(home: Path) -> Finding:
    if home.exists() and not home.is_dir():
        return checkup.problem(
            "home", f"{home} is a file", "name a folder of yours with --home or YTEMPIRE_HOME"
        )
    if not home.exists():
        remedy = "run `ytempire init`, or name the right one with --home or YTEMPIRE_HOME"
        return checkup.problem("home", f"{home} does not exist", remedy)
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        message = f"{home} has mode {mode:04o}: others on this machine may look into it"
        return checkup.warning("home", message, f"chmod 700 {home}")
    return checkup.ok("home", str(home))


def _room(settings: Settings) -> Finding:
    place = next(each for each in (settings.home, *settings.home.parents) if each.exists())
    return checkup.room(shutil.disk_usage(place).free)


def _versions() -> Finding:
    found = {"ytempire": _version("ytempire"), "Python": platform.python_version()}
    found |= {"SQLite": sqlite3.sqlite_version} | {name: _version(name) for name in _LIBRARIES}
    return checkup.versions(found, sqlite=sqlite3.sqlite_version_info, python=tuple(sys.version_info[:3]))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _clients(settings: Settings) -> list[Finding]:
    """The client of each project that has accounts; those that fail for the same reason are told together."""
    findings, failed = [], defaultdict[str, list[str]](list)
    for name in sorted({account.project for account in settings.accounts}):
        try:
            findings.append(checkup.client(name, rules.client(settings, name)))
        except BadSettings as wrong:
            about, _, remedy = wrong.problems[0].partition("; ")
            failed[remedy].append(about)
    for remedy, those in failed.items():
        findings.append(checkup.problem("clients", checkup.some(those), remedy))
    return findings


def _prices(settings: Settings, now: datetime) -> list[Finding]:
    """Prices and the policy, by what is configured."""
    if not settings.accounts:
        return [checkup.problem("accounts", "none are configured", "add [[accounts]] to the configuration")]
    used = sorted({account.project for account in settings.accounts})
    alike = defaultdict[str, list[str]](list)
    for name in used:
        alike[settings.projects[name].profile].append(name)
    told = [checkup.profile(names, PROFILES[profile], now) for profile, names in alike.items()]
    return [*told, checkup.one_project(used, failover=settings.quota.cross_project_failover)]


async def _database(settings: Settings) -> Finding:
    if settings.database.url:
        return await _database_server(settings.database.url)
    from ytempire.adapters.sql.sqlite import what_is_wrong

    where = settings.home / DATABASE
    wrong = await asyncio.to_thread(what_is_wrong, where)
    if wrong:
        remedy = "stop ytempire and restore the database from a backup"
        return checkup.problem("database", f"it is damaged: {wrong}", remedy)
    return checkup.ok("database", f"{where} is whole")


async def _database_server(url: str) -> Finding:
    from ytempire.adapters.sql.postgres import PostgresDriver

    server = await PostgresDriver.open(url, connections=1)
    try:
        off = await server.careless_settings()
    finally:
        await server.close()
    if off:
        message = f"PostgreSQL runs with {' and '.join(off)} off: a power cut can damage the database"
        return checkup.problem(
            "database", message, "turn on what is off in postgresql.conf, and restart the server"
        )
    return checkup.ok("database", "PostgreSQL answers, its schema is ours, and it writes before it answers")


def _trail(length: object, broken_at: object) -> Finding:
    if broken_at is not None:
        message = f"the trail of credential use was changed at entry {broken_at}"
        return checkup.problem(
            "trail", message, "find out who may write to the database; compare it with a backup"
        )
    uses = "1 use" if length == 1 else f"{length} uses"
    return checkup.ok("trail", f"{uses} of credentials, the chain is whole")


async def _clock(house: Acting) -> Finding:
    """Google's `Date` comes with an error too: an empty form costs nothing and changes nothing."""
    client = next(iter(house.context.clients.values()), None)
    if client is None:
        message = "it could not be compared with Google's, for there is no account to ask for"
        return checkup.warning("clock", message, "add [[accounts]] to the configuration")
    answer = await house.context.google.post(Form(client.token_uri, {}))
    now = house.context.clock.now()
    if isinstance(answer, NoReply):
        return checkup.clock(now, None, answer.why)
    try:
        return checkup.clock(now, utc(parsedate_to_datetime(answer.headers.get("date", ""))))
    except ValueError:
        return checkup.clock(now, None, "its answer has no date")


async def _accounts(house: Acting, *, online: bool) -> AsyncGenerator[Finding, None]:
    now = house.context.clock.now()
    grants = {(grant.account, grant.slot): grant for grant in await house.reading.store.grants()}
    accounts = await house.reading.store.accounts(now)
    used = last_use(accounts)
    for account in accounts:
        primary = grants.get((account.id, Slot.PRIMARY))
        facts = _facts(account, primary, used.get(account.project), now)
        backup = grants.get((account.id, Slot.BACKUP))
        dead = backup.unusable if backup is not None else None
        facts = replace(facts, has_backup=backup is not None, backup_unusable=dead)
        finding = checkup.grant(facts, SCOPE)
        yield finding
        if online and primary is not None and finding.grade is not Grade.PROBLEM:
            yield await _channel(house, account)


def _facts(
    account: Account, grant: SealedGrant | None, project_used_at: datetime | None, now: datetime
) -> GrantFacts:
    coming = () if grant is None else forecasts(
        connected_at=grant.connected_at,
        refreshed_at=grant.refreshed_at,
        ends_at=grant.ends_at,
        project_used_at=project_used_at,
        now=now,
    )  # fmt: skip
    return GrantFacts(
        account=account.id,
        condition=account.condition,
        why=account.why,
        connected=grant is not None,
        unusable=None if grant is None else grant.unusable,
        scopes=() if grant is None else grant.scopes,
        forecasts=coming,
    )


async def _channel(house: Acting, account: Account) -> Finding:
    found = await house.gateway.listed(account.id, Method.CHANNELS_LIST, my_channel())
    if isinstance(found, Fault):
        return checkup.channel(account.id, account.channel, None, found.detail or found.code)
    if not found:
        return checkup.channel(account.id, account.channel, None, "the grant has no channel")
    return checkup.channel(account.id, account.channel, str(found[0].get("id")))
