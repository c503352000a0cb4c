"""What a consent page is asked and what a person's answer comes to, without HTTP and without HTML.

Questions that Google would not answer with a redirect are refused here: no address is trusted before its client
is known and the address is one of that client's.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from ytempire.emulator.errors import ConsentRefused
from ytempire.emulator.grants import POLICY_WORDS, WORKING, issue_code
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.methods import ALL_SCOPES
from ytempire.emulator.world import Account, Project, World

_S256 = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = frozenset({"none", "consent", "select_account"})
_CLIENT_WORDS = {
    "deleted_client": "The OAuth client was deleted.",
    "disabled_client": "The OAuth client was disabled.",
    "unauthorized_client": "This client is not authorized to ask for consent this way.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A well-formed authorization request of a known client, to be sent back to one of its own addresses.

    `challenge` is PKCE S256; `offline` asks for a refresh token; `insist` is prompt=consent, `silent`
    prompt=none; `add_granted` is include_granted_scopes.
    """

    project: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    offline: bool
    insist: bool
    silent: bool
    add_granted: bool
    hint: str | None


def read_question(world: World, query: Iterable[tuple[str, str]]) -> Question:
    """The question in an authorization request.

    Raises:
        ConsentRefused: It is none, or not by a client that may be answered at that address.
    """
    given = _single(query)
    project = _client(world, given)
    if given.get("response_type") is None:
        raise _invalid("Required parameter is missing: response_type")
    if given["response_type"] != "code":
        wrong = f"Invalid response_type: {given['response_type']}"
        raise ConsentRefused(400, "unsupported_response_type", wrong)
    prompts = _prompts(given.get("prompt", ""))
    return Question(
        project=project.id,
        redirect_uri=given["redirect_uri"],
        scopes=_scopes(given.get("scope", "")),
        state=given.get("state"),
        challenge=_challenge(given, required=world.require_pkce),
        offline=_one_of(given, "access_type", ("online", "offline")) == "offline",
        insist="consent" in prompts,
        silent="none" in prompts,
        add_granted=_one_of(given, "include_granted_scopes", ("false", "true")) == "true",
        hint=given.get("login_hint") or None,
    )


def _single(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters, each once; one without a value counts as missing (RFC 6749 section 3.1)."""
    given: dict[str, str] = {}
    for name, value in query:
        if name in given:
            raise _invalid(f"OAuth 2 parameters can only have a single value: {name}")
        given[name] = value
    return {name: value for name, value in given.items() if value}


def _client(world: World, given: dict[str, str]) -> Project:
    """The client that asks, at an address that is its own."""
    if "client_id" not in given:
        raise _invalid("Missing required parameter: client_id")
    project = world.client_project(given["client_id"])
    if project is None:
        raise ConsentRefused(401, "invalid_client", "The OAuth client was not found.")
    check_standing(project)
    if "redirect_uri" not in given:
        raise _invalid("Missing required parameter: redirect_uri")
    if not project.terms.accepts(given["redirect_uri"]):
        raise ConsentRefused(
            400, "redirect_uri_mismatch", "The redirect URI in the request is not one of this OAuth client."
        )
    return project


def check_standing(project: Project) -> None:
    """Refuse a client that was deleted, disabled, or lost its rights.

    Raises:
        ConsentRefused: It was.
    """
    if project.client_state != WORKING:
        raise ConsentRefused(401, project.client_state, _CLIENT_WORDS[project.client_state])


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(text.split()))
    if not scopes:
        raise _invalid("Missing required parameter: scope")
    if not set(scopes) <= set(ALL_SCOPES):
        raise ConsentRefused(400, "invalid_scope", "Some requested scopes were invalid.")
    return scopes


def _challenge(given: dict[str, str], *, required: bool) -> str | None:
    """The PKCE challenge; S256 alone is taken, as the plain one protects nothing from who reads addresses."""
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if challenge is None:
        if required or method is not None:
            raise _invalid("Missing required parameter: code_challenge")
        return None
    if method != "S256":
        raise _invalid(f"Invalid code_challenge_method: {method or 'plain'}; S256 is supported.")
    if _S256.fullmatch(challenge) is None:
        raise _invalid("Invalid code_challenge: an S256 challenge is 43 letters of base64url.")
    return challenge


def _prompts(text: str) -> set[str]:
    prompts = set(text.split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise _invalid(f"Invalid parameter value for prompt: {text}")
    return prompts


def _one_of(given: dict[str, str], name: str, allowed: tuple[str, str]) -> str:
    """A parameter with two possible values, the first of which is meant where it is missing."""
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise _invalid(f"Invalid {name}: {value}")
    return value


def _invalid(message: str) -> ConsentRefused:
    return ConsentRefused(400, "invalid_request", message)


def choices(world: World, question: Question) -> list[Account]:
    """The accounts among which a person chooses: those of the hint, or all where it means none of them."""
    everyone = [account for account in list(world.accounts.values()) if account.project == question.project]
    hinted = [account for account in everyone if question.hint and account.answers_to(question.hint)]
    return hinted or everyone


def note_shown(world: World, question: Question) -> None:
    """Write down that the page was shown. Neither `state` nor a query in the address is written down."""
    world.journal.record(
        EventKind.CONSENT_SHOWN,
        project=question.project,
        redirect_uri=question.redirect_uri.partition("?")[0],
        scopes=list(question.scopes),
        pkce=question.challenge is not None,
        offline=question.offline,
        prompt_consent=question.insist,
    )


def allow(world: World, question: Question, account: Account, scopes: Collection[str], *, root: str) -> str:
    """The address to which a browser goes after a person allowed these of the scopes that were asked for.

    Raises:
        ConsentRefused: This account may not consent, or scopes are allowed that nobody asked for.
    """
    project = world.projects[question.project]
    check_standing(project)
    _check_person(project, account)
    if not set(scopes) <= set(question.scopes):
        raise _invalid("Scopes were allowed that were not asked for.")
    chosen = tuple(scope for scope in question.scopes if scope in scopes)
    if not chosen:
        return deny(world, question, root=root)
    earlier = account.granted if question.add_granted else set()
    granted = chosen + tuple(sorted(earlier - set(chosen)))
    # Google gives a refresh token at the first consent only, unless the page was insisted upon.
    offline = question.offline and (question.insist or not account.granted)
    account.granted |= set(granted)
    code = issue_code(
        world,
        account,
        granted,
        redirect_uri=question.redirect_uri,
        challenge=question.challenge,
        offline=offline,
    )
    world.journal.record(
        EventKind.CONSENT_ALLOWED,
        project=project.id,
        account=account.id,
        channel=account.channel_id or None,
        scopes=list(granted),
        code=fingerprint(code),
        pkce=question.challenge is not None,
        offline=offline,
    )
    return _back(question, root, code=code, scope=" ".join(granted))


def deny(world: World, question: Question, *, root: str) -> str:
    """The address to which a browser goes after a person refused."""
    world.journal.record(EventKind.CONSENT_DENIED, project=question.project, error="access_denied")
    return _back(question, root, error="access_denied")


def pass_silently(world: World, question: Question, *, root: str) -> str:
    """The address to which a browser goes at once when no page may be shown: nobody is signed in here."""
    world.journal.record(EventKind.CONSENT_DENIED, project=question.project, error="interaction_required")
    return _back(question, root, error="interaction_required")


def _check_person(project: Project, account: Account) -> None:
    if account.project != project.id:
        raise _invalid("This account is none of those to choose from.")
    listed = any(account.answers_to(name) for name in project.terms.test_users)
    if project.terms.publishing == "testing" and not listed:
        raise ConsentRefused(
            403, "access_denied", "The app is in testing, and only its listed test users have access to it."
        )
    if account.restricted:
        raise ConsentRefused(400, "admin_policy_enforced", POLICY_WORDS)


def _back(question: Question, root: str, **answer: str) -> str:
    """The redirect address with the answer, the state untouched, and who answers (RFC 9207)."""
    state = {} if question.state is None else {"state": question.state}
    joint = "&" if "?" in question.redirect_uri else "?"
    return question.redirect_uri + joint + urlencode({**state, "iss": root, **answer})
