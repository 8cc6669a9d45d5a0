"""How replicas share the lanes: evenly, and without talking to each other."""

from __future__ import annotations

from math import ceil

from contracts.envelope import PARTITIONS
from kernel.relay.port import Standing


def fair(replicas: int) -> int:
    """The most lanes that one of so many replicas holds."""
    return ceil(PARTITIONS / max(1, replicas))


def too_many(standing: Standing) -> list[int]:
    """Lanes to give back, the highest first."""
    return sorted(standing.mine, reverse=True)[
        : max(0, len(standing.mine) - fair(standing.replicas))
    ]


def wanted(standing: Standing) -> list[int]:
    """Free lanes to take."""
    return sorted(standing.free)[: max(0, fair(standing.replicas) - len(standing.mine))]
