"""Metrics of one service for Prometheus; labels are names of ours, never values of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from kernel.observe.health import Looked

if TYPE_CHECKING:
    from kernel.consume.lag import Lag

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# More than a check of health is given, which would else be cut off just before it says no.
PATIENCE_SECONDS = 3

Refresh = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Metrics:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=own)
        self.requests = Counter(
            "rjhub_http_requests",
            "Requests by route template and status.",
            ["method", "route", "status"],
            registry=own,
        )
        self.request_seconds = Histogram(
            "rjhub_http_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=SECONDS,
            registry=own,
        )
        self.commands = Counter(
            "rjhub_commands",
            "Commands by decider, command and result.",
            ["decider", "command", "result"],
            registry=own,
        )
        self.command_seconds = Histogram(
            "rjhub_command_seconds",
            "Time to carry out a command.",
            ["decider", "command"],
            buckets=SECONDS,
            registry=own,
        )
        self.outbox_commits = Gauge(
            "rjhub_outbox_commits", "Commits not yet known to stand on the log.", registry=own
        )
        self.outbox_oldest_seconds = Gauge(
            "rjhub_outbox_oldest_seconds",
            "How long one of them waits; published again, since another log was found.",
            registry=own,
        )
        self.lag_events = Gauge(
            "rjhub_consumer_lag_events",
            "Events on the log that are not yet folded.",
            ["consumer", "topic", "partition"],
            registry=own,
        )
        self.lag_seconds = Gauge(
            "rjhub_consumer_lag_seconds",
            "Age of the oldest of them.",
            ["consumer", "topic", "partition"],
            registry=own,
        )
        self.log_records_missing = Gauge(
            "rjhub_log_records_missing",
            "Records that were gone from the log before this replica read them.",
            registry=own,
        )
        self.parked = Gauge(
            "rjhub_parked_events",
            "Events parked, by projection or relay; by service, records that nobody can read.",
            ["where"],
            registry=own,
        )
        self.rebuild_lag_events = Gauge(
            "rjhub_rebuild_lag_events",
            "Events on the log that are not yet folded into a view that is being made.",
            ["view"],
            registry=own,
        )
        self.rebuild_different = Gauge(
            "rjhub_rebuild_different_documents",
            "Documents of it that are not as those that answer now.",
            ["view"],
            registry=own,
        )
        self.clock_ahead_seconds = Gauge(
            "rjhub_clock_ahead_seconds",
            "The machine's clock against the database's; behind is below zero.",
            registry=own,
        )
        self.check_failed = Gauge(
            "rjhub_check_failed",
            "1 where a part does not work, as /health/ready says.",
            ["check"],
            registry=own,
        )
        self.refresh_failures = Counter(
            "rjhub_metrics_refresh_failures",
            "Times a source of metrics did not answer.",
            ["source"],
            registry=own,
        )
        self._sources: dict[str, Refresh] = {}

    def source(self, name: str, refresh: Refresh) -> None:
        """Call `refresh` before each scrape; one that fails or is slow keeps its last values."""
        self._sources[name] = refresh

    def show_lag(self, consumer: str, lags: Iterable[Lag]) -> None:
        """Replace what is shown of a consumer: partitions it no longer has disappear."""
        for gauge in (self.lag_events, self.lag_seconds):
            gauge.remove_by_labels({"consumer": consumer})
        for lag in lags:
            self.lag_events.labels(consumer, *lag.partition).set(lag.events)
            self.lag_seconds.labels(consumer, *lag.partition).set(lag.seconds)

    def show_rebuilds(self, views: Iterable[tuple[str, int, int]]) -> None:
        """Replace what is shown of views that are being made: events to go, different documents."""
        self.rebuild_lag_events.clear()
        self.rebuild_different.clear()
        for view, events, different in views:
            self.rebuild_lag_events.labels(view).set(events)
            self.rebuild_different.labels(view).set(different)

    def show_checks(self, looked: Iterable[Looked]) -> None:
        """Tell which parts work."""
        for one in looked:
            self.check_failed.labels(one.name).set(bool(one.wrong))

    async def exposition(self) -> bytes:
        """All metrics as they are now, in the text format of Prometheus."""
        await asyncio.gather(*(self._refreshed(*one) for one in self._sources.items()))
        return generate_latest(self.registry)

    async def _refreshed(self, name: str, refresh: Refresh) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await refresh()
        except Exception:  # noqa: BLE001  no source may hide the others
            self.refresh_failures.labels(name).inc()
            _log.warning("metrics source failed", source=name, exc_info=True)
