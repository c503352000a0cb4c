"""Plain pages that need no script, and their one style sheet: signing in, the end of a consent, the document."""

import html

from starlette.responses import HTMLResponse

from ytempire.entrypoints.http.texts import Html

STYLE = """
:root {
  color-scheme: light dark;
  --ink: light-dark(#1a1c1e, #eceff1); --line: light-dark(#8b8d87, #6b737b); --accent: light-dark(#0e5a6c, #6fc7da);
}
body {
  font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 10vh auto; padding: 0 1.5rem;
  background: light-dark(#f6f6f3, #101214); color: var(--ink);
}
h1 { font-size: 1.6rem; letter-spacing: -.015em; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
code, td { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
table { border-collapse: collapse; width: 100%; }
td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; }
label { font-weight: 550; }
input, button {
  font: inherit; padding: .5rem .9rem; border: 1px solid var(--line); border-radius: 8px;
  background: light-dark(#fff, #181b1e); color: inherit;
}
button { background: var(--accent); border-color: var(--accent); color: light-dark(#fff, #04222a); cursor: pointer; }
input { width: 100%; box-sizing: border-box; margin: .25rem 0 1rem; }
:focus-visible { outline: 3px solid light-dark(#0b6bcb, #8cc4ff); outline-offset: 2px; }
details { margin: .5rem 0; } summary { cursor: pointer; }
.wrong { font-weight: 600; color: light-dark(#aa231c, #ff938a); }
"""


def document(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page; `body` is HTML already."""
    return Html(
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'><link rel=stylesheet href=/plain.css>"
        "<link rel=icon href=/static/icon.svg>"
        f"<title>{html.escape(title)}</title></head><body><main>{body}</main></body></html>",
        status,
    )


def page(title: str, text: str, status: int = 200, back: str = "/", *, script: str = "") -> HTMLResponse:
    """A page with a heading and a paragraph, and a way on to a page of ours; `script` is the address of one."""
    way = f'<p><a href="{html.escape(back)}">Go on</a></p>'
    run = f'<script src="{html.escape(script)}"></script>' if script else ""
    return document(title, f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{way}{run}", status)


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
    response = document("Sign in", body, status)
    response.headers["Referrer-Policy"] = (
        "same-origin"  # with none at all, the form comes with `Origin: null`
    )
    return response
