"""What the simulated loop keeps of a task, of what is ready and of what has a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(slots=True)
class Passport:
    """Whose task it is, and how often it was ready."""

    owner: str
    serial: int
    turns: int = 0


class Ready(NamedTuple):
    """What runs next is the least; `number` decides between equals."""

    priority: int
    number: int
    owner: str
    handle: asyncio.Handle


class Timer(NamedTuple):
    when: float
    number: int
    owner: str
    handle: asyncio.TimerHandle
