"""From settings to the values that services and the store work by."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import timedelta

from ytempire.domain.accounts import Kind
from ytempire.domain.decision import Patience
from ytempire.domain.drafts import Catalogue
from ytempire.domain.oauth import OAuthClient
from ytempire.domain.publication import Privacy
from ytempire.domain.quota import PROFILES, Bucket, Profile, Purpose
from ytempire.domain.reserves import Policy
from ytempire.domain.tokenfiles import MAX_CHARACTERS, parse_client_secrets
from ytempire.domain.values import AccountId, PlaylistId, ProjectId, Refused
from ytempire.ports import AccountRules, ProjectRules
from ytempire.services.context import Manners, PlaylistRules
from ytempire.settings import BadSettings, Settings


def profiles(settings: Settings) -> dict[ProjectId, Profile]:
    """The price list of each project."""
    return {
        ProjectId(name): replace(
            PROFILES[project.profile], inserts_charged_twice=project.inserts_charged_twice
        )
        for name, project in settings.projects.items()
    }


def project_rules(settings: Settings) -> list[ProjectRules]:
    """Projects with their limits: the profile's, under the project's own."""
    rules = []
    for name, project in settings.projects.items():
        limits = dict(PROFILES[project.profile].limits)
        limits |= {Bucket(bucket): limit for bucket, limit in project.limits.items()}
        rules.append(ProjectRules(ProjectId(name), project.profile, limits))
    return rules


def account_rules(settings: Settings) -> list[AccountRules]:
    """Accounts as configured."""
    return [
        AccountRules(
            AccountId(account.id),
            ProjectId(account.project),
            Kind(account.kind),
            account.daily_uploads,
            account.concurrent_uploads,
            frozenset(account.groups),
            {Purpose(name): units for name, units in account.allocation.items()},
        )
        for account in settings.accounts
    ]


def fingerprint(settings: Settings) -> str:
    """Changes when projects or accounts change, so that the store is only told then."""
    document = [
        {name: asdict(project) for name, project in settings.projects.items()},
        [asdict(account) for account in settings.accounts],
    ]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def clients(settings: Settings) -> dict[ProjectId, OAuthClient]:
    """The OAuth client of each project that has accounts. Raises `BadSettings` with every file that fails."""
    found, problems = {}, []
    for name in sorted({account.project for account in settings.accounts}):
        try:
            found[ProjectId(name)] = client(settings, name)
        except BadSettings as wrong:
            problems += wrong.problems
    if problems:
        raise BadSettings(problems)
    return found


def client(settings: Settings, project: str) -> OAuthClient:
    """The OAuth client of a project. Raises `BadSettings` with everything that is wrong with its file, and for one
    whose secrets would travel in clear beside an API that is spoken to over TLS.
    """
    from ytempire.adapters.google.addresses import trusted_root, why_no_form

    found = _client_in(settings, project)
    try:
        refusal = why_no_form(found.token_uri, trusted_root(settings.google.api_root))
    except ValueError:
        return found  # the root itself is no good, and whoever uses it says so
    if refusal:
        about = (
            f"projects.{project}.client_secrets: its token_uri is {found.token_uri} while google.api_root is"
        )
        remedy = "set google.api_root to the server that this file belongs to"
        raise BadSettings([f"{about} {settings.google.api_root}: {refusal}; {remedy}"])
    return found


def _client_in(settings: Settings, project: str) -> OAuthClient:
    path = settings.beside(settings.projects[project].client_secrets)
    about = f"projects.{project}.client_secrets: {path}"
    try:
        with path.open("rb") as file:  # a little more than is taken, so that too much is told as that
            return parse_client_secrets(file.read(4 * MAX_CHARACTERS + 4).decode())
    except FileNotFoundError:
        remedy = "download the OAuth client's JSON from the Cloud console and put it there"
        raise BadSettings([f"{about} does not exist; {remedy}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadSettings([f"{about} cannot be read ({why}); give the file as downloaded"]) from None
    except Refused as refused:
        raise BadSettings([f"{about}: {each.sentence()}" for each in refused.refusals]) from None


def playlists(settings: Settings) -> dict[str, PlaylistRules]:
    """Playlists by the names publications use."""
    return {
        name: PlaylistRules(
            section.title,
            Privacy(section.privacy),
            {AccountId(account): PlaylistId(playlist) for account, playlist in section.ids.items()},
        )
        for name, section in settings.playlists.items()
    }


def catalogue(settings: Settings) -> Catalogue:
    """The names that drafts may refer to."""
    return Catalogue(
        accounts=frozenset(account.id for account in settings.accounts),
        groups=frozenset(group for account in settings.accounts for group in account.groups),
        playlists=frozenset(settings.playlists),
    )


def manners(settings: Settings) -> Manners:
    """How patiently to work."""
    publishing = settings.publishing
    return Manners(
        patience=Patience(
            timedelta(seconds=publishing.retry_base_seconds),
            timedelta(seconds=publishing.retry_cap_seconds),
            timedelta(seconds=publishing.requeue_seconds),
        ),
        piece=settings.google.upload_piece_bytes or None,
        poll=timedelta(seconds=publishing.processing_poll_seconds),
        reconcile=tuple(timedelta(seconds=seconds) for seconds in publishing.reconcile_seconds),
        reserves=Policy(settings.planning.reserves),
        cross_project_failover=settings.quota.cross_project_failover,
    )
