"""From a command to what happened, or to a refusal with every rule that stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, assert_never

from contracts.fields import OrganisationId, ParticipantId
from contracts.referral import (
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralDeclined,
    ReferralDuplicateLinked,
    ReferralRequested,
    ReferralScreened,
    VictimRequestRecorded,
)
from contracts.terms import Participant
from kernel.decider import Context, Decider, Decision, refuse_unless
from services.referral.domain.referral import checks
from services.referral.domain.referral.commands import (
    AcceptReferral,
    AddParticipant,
    DeclineReferral,
    RecordVictimRequest,
    ReferralCommand,
    RemoveParticipant,
    RequestReferral,
    ScreenReferral,
)
from services.referral.domain.referral.state import Referral, evolve

T = TypeVar("T")


def decide(command: ReferralCommand, state: Referral, context: Context) -> Decision:
    """One small function per command."""
    match command:
        case RequestReferral():
            return request(command, state, context)
        case RecordVictimRequest():
            return record_victim_request(command, state)
        case AddParticipant():
            return add(command, state, context)
        case RemoveParticipant():
            return remove(command, state)
        case ScreenReferral():
            return screen(command, state, context)
        case AcceptReferral():
            return accept(command, state, context)
        case DeclineReferral():
            return decline(command, state, context)
        case _:
            assert_never(command)


def request(command: RequestReferral, state: Referral, context: Context) -> Decision:
    participants = _named(command, context)
    refused = refuse_unless(checks.requested_once(state), checks.somebody_harmed(participants))
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
            needs=_distinct(command.needs),
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


def screen(command: ScreenReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screener_trained(command),
        checks.screener_impartial(command, state, context),
        checks.abuse_screened(command, state),
        checks.screened_in_best_interests(command, state),
        checks.complex_is_advanced(command, state),
        checks.screening_reasoned(command),
    ) or [_screened(command)]


def accept(command: AcceptReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screened(state),
        checks.found_suitable(state),
        checks.still_in_best_interests(state),
        checks.victim_asked(state),
        checks.victim_initiated(state),
        checks.specialist_engaged(state, engaged=command.specialist_service),
        checks.supervisor_approves(state, context),
    ) or [_accepted(command, state)]


def decline(command: DeclineReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screened(state),
        checks.reasoned(command.reasons),
    ) or [
        ReferralDeclined(
            reasons=_distinct(command.reasons), signposted_to=_distinct(command.signposted_to)
        )
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
        harm_flags=_distinct(command.harm_flags),
        initiated_by=command.initiated_by,
        victim_request=command.victim_request,
        participants=participants,
        source_type=command.source_type,
        organisation=context.actor.org,
        requested_by=context.actor.id,
        supersedes=command.supersedes,
    )


def _screened(command: ScreenReferral) -> ReferralScreened:
    return ReferralScreened(
        decision=command.decision,
        complexity=command.complexity,
        min_level=command.min_level,
        flags=_distinct(command.flags),
        reasons=_distinct(command.reasons),
        abuse_screen=command.abuse_screen,
        best_interests=command.best_interests,
    )


def _accepted(command: AcceptReferral, state: Referral) -> ReferralAccepted:
    screening = _known(state.screening)
    return ReferralAccepted(
        setting=_known(state.setting),
        complexity=screening.complexity,
        min_level=screening.min_level,
        participants=state.participants,
        reasons=_distinct(command.reasons),
        signposted_to=_distinct(command.signposted_to),
        specialist_service=command.specialist_service,
        organisation=_known(state.organisation),
    )


def _distinct(codes: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(codes))


def _known(value: T | None) -> T:
    if value is None:
        raise LookupError("an open referral has a setting and an organisation")
    return value


def _organisation(state: Referral) -> OrganisationId | None:
    return state.organisation


def _seen_by(state: Referral) -> frozenset[OrganisationId]:
    return frozenset({state.organisation}) if state.organisation else frozenset()


REFERRAL = Decider(
    category="referral",
    initial=Referral(),
    evolve=evolve,
    decide=decide,
    opens=(RequestReferral,),
    controller=_organisation,
    seen_by=_seen_by,
)
