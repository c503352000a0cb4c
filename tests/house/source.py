"""What the house tests look at: the files of the checkout, and the syntax of its Python."""

import ast
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src" / "ytempire"
DOMAIN = PRODUCT / "domain"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path below the checkout, as people write it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def is_below(self, folder: Path) -> bool:
        """Whether it lives in `folder`."""
        return self.path.is_relative_to(folder)


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method, nested ones too."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def name(self) -> str:
        """Where it is: file, line, name."""
        return f"{self.module.name}:{self.node.lineno} {self.node.name}"

    @property
    def lines(self) -> int:
        """From `def` to its last line."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file git tracks, or would if it were added: new files are judged before they are committed."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    ).stdout.decode()
    files = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(file for file in files if file.is_file()))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """The name and the text of every tracked file that is text."""
    found = []
    for file in tracked_files():
        raw = file.read_bytes()
        if b"\0" not in raw:
            found.append((file.relative_to(ROOT).as_posix(), raw.decode()))
    return tuple(found)


@cache
def modules() -> tuple[Module, ...]:
    """Every tracked Python file: product, tests, benchmarks, scripts."""
    found = []
    for file in tracked_files():
        if file.suffix == ".py":
            text = file.read_text()
            found.append(Module(file, text, ast.parse(text, str(file))))
    return tuple(found)


def product() -> tuple[Module, ...]:
    """The modules of the product, the emulator among them."""
    return tuple(module for module in modules() if module.is_below(PRODUCT))


def functions(of: tuple[Module, ...]) -> Iterator[Function]:
    """Every function in these modules."""
    for module in of:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(module, node)
