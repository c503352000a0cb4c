"""Plain pages without a script, and their one style sheet: signing in, the end of a consent, the API's document."""

import html

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 8vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
table { border-collapse: collapse; width: 100%; }
td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; }
input, button { font: inherit; padding: .5rem .75rem; }
input { width: 100%; box-sizing: border-box; margin: .25rem 0 1rem; }
details { margin: .5rem 0; } summary { cursor: pointer; } .wrong { font-weight: 600; }
"""


def document(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page; `body` is HTML already."""
    return HTMLResponse(
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'><link rel=stylesheet href=/plain.css>"
        f"<title>{html.escape(title)}</title></head><body><main>{body}</main></body></html>",
        status,
    )


def page(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page with a heading and a paragraph, and the way home."""
    body = f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p><p><a href=/>ytempire</a></p>"
    return document(title, body, status)


def login(wrong: str | None = None, status: int = 200) -> HTMLResponse:
    """The page to sign in on."""
    told = f"<p class=wrong role=alert>{html.escape(wrong)}</p>" if wrong else ""
    body = (
        f"<h1>Sign in</h1>{told}<form method=post action=/login>"
        "<label for=token>Token</label><input id=token name=token type=password "
        "autocomplete=current-password required>"
        "<button>Sign in</button></form>"
        "<p>A token is made with <code>ytempire token create NAME --role ROLE</code>.</p>"
    )
    return document("Sign in", body, status)
