"""What a world leaves behind in its databases and on its log, for others to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TypeVar

from kernel.consume.positions import MemoryPositions
from kernel.testing.simulate.bells import RingingCommits, RingingLog, RingingOutbox
from kernel.testing.simulate.remember import RememberingDocuments, RememberingQueue

T = TypeVar("T")

HELD: Mapping[type, tuple[str, ...]] = {
    RingingLog: ("generation", "_births", "_made", "_records"),
    RingingCommits: ("_written", "_streams", "_commands"),
    RingingOutbox: ("_settled", "_seen", "_marks", "_parked"),
    RememberingDocuments: ("_views",),
    RememberingQueue: ("_entries",),
    MemoryPositions: ("_places",),
}


def inherit(heir: object, ancestor: object) -> None:
    """From now on the one holds what the other does; afterwards each goes its own way."""
    for name in HELD[type(heir)]:
        setattr(heir, name, _own(getattr(ancestor, name)))


def _own(held: T) -> T:
    """Containers are the heir's own, down to what nobody changes: commits, records, bytes."""
    if not isinstance(held, dict | set | list):
        return held
    mine = copy(held)
    if isinstance(mine, dict):
        mine.update((key, _own(value)) for key, value in mine.items())
    return mine
