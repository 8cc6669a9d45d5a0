"""A case stands still, goes on, and ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.referral_course import (
    CaseClosed,
    CaseHeld,
    CaseResumed,
    CloseCode,
    DisposalReviewNeeded,
    DisposalReviewReason,
    FacilitationNoted,
)
from contracts.terms import Participant, ParticipantRole
from kernel.decider import Context, Decision, Unmet, refuse_unless
from services.referral.domain.referral import checks, contacts
from services.referral.domain.referral import course_rules as rules
from services.referral.domain.referral.course_commands import (
    CloseCase,
    CloseLookedUp,
    HoldCase,
    NoteFacilitation,
)
from services.referral.domain.referral.practice import Practice
from services.referral.domain.referral.state import HARMED, Referral

BY_A_NO = frozenset(
    {
        CloseCode.VICTIM_DECLINED,
        CloseCode.OFFENDER_DECLINED,
        CloseCode.VICTIM_WITHDREW,
        CloseCode.OFFENDER_WITHDREW,
    }
)
# Whether an end as completed needs an agreement.
COMPLETE = {CloseCode.COMPLETED_AGREEMENT: True, CloseCode.COMPLETED_NO_AGREEMENT: False}
NEEDED = HARMED | {ParticipantRole.OFFENDER}


def hold(practice: Practice, command: HoldCase, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        _not_held(state),
        _reviewed_in_time(practice, command, context.now),
    ) or [CaseHeld(reason=command.reason, review_at=command.review_at)]


def resume(state: Referral) -> Decision:
    return refuse_unless(checks.still_open(state), _held(state)) or [CaseResumed()]


def close(practice: Practice, command: CloseCase, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.a_person_decides(context),
        *_end_in_order(command),
        _nothing_open(state.facilitation),
        _completed(command, state.facilitation),
        _tried(practice, command, state, context.now),
        _everybody_told(practice, state, context.now),
    ) or [
        CaseClosed(
            outcome=command.outcome, reason=command.reason, duplicate_of=command.duplicate_of
        )
    ]


def note_facilitation(command: NoteFacilitation) -> Decision:
    return [FacilitationNoted(**command.model_dump(exclude={"happened_at"}))]


def need_disposal_review(state: Referral) -> Decision:
    return refuse_unless(_a_disposal(state)) or [
        DisposalReviewNeeded(reason=DisposalReviewReason.NOT_COMPLETED)
    ]


def _not_held(state: Referral) -> Unmet | None:
    if state.hold is None:
        return None
    return rules.HELD_AND_RESUMED.unmet("resume the case first, then hold it for another reason")


def _held(state: Referral) -> Unmet | None:
    if state.hold:
        return None
    return rules.HELD_AND_RESUMED.unmet("nothing: the case is not on hold")


def _reviewed_in_time(practice: Practice, command: HoldCase, now: datetime) -> Unmet | None:
    latest = now + practice.longest_hold
    if now < command.review_at <= latest:
        return None
    return rules.HOLD_IS_REVIEWED.unmet(f"a moment after now and by {latest.date().isoformat()}")


def _end_in_order(command: CloseCase) -> Iterator[Unmet | None]:
    explained = command.reason is not None
    if command.outcome in BY_A_NO and explained:
        yield rules.NO_REASON_FOR_A_NO.unmet("leave the reason out")
    if command.outcome is CloseCode.OTHER and not explained:
        yield rules.OTHER_IS_EXPLAINED.unmet("give a reason")
    if (command.outcome is CloseCode.DUPLICATE) != (command.duplicate_of is not None):
        yield rules.DUPLICATE_IS_NAMED.unmet("`duplicate_of` with the outcome duplicate, and only")
    elif command.duplicate_of is not None and not _looked_up(command):
        yield rules.DUPLICATE_OF_A_CASE.unmet(
            "name another case in `duplicate_of`, one that you may see"
        )


def _looked_up(command: CloseCase) -> bool:
    return isinstance(command, CloseLookedUp) and command.duplicate_found


def _nothing_open(noted: FacilitationNoted | None) -> Unmet | None:
    if noted is None:
        return None
    needs = (
        ("hold or cancel the meeting", noted.meetings),
        ("record of each item of the agreement whether it was done", noted.agreement_items),
        ("settle the concern for safety", noted.safety_concerns),
    )
    missing = [words for words, matters in needs if matters]
    return rules.NOTHING_OPEN.unmet("; ".join(missing)) if missing else None


def _completed(command: CloseCase, noted: FacilitationNoted | None) -> Unmet | None:
    held = noted is not None and noted.activity_held
    agreed = noted is not None and noted.agreement_reached
    if command.outcome not in COMPLETE or (held and agreed >= COMPLETE[command.outcome]):
        return None
    return rules.COMPLETED.unmet("the end of an activity, and where it says so an agreement")


def _tried(practice: Practice, command: CloseCase, state: Referral, now: datetime) -> Unmet | None:
    if command.outcome is not CloseCode.NO_CONTACT:
        return None
    people = (one for one in state.participants if one.role in NEEDED)
    if any(contacts.in_vain(practice, state, one.participant_id, now) for one in people):
        return None
    return rules.TRIED_IN_VAIN.unmet(
        f"try {practice.attempts} times, the first of them {practice.attempts_over_days} working "
        "days ago, and record each time"
    )


def _everybody_told(practice: Practice, state: Referral, now: datetime) -> Unmet | None:
    harmed = (one for one in state.participants if one.role in HARMED)
    if all(_told_if_possible(practice, state, one, now) for one in harmed):
        return None
    return rules.VICTIM_TOLD.unmet(
        "tell each victim or party, and record the contact with next_step: case_closes"
    )


def _told_if_possible(practice: Practice, state: Referral, who: Participant, now: datetime) -> bool:
    return (
        contacts.told_of_the_end(state, who.participant_id)
        or contacts.objects(state, who.participant_id)
        or contacts.in_vain(practice, state, who.participant_id, now)
    )


def _a_disposal(state: Referral) -> Unmet | None:
    if state.setting in checks.DISPOSALS:
        return None
    return rules.DISPOSALS_ONLY.unmet("nothing: there is no disposal to decide on")
