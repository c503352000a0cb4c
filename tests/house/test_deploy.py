"""What is shipped to watch ytempire with speaks of metrics that there are; Prometheus' own tool finds no fault."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.source import ROOT
from ytempire.domain.metrics import METRICS, Metric, series

DASHBOARD = ROOT / "deploy" / "grafana" / "ytempire.json"
RULES = ROOT / "deploy" / "prometheus" / "alerts.yaml"
TESTS = ROOT / "deploy" / "prometheus" / "alerts.test.yaml"
PAGE = ROOT / "docs" / "reference" / "metrics.md"
PROMTOOL = shutil.which("promtool")
NAME = re.compile(r"\bytempire_\w+")
THERE = {name for metric in METRICS for name in series(metric)}

# Where it is checked in earnest it must be there: a test that wants it fails, as those of pages do without a browser.
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None and not os.environ.get("CI"),
    reason="PROMTOOL IS NOT INSTALLED: the rules and the dashboard are not tried",
)


def panels() -> list[dict[str, Any]]:
    return [each for each in json.loads(DASHBOARD.read_text())["panels"] if each["type"] != "row"]


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load(RULES.read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL is not None
    return subprocess.run([PROMTOOL, *map(str, words)], capture_output=True, text=True, check=False)


def row(metric: Metric) -> str:
    labels = ", ".join(f"`{each}`" for each in metric.labels) or "none"
    return f"| `{metric.name}` | {metric.shape} | {labels} | {metric.about} |"


def test_the_table_of_the_page_is_the_table_of_the_program() -> None:
    drawn = [line for line in PAGE.read_text().splitlines() if line.startswith("| `ytempire_")]

    assert [row(metric) for metric in METRICS] == drawn


def test_every_metric_says_what_it_is_in_base_units() -> None:
    words = ("_ms", "_minutes", "_hours", "_kb", "_mb", "_percent", "_milliseconds")

    assert len(METRICS) == len({metric.name for metric in METRICS})
    assert [] == [metric.name for metric in METRICS if metric.name.endswith(words)]
    assert [] == [
        metric.name for metric in METRICS if (metric.shape == "counter") != metric.name.endswith("_total")
    ]


def test_every_metric_of_rules_and_dashboard_is_in_the_table() -> None:
    told = "\n".join([*queries(), *(rule["expr"] for rule in rules())])

    assert set() == set(NAME.findall(told)) - THERE


def test_every_metric_is_drawn() -> None:
    drawn = set(NAME.findall("\n".join(queries())))

    assert [] == [metric.name for metric in METRICS if not drawn & set(series(metric))]


def test_every_panel_has_a_title_and_asks_the_chosen_source() -> None:
    assert [] == [each["id"] for each in panels() if not each["title"] or not each["targets"]]
    assert {"${source}"} == {target["datasource"]["uid"] for each in panels() for target in each["targets"]}


def test_every_rule_says_what_to_do_and_is_tried() -> None:
    tried = {
        each["alertname"]
        for case in yaml.safe_load(TESTS.read_text())["tests"]
        for each in case["alert_rule_test"]
        if each["exp_alerts"]
    }

    assert {rule["alert"] for rule in rules()} == tried
    assert [] == [rule["alert"] for rule in rules() if not rule["annotations"]["remedy"]]
    assert {rule["labels"]["severity"] for rule in rules()} <= {"info", "warning", "high", "critical"}


@needs_promtool
def test_promtool_finds_no_fault_in_the_rules() -> None:
    checked = promtool("check", "rules", RULES)

    assert 0 == checked.returncode, checked.stdout + checked.stderr


@needs_promtool
def test_every_rule_speaks_when_it_should_and_not_before() -> None:
    tried = promtool("test", "rules", TESTS)

    assert 0 == tried.returncode, tried.stdout + tried.stderr


@needs_promtool
def test_promtool_reads_every_query_of_the_dashboard(tmp_path: Path) -> None:
    plain = [each.replace("$job", ".*").replace("$__rate_interval", "5m") for each in queries()]
    made = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(plain)]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": made}]}))

    checked = promtool("check", "rules", tmp_path / "panels.yaml")

    assert 0 == checked.returncode, checked.stdout + checked.stderr
