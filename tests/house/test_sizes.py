"""Budgets that keep every file and function readable at one sitting."""

from tests.house.source import DOMAIN, functions, modules, product

MODULE_LINES = 400
FUNCTION_LINES = 50
DOMAIN_FUNCTION_LINES = 30


def test_no_module_is_longer_than_its_budget() -> None:
    too_long = {module.name: module.lines for module in modules() if module.lines > MODULE_LINES}

    assert {} == too_long


def test_no_function_is_longer_than_its_budget() -> None:
    too_long = {f.name: f.lines for f in functions(modules()) if f.lines > FUNCTION_LINES}

    assert {} == too_long


def test_the_domain_is_told_in_short_functions() -> None:
    domain = tuple(module for module in product() if module.is_below(DOMAIN))
    too_long = {f.name: f.lines for f in functions(domain) if f.lines > DOMAIN_FUNCTION_LINES}

    assert {} == too_long
