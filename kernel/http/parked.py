"""What waits because it could not be folded: list it, drive it again, drop it with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.envelope import Position
from kernel.http.operate import add_operating_routes
from kernel.http.problems import NotFound
from kernel.project.parking import NotParked, Parking

MOST_LISTED = 1_000


class DropReason(StrEnum):
    """Why an event is given up in a read model; it stays on the log."""

    MALFORMED = "malformed"
    NEVER_CAME = "never_came"
    WITHOUT_MEANING = "without_meaning"


def _names_a_place(text: str) -> str:
    try:
        Position.parse(text)
    except ValueError:
        raise ValueError("must be <stream>@<version>, as `GET /parked` names it") from None
    return text


class Drop(BaseModel):
    """Give up one event in one document, as `GET /parked` names them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    view: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,80}$", examples=["case_status__1"])]
    document: UUID
    position: Annotated[
        str,
        Field(
            pattern=r"^[a-z]{1,40}-[0-9a-f-]{36}@[0-9]{1,10}$",
            examples=["referral-11111111-1111-4111-8111-111111111111@3"],
        ),
        AfterValidator(_names_a_place),
    ]
    reason: DropReason


class Still(BaseModel):
    """A document that stands still, and what holds it."""

    view: str
    document: UUID
    held_by: str
    why: str
    waiting: int


class Driven(BaseModel):
    """What came of driving everything that waited."""

    documents: int
    still_parked: tuple[Still, ...]


def add_parked_routes(app: FastAPI, parking: Parking) -> None:
    """Add them for the hub's operations; `parking` is that of the service's read models."""

    async def list_parked(
        records: Annotated[bool, Query(description="with the records as they came")] = False,
    ) -> dict[str, Any]:
        return {"items": [one async for one in _listed(parking, records=records)]}

    async def drive_parked() -> Driven:
        found = await parking.drive_all()
        still = [
            Still(
                view=view,
                document=key,
                held_by=str(one.held_by),
                why=one.why.value,
                waiting=one.count,
            )
            for (view, key), one in found.items()
            if one is not None
        ]
        return Driven(documents=len(found), still_parked=tuple(still))

    async def drop_parked(body: Drop) -> Driven:
        position = Position.parse(body.position)
        try:
            await parking.drop(body.view, body.document, position, body.reason)
        except NotParked:
            raise NotFound from None
        return await drive_parked()

    add_operating_routes(
        app,
        {
            "GET /parked": list_parked,
            "POST /parked/drive": drive_parked,
            "POST /parked/drop": drop_parked,
        },
    )


async def _listed(parking: Parking, *, records: bool) -> AsyncIterator[dict[str, Any]]:
    count = 0
    async for entry in parking.export():
        count += 1
        if count > MOST_LISTED:
            return
        yield entry if records else {k: v for k, v in entry.items() if k not in _RECORD}


_RECORD = frozenset({"headers", "value"})
