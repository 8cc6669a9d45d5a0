"""A simulated hub has few lanes: what holds for four holds for sixteen, four times as fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

LANES = 4
KNOWN_IN = (
    "contracts.envelope",
    "kernel.relay.first",
    "kernel.relay.memory_leases",
    "kernel.relay.recovery",
    "kernel.relay.share",
)


@contextmanager
def few_lanes() -> Iterator[None]:
    """While the body runs, there are so many lanes, and partitions of each topic."""
    with ExitStack() as stack:
        for module in KNOWN_IN:
            stack.enter_context(patch(f"{module}.PARTITIONS", LANES))
        yield
