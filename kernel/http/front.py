"""The outermost layer: ids, the access log, metrics, headers, and the last word on errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders

from kernel.http.errors import problem_for
from kernel.http.limits import App, Message, Receive, Scope, Send
from kernel.http.policy import OPEN
from kernel.http.problems import Kind, Problem
from kernel.observe.ids import correlation_of, read_uuid, traceparent_of
from kernel.observe.metrics import Metrics

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = structlog.get_logger("http")


class Front:
    """Gives each request its ids, and sees to it that every one is answered, logged, counted.

    Logged are the route's template and ids of the path, never other parts of an address, query
    strings, headers or bodies.
    """

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing but a cancellation leaves this."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["correlation"] = correlation_of(headers.getlist("x-correlation-id"))
        state["traceparent"] = traceparent_of(headers.getlist("traceparent"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=str(state["correlation"]))
        return await _Exchange(scope, send, self._metrics).run(self._app, receive)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics) -> None:
        self._scope = scope
        self._send = send
        self._metrics = metrics
        self._began = time.perf_counter()
        self._status = 0

    async def run(self, app: App, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._sending)
        except Exception as error:  # noqa: BLE001  the last word
            await self._answer(problem_for(error) or self._unexpected(), receive)
        except asyncio.CancelledError:
            await self._answer(_ending(), receive)
            raise
        finally:
            self._note()

    def _unexpected(self) -> Problem:
        _log.exception("unexpected error", route=self._route)
        return Problem(Kind.INTERNAL, _SORRY)

    async def _answer(self, problem: Problem, receive: Receive) -> None:
        if not self._status:
            response = problem.response(str(self._scope["state"]["correlation"]))
            await response(self._scope, receive, self._sending)

    async def _sending(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers["X-Correlation-Id"] = str(self._scope["state"]["correlation"])
        headers["traceparent"] = self._scope["state"]["traceparent"]

    def _note(self) -> None:
        seconds = time.perf_counter() - self._began
        method = self._scope["method"] if self._scope["method"] in METHODS else "other"
        self._metrics.requests.labels(method, self._route, self._status).inc()
        self._metrics.request_seconds.labels(method, self._route).observe(seconds)
        write = _log.debug if self._route in OPEN else _log.info
        write(
            "request",
            method=method,
            route=self._route,
            status=self._status,
            milliseconds=round(seconds * 1000, 1),
            **self._caller(),
            **dict(_ids(self._scope.get("path_params", {}).items())),
        )

    @property
    def _route(self) -> str:
        return getattr(self._scope.get("route"), "path", "unmatched")

    def _caller(self) -> dict[str, str]:
        actor = self._scope["state"].get("actor")
        return {"role": str(actor.role), "org": str(actor.org)} if actor else {}


def _ending() -> Problem:
    """For a call that has no answer yet when the service has to end."""
    headers = {"Retry-After": "2", "Connection": "close"}
    return Problem(Kind.UNAVAILABLE, f"The service is ending. {_SORRY}", headers=headers)


_SORRY = "Repeat a command with the same Idempotency-Key: what was recorded is answered again."


def _ids(params: Iterable[tuple[str, object]]) -> Iterable[tuple[str, str]]:
    for name, value in params:
        known = value if isinstance(value, UUID) else read_uuid(str(value))
        if known:
            yield f"path_{name}", str(known)
