"""Serving inside a service's own event loop: no signal handler taken, a graceful stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from kernel.http.limits import App
from kernel.settings import WrongSettings

# Longer than `After` waits, and shorter than whoever told us to stop waits for our end.
GRACE_SECONDS = 6
BACKLOG = 512


class PortTaken(WrongSettings):
    """The address cannot be listened on; says which, why and what to do."""


class _Server(uvicorn.Server):
    """Signals belong to the service's main; it says when to stop, and until then nothing ticks."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()

    def leave(self) -> None:
        """Take no more, and finish what is under way."""
        self.should_exit = True
        self._over.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._over.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Take the address; port 0 takes a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(BACKLOG)
    except OSError as wrong:
        taken.close()
        raise PortTaken(
            f"RJHUB_HTTP_HOST, RJHUB_HTTP_PORT: cannot listen on {host} port {port}: "
            f"{wrong.strerror}; right is an address of this machine that is free"
        ) from None
    taken.setblocking(False)
    return taken


async def serve(app: App, at: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then take no more, and finish what is under way.

    What is not done after a grace of six seconds is cut off. Raises if the server ends by itself.
    """
    server = _Server(_config(app))
    serving = asyncio.create_task(server.serve([at]), name="http")
    stopping = asyncio.create_task(stop.wait(), name="http stop")
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended_by_itself = serving.done() and not stop.is_set()
        server.leave()
        stopping.cancel()
        await asyncio.shield(serving)
    if ended_by_itself:
        raise RuntimeError("the HTTP server ended by itself")


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
