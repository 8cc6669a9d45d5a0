"""What the server takes at all: bodies up to 64 kB, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from kernel.http.problems import Kind, Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 64 * 1024
DRAINED = 16 * LARGEST_BODY
PATIENCE_SECONDS = 10


class _Gone(Exception):
    """The client left before its body was whole: there is nobody to answer."""


class BodyLimit:
    """Reads the whole body before anything looks at it; too large or too slow is a problem.

    What is sent beyond the limit is counted, not kept, and read for a while longer, so that a
    client still sending gets its answer instead of a broken connection.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests whose body is within the limit; raises a 408 or 413 problem."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                body = await _body(receive)
        except _Gone:
            return None
        except TimeoutError:
            raise _ended(Kind.TOO_SLOW, f"Send the whole body in {PATIENCE_SECONDS} s.") from None
        return await self._app(scope, _once(body, receive), send)


async def _body(receive: Receive) -> bytes:
    kept, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= LARGEST_BODY:
            kept += chunk
        if size > DRAINED or not message.get("more_body", False):
            break
    if size > LARGEST_BODY:
        raise _ended(Kind.TOO_LARGE, f"The body may have up to {LARGEST_BODY} bytes.")
    return bytes(kept)


def _ended(kind: Kind, detail: str) -> Problem:
    return Problem(kind, detail, headers={"Connection": "close"})


def _once(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
