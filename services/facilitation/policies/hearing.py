"""What is said of a case elsewhere, as it takes note of it; held back until the case is open."""

from __future__ import annotations

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import (
    CapacityRecorded,
    ConsentDeclined,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    RepresentativeEnded,
)
from contracts.consent_clearance import ActivityCleared
from contracts.consent_review import ConsentExpired, ConsentVaried
from contracts.envelope import Envelope, Position, Recorded
from contracts.terms import Method, YesEnded
from kernel.decider import Command, State
from services.facilitation.domain.case.notes.commands import (
    NoteCaseClosure,
    NoteCaseHold,
    NoteClearance,
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteWithdrawal,
)

NOTES: tuple[type[Command], ...] = (
    NoteCaseHold,
    NoteCaseClosure,
    NoteConsentQuorum,
    NoteConsentLoss,
    NoteWithdrawal,
    NoteClearance,
)
KINDS = {one.__name__: one for one in NOTES}


class Held(State):
    """A note that waits for its case to be opened, and where it came from."""

    note: str
    data: str
    stream: str
    version: int

    @property
    def said_by(self) -> str:
        """Which service said it."""
        return self.stream.partition("-")[0]

    @property
    def position(self) -> Position:
        """Where it was said."""
        return Position(self.stream, self.version)

    def command(self) -> Command:
        """The note."""
        return KINDS[self.note].model_validate_json(self.data)


def held(note: Command, envelope: Envelope) -> Held:
    """A note put aside."""
    return Held(
        note=type(note).__name__,
        data=note.model_dump_json(),
        stream=envelope.stream,
        version=envelope.version,
    )


def note_of(one: Recorded) -> Command | None:
    """What a case is told of what consent says; None where it is of no concern to it."""
    match one.event:
        case ConsentQuorumReached() | ConsentQuorumLost() as event:
            return _agreed(event, one.envelope)
        case ConsentWithdrawn() | ConsentDeclined() as event:
            return _no(event, event.methods, one.envelope, event.also_ends)
        case ConsentExpired() as event:
            gone = event.methods if event.no_longer is None else event.no_longer
            return _no(event, gone, one.envelope) if gone else None
        case (
            CapacityRecorded()
            | RepresentativeEnded()
            | ConsentVaried()
            | EntryCorrected()
            | ParticipantsNoted()
        ) as event:
            return _ended(event.ends, one.envelope)
        case ActivityCleared() as event:
            return _cleared(event, one.envelope)
        case _:
            return None


def _no(
    event: ConsentWithdrawn | ConsentDeclined | ConsentExpired,
    methods: tuple[Method, ...],
    envelope: Envelope,
    also_ends: tuple[YesEnded, ...] = (),
) -> Command:
    return NoteWithdrawal(
        participant_id=event.participant_id,
        methods=methods,
        withdrawn_at=envelope.happened_at,
        consent_version=envelope.version,
        also_ends=also_ends,
    )


def _ended(ends: tuple[YesEnded, ...], envelope: Envelope) -> Command | None:
    """Of several who say yes no longer one is named first; the case treats all of them alike."""
    if not ends:
        return None
    first, *others = ends
    return NoteWithdrawal(
        participant_id=first.participant_id,
        methods=first.methods,
        withdrawn_at=envelope.happened_at,
        consent_version=envelope.version,
        also_ends=tuple(others),
    )


def _agreed(event: ConsentQuorumReached | ConsentQuorumLost, envelope: Envelope) -> Command:
    kind = NoteConsentQuorum if isinstance(event, ConsentQuorumReached) else NoteConsentLoss
    return kind(
        method=event.method, participants=event.participants, consent_version=envelope.version
    )


def _cleared(event: ActivityCleared, envelope: Envelope) -> Command:
    return NoteClearance(
        clearance_id=event.clearance_id,
        activity_id=event.activity_id,
        method=event.method,
        attendees=event.attendees,
        cleared_at=envelope.recorded_at,
        consent_version=envelope.version,
    )
