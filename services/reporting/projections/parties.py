"""Who may look at a case: the hub always, and the organisations that the case is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from contracts.envelope import Event, Recorded
from contracts.facilitation.team import FacilitatorAssigned, FacilitatorUnassigned
from kernel.project.port import Body


def stamp(moment: datetime) -> str:
    """A moment as text that sorts: a database's own times would drop the microseconds."""
    return moment.isoformat(timespec="microseconds")


def parties(body: Body, one: Recorded) -> Body:
    """The organisations in a case after an event, the same in whatever order events come.

    Who answers for a case and who asked for it stays so. Whose facilitators work on it may end, and
    as one stream alone tells of both, the end never comes before the beginning.
    """
    controllers = {*body.get("controllers", ()), one.envelope.controller}
    requesters = {*body.get("requesters", ()), *_requesters(one.event)}
    assigned = _assigned(body.get("assigned", {}), one.event)
    return {
        "controllers": sorted(controllers),
        "requesters": sorted(requesters),
        "assigned": assigned,
        "organisations": sorted({*controllers, *requesters, *assigned.values()}),
    }


def _requesters(event: Event) -> Iterator[UUID]:
    """The organisation that asked for the case, on the events that name it."""
    organisation = getattr(event, "organisation", None)
    if organisation is not None and not isinstance(event, FacilitatorAssigned):
        yield organisation


def _assigned(before: Mapping[str, UUID], event: Event) -> dict[str, UUID]:
    """Who works on the case, and whose facilitator each of them is."""
    match event:
        case FacilitatorAssigned():
            return {**before, str(event.facilitator_id): event.organisation}
        case FacilitatorUnassigned():
            gone = str(event.facilitator_id)
            return {who: of for who, of in before.items() if who != gone}
        case _:
            return dict(before)
