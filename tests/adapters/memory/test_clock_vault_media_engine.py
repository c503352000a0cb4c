"""The small twins in memory keep their ports' promises."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ytempire.adapters.memory.clock import START, FakeClock
from ytempire.adapters.memory.engine import MemoryEngine
from ytempire.adapters.memory.media import MemoryMedia
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.vault import MemoryVault, NoSuchKey, NotSealedHere
from ytempire.domain.values import PublicationId, Refusal, Refused
from ytempire.ports import Clock, Engine, Media, Pass, Store, Vault

ONE, TWO = PublicationId("pub_1"), PublicationId("pub_2")


def test_every_twin_is_what_its_port_asks_for() -> None:
    clock: Clock = FakeClock()
    store: Store = MemoryStore()
    vault: Vault = MemoryVault()
    media: Media = MemoryMedia()
    engine: Engine = MemoryEngine()

    assert all((clock, store, vault, media, engine))


# ---------------------------------------------------------------------------------------------------- clock


def test_time_stands_still_until_it_is_moved() -> None:
    clock = FakeClock()

    assert (START, 0.0) == (clock.now(), clock.monotonic())
    assert START + timedelta(hours=1) == clock.advance(timedelta(hours=1)) == clock.now()
    assert 3600.0 == clock.monotonic()
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert datetime(2027, 1, 1, tzinfo=UTC) == clock.now()


async def test_sleepers_wake_in_the_order_of_their_moments_and_time_jumps_to_each() -> None:
    clock = FakeClock()
    woken: list[tuple[float, timedelta]] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.now() - START))

    await asyncio.gather(*(sleeper(seconds) for seconds in (30, 10, 20, 10, -1, 0)))

    seconds = [each for each, _ in woken]
    assert sorted(seconds) == seconds
    assert [timedelta(seconds=max(0, each)) for each in seconds] == [moment for _, moment in woken]


async def test_a_sleeper_that_is_cancelled_stops_no_other() -> None:
    clock = FakeClock()
    first, second = asyncio.create_task(clock.sleep(10)), asyncio.create_task(clock.sleep(20))
    await asyncio.sleep(0)
    first.cancel()

    await second

    assert START + timedelta(seconds=20) == clock.now()


def test_dice_follow_the_script_and_then_always_the_same_row() -> None:
    rows = []
    for _ in range(2):
        clock = FakeClock(dice=(0.5, 0.0))
        rows.append([clock.dice() for _ in range(200)])

    assert rows[0] == rows[1]
    assert [0.5, 0.0] == rows[0][:2]
    assert all(0 <= thrown < 1 for thrown in rows[0])
    assert 198 == len(set(rows[0][2:]))
    assert rows[0][2] != FakeClock(seed=2).dice()


def test_ids_are_fresh_and_sort_by_when_they_were_made() -> None:
    clock = FakeClock()

    ids = [clock.new_id("pub") for _ in range(200)]

    assert "pub_00000001" == ids[0]
    assert sorted(set(ids)) == ids


# ---------------------------------------------------------------------------------------------------- vault


@pytest.mark.parametrize("plain", [b"", b"secret", bytes(range(256))])
def test_what_was_sealed_is_opened(plain: bytes) -> None:
    vault = MemoryVault()

    sealed = vault.seal("account_01", "grant", plain)

    assert plain == vault.open("account_01", "grant", sealed)
    assert "secret" not in sealed


@pytest.mark.parametrize(("owner", "field"), [("account_02", "grant"), ("account_01", "uri")])
def test_a_seal_is_bound_to_its_owner_and_field(owner: str, field: str) -> None:
    sealed = MemoryVault().seal("account_01", "grant", b"secret")

    with pytest.raises(NotSealedHere, match=owner):
        MemoryVault().open(owner, field, sealed)


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "marked.memory.",
        "marked.memory.e30=",
        "marked.memory.????",
        "marked.memory.bnVsbA==",
        "nonsense é",
    ],
)
def test_what_was_never_sealed_is_not_opened(sealed: str) -> None:
    with pytest.raises(NotSealedHere):
        MemoryVault().open("account_01", "grant", sealed)


def test_each_text_names_the_key_that_sealed_it_and_the_first_key_seals() -> None:
    vault = MemoryVault()
    old = vault.seal("account_01", "grant", b"secret")
    assert ("memory", "memory", True) == (vault.key_of(old), vault.writing_key, vault.is_current(old))

    vault.add_key("newer")
    new = vault.seal("account_01", "grant", b"secret")

    assert ("newer", "newer", "memory") == (vault.writing_key, vault.key_of(new), vault.key_of(old))
    assert (False, True) == (vault.is_current(old), vault.is_current(new))
    assert b"secret" == vault.open("account_01", "grant", old) == vault.open("account_01", "grant", new)


def test_a_retired_key_opens_nothing_and_the_writing_one_is_not_retired() -> None:
    vault = MemoryVault(keys=("new", "old"))
    old = MemoryVault(keys=("old",)).seal("account_01", "grant", b"secret")
    assert b"secret" == vault.open("account_01", "grant", old)

    for key_id in ("new", "unknown"):
        with pytest.raises(NoSuchKey, match=key_id):
            vault.retire_key(key_id)
    vault.retire_key("old")

    assert ("new",) == vault.key_ids
    with pytest.raises(NoSuchKey, match="old"):
        vault.open("account_01", "grant", old)
    assert "old" == vault.key_of(old)


def test_without_its_keys_a_vault_seals_nothing_and_opens_what_it_could() -> None:
    vault = MemoryVault()
    sealed = vault.seal("account_01", "grant", b"secret")

    vault.lose_keys()

    with pytest.raises(NoSuchKey):
        vault.seal("account_01", "grant", b"secret")
    with pytest.raises(NoSuchKey):
        vault.is_current(sealed)
    assert b"secret" == vault.open("account_01", "grant", sealed)


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "marked.memory.",
        "marked.memory.e30=",
        "marked.memory.WzEsMiwzLDQsNV0=",
        "marked.memory.WyJtZW1vcnkiLCJhIiwiZiIsImVBPT0iLDBd",
        "nonsense é",
    ],
)
def test_rubbish_was_sealed_by_no_key(rubbish: str) -> None:
    with pytest.raises(NotSealedHere):
        MemoryVault().key_of(rubbish)
    assert not MemoryVault().is_current(rubbish)


# ---------------------------------------------------------------------------------------------------- media


async def test_files_are_what_was_put_there() -> None:
    media = MemoryMedia()
    stored = media.put("/videos/one.mp4", b"bytes")

    inspected = await media.video("/videos/one.mp4")

    assert (stored, "video/mp4") == (inspected.file, inspected.facts.mime)
    assert (5, stored) == (stored.size, await media.thumbnail("/videos/one.mp4"))
    assert stored == await media.caption("/videos/one.mp4")
    assert stored.identity == await media.identity("/videos/one.mp4")
    assert stored.sha256 == await media.sha256("/videos/one.mp4")
    assert 7 == media.put("/big", size=7).size


async def test_a_file_that_is_written_anew_is_another() -> None:
    media = MemoryMedia()
    before = media.put("/videos/one.mp4", b"bytes")

    media.put("/videos/one.mp4", b"bytes")

    assert before.identity != await media.identity("/videos/one.mp4")
    assert before.sha256 == await media.sha256("/videos/one.mp4")


async def test_missing_and_broken_files_are_refused() -> None:
    media = MemoryMedia()
    media.put("/gone.mp4")
    media.remove("/gone.mp4")
    media.put("/broken.mp4")
    media.spoil("/broken.mp4", Refusal("file", "broken", "it cannot be decoded", "export it again"))

    assert await media.identity("/gone.mp4") is None
    assert await media.sha256("/gone.mp4") is None
    with pytest.raises(Refused, match="there is no file") as missing:
        await media.video("/gone.mp4")
    with pytest.raises(Refused, match="thumbnail: it cannot be decoded"):
        await media.thumbnail("/broken.mp4")
    assert ["file_missing"] == [refusal.code for refusal in missing.value.refusals]


# --------------------------------------------------------------------------------------------------- engine


class Work:
    """Passes that wait until they are let go, and remember what ran."""

    def __init__(self) -> None:
        self.ran: list[PublicationId] = []
        self.most = 0
        self.running = 0
        self.go = asyncio.Event()

    async def __call__(self, which: PublicationId) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.go.wait()
        self.running -= 1
        self.ran.append(which)


async def test_a_publication_has_one_pass_at_a_time() -> None:
    engine, work = MemoryEngine(), Work()
    await engine.start(work)

    assert await engine.dispatch(ONE)
    assert not await engine.dispatch(ONE)
    assert await engine.dispatch(TWO)
    assert 2 == engine.active()
    work.go.set()
    await engine.settled()

    assert ([ONE, TWO], 0) == (work.ran, engine.active())
    assert await engine.dispatch(ONE)
    await engine.stop()
    assert [ONE, TWO, ONE] == work.ran


async def test_no_more_passes_run_at_once_than_there_are_places() -> None:
    engine, work = MemoryEngine(concurrency=2), Work()
    await engine.start(work)
    work.go.set()

    for number in range(6):
        await engine.dispatch(PublicationId(f"pub_{number}"))
    await engine.settled()

    assert (6, True) == (len(work.ran), work.most <= 2)


async def test_what_was_dispatched_before_the_start_waits_for_it() -> None:
    engine, work = MemoryEngine(), Work()
    work.go.set()

    await engine.dispatch(ONE)
    await asyncio.sleep(0)
    assert [] == work.ran
    await engine.start(work)
    await engine.settled()

    assert [ONE] == work.ran


async def test_an_engine_that_stops_ends_its_passes_and_takes_no_more() -> None:
    engine, work = MemoryEngine(), Work()
    await engine.start(work)
    await engine.dispatch(ONE)
    stopping = asyncio.create_task(engine.stop())
    await asyncio.sleep(0)

    assert not await engine.dispatch(TWO)
    assert not stopping.done()
    work.go.set()
    await stopping

    assert [ONE] == work.ran


async def test_an_engine_that_never_started_stops_at_once() -> None:
    engine = MemoryEngine()
    await engine.dispatch(ONE)

    await engine.stop()

    assert 0 == engine.active()


async def test_an_error_that_escapes_a_pass_is_seen_and_stops_no_other() -> None:
    ran = []

    async def work(which: PublicationId) -> None:
        if which == ONE:
            raise RuntimeError("a pass broke")
        ran.append(which)

    failing: Pass = work
    engine = MemoryEngine()
    await engine.start(failing)
    await engine.dispatch(ONE)
    await engine.dispatch(TWO)

    with pytest.raises(ExceptionGroup) as raised:
        await engine.settled()

    assert ["a pass broke"] == [str(error) for error in raised.value.exceptions]
    assert [TWO] == ran
    await engine.stop()
