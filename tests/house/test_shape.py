"""What every module has, and what none has: finished work only."""

import ast
import re

from tests.house.source import DOMAIN, Function, functions, modules, product, texts

# In pieces, so that this file passes its own test.
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


def test_every_module_says_what_may_live_there() -> None:
    assert [] == [module.name for module in modules() if not ast.get_docstring(module.tree)]


def test_nothing_is_left_for_later() -> None:
    found = {(name, match[0]) for name, text in texts() for match in UNFINISHED.finditer(text)}

    assert set() == found


def test_no_function_is_a_stub() -> None:
    promised = {id(node) for module in product() for node in _promises(module.tree)}
    stubs = [f.name for f in functions(product()) if id(f.node) not in promised and _is_empty(f)]

    assert [] == stubs


def test_nothing_in_the_product_does_nothing() -> None:
    found = [
        f"{module.name}:{node.lineno}"
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Name) and node.id == "NotImplementedError")
    ]

    assert [] == found


def test_values_of_the_domain_are_frozen() -> None:
    loose = [
        f"{module.name}:{node.lineno} {node.name}"
        for module in product()
        if module.is_below(DOMAIN)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any(_is_loose(decorator) for decorator in node.decorator_list)
    ]

    assert [] == loose


def test_the_domain_never_awaits_nor_touches_the_outside() -> None:
    outside = {"open", "print", "input", "exec", "eval", "__import__"}
    found = [
        f"{module.name}:{node.lineno}"
        for module in product()
        if module.is_below(DOMAIN)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in outside)
    ]

    assert [] == found


def _promises(tree: ast.Module) -> list[ast.AST]:
    """Functions whose body is rightly empty: those of a Protocol, abstract ones, overloads."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases):
            found += node.body
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
            if names & {"overload", "abstractmethod"}:
                found.append(node)
    return found


def _is_empty(function: Function) -> bool:
    """Whether the body is nothing but a docstring and an ellipsis."""
    return all(
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in function.node.body
    )


def _is_loose(decorator: ast.expr) -> bool:
    """Whether this makes a dataclass that can be changed or has a `__dict__`."""
    text = ast.unparse(decorator)
    if not re.match(r"(dataclasses\.)?dataclass\b", text):
        return False
    return "frozen=True" not in text or "slots=True" not in text
