"""Other services over HTTP, with the token of whoever was asked first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.envelope import Position
from kernel import tls
from kernel.commands import NotKnown
from kernel.decider import Refused, Unmet
from kernel.http.problems import Kind
from kernel.peers.port import Letter, NotAllowed, PeerUnavailable, Told

PATIENCE = httpx.Timeout(10, connect=2)
UNMET = TypeAdapter(tuple[Unmet, ...])


class _Event(BaseModel):
    type: str
    data: dict[str, Any]


class _Recorded(BaseModel):
    stream: str
    version: int
    events: tuple[_Event, ...]


class HttpPeers:
    """Other services at their addresses; connections are kept open until it is closed."""

    def __init__(self, urls: Mapping[str, str], client: httpx.AsyncClient | None = None) -> None:
        self._urls = {name: url.rstrip("/") for name, url in urls.items()}
        self._client = client or httpx.AsyncClient(
            timeout=PATIENCE, trust_env=False, verify=tls.may_be_spoken(urls.values())
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def tell(self, letter: Letter) -> Told | Refused:
        """Ask once: trying again is for whoever knows whether it still makes sense."""
        url = self._urls.get(letter.service)
        if url is None:
            raise PeerUnavailable(f"{letter.service} is not known here")
        try:
            answer = await self._client.post(
                url + letter.path, content=letter.body.model_dump_json(), headers=_headers(letter)
            )
        except httpx.HTTPError as failed:
            raise PeerUnavailable(f"{letter.service}: {type(failed).__name__}") from None
        return _read(letter.service, answer)


def _headers(letter: Letter) -> dict[str, str]:
    headers = {
        "Authorization": letter.authorization,
        "Content-Type": "application/json",
        "Idempotency-Key": str(letter.key),
        "X-Correlation-Id": str(letter.correlation),
        "After": ", ".join(map(str, letter.after)),
        "traceparent": letter.traceparent or "",
    }
    return {name: value for name, value in headers.items() if value}


def _read(service: str, answer: httpx.Response) -> Told | Refused:
    try:
        if answer.is_success:
            return _told(_Recorded.model_validate_json(answer.content))
        if _is_refused(answer):
            return Refused(UNMET.validate_python(answer.json()["unmet"]))
    except (ValidationError, ValueError, LookupError):
        raise PeerUnavailable(
            f"{service} answered {answer.status_code} in no form of ours"
        ) from None
    if answer.status_code == Kind.NOT_FOUND.status:
        raise NotKnown
    if answer.status_code == Kind.NOT_ALLOWED.status:
        raise NotAllowed
    raise PeerUnavailable(f"{service} answered {answer.status_code}")


def _told(recorded: _Recorded) -> Told:
    events = {one.type: one.data for one in recorded.events}
    return Told(Position(recorded.stream, recorded.version), events)


def _is_refused(answer: httpx.Response) -> bool:
    return (
        answer.status_code == Kind.REFUSED.status and answer.json().get("type") == Kind.REFUSED.uri
    )
