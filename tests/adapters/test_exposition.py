"""Metrics in the words of Prometheus, read again by its own parsers."""

import pytest
from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families

from ytempire.adapters.exposition import PrometheusPaper
from ytempire.domain import metrics as table
from ytempire.domain.metrics import Sample, Spread

SPREAD = Spread((1, 2, *([0] * (len(table.LAG.buckets) - 1))), 0.5)
SAMPLES = (
    Sample(table.QUEUE_DEPTH, 3),
    Sample(table.FINISHED, 7, ("a",)),
    Sample(table.LAG, SPREAD),
    Sample(table.BUILD, 1, ("0.1.0", "3.11")),
)
EXPECTED = {
    "ytempire_queue_depth": 3.0,
    "ytempire_uploads_finished_total": 7.0,
    "ytempire_event_loop_lag_seconds_sum": 0.5,
    "ytempire_event_loop_lag_seconds_count": 3.0,
    "ytempire_build_info": 1.0,
}


@pytest.mark.parametrize(
    ("accept", "kind", "read"),
    [
        ("", "text/plain", parser.text_string_to_metric_families),
        ("text/html", "text/plain", parser.text_string_to_metric_families),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text", openmetrics_families),
    ],
)
def test_each_format_is_read_as_it_was_meant(accept: str, kind: str, read: object) -> None:
    assert callable(read)
    text, told = PrometheusPaper().written(SAMPLES, accept)
    families = list(read(text.decode()))
    found = {each.name: each.value for family in families for each in family.samples}

    assert kind == told.partition(";")[0]
    assert EXPECTED == {name: found[name] for name in EXPECTED}
    assert {"le": "0.0025"} == next(
        each.labels
        for family in families
        for each in family.samples
        if each.name == "ytempire_event_loop_lag_seconds_bucket" and each.value == 3
    )


def test_a_label_cannot_forge_a_line() -> None:
    evil = 'a"} 1\nytempire_forged 1'
    text, _ = PrometheusPaper().written([Sample(table.FINISHED, 1, (evil,))], "")
    found = [
        each for family in parser.text_string_to_metric_families(text.decode()) for each in family.samples
    ]

    assert [("ytempire_uploads_finished_total", {"account": evil})] == [
        (each.name, each.labels) for each in found
    ]


def test_what_has_no_value_is_left_out() -> None:
    text, _ = PrometheusPaper().written([], "")

    assert b"" == text.strip()
