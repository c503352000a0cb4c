"""The main job on a fresh machine: a local Google, fifteen channels, fifty real videos, one real worker.

Each video tells something: its script and its voice come through the chains (demo_story.py).

The emulator's journal, not our own database, is what says whether it went well.
"""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ytempire.adapters.media.maker import make_thumbnail, make_video
from ytempire.adapters.media.sound import PyAvSounds
from ytempire.bootstrap.demo_story import Story, Told, chain_config, keys, make_trouble, tell
from ytempire.bootstrap.house import Acting, Working, acting, working
from ytempire.bootstrap.layouts import PRODUCTION, RESERVE, Preset, configuration, initialise
from ytempire.bootstrap.verdict import Verdict, secrets_in_clear, verdict
from ytempire.domain.consent import landing
from ytempire.domain.counting import are, counted
from ytempire.domain.drafts import Draft
from ytempire.domain.lifecycle import FINAL
from ytempire.domain.publication import Metadata, Privacy, Publication
from ytempire.domain.quota import LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.speech import AUDIBLE
from ytempire.domain.values import AccountId
from ytempire.emulator import Emulator, EmulatorConfig, FaultKind
from ytempire.ports import Filter
from ytempire.services.context import Progress
from ytempire.services.submit import Rejected
from ytempire.settings import FILE_NAME, Settings, load

VIDEOS = 50
PLAYLIST = "daily"
_PROJECT = "main"
_PERSON_SECONDS = 30.0
_LOOK = 0.2
_SIZES = ((320, 180), (426, 240), (320, 180), (640, 360))
_PADDING = (0, 300_000, 1_000_000, 2_500_000, 6_000_000)
_MANNERS = """\
[publishing]
retry_base_seconds = 0.2
retry_cap_seconds = 5
processing_poll_seconds = 0.5
reconcile_seconds = [0, 1, 2, 4, 8]

[worker]
beat_seconds = 0.1

[playlists.daily]
title = "Today"
privacy = "unlisted"

"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one account did: uploads and their time in seconds, retries, and bytes."""

    account: str
    uploads: int
    megabytes: float
    seconds: float
    retries: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of the demo."""

    rows: tuple[Row, ...]
    ledger: tuple[LedgerLine, ...]
    story: Story
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Demo:
    """A prepared demo: the emulator runs, the channels are connected, the videos are made and queued."""

    emulator: Emulator
    settings: Settings
    story: Story
    publications: tuple[Publication, ...]


Say = Callable[[str], None]


@asynccontextmanager
async def prepared(folder: Path, videos: int, say: Say, *, calm: bool) -> AsyncIterator[Demo]:
    """Everything up to the queue. `calm` leaves out the faults that are otherwise thrown in."""
    with Emulator.in_thread(EmulatorConfig(journal_path=folder / "journal.jsonl")) as emulator:
        say(f"a local Google listens at {emulator.base_url}")
        settings = _installed(folder, emulator)
        if not calm:
            make_trouble(emulator, videos)
        async with acting(settings) as house:
            await _connect(house, emulator)
            say(f"{len(PRODUCTION) + len(RESERVE)} channels are connected, each through its owner's consent")
            story = await tell(settings, folder / "voices", videos)
            say(
                f"{counted(videos, 'script')} {are(videos)} written and spoken; "
                f"{counted(story.fallbacks, 'call')} fell back to another provider"
            )
            drafts = await asyncio.to_thread(_make, folder / "videos", story)
            megabytes = sum(_bytes(draft) for draft in drafts) / 1e6
            say(f"{counted(videos, 'video')} {are(videos)} made ({megabytes:.0f} MB)")
            queued = await house.submission.submit_all(drafts)
        if not calm:
            _throw_in_faults(emulator)
        publications = tuple(each for each in queued if not isinstance(each, Rejected))
        if len(publications) != videos:
            raise RuntimeError(f"the demo's own videos were refused: {queued}")
        say(f"{counted(videos, 'publication')} {are(videos)} queued")
        yield Demo(emulator, settings, story, publications)


async def published(demo: Demo, progress: Progress, finished: Callable[[int, Publication], None]) -> Outcome:
    """Runs the worker until every publication has come to its end, and asks the journal."""
    async with working(demo.settings, progress) as house:
        seen: set[str] = set()

        async def stop() -> bool:
            for each in await house.acting.reading.store.publications(Filter(FINAL, limit=10_000)):
                if each.id not in seen:
                    seen.add(each.id)
                    finished(len(seen), each)
            return len(seen) == len(demo.publications) or await house.idle()

        await house.run(stop)
        return await _outcome(demo, house)


async def watched(demo: Demo, house: Working, finished: Callable[[int, Publication], None]) -> Outcome:
    """Looks on while a worker that goes on publishes, and asks the journal when every publication has ended."""
    seen: set[str] = set()
    while len(seen) < len(demo.publications):
        for each in await house.acting.reading.store.publications(Filter(FINAL, limit=10_000)):
            if each.id not in seen:
                seen.add(each.id)
                finished(len(seen), each)
        await house.acting.reading.clock.sleep(_LOOK)
    return await _outcome(demo, house)


def _installed(folder: Path, emulator: Emulator) -> Settings:
    secrets = emulator.create_project(_PROJECT)
    (folder / "client_secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    config = folder / FILE_NAME
    initialise(Preset.DEFAULT, config, folder / "home")
    more = _MANNERS + chain_config(emulator)
    text = configuration(Preset.DEFAULT, api_root=f"{emulator.base_url}/", more=more)
    config.write_text(text, encoding="utf-8")
    return load(config, folder / "home", keys(emulator))


async def _connect(house: Acting, emulator: Emulator) -> None:
    """Every channel by the real code flow: Google's page, a consent, and the way back to this machine."""
    accounts = {each.id: each for each in await house.reading.store.accounts(house.context.clock.now())}
    for number, name in enumerate((*PRODUCTION, *RESERVE), 1):
        emulator.add_account(name, _PROJECT, title=f"Channel {number:02d}")
        account = accounts[AccountId(name)]
        async with house.listening(landing(house.context.clients[account.project])) as desk:
            begun = await house.consenting.begin(account, desk.uri)
            person = asyncio.create_task(asyncio.to_thread(_consent, emulator, begun.address.reveal(), name))
            try:
                await house.consenting.welcome((desk,), account.id, _PERSON_SECONDS)
                await person
            finally:  # when the demo is broken off the person goes too, and what they then meet is no news
                person.cancel()
                await asyncio.gather(person, return_exceptions=True)


def _consent(emulator: Emulator, address: str, channel: str) -> None:
    """What a person does: says yes on Google's page and lets the browser follow where it leads."""
    back = emulator.consent(address, account=channel)
    with urllib.request.urlopen(back, timeout=_PERSON_SECONDS) as page:  # noqa: S310  to our own listener
        page.read()


def _make(folder: Path, story: Story) -> list[Draft]:
    """Real, distinct, playable videos of mixed sizes, each with its voice and its thumbnail."""
    folder.mkdir()
    drafts = []
    for number, told in enumerate(story.told, 1):
        width, height = _SIZES[number % len(_SIZES)]
        video, thumbnail = folder / f"video_{number:02d}.mp4", folder / f"video_{number:02d}.jpg"
        voice = told.voice.value
        make_video(
            video,
            seed=number,
            seconds=voice.sound.seconds,
            width=width,
            height=height,
            padding=_PADDING[number % len(_PADDING)],
            voice=voice.path,
        )
        make_thumbnail(thumbnail, seed=number)
        drafts.append(_draft(number, told, video, thumbnail))
    return drafts


def _draft(number: int, told: Told, video: Path, thumbnail: Path) -> Draft:
    metadata = Metadata(
        title=f"Demo video {number:02d}: {told.topic}",
        description=f"Made and published by the demo.\n\n{told.script.value.text}",
        tags=("demo", f"number {number}"),
        language="en",
        privacy=(Privacy.PUBLIC, Privacy.UNLISTED, Privacy.PRIVATE)[number % 3],
        made_for_kids=False,
        synthetic_media=False,
        notify_subscribers=False,
    )
    return Draft(
        str(video), metadata, thumbnail=str(thumbnail), playlists=(PLAYLIST,), priority=1 + number % 5
    )


def _bytes(draft: Draft) -> int:
    return Path(draft.file).stat().st_size


def _throw_in_faults(emulator: Emulator) -> None:
    """A bad day: broken connections, a lost last answer, a dead session, a busy server, an old token."""
    emulator.add_fault("videos.insert.put", FaultKind.DROP_AFTER_BYTES, amount=1_000_000, count=3)
    emulator.add_fault("videos.insert.put", FaultKind.LOST_RESPONSE, final=True, count=2, skip=6)
    emulator.add_fault("videos.insert.put", FaultKind.STATUS, status=503, count=2, skip=12)
    emulator.add_fault("videos.insert.start", FaultKind.STATUS, status=500, count=1, skip=4)
    emulator.add_fault("thumbnails.set", FaultKind.STATUS, status=503, count=2, skip=3)
    for name in PRODUCTION[:3]:
        emulator.expire_access_tokens(name)


async def _outcome(demo: Demo, house: Working) -> Outcome:
    store, clock = house.acting.reading.store, house.acting.reading.clock
    found = await store.publications(Filter(limit=10_000))
    ledger = await store.ledger(QuotaDay.of(clock.now()))
    rows = []
    for account in sorted({str(each.account) for each in found if each.account}):
        mine = [each for each in found if each.account == account]
        rows.append(await _row(house, account, mine))
    submitted = {each.request.video.sha256 for each in demo.publications}
    journal = demo.emulator.journal.since(0)
    judged = verdict(journal, submitted, found, ledger)
    in_clear = secrets_in_clear(demo.settings.home, demo.emulator.secrets())
    silent = await _silent(demo.publications)
    problems = (*judged.problems, *in_clear, *silent)
    return Outcome(tuple(rows), ledger, demo.story, replace(judged, problems=problems))


async def _silent(published: Sequence[Publication]) -> list[str]:
    """The files whose voice nobody would hear. They are the published ones: the journal has their hashes."""
    sounds = PyAvSounds()
    measured = [(each, await sounds.measure(each.request.video.path)) for each in published]
    return [
        f"{each.id} has no audible voice (level {sound.rms:.4f})"
        for each, sound in measured
        if not sound.decoded or sound.rms < AUDIBLE
    ]


async def _row(house: Working, account: str, mine: list[Publication]) -> Row:
    seconds, retries = 0.0, 0
    for publication in mine:
        history = await house.acting.reading.store.events(publication=publication.id)
        started: datetime | None = None
        for _, event in history:
            if event.kind == "publication.started":
                started = event.at
            elif event.kind == "publication.uploaded" and started is not None:
                seconds += (event.at - started).total_seconds()
            elif event.kind in ("publication.retrying", "extra.retrying"):
                retries += 1
    size = sum(each.request.video.size for each in mine)
    return Row(account, len(mine), size / 1e6, seconds, retries)
