"""Whether this process was told to end, by Ctrl-C or by a signal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """Whether we were told to end; unlike an Event it may be told from a signal handler."""

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def tell(self) -> None:
        """From now on `wait` returns True at once."""
        self._told.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait until told, for so long at most; whether it was."""
        try:
            self._told.get(timeout=seconds)
        except Empty:
            return False
        self.tell()
        return True


@contextmanager
def told_to_end() -> Iterator[Ending]:
    """A signal tells it, for as long as the block lasts; nothing is interrupted by it."""
    told = Ending()
    before = {number: signal.signal(number, lambda *_: told.tell()) for number in ENDING}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
