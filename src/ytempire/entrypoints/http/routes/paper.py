"""The document of the API (OpenAPI), and a page made of it on this machine."""

import html
import json
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import plain
from ytempire.entrypoints.http.doors import guarded, needs

router = guarded(tags=["document"])


@router.get("/api/v1/openapi.json", operation_id="getDocument", openapi_extra=needs(Role.VIEWER))
async def openapi(request: Request) -> Response:
    """This document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", include_in_schema=False, openapi_extra=needs(Role.VIEWER))
async def docs(request: Request) -> Response:
    """The document as a page: nothing of it comes from elsewhere."""
    paper: dict[str, Any] = request.app.openapi()
    sections: dict[str, list[str]] = {}
    for path, methods in paper["paths"].items():
        for method, told in methods.items():
            sections.setdefault(told.get("tags", ["other"])[0], []).append(_operation(path, method, told))
    parts = [f"<h1>ytempire API</h1><p>{html.escape(paper['info'].get('description', ''))}</p>"]
    parts += [f"<h2>{html.escape(name)}</h2>{''.join(those)}" for name, those in sections.items()]
    shapes = paper.get("components", {}).get("schemas", {})
    parts.append("<h2>Shapes</h2>" + "".join(_shape(name, shape) for name, shape in sorted(shapes.items())))
    return plain.document("ytempire API", "".join(parts))


def _operation(path: str, method: str, told: dict[str, Any]) -> str:
    rows = [(each["name"], each["in"], each.get("description", "")) for each in told.get("parameters", ())]
    rows += [("body", "body", _kinds(told["requestBody"]))] if "requestBody" in told else []
    rows += [("answer", status, _kinds(each)) for status, each in told["responses"].items() if status < "4"]
    table = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    role = html.escape(str(told.get("x-least-role", "")))
    summary = f"<summary><code>{method.upper()} {html.escape(path)}</code> · {role}</summary>"
    return (
        f"<details>{summary}<p>{html.escape(told.get('description', ''))}</p><table>{table}</table></details>"
    )


def _kinds(part: dict[str, Any]) -> str:
    """The shapes that a body or an answer may have."""
    schemas = [each.get("schema", {}) for each in part.get("content", {}).values()]
    return ", ".join(json.dumps(each).replace("#/components/schemas/", "") for each in schemas)


def _shape(name: str, shape: dict[str, Any]) -> str:
    text = html.escape(json.dumps(shape, indent=2))
    return f"<details><summary>{html.escape(name)}</summary><pre>{text}</pre></details>"
