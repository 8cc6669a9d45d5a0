"""A matter comes in: who asks, who is in it, whether a victim wants it."""

from __future__ import annotations

from contracts.fields import ParticipantId
from contracts.referral import (
    ParticipantAdded,
    ParticipantRemoved,
    ReferralDuplicateLinked,
    ReferralRequested,
    VictimRequestRecorded,
)
from contracts.terms import Participant
from kernel.decider import Context, Decision, refuse_unless
from services.referral.domain.referral import checks
from services.referral.domain.referral.commands import (
    AddParticipant,
    RecordVictimRequest,
    RemoveParticipant,
    RequestReferral,
    distinct,
)
from services.referral.domain.referral.state import Referral


def request(command: RequestReferral, state: Referral, context: Context) -> Decision:
    participants = _named(command, context)
    refused = refuse_unless(
        checks.requested_once(state),
        checks.somebody_harmed(participants),
        checks.takes_up_closed(command),
    )
    if refused:
        return refused
    return [_linked(command, context) or _requested(command, participants, context)]


def record_victim_request(command: RecordVictimRequest, state: Referral) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.in_the_case(state, command.participant_id),
        checks.a_victim_asks(state, command.participant_id),
    ) or [VictimRequestRecorded(participant_id=command.participant_id)]


def add(command: AddParticipant, state: Referral, context: Context) -> Decision:
    return refuse_unless(checks.still_open(state)) or [
        ParticipantAdded(
            participant_id=ParticipantId(context.new_id("participant")),
            role=command.role,
            age_band=command.age_band,
            needs=distinct(command.needs),
        )
    ]


def remove(command: RemoveParticipant, state: Referral) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.in_the_case(state, command.participant_id),
        checks.somebody_harmed_stays(state, command.participant_id),
    ) or [
        ParticipantRemoved(participant_id=one.participant_id, role=one.role)
        for one in state.participants
        if one.participant_id == command.participant_id
    ]


def _named(command: RequestReferral, context: Context) -> tuple[Participant, ...]:
    return tuple(
        Participant(
            participant_id=ParticipantId(context.new_id(f"participant {place}")),
            role=one.role,
            age_band=one.age_band,
        )
        for place, one in enumerate(command.participants)
    )


def _linked(command: RequestReferral, context: Context) -> ReferralDuplicateLinked | None:
    if command.duplicate_of is None:
        return None
    return ReferralDuplicateLinked(
        duplicate_of=command.duplicate_of,
        setting=command.setting,
        source_type=command.source_type,
        organisation=context.actor.org,
    )


def _requested(
    command: RequestReferral, participants: tuple[Participant, ...], context: Context
) -> ReferralRequested:
    return ReferralRequested(
        setting=command.setting,
        stage=command.stage,
        harm_flags=distinct(command.harm_flags),
        initiated_by=command.initiated_by,
        victim_request=command.victim_request,
        participants=participants,
        source_type=command.source_type,
        organisation=context.actor.org,
        requested_by=context.actor.id,
        supersedes=command.supersedes,
    )
