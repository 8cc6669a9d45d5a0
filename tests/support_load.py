"""Casework that goes on whatever breaks: callers who repeat a command until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from rjhub.client import Json
from tests.support import eventually
from tests.support_casework import Desk

CALLERS = 4
NOT_NOW = (503, 504)


@dataclass
class Steadfast(Desk):
    """Repeats what got no answer, with the same key; keeps every answer 2xx."""

    answers: list[Json] = field(default_factory=list)
    unanswered: int = 0

    async def tell(self, *what: Any, key: UUID | None = None, **how: Any) -> httpx.Response:
        key = key or uuid4()
        while True:
            answer = await self._try(*what, key=key, **how)
            if answer is not None:
                return answer
            self.unanswered += 1
            await asyncio.sleep(0.1)

    async def _try(self, *what: Any, **how: Any) -> httpx.Response | None:
        try:
            answer = await super().tell(*what, **how)
        except httpx.TransportError:
            return None
        if answer.status_code in NOT_NOW:
            return None
        if answer.is_success:
            self.answers.append(answer.json())
        return answer

    async def more(self, by: int, timeout: float = 30) -> None:
        """Wait until so many more commands are answered."""
        wanted = len(self.answers) + by
        await eventually(lambda: len(self.answers) >= wanted, timeout)


async def one_case(desk: Desk) -> None:
    """From the referral to consent and its withdrawal."""
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter", "shuttle")
    await case.consent("offender", "letter")
    await case.withdraw("victim")


@asynccontextmanager
async def casework(desk: Desk, callers: int = CALLERS) -> AsyncIterator[None]:
    """Cases one after the other while the body runs; those begun are finished after it."""
    over = asyncio.Event()

    async def caller() -> None:
        while not over.is_set():
            await one_case(desk)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
        try:
            yield
        finally:
            over.set()
