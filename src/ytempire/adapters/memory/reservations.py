"""Reservations on tables: what a publication takes of an account and a ledger, uses up, and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ytempire.adapters.memory.tables import AccountRow, Reservation, Tables
from ytempire.domain.accounts import Condition
from ytempire.domain.pace import Pace, hour_of
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Allotment, Bucket, Cost, LedgerLine, Price, Purpose, added
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.thresholds import crossing, reached
from ytempire.domain.values import AccountId, ProjectId, PublicationId


def take(
    tables: Tables, publication: Publication, cost: Cost, cap: int | None, allotment: Allotment | None
) -> bool:
    """Reserves everything or nothing; an earlier reservation counts as given back, and is when this works."""
    account, project, day = publication.account, publication.project, publication.day
    if account is None or project is None or day is None:
        raise ValueError(f"{publication.id} cannot reserve without account, project and day")
    before = _touched(tables, publication.id)
    give_back(tables, publication.id)
    row = tables.accounts.get(account)
    lines = [tables.line(project, bucket, day) for bucket in cost.units]
    uploads = tables.uploads.get((account, day), 0)
    within = cap is None or uploads < cap
    within &= allotment is None or allotment.short_of(tables.parts.get((account, day), {})) is None
    now = publication.updated_at
    if row is None or not (within and _free(row, project, uploads, now) and _fit(lines, cost)):
        _put_back(tables, publication.id, before)
        return False
    for line in filter(None, lines):
        tables.put_line(replace(line, reserved=line.reserved + cost.of(line.bucket)))
    tables.uploads[account, day] = uploads + 1
    tables.accounts[account] = replace(
        row, in_flight=row.in_flight + 1, last_upload_at=publication.updated_at
    )
    part = dict(allotment.needs) if allotment is not None else None
    tables.reservations[publication.id] = Reservation(project, account, day, dict(cost.units), part)
    take_part(tables, account, day, part or {})
    return True


def take_part(tables: Tables, account: AccountId, day: QuotaDay, units: Mapping[Purpose, int]) -> None:
    """Counts units of an account's own part of a day."""
    if units:
        tables.parts[account, day] = added(tables.parts.get((account, day), {}), units)


@dataclass(frozen=True, slots=True)
class _Before:
    """What giving back a reservation changes, as it was."""

    held: Reservation
    lines: tuple[LedgerLine, ...]
    row: AccountRow
    parts: Mapping[Purpose, int]


def _touched(tables: Tables, which: PublicationId) -> _Before | None:
    held = tables.reservations.get(which)
    if held is None:
        return None
    lines = tuple(tables.lines[held.project, bucket, held.day] for bucket in held.left)
    parts = tables.parts.get((held.account, held.day), {})
    return _Before(held, lines, tables.accounts[held.account], parts)


def _put_back(tables: Tables, which: PublicationId, before: _Before | None) -> None:
    if before is not None:
        tables.reservations[which] = before.held
        tables.accounts[before.held.account] = before.row
        tables.parts[before.held.account, before.held.day] = before.parts
        for line in before.lines:
            tables.put_line(line)


def _free(row: AccountRow, project: ProjectId, uploads: int, now: datetime) -> bool:
    """May this account take one more upload now?"""
    return (
        row.configured
        and row.rules.project == project
        and row.condition is Condition.ACTIVE
        and (row.parked_until is None or row.parked_until <= now)
        and (row.promoted_until is None or row.promoted_until > now)
        and uploads < row.rules.daily_uploads
        and row.in_flight < row.rules.concurrency
    )


def _fit(lines: list[LedgerLine | None], cost: Cost) -> bool:
    return all(line is not None and line.fits(cost.of(line.bucket)) for line in lines)


def give_back(tables: Tables, which: PublicationId) -> None:
    """Releases what is left of a reservation and its place; does nothing when there is none."""
    held = tables.reservations.pop(which, None)
    if held is None:
        return
    for bucket, units in held.left.items():
        line = tables.lines[held.project, bucket, held.day]
        tables.put_line(replace(line, reserved=line.reserved - units))
    take_part(tables, held.account, held.day, {each: -units for each, units in (held.part or {}).items()})
    _vacate(tables, held)


def leave(tables: Tables, which: PublicationId) -> None:
    """Gives back the place on the account alone, once; does nothing when there is none."""
    held = tables.reservations.get(which)
    if held is not None and held.placed:
        _vacate(tables, held)
        tables.reservations[which] = replace(held, placed=False)


def _vacate(tables: Tables, held: Reservation) -> None:
    if held.placed:
        row = tables.accounts[held.account]
        tables.accounts[held.account] = replace(row, in_flight=row.in_flight - 1)


def uncount(tables: Tables, which: PublicationId) -> None:
    """Takes the day's upload of a reservation back, once; does nothing when there is none."""
    held = tables.reservations.get(which)
    if held is not None and held.counted:
        tables.uploads[held.account, held.day] -= 1
        tables.reservations[which] = replace(held, counted=False)


def charge(
    tables: Tables,
    line: LedgerLine | None,
    price: Price,
    *,
    which: PublicationId | None,
    account: AccountId | None,
    at: datetime,
) -> bool:
    """Charges one request: work from its reservation first, everything else below the hard stop."""
    if line is None or line.closed is not None:
        return False
    promised = 0 if price.overhead else _promised(tables, line, which)
    taken = min(promised, price.units)
    if line.total + price.units - taken > line.hard_stop:
        return False
    if price.overhead:
        charged = replace(line, overhead=line.overhead + price.units)
    else:
        charged = replace(line, used=line.used + price.units, reserved=line.reserved - taken)
        _use_up(tables, which, price.bucket, taken)
    tables.put_line(charged)
    of_part = None if price.overhead else _of_part(tables, line, which, price)
    _count_for(tables, account, price, line.day, units=price.units, of_part=of_part)
    _tell(tables, charged, price.units, at)
    return True


def _tell(tables: Tables, line: LedgerLine, units: int, at: datetime) -> None:
    """Counts for the pace, and tells of a threshold that was crossed."""
    where = (line.project, line.bucket, line.day)
    tables.paces[where] = tables.paces.get(where, Pace()).after(units, hour_of(at))
    event = crossing(where, limit=line.limit, sent=line.sent, told=tables.told.get(where, 0), at=at)
    if event is not None:
        tables.told[where] = reached(line.limit, line.sent)
        tables.record([event])


def _of_part(tables: Tables, line: LedgerLine, which: PublicationId | None, price: Price) -> int | None:
    """Takes units from what a reservation holds of its account's own part, or gives them back to it when
    they are below 0; None when it holds nothing of it.
    """
    held = tables.reservations.get(which) if which is not None else None
    if which is None or held is None or held.part is None:
        return None
    if (held.project, held.day) != (line.project, line.day):
        return None
    left = held.part.get(price.purpose, 0)
    taken = min(left, price.units)
    tables.reservations[which] = replace(held, part=held.part | {price.purpose: left - taken})
    return taken


def _count_for(
    tables: Tables,
    account: AccountId | None,
    price: Price,
    day: QuotaDay,
    *,
    units: int,
    of_part: int | None,
) -> None:
    """Counts units of work for the account they are spent for, and of its own part of the quota what was not
    reserved. `of_part` was: None when nothing of it is, and then what is no units is not counted.
    """
    if account is None or price.overhead:
        return
    counted = units if price.bucket is Bucket.UNITS else 0
    if counted:
        tables.spent[account, day] = tables.spent.get((account, day), 0) + counted
    part = counted if of_part is None else units - of_part
    take_part(tables, account, day, {price.purpose: part} if part else {})


def refund(
    tables: Tables,
    line: LedgerLine | None,
    price: Price,
    *,
    which: PublicationId | None,
    account: AccountId | None,
) -> None:
    """Takes a charge back, into the reservation it came from while that lives."""
    if line is None:
        return
    where = (line.project, line.bucket, line.day)
    tables.paces[where] = tables.paces.get(where, Pace()).without(price.units)
    back_to = replace(price, units=-price.units)
    of_part = None if price.overhead else _of_part(tables, line, which, back_to)
    _count_for(tables, account, price, line.day, units=-price.units, of_part=of_part)
    if price.overhead:
        tables.put_line(replace(line, overhead=line.overhead - price.units))
        return
    held = tables.reservations.get(which) if which is not None else None
    lives = held is not None and (held.project, held.day) == (line.project, line.day)
    back = price.units if lives else 0
    tables.put_line(replace(line, used=line.used - price.units, reserved=line.reserved + back))
    _use_up(tables, which, price.bucket, -back)


def _promised(tables: Tables, line: LedgerLine, which: PublicationId | None) -> int:
    """What a publication has left of this line."""
    held = tables.reservations.get(which) if which is not None else None
    if held is None or (held.project, held.day) != (line.project, line.day):
        return 0
    return held.left.get(line.bucket, 0)


def _use_up(tables: Tables, which: PublicationId | None, bucket: Bucket, units: int) -> None:
    if which is not None and units:
        held = tables.reservations[which]
        left = held.left | {bucket: held.left[bucket] - units}
        tables.reservations[which] = replace(held, left=left)
