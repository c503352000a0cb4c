"""Adds up the reports of several pytest runs and prints one summary line in pytest's form."""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def counted(report: Path) -> Counter[str]:
    """How many tests of one JUnit report ended in which way."""
    counts: Counter[str] = Counter()
    for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - written by pytest a moment ago
        bad = {name: int(suite.get(name, 0)) for name in ("failures", "errors", "skipped")}
        counts["passed"] += int(suite.get("tests", 0)) - sum(bad.values())
        counts += Counter({"failed": bad["failures"], "error": bad["errors"], "skipped": bad["skipped"]})
    return counts


def main(outcome: str, seconds: str, reports: str) -> None:
    """Prints the line. A gate that failed without a failed test, at lint say, has one error."""
    total = sum((counted(report) for report in Path(reports).glob("*.xml")), Counter[str]())
    if outcome == "failed" and not total["failed"] + total["error"]:
        total["error"] = 1
    words = [f"{total[word]} {word}" for word in ("failed", "passed", "skipped", "error") if total[word]]
    sys.stdout.write(f" {', '.join(words)} in {float(seconds):.2f}s ".center(80, "=") + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
