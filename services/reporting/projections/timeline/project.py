"""What happened in a case: one document per case, its events sorted by time, stream and version."""

from __future__ import annotations

from contracts.envelope import Recorded
from contracts.referral import ParticipantAdded, ReferralRequested
from kernel.project.port import Body, Projection
from services.reporting.projections.parties import parties, stamp


def fold(body: Body, one: Recorded) -> Body:
    """An event finds its place in the list, whenever it comes."""
    entries = sorted([*body.get("entries", ()), _entry(one)], key=_place)
    people = {**body.get("people", {}), **_people(one)}
    return {**parties(body, one), "people": people, "entries": entries}


def _place(entry: Body) -> tuple[str, str, int]:
    return entry["recorded_at"], entry["stream"], entry["version"]


def _entry(one: Recorded) -> Body:
    envelope = one.envelope
    return {
        "id": envelope.id,
        "type": one.event.wire_type(),
        "data": one.event.model_dump_json(),
        "happened_at": stamp(envelope.happened_at),
        "recorded_at": stamp(envelope.recorded_at),
        "role": envelope.role.value,
        "organisation": envelope.org,
        "actor": envelope.actor,
        "stream": envelope.stream,
        "version": envelope.version,
        "commit": envelope.commit,
        "place": envelope.place,
        "causation": envelope.causation,
    }


def _people(one: Recorded) -> dict[str, str]:
    """Everybody who was ever in the case, in the role they had last."""
    match one.event:
        case ReferralRequested() as event:
            return {str(who.participant_id): who.role.value for who in event.participants}
        case ParticipantAdded() as event:
            return {str(event.participant_id): event.role.value}
        case _:
            return {}


TIMELINE = Projection(name="timeline", fold=fold, version="4")
