"""Who may look at a case: the hub always, and the organisations that the case is of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from contracts.envelope import Recorded
from kernel.project.port import Body


def stamp(moment: datetime) -> str:
    """A moment as text that sorts: a database's own times would drop the microseconds."""
    return moment.isoformat(timespec="microseconds")


def parties(body: Body, one: Recorded) -> Body:
    """The organisations in a case after an event, the same in whatever order events come."""
    controllers = {*body.get("controllers", ()), one.envelope.controller}
    organisations = {*body.get("organisations", ()), *controllers, *_named(one)}
    return {"controllers": sorted(controllers), "organisations": sorted(organisations)}


def _named(one: Recorded) -> Iterator[UUID]:
    """The organisation that asked for the case, on the events that name it."""
    organisation = getattr(one.event, "organisation", None)
    if organisation is not None:
        yield organisation
