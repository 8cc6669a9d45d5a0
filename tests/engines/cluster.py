"""Brokers that keep copies of each other's partitions, of which each can be killed and begun."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient

from contracts.envelope import Topic
from kernel.log import Partition
from rjhub import child
from rjhub.child import Running, Spec
from tests.engines import chosen
from tests.engines.kafka import with_topics


@dataclass
class Cluster:
    """Brokers by the number under which the others know them."""

    folder: Path
    specs: dict[int, Spec]
    running: dict[int, Running] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        """Every broker's address."""
        return ",".join(one.url for one in self.specs.values())

    def spawn(self, *nodes: int) -> None:
        """Begin these on what they kept, without waiting."""
        for node in nodes:
            running = child.spawn(self.specs[node], self.folder / f"{node}.log")
            self.running[node] = chosen.started(running)

    def wait(self) -> None:
        """Return once each of those that were begun works, which takes the greater part of all."""
        for node, running in self.running.items():
            child.wait_until_ready(self.specs[node], running)

    async def begin(self, *nodes: int) -> None:
        """Begin these, and wait for them."""
        self.spawn(*nodes)
        await asyncio.to_thread(self.wait)

    def kill(self, *nodes: int) -> None:
        """End these at once, as a crash would."""
        for node in nodes:
            self.running.pop(node).kill()

    def leader(self, partition: Partition) -> int:
        """Who leads a partition by now."""
        found = {one["partition_index"]: one["leader_id"] for one in self._partitions()}
        return int(found[partition.number])

    def in_sync(self) -> bool:
        """Whether every broker has all of every partition."""
        return all(set(one["isr_nodes"]) == self.specs.keys() for one in self._partitions())

    def _partitions(self) -> list[dict[str, Any]]:
        """Those of the cases' topic, of which there are as many as there are lanes."""
        with KafkaAdminClient(bootstrap_servers=self.bootstrap) as admin:
            (found,) = admin.describe_topics([Topic.CASE])
        partitions: list[dict[str, Any]] = found["partitions"]
        return partitions


@contextmanager
def cluster(data: Path, count: int = 3) -> Iterator[Cluster]:
    """So many brokers with the hub's topics, each partition kept by all; ended after the block."""
    data.mkdir()
    found = Cluster(data, dict(enumerate(chosen.brokers(data, count), 1)))
    try:
        found.spawn(*found.specs)
        found.wait()
        with_topics(found.bootstrap, count)
        yield found
    finally:
        found.kill(*list(found.running))
