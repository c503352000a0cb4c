"""Names say what a thing is; files tell nothing of the machine they were written on."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import PRODUCT, ROOT, Module, modules, texts

# Words that could stand for anything, and so stand for nothing.
EMPTY_WORDS = re.compile(
    r"(manager|handler|system|helper|util|utility)(s|ies)?|utilities",
    re.IGNORECASE,
)
THE_ONE_EXCEPTION = PRODUCT / "adapters" / "system.py"

# Written in pieces, so that this file passes its own test.
MACHINE_PATH = re.compile(r"(?<![\w.>:}/$)-])/(?:" + "root|home|Users|work|tmp" + r")(?:/[\w.]|$|[\"'`\s])")
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npm" + "js.org",
    "crates" + ".io",
    "proxy.golang" + ".org",
)


def words(identifier: str) -> Iterator[str]:
    """The words of a name: `RetryHTTPHandler` and `retry_http_handler` alike."""
    for part in identifier.split("_"):
        yield from re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", part)


def defined_names(module: Module) -> Iterator[str]:
    """The names a module gives: its own, its classes', its functions'. A test's is a sentence, not a name."""
    if module.path != THE_ONE_EXCEPTION:
        yield from module.path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(module.tree):
        if isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and not node.name.startswith("test_"):
            yield node.name


def test_no_name_hides_behind_an_empty_word() -> None:
    found = {
        (module.name, name)
        for module in modules()
        for name in defined_names(module)
        if any(EMPTY_WORDS.fullmatch(word) for word in words(name))
    }

    assert set() == found


@pytest.mark.parametrize(
    "name", ["RetryManager", "on_error_handler", "FileSystem", "test_utils", "HTTPHandler"]
)
def test_an_empty_word_is_found_in_any_spelling(name: str) -> None:
    assert any(EMPTY_WORDS.fullmatch(word) for word in words(name))


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {(name, match[0].strip()) for name, text in texts() for match in MACHINE_PATH.finditer(text)}

    assert set() == found


@pytest.mark.parametrize("path", ["/" + "root/.config", '"/' + 'tmp/x"', " /" + "home/alice/videos"])
def test_a_machine_path_is_found(path: str) -> None:
    assert MACHINE_PATH.search(path)


def test_no_file_names_a_package_registry() -> None:
    found = {(name, host) for name, text in texts() for host in REGISTRIES if host in text}

    assert set() == found
