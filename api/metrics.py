"""What is counted; a registry for each app, so that nothing is counted twice in tests."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Gauges:
    """What is looked up when the metrics are asked for."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge(
            "orderflow_inbox_waiting", "Messages that have not reached their order", registry=registry
        )
        self._oldest = Gauge(
            "orderflow_inbox_oldest_seconds", "Age of the oldest message that has not reached its order",
            registry=registry,
        )  # fmt: skip

        self._lag = Gauge(
            "orderflow_channel_lag_seconds",
            "Age of the oldest change that a channel has not heard of (T13: 900 s)",
            ("channel",),
            registry=registry,
        )

    def lag(self, seconds: Mapping[str, float]) -> None:
        """Set each channel's lag; 0 for one that has heard of everything."""
        for channel, behind in seconds.items():
            self._lag.labels(channel).set(behind)

    def inbox(self, number: int, oldest_seconds: float) -> None:
        """Set both."""
        self._waiting.set(number)
        self._oldest.set(oldest_seconds)


def requests(registry: CollectorRegistry) -> Counter:
    """Requests by method, route pattern and status."""
    return Counter("orderflow_http_requests", "HTTP requests", ("method", "route", "status"), registry=registry)


def seconds(registry: CollectorRegistry) -> Histogram:
    """How long requests took, by method and route pattern."""
    return Histogram(
        "orderflow_http_request_seconds", "Time to answer", ("method", "route"), registry=registry, buckets=_BUCKETS
    )
