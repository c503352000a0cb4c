"""Metrics in the words of Prometheus: its own text format, or OpenMetrics."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from ytempire.domain.metrics import METRICS, Metric, Sample, Shape, Spread


class PrometheusPaper:
    """`ports.Exposition` by prometheus-client."""

    def written(self, samples: Sequence[Sample], accept: str) -> tuple[bytes, str]:
        encoder, kind = choose_encoder(accept)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once(samples))
        return encoder(registry), kind


class _Once(Collector):
    """What was collected already, for one answer."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._by_metric: dict[Metric, list[Sample]] = {each: [] for each in METRICS}
        for sample in samples:
            self._by_metric[sample.metric].append(sample)

    def describe(self) -> Iterable[Family]:
        """Nothing: the table is documented elsewhere."""
        return ()

    def collect(self) -> Iterator[Family]:
        """Every metric that has a value."""
        for metric, samples in self._by_metric.items():
            if samples:
                yield _family(metric, samples)


def _family(metric: Metric, samples: Iterable[Sample]) -> Family:
    """A metric with its values."""
    if metric.shape is Shape.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.about, labels=metric.labels)
        for sample in samples:
            if isinstance(sample.value, Spread):
                histogram.add_metric(sample.labels, _steps(metric, sample.value), sample.value.total)
        return histogram
    if metric.shape is Shape.INFO:
        info = InfoMetricFamily(metric.name.removesuffix("_info"), metric.about)
        for sample in samples:
            info.add_metric((), dict(zip(metric.labels, sample.labels, strict=True)))
        return info
    shape = GaugeMetricFamily if metric.shape is Shape.GAUGE else CounterMetricFamily
    family = shape(metric.name, metric.about, labels=metric.labels)
    for sample in samples:
        if not isinstance(sample.value, Spread):
            family.add_metric(sample.labels, sample.value)
    return family


def _steps(metric: Metric, spread: Spread) -> list[tuple[str, float]]:
    """How many were at most so large, for each bound."""
    bounds = [*(f"{bound:g}" if bound % 1 else f"{bound:.1f}" for bound in metric.buckets), "+Inf"]
    return list(zip(bounds, accumulate(spread.counts), strict=True))
