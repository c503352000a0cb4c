"""What the person at the controls can do: make projects and accounts, end grants, shift time, spend quota.

The HTTP control API and the Python face both come through here.
"""

import dataclasses
from collections.abc import Iterable, Mapping

from ytempire.emulator.clients import ClientTerms
from ytempire.emulator.config import CHARGING_MODELS, PROFILE_NAMES, Charging
from ytempire.emulator.grants import issue_code, issue_grant, kill_grants, narrow
from ytempire.emulator.journal import EventKind
from ytempire.emulator.methods import ALL_SCOPES, FORCE_SSL
from ytempire.emulator.quota import BUCKETS, Standing
from ytempire.emulator.vendors import PROVIDERS
from ytempire.emulator.world import Account, Grant, Json, Project, World


def create_project(
    world: World,
    name: str,
    *,
    profile: str | None = None,
    limits: Mapping[str, int] | None = None,
    charging: Charging | None = None,
    terms: ClientTerms | None = None,
) -> Project:
    """A project with its OAuth client, an installed one in production unless the terms say otherwise.

    Raises:
        ValueError: The name is taken, or a profile, bucket or charging model is unknown.
    """
    if not name or name in world.projects:
        raise ValueError(f"project {name!r} exists already or has no name")
    number = 100_000_000_000 + len(world.projects)
    project = Project(
        standing=Standing(name, str(number), world.config.profile, {}),
        charging=world.config.charging,
        client_id=f"{number}-{world.clock.letters(32).lower()}.apps.googleusercontent.com",
        client_secret="GOCSPX-" + world.clock.letters(28),
        terms=terms or ClientTerms(),
    )
    change_project(
        world,
        project,
        profile=profile,
        limits=world.config.limits if limits is None else limits,
        charging=charging,
    )
    world.projects[name] = project
    return project


def change_project(
    world: World,
    project: Project,
    *,
    profile: str | None = None,
    limits: Mapping[str, int] | None = None,
    charging: Charging | None = None,
) -> None:
    """Change a project's price list, daily allowances or charging moment; what is None stays.

    Raises:
        ValueError: An unknown profile, bucket or charging model.
    """
    if profile is not None and profile not in PROFILE_NAMES:
        raise ValueError(f"profile is one of {', '.join(PROFILE_NAMES)}, not {profile!r}")
    if charging is not None and charging not in CHARGING_MODELS:
        raise ValueError(f"charging is one of {', '.join(CHARGING_MODELS)}, not {charging!r}")
    for bucket, limit in (limits or {}).items():
        if bucket not in BUCKETS or limit < 0:
            raise ValueError(
                f"limits name {', '.join(BUCKETS)} with whole numbers, not {bucket!r}: {limit!r}"
            )
    project.standing.profile = profile or project.standing.profile
    project.standing.limits = project.standing.limits if limits is None else dict(limits)
    project.charging = charging or project.charging
    world.journal.record(
        EventKind.CONTROL,
        what="project",
        project=project.id,
        profile=project.standing.profile,
        limits=dict(project.standing.limits),
        charging=project.charging,
    )


def change_terms(world: World, project: Project, given: Mapping[str, object]) -> None:
    """Change the terms of a project's OAuth client; `given` are fields of `ClientTerms`.

    Raises:
        ValueError: As `ClientTerms`.
        TypeError: A term that there is not.
    """
    project.terms = dataclasses.replace(project.terms, **given)  # type: ignore[arg-type]  # it checks itself
    world.journal.record(
        EventKind.CONTROL,
        what="client",
        project=project.id,
        client=project.terms.kind,
        publishing=project.terms.publishing,
        test_users=len(project.terms.test_users),
    )


def client_secrets(project: Project, base_url: str) -> Json:
    """The client_secrets.json of a project, as Google's console hands it out, pointing at this emulator."""
    root = base_url.rstrip("/")
    body: Json = {
        "client_id": project.client_id,
        "project_id": project.id,
        "auth_uri": f"{root}/o/oauth2/v2/auth",
        "token_uri": f"{root}/token",
        "auth_provider_x509_cert_url": f"{root}/oauth2/v1/certs",
        "client_secret": project.client_secret,
        "redirect_uris": ["http://localhost"],
    }
    if project.terms.kind == "web":
        body["redirect_uris"] = list(project.terms.redirect_uris)
    return {project.terms.kind: body}


def create_account(
    world: World,
    name: str,
    project: str,
    *,
    title: str | None = None,
    channel_id: str | None = None,
    upload_limit: int | None = None,
    email: str | None = None,
    has_channel: bool = True,
) -> Account:
    """A channel used through a project, or a Google account that has none; nothing is consented to yet.

    `upload_limit` is the channel's own cap of videos in 24 hours. Several channels may share a login's `email`.

    Raises:
        ValueError: The name or channel is taken, or the channel id is no channel id.
        KeyError: There is no such project.
    """
    if not name or name in world.accounts:
        raise ValueError(f"account {name!r} exists already or has no name")
    if channel_id and not has_channel:
        raise ValueError("an account without a channel has no channel id")
    channel = (channel_id or "UC" + world.clock.letters(22)) if has_channel else ""
    if (has_channel and not channel.startswith("UC")) or world.channel_owner(channel) is not None:
        raise ValueError(f"channel {channel!r} is taken or does not begin with UC")
    owner = world.projects[project]
    login = email or f"{name}@example.com"
    account = Account(name, owner.id, channel, title or name, login, upload_limit)
    world.accounts[name] = account
    world.journal.record(
        EventKind.CONTROL, what="account", account=name, project=account.project, channel=account.channel_id
    )
    return account


def grant_for(
    world: World, account: Account, *, scopes: Iterable[str] | None = None, seconds: float | None = None
) -> Grant:
    """A consent for an account; `seconds` is its life, if not the one that the publishing status gives.

    Raises:
        ValueError: An unknown scope.
    """
    return issue_grant(world, account, _scopes(scopes), seconds=seconds)


def code_for(
    world: World,
    account: Account,
    *,
    redirect_uri: str,
    challenge: str | None,
    scopes: Iterable[str] | None = None,
) -> str:
    """An authorization code, as if a person had just consented.

    Raises:
        ValueError: An unknown scope.
    """
    return issue_code(world, account, _scopes(scopes), redirect_uri=redirect_uri, challenge=challenge)


def _scopes(scopes: Iterable[str] | None) -> tuple[str, ...]:
    chosen = (FORCE_SSL,) if scopes is None else tuple(scopes)
    unknown = sorted(set(chosen) - set(ALL_SCOPES))
    if unknown:
        raise ValueError(f"unknown scopes: {', '.join(unknown)}")
    return chosen


def authorized_user(world: World, grant: Grant, base_url: str) -> Json:
    """The token file of a grant, as Google's libraries write it (`type: authorized_user`)."""
    project = world.projects[world.accounts[grant.account].project]
    return {
        "type": "authorized_user",
        "client_id": project.client_id,
        "client_secret": project.client_secret,
        "refresh_token": grant.refresh_token,
        "token_uri": base_url.rstrip("/") + "/token",
        "scopes": list(grant.scopes),
    }


def revoke(world: World, account: Account, *, keep_access_tokens: bool = False) -> None:
    """End an account's grants from outside, as its owner can on Google's page."""
    kill_grants(world, account, keep_access_tokens=keep_access_tokens)


def narrow_grants(world: World, account: Account, scopes: Iterable[str]) -> None:
    """Let an account's grants cover no more than these scopes, from the next refresh on.

    Raises:
        ValueError: An unknown scope.
    """
    narrow(world, account, _scopes(scopes))


def expire_access_tokens(world: World, account: Account) -> int:
    """Make an account's access tokens old; how many there were."""
    now = world.clock.now()
    tokens = [token for token in list(world.access_tokens.values()) if token.grant.account == account.id]
    for token in tokens:
        token.expires_at = min(token.expires_at, now)
    world.journal.record(EventKind.CONTROL, what="expire", account=account.id, tokens=len(tokens))
    return len(tokens)


def spend(world: World, project: Project, amount: int, *, bucket: str = "units") -> None:
    """Take quota from a project as if something else had used it.

    Raises:
        ValueError: An unknown bucket or an amount below one.
    """
    if bucket not in BUCKETS or amount < 1:
        raise ValueError(f"spend takes a positive amount from one of {', '.join(BUCKETS)}")
    world.books.take(project.id, bucket, amount, world.clock.now())
    world.journal.record(EventKind.SIDE_SPEND, project=project.id, bucket=bucket, amount=amount)


def shift_clock(world: World, offset_seconds: float) -> None:
    """Set the emulator's clock to real time plus this offset."""
    world.clock.offset_seconds = offset_seconds
    world.journal.record(EventKind.CONTROL, what="clock", offset_seconds=offset_seconds)


_VERSIONS = {"openai": "/v1"}
"""Whose root has the version in it: https://api.openai.com/v1 is what OpenAI's clients are given."""


def provider_access(world: World, base_url: str) -> Json:
    """The keys that the providers take, and the root of each as the vendor's own client takes it."""
    root = base_url.rstrip("/")
    return {
        "keys": dataclasses.asdict(world.vendors.keys),
        "roots": {name: f"{root}/providers/{name}{_VERSIONS.get(name, '')}" for name in PROVIDERS},
    }


def set_credits(world: World, credits_left: int) -> None:
    """Let the ElevenLabs account have this many credits left.

    Raises:
        ValueError: A negative number.
    """
    if credits_left < 0:
        raise ValueError(f"credits are not negative: {credits_left}")
    world.vendors.elevenlabs_credits = world.vendors.elevenlabs_used + credits_left
    world.journal.record(EventKind.CONTROL, what="elevenlabs_credits", left=credits_left)


def totals(world: World) -> Json:
    """What was charged by project, bucket and day, the videos that stand, and what each provider was paid."""
    videos = [
        {
            "id": video.id,
            "channel": video.channel_id,
            "title": video.title,
            "size": video.size,
            "sha256": video.sha256,
            "privacy": video.metadata["status"]["privacyStatus"],
            "fate": video.fate,
        }
        for video in list(world.videos.values())
    ]
    return {"charges": world.books.pages(), "videos": videos, "providers": world.vendors.totals()}
