"""A key that is lost for ever: what only it opens, and starting over without it."""

from dataclasses import dataclass
from pathlib import Path

from ytempire.bootstrap.home import at_home
from ytempire.bootstrap.house import acting, reading
from ytempire.bootstrap.ring import passphrase, source
from ytempire.bootstrap.seat import seated
from ytempire.domain.values import Mendable
from ytempire.services.lost_keys import Forgotten, cut_off
from ytempire.settings import Settings


@dataclass(frozen=True, slots=True)
class Loss:
    """What is sealed with keys that are not here. `ring`: the key file that has to be made anew, if there is none."""

    keys: tuple[str, ...]
    texts: int
    accounts: tuple[str, ...]
    webhooks: tuple[str, ...]
    ring: Path | None


async def loss(settings: Settings) -> Loss:
    """What cannot be opened with the keys that are here. Raises `Mendable` while a worker runs, which may still have
    the key, and for a key file that is there and cannot be read.
    """
    async with reading(settings) as house:
        if house.worker_runs():
            raise Mendable("a worker runs on this home, and may still have the key; stop it first")
        here, ring = _at_hand(settings)
        missing = {each.id: each.sealed for each in await house.store.keys() if each.id not in here}
        lost = tuple(sorted(key for key, sealed in missing.items() if sealed))
        grants, hooks = await house.store.grants(), await house.store.webhooks(house.clock.now())
        return Loss(
            keys=lost,
            texts=sum(missing[key] for key in lost),
            accounts=cut_off(grants, frozenset(lost)),
            webhooks=tuple(hook.name for hook in hooks if any(each.key in lost for each in hook.secrets)),
            ring=ring,
        )


async def started_over(settings: Settings, found: Loss) -> Forgotten:
    """Forgets what was lost, with a new key ring where there was none. No worker begins meanwhile; raises
    `WorkerBusy` when one has begun, on this home or with another one on the same server.
    """
    from ytempire.adapters.vault import Vault

    at_home(settings, make=True)
    async with seated(settings):
        if found.ring is not None:
            found.ring.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            Vault.create(found.ring, passphrase=passphrase())
        async with acting(settings, actor="keys forget", prove=False) as house:
            return await house.ring.forget(found.keys)


def _at_hand(settings: Settings) -> tuple[tuple[str, ...], Path | None]:
    """The ids of the keys that are here; and the key file, when it is not there."""
    from ytempire.adapters.vault import Vault, VaultError

    where = source(settings)
    if isinstance(where, Path) and not where.exists():
        return (), where
    try:
        return Vault.load(where, passphrase=passphrase()).key_ids, None
    except VaultError as error:
        if not isinstance(where, Path):
            raise
        raise Mendable(f"{error}; if it is lost for ever, move {where} away and do this again") from error
