"""How often the relay looks after things, and how it slows down when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FIRST_DELAY = 0.05
LONGEST_DELAY = 2.0


@dataclass(frozen=True)
class Pace:
    """Seconds between two looks; `beat` is a third of a lease at most."""

    beat: float = 2.0
    sweep: float = 10.0
    look: float = 5.0
    ring: float = 5.0


def delays(first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> Iterator[float]:
    """Doubling, up to the longest."""
    while True:
        yield first
        first = min(first * 2, longest)
