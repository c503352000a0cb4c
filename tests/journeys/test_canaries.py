"""No secret is to be read in anything that a home keeps; and whoever looks for them would find one."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks.campaign.stage import Scene, Stage
from tests.canaries import keys_in, known_to, leaks
from tests.journeys.conftest import SetStage
from ytempire.bootstrap.house import Acting, Fittings, acting
from ytempire.domain.values import Secret
from ytempire.ports import Clock

SECRET = "1//0CanaryCanaryCanaryCanary"


class Told:
    """A clock that tells which secrets it made."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.secrets: list[Secret] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def new_secret(self, size: int) -> Secret:
        made = self._inner.new_secret(size)
        self.secrets.append(made)
        return made


async def test_states_and_verifiers_codes_and_tokens_are_to_be_read_nowhere(set_stage: SetStage) -> None:
    stage = set_stage(Scene(connected=False))
    for name in stage.accounts:
        stage.emulator.add_account(name, "main")
    clocks: list[Told] = []

    def recorded(clock: Clock) -> Clock:
        clocks.append(Told(clock))
        return cast(Clock, clocks[-1])  # every other method is passed on

    async with acting(stage.settings, fittings=Fittings(clock=recorded)) as house:
        await _consents(house, stage)
        seen = leaks(stage.folder / "home", [], _secrets(stage, clocks[0]), but=_ring(stage))

    assert [] == seen  # while the database is open: its journal beside it too
    assert [] == leaks(stage.folder / "home", [], _secrets(stage, clocks[0]), but=_ring(stage))
    assert 4 == len(clocks[0].secrets)


async def _consents(house: Acting, stage: Stage) -> None:
    """One consent to its end, one left under way."""
    accounts = await house.reading.store.accounts(house.context.clock.now())
    for account in accounts:
        begun = await house.consenting.begin(account, "http://127.0.0.1:1/")
        back = stage.emulator.consent(begun.address.reveal(), account=account.id)
        if account is accounts[0]:
            await house.consenting.finish(back.partition("?")[2])


def _ring(stage: Stage) -> Path:
    return stage.settings.at_home(stage.settings.vault.key_file)


def _secrets(stage: Stage, clock: Told) -> set[bytes]:
    made = {secret.reveal().encode() for secret in clock.secrets}
    return made | known_to(stage.emulator) | keys_in(_ring(stage))


@pytest.mark.parametrize(
    "text",
    [
        f'{{"refresh_token": "{SECRET}"}}',
        f"token={SECRET.replace('/', '%2F')}&",
        SECRET.encode()[3:].hex(),
        *(base64.b64encode(f"{' ' * shift}{SECRET} and more".encode()).decode() for shift in range(3)),
    ],
)
def test_a_secret_that_lies_about_is_found(text: str, house: Stage, tmp_path: Path) -> None:
    grant = house.emulator.world.grants
    token, stored = next(iter(grant.items()))
    grant[SECRET] = replace(stored, refresh_token=SECRET)
    (tmp_path / "kept" / "deep").mkdir(parents=True)
    (tmp_path / "kept" / "deep" / "file.sqlite-wal").write_bytes(b"\x00" + text.encode() + b"\x00")

    assert token != SECRET
    assert [] != leaks(tmp_path / "kept", [], known_to(house.emulator))
    assert [] != leaks(tmp_path / "none", [text], known_to(house.emulator))
    assert [] == leaks(
        tmp_path / "kept",
        ["nothing"],
        known_to(house.emulator) - {b"0CanaryCanaryCanaryCanary"},
    )
