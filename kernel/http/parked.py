"""What waits because it could not be folded: list it, drive it again, drop it with a reason."""

from __future__ import annotations

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


class DropRecord(BaseModel):
    """Give up a record whose envelope nobody can read, by its id in `GET /parked`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: Annotated[
        str, Field(min_length=1, max_length=500, examples=["reporting/1/rj.case/3@000000000017"])
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
    unreadable: int = Field(description="records that still wait since nobody can read them")


def add_parked_routes(app: FastAPI, parking: Parking) -> None:
    """Add them for the hub's operations; `parking` is that of the service's read models."""

    async def list_parked(
        records: Annotated[bool, Query(description="with the records as they came")] = False,
        cursor: Annotated[str, Query(max_length=500, description="`next` of the page before")] = "",
    ) -> dict[str, Any]:
        return await _page(parking, cursor, records=records)

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
        unreadable = await parking.unreadable()
        return Driven(documents=len(found), still_parked=tuple(still), unreadable=unreadable)

    async def drop_parked(body: Drop) -> Driven:
        position = Position.parse(body.position)
        try:
            await parking.drop(body.view, body.document, position, body.reason)
        except NotParked:
            raise NotFound from None
        return await drive_parked()

    async def drop_record(body: DropRecord) -> Driven:
        try:
            await parking.drop_unreadable(body.record, body.reason)
        except NotParked:
            raise NotFound from None
        return await drive_parked()

    add_operating_routes(
        app,
        {
            "GET /parked": list_parked,
            "POST /parked/drive": drive_parked,
            "POST /parked/drop": drop_parked,
            "POST /parked/drop-record": drop_record,
        },
    )


async def _page(parking: Parking, after: str, *, records: bool) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    async for entry in parking.export(after=after):
        if len(items) == MOST_LISTED:
            return {"items": items, "next": items[-1]["id"]}
        items.append(entry if records else {k: v for k, v in entry.items() if k not in _RECORD})
    return {"items": items, "next": None}


_RECORD = frozenset({"headers", "value"})
