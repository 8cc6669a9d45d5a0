"""Reporting as it is, but that SIGUSR1 cancels the task in which it consumes."""

from __future__ import annotations

import asyncio
import signal

from kernel.run.main import main
from services.reporting.app import SERVICE


def cancel(*_: object) -> None:
    """As a fault in a library would: nobody asked for it, and nobody is told."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__name__", "") == "_run_consume_loop":
            task.cancel()


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, cancel)
    main(SERVICE)
