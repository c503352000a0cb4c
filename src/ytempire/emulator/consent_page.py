"""The consent page and its error page as HTML, and the headers that keep them harmless. Texts only."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from ytempire.emulator.consent import Question
from ytempire.emulator.errors import ConsentRefused
from ytempire.emulator.methods import FORCE_SSL, PARTNER, READONLY, UPLOAD, YOUTUBE
from ytempire.emulator.world import Account, Project

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 3rem auto; max-width: 32rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
fieldset { border: 1px solid GrayText; border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem; }
label { display: block; padding: .4rem 0; overflow-wrap: anywhere; }
button { border: 1px solid GrayText; border-radius: .5rem; font: inherit; padding: .5rem 1.5rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_MEANING = {
    YOUTUBE: "Manage your YouTube account",
    FORCE_SSL: "See, edit and permanently delete your YouTube videos, ratings, comments and captions",
    UPLOAD: "Upload and manage your YouTube videos",
    READONLY: "View your YouTube account",
    PARTNER: "View and manage your assets and associated content on YouTube",
}
_TESTING = "<p><small>This app is in testing: Google has not verified it.</small></p>"


def consent_page(
    project: Project, question: Question, accounts: Sequence[Account], *, ticket: str
) -> HTMLResponse:
    """The page on which a person chooses a channel and allows or denies. `ticket` makes it good for one use."""
    title = f"{escape(project.id)} wants to access your YouTube channel"
    warning = _TESTING if project.terms.publishing == "testing" else ""
    body = f"""<h1>{title}</h1>
{warning}<form method="post">
<input type="hidden" name="ticket" value="{escape(ticket)}">
<fieldset><legend>Choose a channel</legend>
{_channels(accounts)}
</fieldset>
<fieldset><legend>What it may do</legend>
{_scopes(question.scopes)}
</fieldset>
<p><button name="choice" value="allow">Allow</button>
<button name="choice" value="deny" formnovalidate>Deny</button></p>
</form>"""
    return _page(title, body, status=200, form_action=f"'self' {_source(question.redirect_uri)}")


def error_page(refusal: ConsentRefused) -> HTMLResponse:
    """What a person sees instead when nobody may be sent anywhere. The number is in the words, as at Google."""
    title = "Access blocked: this request is invalid"
    body = f"""<h1>{title}</h1>
<p>{escape(refusal.message)}</p>
<p>Error {refusal.number}: <code>{escape(refusal.error)}</code></p>"""
    return _page(title, body, status=400, form_action="'none'")


def page_headers(form_action: str = "'none'") -> dict[str, str]:
    """Headers of everything under the consent page's address: no script, no frame, no trace."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }


def _page(title: str, body: str, *, status: int, form_action: str) -> HTMLResponse:
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )
    return HTMLResponse(text, status, page_headers(form_action))


def _source(redirect_uri: str) -> str:
    """The address as a policy names it. Browsers hold the redirect after a form to it as well."""
    parts = urlsplit(redirect_uri)
    # A policy has no words for an IPv6 address (CSP level 3, host-source): only its scheme can be allowed.
    return f"{parts.scheme}:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def _channels(accounts: Sequence[Account]) -> str:
    if not accounts:
        return "<p>There is no account here yet.</p>"
    only = " checked" if len(accounts) == 1 else ""
    return "\n".join(
        f'<label><input type="radio" name="account" value="{escape(account.id)}" required{only}> '
        f"{escape(account.title)} <small>{escape(account.email)}, "
        f"{escape(account.channel_id or 'no YouTube channel')}</small></label>"
        for account in accounts
    )


def _scopes(scopes: Sequence[str]) -> str:
    """A list to read, or boxes to tick where there is more than one: then consent is granular."""
    if len(scopes) == 1:
        return f"<p>{_meaning(scopes[0])}</p>"
    return "\n".join(
        f'<label><input type="checkbox" name="scope" value="{escape(scope)}"> {_meaning(scope)}</label>'
        for scope in scopes
    )


def _meaning(scope: str) -> str:
    return f"{_MEANING[scope]} <small>{escape(scope)}</small>"
