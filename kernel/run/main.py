"""A service as a process: it starts, works until it is told to stop, and ends in order."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
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

FAULT = 1
NOT_DURABLE = 3
# With the grace of calls under way less than the ten seconds after which a process is killed.
END_SECONDS = 3.0

log = structlog.get_logger(__name__)


def main(service: Service) -> NoReturn:
    """Run a service by the settings of the environment; exit 0 when it was told to stop.

    Exit 2 names each setting, key file or port that will not do; exit 3 says why the database
    cannot keep what it acknowledges; exit 1 is a fault of ours, and the log says where.
    """
    settings = load_or_exit()
    logs.configure(service.name, settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            _may_crash(settings)
            runner.run(_run(service, settings))
        except Exception as wrong:  # noqa: BLE001  the last word
            _fail(_first(wrong))
    _end()


def _may_crash(settings: Settings) -> None:
    if settings.crash_at:
        try:
            crash.set_hook(crash.from_text(settings.crash_at))
        except ValueError as wrong:
            raise WrongSettings(f"RJHUB_CRASH_AT: {wrong}") from None


def _fail(wrong: Exception) -> NoReturn:
    if isinstance(wrong, WrongSettings):
        stop(wrong)
    if isinstance(wrong, NotDurable):
        print(wrong, file=sys.stderr)  # noqa: T201  plain words besides the log
        sys.exit(NOT_DURABLE)
    log.critical("failed", exc_info=wrong)
    sys.exit(FAULT)


def _first(wrong: Exception) -> Exception:
    """What happened in one of the tasks of a group."""
    return _first(wrong.exceptions[0]) if isinstance(wrong, ExceptionGroup) else wrong


async def _run(service: Service, settings: Settings) -> None:
    told = _told_to_stop()
    tokens = Tokens.of(settings)
    await tokens.start()
    secrets = read_secrets(settings, service.routes)
    peers = HttpPeers(read_addresses(settings, service.routes))
    at = listen(settings.http_host, settings.http_port)
    async with aclosing(peers), connected(service, settings) as engines:
        shown = surface(service, settings, engines, tokens, secrets)
        app = application(replace(shown, peers=peers))
        gc.freeze()  # no collection looks at any of this
        await _serve(engines, app, at, told)


async def _serve(engines: Engines, app: App, at: socket.socket, told: asyncio.Event) -> None:
    """Serve, with what has to be done beside it; if that fails, the process ends.

    Told to stop: no more calls are taken and those under way are answered, then the work beside
    it comes to its end.
    """
    async with asyncio.TaskGroup() as group:
        working = group.create_task(engines.work(), name="work")
        log.info("serving", port=at.getsockname()[1])
        await serve(app, at, told)
        log.info("stopping")
        _cut_off_later()
        working.cancel()


def _told_to_stop() -> asyncio.Event:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def _cut_off_later() -> None:
    """A thread, since what hangs may be the loop's own end, or a driver's thread after it."""
    last = threading.Timer(END_SECONDS, _cut_off)
    last.daemon = True
    last.start()


def _cut_off() -> None:
    """As a crash would end it, which loses nothing."""
    log.warning("cut off", seconds=END_SECONDS)
    _end()


def _end() -> NoReturn:
    """At once: a driver's threads would hold the process up for another second."""
    sys.stdout.flush()
    os._exit(0)
