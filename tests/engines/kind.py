"""What each kind of engines for the tests has to offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rjhub.child import Running, Spec


@dataclass(frozen=True)
class Engines:
    """How a database and a broker are started on a folder of their own.

    `prepare` is done once, before any worker would do it; `remove_all` removes whatever a run left.
    """

    database: Callable[[Path, int], Spec]
    broker: Callable[[Path, int], Spec]
    brokers: Callable[[Path, list[int]], list[Spec]] | None = None
    running: type[Running] = Running
    prepare: Callable[[], None] = lambda: None
    remove_all: Callable[[], None] = lambda: None
