"""Prints the size of the house after its tests, so that a creeping median is seen before a budget breaks."""

from statistics import median

import pytest

from tests.house.source import DOMAIN, PRODUCT, functions, modules, product


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each part of the house."""
    tests = tuple(module for module in modules() if not module.is_below(PRODUCT))
    domain = tuple(module for module in product() if module.is_below(DOMAIN))
    terminalreporter.section("size of the house")
    for name, part in (("product", product()), ("domain", domain), ("tests", tests)):
        lengths = [function.lines for function in functions(part)]
        terminalreporter.write_line(
            f"{name:8} {len(part):4} modules, median {median(module.lines for module in part):g} lines; "
            f"{len(lengths):4} functions, median {median(lengths or [0]):g} lines, "
            f"longest {max(lengths, default=0)}"
        )
