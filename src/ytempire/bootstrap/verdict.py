"""What the emulator's journal says of a demo, and whether a secret of it lies about in clear."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytempire.domain.counting import counted
from ytempire.domain.publication import Publication
from ytempire.domain.quota import LedgerLine
from ytempire.emulator import Event, EventKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the journal says. `problems` is empty when it agrees with us in everything.

    `consents` are codes that were exchanged with a proof that whoever came back is who was sent (PKCE).
    """

    videos: int
    hashes: int
    duplicates: int
    faults: int
    consents: int
    problems: tuple[str, ...]


def verdict(
    journal: Sequence[Event],
    submitted: Collection[str],
    found: Sequence[Publication],
    ledger: Sequence[LedgerLine],
) -> Verdict:
    """What the journal says of the publications: `submitted` are the SHA-256 of the files we queued."""
    events = [event.as_json() for event in journal]
    completed = [event for event in events if event["kind"] == EventKind.VIDEO_COMPLETED]
    hashes = Counter(str(event["sha256"]) for event in completed)
    problems = [f"{each.id} is {each.state}: {each.reason}" for each in found if each.state != "published"]
    if missing := set(submitted) - set(hashes):
        problems.append(f"{len(missing)} of the submitted files never arrived as they are")
    if strange := set(hashes) - set(submitted):
        problems.append(f"{counted(len(strange), 'video')} arrived that nobody submitted")
    duplicates = sum(count - 1 for count in hashes.values())
    if duplicates:
        problems.append(f"{counted(duplicates, 'video')} arrived more than once")
    problems += _overcharges(events, ledger)
    fired = sum(event["kind"] == EventKind.FAULT_FIRED for event in events)
    exchanged = [event for event in events if event["kind"] == EventKind.CODE_EXCHANGED]
    problems += [f"{event['account']} was connected without PKCE" for event in exchanged if not event["pkce"]]
    matching = len(set(hashes) & set(submitted))
    return Verdict(len(completed), matching, duplicates, fired, len(exchanged), tuple(problems))


def _overcharges(events: Sequence[Mapping[str, Any]], ledger: Sequence[LedgerLine]) -> list[str]:
    """Google's charge must never be above ours."""
    charged: Counter[str] = Counter()
    for event in events:
        for bucket, units in event.get("charges", {}).items():
            charged[bucket] += units
    ours = {str(line.bucket): line.used + line.overhead for line in ledger}
    return [
        f"Google charged {units} {bucket} and our ledger says {ours.get(bucket, 0)}"
        for bucket, units in charged.items()
        if units > ours.get(bucket, 0)
    ]


_SEARCH = """
import json, pathlib, sys
home, *needles = json.load(sys.stdin)
found = []
for path in sorted(pathlib.Path(home).rglob("*")):
    if path.is_file():
        content = path.read_bytes()
        if any(needle.encode() in content for needle in needles):
            found.append(path.name)
json.dump(found, sys.stdout)
"""


def secrets_in_clear(home: Path, secrets: Iterable[str]) -> list[str]:
    """Every file of a home that holds one of these secrets as it is; the secret itself is not told.

    Another process reads them: to close a file here would give up the locks that a store at work holds on it.
    """
    asked = json.dumps([str(home), *secrets])
    command = [sys.executable, "-I", "-c", _SEARCH]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)  # noqa: S603  our own
    return [f"{name} holds a token in clear" for name in json.loads(told.stdout)]
