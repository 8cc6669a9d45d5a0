"""What each note changes in a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from contracts.common import CaseClosureNoted, CaseHoldNoted, ParticipantsNoted
from contracts.facilitation.noted import (
    ClearanceNoted,
    ConsentLossNoted,
    ConsentQuorumNoted,
    ConsentWithdrawalNoted,
    FacilitationOpened,
)
from contracts.fields import ParticipantId
from contracts.terms import Method, YesEnded
from services.facilitation.domain.case.notes.commands import NoteWithdrawal
from services.facilitation.domain.case.parts import No
from services.facilitation.domain.case.state import Case

NotedEvent = (
    FacilitationOpened
    | ParticipantsNoted
    | CaseHoldNoted
    | CaseClosureNoted
    | ConsentQuorumNoted
    | ConsentLossNoted
    | ConsentWithdrawalNoted
    | ClearanceNoted
)


def noted(case: Case, event: NotedEvent) -> dict[str, object]:
    """What changes; what consent or referral said earlier, but is noted later, changes nothing."""
    match event:
        case FacilitationOpened():
            return {"opened": event, "participants": event.participants}
        case ParticipantsNoted():
            return {"participants": event.participants}
        case CaseHoldNoted():
            return _of_referral(case, event, {"on_hold": event.on_hold})
        case CaseClosureNoted():
            return _of_referral(case, event, {"closed": True})
        case ConsentQuorumNoted():
            agreed = {**case.quorum, event.method: event.participants}
            return {"quorum": agreed, **_heard(event)} if is_news(case, event) else {}
        case ConsentLossNoted():
            return _lost(case, event) if is_news(case, event) else {}
        case ConsentWithdrawalNoted():
            said = (
                No(consent_version=event.consent_version, method=method, participant_id=who)
                for who, method in taken_back(event)
            )
            heard = _heard(event) if is_news(case, event) else {}
            return {"noes": (*case.noes, *said), **heard}
        case ClearanceNoted():
            clearances = {**case.clearances, event.clearance_id: event}
            return {"clearances": clearances, **(_heard(event) if is_news(case, event) else {})}
        case _:
            assert_never(event)


ConsentNote = ConsentQuorumNoted | ConsentLossNoted | ConsentWithdrawalNoted | ClearanceNoted


def is_news(case: Case, event: ConsentNote) -> bool:
    """Whether consent said this after all else that is known of it."""
    return event.consent_version > case.consent_version


def taken_back(
    no: NoteWithdrawal | ConsentWithdrawalNoted,
) -> Iterator[tuple[ParticipantId, Method]]:
    """By which methods who takes part no longer: whoever said no, and whose yes rests on theirs."""
    own = YesEnded(participant_id=no.participant_id, methods=no.methods)
    return ((one.participant_id, method) for one in (own, *no.also_ends) for method in one.methods)


def _heard(event: ConsentNote) -> dict[str, object]:
    return {"consent_version": event.consent_version}


def _of_referral(
    case: Case, event: CaseHoldNoted | CaseClosureNoted, changed: dict[str, object]
) -> dict[str, object]:
    if event.referral_version <= case.referral_version:
        return {}
    return {**changed, "referral_version": event.referral_version}


def _lost(case: Case, event: ConsentLossNoted) -> dict[str, object]:
    others = {one: who for one, who in case.quorum.items() if one is not event.method}
    return {
        "quorum": others,
        "noes": (*case.noes, _of_all(event)),
        "lost_at": {**case.lost_at, event.method: case.version},
        **_heard(event),
    }


def _of_all(event: ConsentLossNoted) -> No:
    return No(consent_version=event.consent_version, method=event.method, participant_id=None)
