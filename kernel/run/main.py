"""A service as a process: it starts, works until it is told to stop, and ends in order."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from contextlib import aclosing
from dataclasses import replace
from typing import NoReturn

import structlog
import uvloop

from kernel import crash
from kernel.http.app import application
from kernel.http.limits import App
from kernel.http.server import listen, serve
from kernel.http.surface import read_addresses, read_secrets
from kernel.http.tokens import Tokens
from kernel.mongo import NotDurable
from kernel.observe import logs
from kernel.peers.http import HttpPeers
from kernel.run.engines import Engines, connected
from kernel.run.surface import surface
from kernel.service import Service
from kernel.settings import Settings, WrongSettings, load_or_exit, stop

NOT_DURABLE = 3

log = structlog.get_logger(__name__)


def main(service: Service) -> NoReturn:
    """Run a service by the settings of the environment; exit 0 when it was told to stop.

    Exit 2 names each setting, key file or port that will not do; exit 3 says why the database
    cannot keep what it acknowledges.
    """
    settings = load_or_exit()
    logs.configure(service.name, settings.log_level)
    if settings.crash_at:
        crash.set_hook(crash.from_text(settings.crash_at))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_run(service, settings))
        except WrongSettings as wrong:
            stop(wrong)
        except NotDurable as wrong:
            print(wrong, file=sys.stderr)  # noqa: T201  plain words besides the log
            sys.exit(NOT_DURABLE)
    sys.exit(0)


async def _run(service: Service, settings: Settings) -> None:
    tokens = Tokens.of(settings)
    await tokens.start()
    secrets = read_secrets(settings, service.routes)
    peers = HttpPeers(read_addresses(settings, service.routes))
    at = listen(settings.http_host, settings.http_port)
    told = _told_to_stop()
    async with aclosing(peers), connected(service, settings) as engines:
        if await _prepared(engines, told):
            shown = surface(service, settings, engines, tokens, secrets)
            app = application(replace(shown, peers=peers))
            await _serve(engines, app, at, told)


async def _prepared(engines: Engines, told: asyncio.Event) -> bool:
    """Wait for the database; False when told to stop meanwhile."""
    preparing = asyncio.create_task(engines.prepare(), name="prepare")
    stopping = asyncio.create_task(told.wait(), name="told to stop")
    await asyncio.wait((preparing, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if preparing.done():
        preparing.result()
        return True
    preparing.cancel()
    return False


async def _serve(engines: Engines, app: App, at: socket.socket, told: asyncio.Event) -> None:
    """Serve, with relay, consumer and policies beside it; one that fails ends the process.

    Told to stop: no more calls are taken and those under way are answered, then the consumer
    leaves its group after the batch at hand, and the relay hands over its lanes.
    """
    async with asyncio.TaskGroup() as group:
        beside = [group.create_task(one, name=name) for name, one in engines.work().items()]
        log.info("serving", port=at.getsockname()[1])
        await serve(app, at, told)
        log.info("stopping")
        if engines.parts.relay:
            engines.parts.relay.stop()
        for task in beside:
            if task.get_name() != "relay":
                task.cancel()


def _told_to_stop() -> asyncio.Event:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
