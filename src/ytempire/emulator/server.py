"""The emulator as a running thing: on an event loop, in a thread, or blocking for a command line."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from uvicorn.config import Config
from uvicorn.server import ServerState

from ytempire.emulator import provision
from ytempire.emulator.app import build_app
from ytempire.emulator.authorize import Decision, decide
from ytempire.emulator.clients import ClientTerms
from ytempire.emulator.config import Charging, EmulatorConfig, is_loopback
from ytempire.emulator.faults import FaultKind, FaultRule, rule_from_json
from ytempire.emulator.grants import Death, cure, end
from ytempire.emulator.journal import Journal
from ytempire.emulator.links import protocol_class
from ytempire.emulator.vendors import VendorKeys
from ytempire.emulator.world import Json, World

_GRACE_SECONDS = 2.0


class Emulator:
    """A local Google that is listening. All methods may be called from any thread."""

    def __init__(self, world: World, base_url: str) -> None:
        """The face of this world, reachable at this address."""
        self.world = world
        self.base_url = base_url
        """The root of everything, without a slash at its end: `http://127.0.0.1:PORT`."""

    @classmethod
    @asynccontextmanager
    async def running(cls, config: EmulatorConfig | None = None) -> AsyncIterator["Emulator"]:
        """An emulator on the running event loop, stopped when the block ends.

        Raises:
            OSError: The port is taken, or the journal file cannot be opened.
        """
        world = World(config or EmulatorConfig())
        try:
            async with _serving(world) as address:
                yield cls(world, address)
        finally:
            world.journal.close()

    @classmethod
    @contextmanager
    def in_thread(cls, config: EmulatorConfig | None = None) -> Iterator["Emulator"]:
        """An emulator in a thread with its own event loop, stopped when the block ends.

        Raises:
            OSError: As `running`.
        """
        worker = _Worker(config or EmulatorConfig())
        worker.start()
        try:
            yield worker.wait_until_ready()
        finally:
            worker.stop()

    @property
    def journal(self) -> Journal:
        """What happened so far."""
        return self.world.journal

    def create_project(
        self,
        name: str,
        *,
        profile: str | None = None,
        limits: Mapping[str, int] | None = None,
        charging: Charging | None = None,
        kind: str = "installed",
        redirect_uris: Iterable[str] = (),
        publishing: str = "production",
    ) -> Json:
        """A new project; returns its client_secrets as Google issues them.

        Raises:
            ValueError: See `provision.create_project` and `ClientTerms`.
        """
        terms = ClientTerms(kind=kind, redirect_uris=tuple(redirect_uris), publishing=publishing)
        project = provision.create_project(
            self.world, name, profile=profile, limits=limits, charging=charging, terms=terms
        )
        return provision.client_secrets(project, self.base_url)

    def client_secrets(self, project: str) -> Json:
        """A project's client_secrets as they now are."""
        return provision.client_secrets(self.world.projects[project], self.base_url)

    def change_client(self, project: str, **terms: object) -> None:
        """Change the terms of a project's OAuth client; `terms` are fields of `ClientTerms`.

        Raises:
            ValueError: As `ClientTerms`.
            TypeError: A term that there is not.
        """
        provision.change_terms(self.world, self.world.projects[project], terms)

    def change_project(
        self,
        name: str,
        *,
        profile: str | None = None,
        limits: Mapping[str, int] | None = None,
        charging: Charging | None = None,
    ) -> None:
        """Change a project's prices, limits or charging moment."""
        project = self.world.projects[name]
        provision.change_project(self.world, project, profile=profile, limits=limits, charging=charging)

    def create_account(
        self,
        name: str,
        project: str,
        *,
        title: str | None = None,
        channel_id: str | None = None,
        scopes: Iterable[str] | None = None,
        grant_seconds: float | None = None,
        upload_limit: int | None = None,
    ) -> Json:
        """A new channel with one grant; returns the authorized-user token file.

        Raises:
            ValueError: See `provision.create_account`.
        """
        account = provision.create_account(
            self.world, name, project, title=title, channel_id=channel_id, upload_limit=upload_limit
        )
        grant = provision.grant_for(self.world, account, scopes=scopes, seconds=grant_seconds)
        return provision.authorized_user(self.world, grant, self.base_url)

    def add_account(
        self,
        name: str,
        project: str,
        *,
        title: str | None = None,
        channel_id: str | None = None,
        upload_limit: int | None = None,
        email: str | None = None,
        has_channel: bool = True,
    ) -> str:
        """An account that has consented to nothing yet; returns its e-mail address.

        Raises:
            ValueError: See `provision.create_account`.
        """
        account = provision.create_account(
            self.world,
            name,
            project,
            title=title,
            channel_id=channel_id,
            upload_limit=upload_limit,
            email=email,
            has_channel=has_channel,
        )
        return account.email

    def consent(
        self, url: str, *, account: str, allow: bool = True, scopes: Iterable[str] | None = None
    ) -> str:
        """Do what a person does on the consent page at this address; returns where a browser would go.

        Raises:
            ConsentRefused: There is an error page instead.
            KeyError: There is no such account.
            ValueError: The address is not that of the consent page.
        """
        chosen = None if scopes is None else tuple(scopes)
        decision = Decision(account=account, allow=allow, scopes=chosen)
        return decide(self.world, url, decision, root=self.base_url)

    def secrets(self) -> tuple[str, ...]:
        """Every code, token and provider key ever handed out: what must be found in clear nowhere else."""
        world = self.world
        return (*world.codes, *world.grants, *world.access_tokens, *world.vendors.secrets())

    @property
    def provider_keys(self) -> VendorKeys:
        """The only keys that the provider endpoints take."""
        return self.world.vendors.keys

    def provider_root(self, name: str) -> str:
        """The root of a provider's endpoints as its client takes it: OpenAI's ends with the version, as the real one.

        Raises:
            KeyError: There is no such provider.
        """
        return str(provision.provider_access(self.world, self.base_url)["roots"][name])

    def set_credits(self, credits_left: int) -> None:
        """Let the ElevenLabs account have this many credits left.

        Raises:
            ValueError: A negative number.
        """
        provision.set_credits(self.world, credits_left)

    def channel_of(self, account: str) -> str:
        """The channel id behind an account's name."""
        return self.world.accounts[account].channel_id

    def grant(
        self, account: str, *, scopes: Iterable[str] | None = None, seconds: float | None = None
    ) -> Json:
        """A further grant of an account; returns its token file."""
        grant = provision.grant_for(self.world, self.world.accounts[account], scopes=scopes, seconds=seconds)
        return provision.authorized_user(self.world, grant, self.base_url)

    def code(
        self,
        account: str,
        *,
        redirect_uri: str,
        challenge: str | None = None,
        scopes: Iterable[str] | None = None,
    ) -> str:
        """An authorization code, as if a person had consented."""
        owner = self.world.accounts[account]
        return provision.code_for(
            self.world, owner, redirect_uri=redirect_uri, challenge=challenge, scopes=scopes
        )

    def revoke(self, account: str, *, keep_access_tokens: bool = False) -> None:
        """End an account's grants."""
        provision.revoke(self.world, self.world.accounts[account], keep_access_tokens=keep_access_tokens)

    def end_grants(self, account: str, death: Death | str, *, refresh_token: str | None = None) -> None:
        """Let an account's refresh tokens die this death, all of them or the one that is named.

        Raises:
            ValueError: An unknown death, or one that single tokens do not die.
            KeyError: There is no such account, or no such live token.
        """
        end(self.world, self.world.accounts[account], Death(death), refresh_token=refresh_token)

    def cure(self, account: str) -> None:
        """Take back an administrator's policy and what befell the client; dead tokens stay dead."""
        cure(self.world, self.world.accounts[account])

    def narrow(self, account: str, scopes: Iterable[str]) -> None:
        """Let an account's grants cover no more than these scopes, from the next refresh on.

        Raises:
            ValueError: An unknown scope.
        """
        provision.narrow_grants(self.world, self.world.accounts[account], scopes)

    def expire_access_tokens(self, account: str) -> int:
        """Make an account's access tokens old; how many there were."""
        return provision.expire_access_tokens(self.world, self.world.accounts[account])

    def add_fault(self, method: str, kind: FaultKind | str, **how: object) -> FaultRule:
        """Arm a fault; `how` are the other fields of `FaultRule`.

        Raises:
            ValueError: An unknown method, kind or field.
        """
        rule = rule_from_json({"method": method, "kind": kind, **how})
        self.world.faults.add(rule, now=self.world.clock.now())
        return rule

    def clear_faults(self) -> None:
        """Disarm everything."""
        self.world.faults.clear()

    def spend(self, project: str, amount: int, *, bucket: str = "units") -> None:
        """Take quota as if something else had used it."""
        provision.spend(self.world, self.world.projects[project], amount, bucket=bucket)

    def shift_clock(self, offset_seconds: float) -> None:
        """Set the emulator's clock to real time plus this offset."""
        provision.shift_clock(self.world, offset_seconds)

    def totals(self) -> Json:
        """Charges by project, bucket and day, the videos that stand, and what each provider was paid."""
        return provision.totals(self.world)


class _Worker(threading.Thread):
    """The thread of `Emulator.in_thread`."""

    def __init__(self, config: EmulatorConfig) -> None:
        super().__init__(name="emulator", daemon=True)
        self._config = config
        self._ready = threading.Event()
        self._emulator: Emulator | None = None
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as failure:
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        async with Emulator.running(self._config) as emulator:
            self._emulator, self._loop = emulator, asyncio.get_running_loop()
            self._ready.set()
            await self._end.wait()

    def wait_until_ready(self) -> Emulator:
        self._ready.wait()
        if self._emulator is None:
            raise self._failure or RuntimeError("the emulator's thread ended before it listened")
        return self._emulator

    def stop(self) -> None:
        if self._loop is not None and self.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
        self.join()


def run_emulator(config: EmulatorConfig, *, on_ready: Callable[[Emulator], None]) -> None:
    """Run until interrupted (KeyboardInterrupt is raised through); `on_ready` is told once it listens.

    Raises:
        OSError: The port is taken, or the journal file cannot be opened.
    """

    async def serve() -> None:
        async with Emulator.running(config) as emulator:
            on_ready(emulator)
            await asyncio.Event().wait()

    asyncio.run(serve())


@asynccontextmanager
async def _serving(world: World) -> AsyncIterator[str]:
    """Listen, yield the base address, and at the end break what is still open."""
    config = Config(
        build_app(world), lifespan="off", ws="none", http="h11", log_config=None, access_log=False,
        proxy_headers=False, server_header=False, timeout_keep_alive=75,
    )  # fmt: skip
    config.load()
    state, protocol = ServerState(), protocol_class(world.links)
    listener = _listener(world.config)
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), sock=listener
    )
    host, port = listener.getsockname()[:2]
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.close()
        await world.links.reset_all()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=_GRACE_SECONDS)
        await server.wait_closed()


def _listener(config: EmulatorConfig) -> socket.socket:
    """A listening socket on loopback; also what a name resolves to must be loopback."""
    found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    family, kind, _, _, address = found[0]
    if not is_loopback(str(address[0])):
        raise ValueError(f"{config.host!r} leads to {address[0]}, which is not loopback")
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
