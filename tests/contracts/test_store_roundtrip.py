"""Whatever a value holds, the store gives it back the same: every field, any text, the edges of time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import FIRST, KEY, set_up
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import (
    Caption,
    Extra,
    ExtraKind,
    ExtraState,
    License,
    Metadata,
    Privacy,
    Publication,
    Reason,
    Request,
    Session,
    SessionState,
    Target,
)
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import PlaylistId, PublicationId, SessionId, sealed_by
from ytempire.ports import Added, SealedGrant, Settlement, Store

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
) | st.sampled_from(
    [
        "",
        "🎬 café",
        "line one\nline two\r\n\ttab",
        "' OR 1=1 --",
        '{"a": "b"}',
        "%s :name $1 ?",
        "\u2028\ufeff",
    ]
)
"""No lone surrogates, which are no text in UTF-8, and no NUL, which PostgreSQL cannot hold."""

MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 1, 8, 59, 59, 999_999, tzinfo=UTC),
    ]
)
NUMBERS = st.integers(0, 2**63 - 1)
SMALL = st.integers(0, 2**31 - 1)
MAYBE_TEXT = st.none() | TEXTS
FILES = st.builds(
    StoredFile, TEXTS, TEXTS, st.builds(FileIdentity, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
)


def some(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3).map(tuple)


BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: SMALL,
    bool: st.booleans(),
    bool | None: st.none() | st.booleans(),
    datetime: MOMENTS,
    str | None: st.none() | TEXTS,
    int | None: st.none() | SMALL,
    bool | None: st.none() | st.booleans(),
    datetime | None: st.none() | MOMENTS,
}


def built(kind: type[Any], /, **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Builds a value with every one of its fields chosen; those of no plain type must be named."""
    plain = {name: BY_TYPE[hint] for name, hint in get_type_hints(kind).items() if name not in named}
    return st.builds(kind, **(plain | named))


def enum(kind: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(kind))


METADATA = built(Metadata, tags=some(TEXTS), privacy=enum(Privacy), license=enum(License))
REQUESTS = built(
    Request,
    video=FILES,
    metadata=METADATA,
    thumbnail=st.none() | FILES,
    captions=some(built(Caption, file=FILES)),
    playlists=some(TEXTS),
    target=built(Target, account=MAYBE_TEXT),
    idempotency_key=st.none(),
)
SESSIONS = built(
    Session,
    id=TEXTS,
    account=TEXTS,
    project=TEXTS,
    state=enum(SessionState),
    size=NUMBERS,
    offset=NUMBERS,
    sealed_uri=st.none() | TEXTS.filter(lambda text: not sealed_by(text)),
)
"""Addresses that tell no key, for one that does must be of a key in use."""

EXTRAS = st.lists(
    built(Extra, kind=enum(ExtraKind), state=enum(ExtraState)),
    max_size=4,
    unique_by=lambda extra: (extra.kind, extra.index),
).map(tuple)
REASONS = built(Reason, remedies=some(TEXTS))

PUBLICATIONS = built(
    Publication,
    id=st.just(""),
    request=REQUESTS,
    state=enum(State),
    version=st.integers(1, 2**31 - 2),
    account=MAYBE_TEXT,
    project=MAYBE_TEXT,
    video_id=MAYBE_TEXT,
    reason=st.none() | REASONS,
    day=st.none() | st.builds(QuotaDay, st.dates()),
    session=st.none() | SESSIONS,
    extras=EXTRAS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
EVENTS = built(
    Event,
    kind=enum(Kind),
    level=enum(Level),
    publication=MAYBE_TEXT,
    account=MAYBE_TEXT,
    project=MAYBE_TEXT,
    data=st.dictionaries(TEXTS, JSON, max_size=3),
)
_numbers = count()


def fresh_id() -> PublicationId:
    """An id that no example before had; ids are ours, so they hold no strange text."""
    return PublicationId(f"pub_{next(_numbers):08}")


def relaxed(test: Callable[..., Any]) -> Callable[..., Any]:
    """Examples may share one store, and take their time."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=60, deadline=None, suppress_health_check=checks)(test)


@relaxed
@given(life=PUBLICATIONS, key=TEXTS)
async def test_a_publication_comes_back_from_submission_as_it_was(
    store: Store, life: Publication, key: str
) -> None:
    which = fresh_id()
    publication = replace(life, id=which, request=replace(life.request, idempotency_key=f"{which} {key}"))

    assert Added(publication) == await store.submit(publication, key, ())
    assert publication == await store.publication(which)
    assert publication in await store.same_content(publication.request.video.sha256) or (
        publication.state in {State.REFUSED, State.CANCELLED, State.FAILED, State.DUPLICATE}
    )


@relaxed
@given(before=PUBLICATIONS, after=PUBLICATIONS)
async def test_a_publication_comes_back_from_a_settlement_as_it_was(
    store: Store, before: Publication, after: Publication
) -> None:
    first = replace(before, id=fresh_id(), cancel_requested=False)
    await store.submit(first, "", ())
    wanted = replace(
        after, id=first.id, version=first.version, request=first.request, created_at=first.created_at
    )
    if wanted.session is not None:
        wanted = replace(wanted, session=replace(wanted.session, id=SessionId(f"not {first.session}")))

    settled = await store.settle(Settlement(wanted))

    assert replace(wanted, version=first.version + 1) == settled == await store.publication(first.id)


@relaxed
@given(event=EVENTS)
async def test_an_event_comes_back_as_it_was(store: Store, event: Event) -> None:
    before = await store.events(limit=1_000_000)

    await store.record([event])

    after = before[-1][0] if before else 0
    assert [event] == [each for _, each in await store.events(after=after)]


@relaxed
@given(
    grant=built(
        SealedGrant,
        account=TEXTS,
        key=st.just(KEY),
        scopes=some(TEXTS),
        channel=st.none() | TEXTS,
        slot=st.just(Slot.PRIMARY),
    ),
    name=TEXTS,
    value=TEXTS,
)
async def test_grants_playlists_and_facts_come_back_as_they_were(
    store: Store, grant: SealedGrant, name: str, value: str
) -> None:
    stored = await store.grant(FIRST)
    mine = replace(grant, account=FIRST)
    assert await store.save_grant(mine, stored.revision if stored else None, ())
    await store.remember_playlist(FIRST, name, PlaylistId(value))
    await store.put_fact(name, value)

    assert mine == await store.grant(FIRST)
    assert value == await store.playlist(FIRST, name)
    assert value == await store.fact(name)


@pytest.fixture(autouse=True)
async def _configured(store: Store) -> None:
    await set_up(store)
