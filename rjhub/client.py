"""A client of a running hub: commands and questions, each with the token of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from rjhub.hubfile import Reach
from rjhub.organisations import HUB

Json = dict[str, Any]


@dataclass
class Client:
    """Calls the services of a hub as its people would."""

    file: Reach
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))

    async def tell(
        self,
        service: str,
        path: str,
        body: Json,
        *,
        role: str = "coordinator",
        org: str = HUB,
        after: str = "",
        key: UUID | None = None,
    ) -> httpx.Response:
        """Send a command; the same key again is the same command."""
        headers = {**self.file.headers(role, org), "Idempotency-Key": str(key or uuid4())}
        url = self.file.services[service] + path
        return await self.http.post(url, json=body, headers=headers | _after(after))

    async def ask(
        self, service: str, path: str, *, role: str = "coordinator", org: str = HUB, after: str = ""
    ) -> httpx.Response:
        """Ask a question."""
        headers = self.file.headers(role, org) | _after(after)
        return await self.http.get(self.file.services[service] + path, headers=headers)


def position(answer: httpx.Response) -> str:
    """Where a command's answer stands, for `After`."""
    said = answer.json()
    return f"{said['stream']}@{said['version']}"


def _after(positions: str) -> dict[str, str]:
    return {"After": positions} if positions else {}
