"""Named crash points: where a process may die, so that tests can make it die just there."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Literal, get_args

Point = Literal[
    "after_append", "after_send", "before_mark", "after_fold", "before_position", "after_dispatch"
]
POINTS: tuple[Point, ...] = get_args(Point)

Hook = Callable[[Point], None]


class Crashed(BaseException):
    """The process died here (in tests that run it inside their own); nothing catches it."""


def _no_hook(_: Point) -> None:
    return None


_hook: Hook = _no_hook


def reached(point: Point) -> None:
    """Mark a crash point; it does nothing unless a hook is set."""
    _hook(point)


def set_hook(hook: Hook | None) -> None:
    """Set or clear what happens at crash points in this process."""
    global _hook  # noqa: PLW0603  one hook per process is the point
    _hook = hook or _no_hook


def kill_at(point: Point, nth: int) -> Hook:
    """A hook that ends this process with SIGKILL when a point is reached for the nth time."""
    seen: Counter[Point] = Counter()

    def hook(here: Point) -> None:
        seen[here] += 1
        if here == point and seen[here] == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def from_text(text: str) -> Hook:
    """The hook that `after_send:3` speaks of: SIGKILL at the third time; raises ValueError."""
    name, _, nth = text.partition(":")
    if int(nth) < 1:
        raise ValueError(f"{text} is never reached; the first time is 1")
    for point in POINTS:
        if point == name:
            return kill_at(point, int(nth))
    raise ValueError(f"{name} is no crash point; there are {', '.join(POINTS)}")


def raise_at(point: Point, nth: int = 1) -> Hook:
    """A hook that raises Crashed when a point is reached for the nth time."""
    seen: Counter[Point] = Counter()

    def hook(here: Point) -> None:
        seen[here] += 1
        if here == point and seen[here] == nth:
            raise Crashed(point)

    return hook
