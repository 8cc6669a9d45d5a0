"""The headers of a record, in words: CloudEvents 1.0 in Kafka's binary mode."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.envelope import Envelope, Position
from contracts.fields import ActorId, OrganisationId, Role
from contracts.generate.catalogue import Entry
from contracts.generate.schemas import Schema

_ID: Schema = {"type": "string", "format": "uuid"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_NUMBER: Schema = {"type": "string", "pattern": "^[1-9][0-9]*$"}


@dataclass(frozen=True, slots=True)
class Header:
    """One header: its name, what it says, and its form as text in UTF-8."""

    name: str
    words: str
    form: Schema = field(default_factory=lambda: {"type": "string"})
    always: bool = True


HEADERS = (
    Header("ce_specversion", "CloudEvents version", {"const": "1.0"}),
    Header("ce_id", "the event; a record that comes again carries the same id", _ID),
    Header(
        "ce_type",
        "type and schema version",
        {"type": "string", "pattern": r"^rj\.[A-Za-z]+\.v[1-9][0-9]*$"},
    ),
    Header(
        "ce_source",
        "the service that tells it",
        {"type": "string", "pattern": "^/rj/[a-z]+$"},
    ),
    Header("ce_subject", "the case, or what else the event is about; also the record's key", _ID),
    Header("ce_time", "when it was recorded, UTC", _TIME),
    Header("ce_happened", "when it happened, as far as somebody said; else as recorded", _TIME),
    Header("ce_stream", "the stream: service or registry, and subject"),
    Header("ce_version", "the place in its stream, from 1, without gaps", _NUMBER),
    Header("ce_commit", "the commit: what one command recorded, together or not at all"),
    Header("ce_place", "the place in its commit, from 1", _NUMBER),
    Header("ce_size", "how many events the commit has", _NUMBER),
    Header("ce_command", "the command that it answers", _ID),
    Header("ce_causation", "the event that a policy reacted to", _ID, always=False),
    Header("ce_correlation", "what belongs to one request from outside", _ID),
    Header(
        "ce_causes",
        "events of other streams that come before it: `<stream>@<version>`, by commas",
        always=False,
    ),
    Header("ce_role", "the role of who acted", {"enum": [role.value for role in Role]}),
    Header("ce_org", "the organisation of who acted", _ID),
    Header("ce_actor", "who acted", _ID),
    Header("ce_controller", "the organisation that answers for the record", _ID),
    Header("ce_traceparent", "W3C trace context", always=False),
    Header("content-type", "of the value", {"const": "application/json"}),
)


def headers_schema() -> Schema:
    """The headers as one object of texts."""
    return {
        "type": "object",
        "properties": {one.name: {**one.form, "description": one.words} for one in HEADERS},
        "required": [one.name for one in HEADERS if one.always],
    }


def sample_envelope(entry: Entry) -> Envelope:
    """An envelope around the event's sample; the same in every run."""
    case, service = _sample_id("case"), entry.services[0]
    stream = f"{service}-{case}"
    return Envelope(
        id=_sample_id(entry.type),
        type=entry.type,
        source=f"/rj/{service}",
        subject=case,
        recorded_at=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        happened_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        stream=stream,
        version=7,
        commit=f"{stream}@0000000006",
        place=2,
        size=2,
        command=_sample_id("command"),
        causation=_sample_id("cause"),
        correlation=_sample_id("correlation"),
        causes=(Position(f"consent-{case}", 5),),
        role=Role.COORDINATOR,
        org=OrganisationId(_sample_id("hub")),
        actor=ActorId(_sample_id("coordinator")),
        controller=OrganisationId(_sample_id("police")),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def _sample_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"urn:rjhub:sample:{name}")
