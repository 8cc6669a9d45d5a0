"""A service behind a real socket: limits, odd clients, and a stop that loses no answer."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvloop

from contracts.envelope import Position
from kernel.http import server
from kernel.http.limits import App
from kernel.http.server import PortTaken, listen, serve
from kernel.http.surface import Surface
from tests.support import eventually
from tests.support_http import Service, key, small_service


@asynccontextmanager
async def _served(app: App) -> AsyncIterator[tuple[int, asyncio.Event]]:
    at, stop = listen("127.0.0.1", 0), asyncio.Event()
    port = at.getsockname()[1]
    task = asyncio.create_task(serve(app, at, stop))
    try:
        yield port, stop
    finally:
        stop.set()
        await task


def _client(service: Service, port: int) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {service.issuer.token()}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers)


@pytest.fixture
async def service() -> Service:
    return await small_service()


async def test_a_command_and_its_repetition_over_a_real_socket(service: Service) -> None:
    async with _served(service.app) as (port, _), _client(service, port) as client:
        once = key()
        built = await client.post("/doors", json={"colour": "red"}, headers=once)
        assert built.status_code == 201
        opening = f"{built.headers['location']}/opening"
        opened = await client.post(
            opening, json={}, headers={**once, "If-Match": built.headers["etag"]}
        )
        assert opened.json()["version"] == 2
        again = await client.post(opening, json={}, headers=once)
        assert again.json()["repeated"]
        assert "server" not in built.headers


async def test_a_large_body_gets_its_answer_over_a_real_socket(service: Service) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 8192

    async with _served(service.app) as (port, _), _client(service, port) as client:
        headers = {**key(), "Content-Type": "application/json"}
        declared = await client.post("/doors", content=b" " * 300_000, headers=headers)
        streamed = await client.post("/doors", content=stream(), headers=headers)
        assert (declared.status_code, streamed.status_code) == (413, 413)
        assert (await client.get("/doors")).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff\r\n\r\n",
        b"GET /doors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /doors/%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /doors HTTP/1.1\r\nHost: x\r\nContent-Length: minus\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /doors?\xff=\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["noise", "odd header", "odd path", "odd length", "long address", "odd query"],
)
async def test_an_odd_client_is_turned_away_and_harms_nobody(service: Service, sent: bytes) -> None:
    async with _served(service.app) as (port, _), _client(service, port) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        assert not answer or answer.split()[1].startswith(b"4")
        writer.close()
        assert (await client.get("/doors")).status_code == 200


async def test_a_stop_takes_no_more_and_finishes_what_is_under_way() -> None:
    waiting, go = asyncio.Event(), asyncio.Event()

    async def waiter(_: tuple[Position, ...], __: tuple[str, ...]) -> None:
        waiting.set()
        await go.wait()

    def change(surface: Surface) -> Surface:
        return replace(surface, waiter=waiter)

    service = await small_service(change)
    async with _served(service.app) as (port, stop), _client(service, port) as client:
        headers = {"After": "door-5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10@1"}
        under_way = asyncio.create_task(client.get("/doors", headers=headers))
        await waiting.wait()
        stop.set()
        await eventually(lambda: _is_shut(port))
        go.set()
        assert (await under_way).status_code == 200


async def test_a_call_that_outlasts_the_grace_is_refused_with_when_to_repeat_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "GRACE_SECONDS", 0)
    waiting = asyncio.Event()

    async def waiter(_: tuple[Position, ...], __: tuple[str, ...]) -> None:
        waiting.set()
        await asyncio.Event().wait()

    service = await small_service(lambda surface: replace(surface, waiter=waiter))
    async with _served(service.app) as (port, stop), _client(service, port) as client:
        headers = {"After": "door-5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10@1"}
        under_way = asyncio.create_task(client.get("/doors", headers=headers))
        await waiting.wait()
        stop.set()
        answer = await under_way
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["detail"].startswith("The service is ending.")


def _is_shut(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(0.2)
        return attempt.connect_ex(("127.0.0.1", port)) != 0


async def test_serving_leaves_the_process_signals_alone(service: Service) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    async with _served(service.app) as (port, _), _client(service, port) as client:
        assert (await client.get("/health/live")).status_code == 200
        during = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    assert during == before


async def test_a_server_that_nobody_calls_sets_no_timer(service: Service) -> None:
    async with _served(service.app) as (port, _):
        async with _client(service, port) as client:
            assert (await client.get("/openapi.json")).is_success
        await eventually(lambda: not _timers())
        for _ in range(5):
            assert not _timers()
            await asyncio.sleep(0)


def _timers() -> list[asyncio.TimerHandle]:
    loop: Any = asyncio.get_running_loop()
    return [one for one in loop._scheduled if not one.cancelled()]


async def test_a_cancelled_service_lets_go_of_its_port(service: Service) -> None:
    at = listen("127.0.0.1", 0)
    port = at.getsockname()[1]
    task = asyncio.create_task(serve(service.app, at, asyncio.Event()))
    async with _client(service, port) as client:
        assert (await client.get("/health/live")).status_code == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _is_shut(port)


async def test_a_command_is_answered_on_uvloop_as_well() -> None:
    async def once() -> int:
        service = await small_service()
        async with _served(service.app) as (port, _), _client(service, port) as client:
            return (await client.post("/doors", json={"colour": "red"}, headers=key())).status_code

    def run() -> int:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(once())

    assert await asyncio.to_thread(run) == 201


def test_a_port_in_use_is_said_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"RJHUB_HTTP_PORT: .* port {port}: "):
            listen("127.0.0.1", port)
    with pytest.raises(PortTaken, match="RJHUB_HTTP_HOST"):
        listen("203.0.113.1", 0)
