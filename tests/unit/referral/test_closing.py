"""A case is held, resumed and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.fields import CaseId, Role
from contracts.referral_course import (
    CaseResumed,
    CloseCode,
    CloseReason,
    DisposalReviewNeeded,
    DisposalReviewReason,
    HoldReason,
)
from contracts.terms import Participant, Setting
from kernel.testing.spec import NOW, an_id
from services.referral.domain.referral.checks import DISPOSALS
from services.referral.domain.referral.commands import AcceptReferral, ReferralCommand
from services.referral.domain.referral.course_commands import (
    HoldCase,
    NeedDisposalReview,
    NoteFacilitation,
    ResumeCase,
)
from services.referral.domain.referral.decide import REFERRAL
from tests.unit.referral.course import (
    HELD,
    HOLD,
    call,
    called,
    close,
    close_as_duplicate,
    closed,
    missed,
    noted,
    objected,
    told_of_the_end,
)
from tests.unit.referral.matters import (
    DECLINED,
    LINKED,
    NEIGHBOUR,
    OFFENDER,
    VICTIM,
    accepted,
    given,
    requested,
    screened,
)

DAY = timedelta(days=1)
MEETING, ITEM, CONCERN = (an_id(one) for one in ("meeting", "item", "concern"))
OTHER_CASE = CaseId(an_id("other case"))
FIRST_TRY = NOW - 15 * DAY
IN_VAIN = (
    missed(at=FIRST_TRY),
    missed(at=FIRST_TRY + 5 * DAY, number=2),
    missed(at=FIRST_TRY + 9 * DAY, number=3),
)
TOLD = (requested(), screened(), accepted(), told_of_the_end())
OVER = [(requested(), screened(), DECLINED), (LINKED,), (requested(), closed())]
BY_A_NO = [
    CloseCode.VICTIM_DECLINED,
    CloseCode.OFFENDER_DECLINED,
    CloseCode.VICTIM_WITHDREW,
    CloseCode.OFFENDER_WITHDREW,
]
PLAIN = [
    *BY_A_NO,
    CloseCode.UNSAFE,
    CloseCode.INELIGIBLE,
    CloseCode.NO_RESPONSIBILITY,
    CloseCode.TRANSFERRED,
]


def test_a_case_is_held_and_resumed() -> None:
    given(requested()).when(HOLD).then(HELD)
    given(requested(), HELD).when(ResumeCase()).then(CaseResumed())
    given(requested(), HELD, CaseResumed()).when(HOLD).then(HELD)


@pytest.mark.rule("REF-24")
def test_a_case_is_not_held_twice_nor_resumed_while_it_goes_on() -> None:
    given(requested(), HELD).when(HOLD).refused_by("REF-24")
    given(requested()).when(ResumeCase()).refused_by("REF-24")


@pytest.mark.rule("REF-25")
@pytest.mark.parametrize("days", [-1, 0, 184])
def test_a_hold_is_looked_at_again_in_time(days: int) -> None:
    hold = HoldCase(reason=HoldReason.COURT_DEFERRAL, review_at=NOW + days * DAY)
    given(requested()).when(hold).refused_by("REF-25")


@pytest.mark.rule("REF-26")
def test_a_case_on_hold_is_not_accepted() -> None:
    before = (requested(), screened(), HELD)
    given(*before).when(AcceptReferral()).refused_by("REF-26")
    given(*before, CaseResumed()).when(AcceptReferral()).then(accepted())


@pytest.mark.rule("REF-04")
@pytest.mark.parametrize("before", OVER)
@pytest.mark.parametrize(
    "command", [HOLD, ResumeCase(), close(), call()], ids=lambda one: type(one).__name__
)
def test_a_case_that_is_over_stays_so(before: tuple[Event, ...], command: ReferralCommand) -> None:
    assert given(*before).when(command).refused().unmet[0].rule == "REF-04"


@pytest.mark.parametrize("outcome", PLAIN)
def test_a_case_is_closed_with_how_it_ended(outcome: CloseCode) -> None:
    given(*TOLD).when(close(outcome)).then(closed(outcome))


def test_a_case_may_be_closed_before_it_is_accepted_and_while_on_hold() -> None:
    given(requested(), told_of_the_end()).when(close()).then(closed())
    given(*TOLD, HELD).when(close()).then(closed())


@pytest.mark.rule("REF-08")
def test_the_system_closes_nothing() -> None:
    given(*TOLD).by(Role.SYSTEM).when(close()).refused_by("REF-08")


@pytest.mark.rule("REF-27")
def test_everybody_harmed_is_told_before_a_case_is_closed() -> None:
    given(requested()).when(close()).refused_by("REF-27")
    two = requested(VICTIM, NEIGHBOUR)
    given(two, told_of_the_end(VICTIM)).when(close()).refused_by("REF-27")
    assert given(two, told_of_the_end(VICTIM), told_of_the_end(NEIGHBOUR)).when(close()).accepted()


@pytest.mark.rule("REF-27")
def test_what_was_told_last_counts() -> None:
    later = called(at=NOW + DAY)
    given(requested(), told_of_the_end(), later).when(close()).refused_by("REF-27")


@pytest.mark.rule("REF-27")
@pytest.mark.parametrize("before", [(objected(),), IN_VAIN])
def test_who_cannot_or_will_not_be_reached_need_not_be_told(before: tuple[Event, ...]) -> None:
    assert given(requested(), *before).when(close()).accepted()


@pytest.mark.rule("REF-28")
def test_a_case_ends_for_want_of_contact_after_three_tries_over_ten_working_days() -> None:
    vain = close(CloseCode.NO_CONTACT)
    given(requested(), *IN_VAIN).when(vain).then(closed(CloseCode.NO_CONTACT))
    given(requested(), *IN_VAIN[:2]).when(vain).refused_by("REF-27", "REF-28")
    given(requested(), *IN_VAIN).at(NOW - 4 * DAY).when(vain).refused_by("REF-27", "REF-28")


@pytest.mark.rule("REF-28")
def test_tries_count_from_the_last_time_somebody_was_reached() -> None:
    spoke = called(at=FIRST_TRY + DAY)
    vain = close(CloseCode.NO_CONTACT)
    given(requested(), *IN_VAIN, spoke).when(vain).refused_by("REF-27", "REF-28")


@pytest.mark.rule("REF-28")
def test_an_offender_who_cannot_be_reached_ends_a_case_too() -> None:
    tried = tuple(
        one.model_copy(update={"participant_id": OFFENDER.participant_id}) for one in IN_VAIN
    )
    assert (
        given(requested(), *tried, told_of_the_end()).when(close(CloseCode.NO_CONTACT)).accepted()
    )


@pytest.mark.rule("REF-29")
@pytest.mark.parametrize("outcome", BY_A_NO)
def test_nobodys_reason_for_a_no_is_kept(outcome: CloseCode) -> None:
    reasoned = close(outcome, reason=CloseReason.HELPED_OTHERWISE)
    given(*TOLD).when(reasoned).refused_by("REF-29")


@pytest.mark.rule("REF-33")
def test_an_end_of_its_own_kind_is_explained() -> None:
    given(*TOLD).when(close(CloseCode.OTHER)).refused_by("REF-33")
    reason = CloseReason.OUT_OF_AREA
    given(*TOLD).when(close(CloseCode.OTHER, reason=reason)).then(
        closed(CloseCode.OTHER, reason=reason)
    )


@pytest.mark.rule("REF-34")
def test_a_duplicate_names_the_case_that_goes_on() -> None:
    given(*TOLD).when(close(CloseCode.DUPLICATE)).refused_by("REF-34")
    given(*TOLD).when(close(duplicate_of=OTHER_CASE)).refused_by("REF-34")
    given(*TOLD).when(close_as_duplicate(OTHER_CASE)).then(
        closed(CloseCode.DUPLICATE, duplicate_of=OTHER_CASE)
    )


@pytest.mark.rule("REF-41")
def test_a_duplicate_names_a_case_that_was_found() -> None:
    asked = close(CloseCode.DUPLICATE, duplicate_of=OTHER_CASE)
    given(*TOLD).when(asked).refused_by("REF-41")
    given(*TOLD).when(close_as_duplicate(OTHER_CASE, found=False)).refused_by("REF-41")


def test_what_facilitation_says_is_always_noted() -> None:
    told = noted(meetings=(MEETING,))
    command = NoteFacilitation(**told.model_dump())
    for before in (TOLD, (*TOLD, closed())):
        given(*before).by(Role.SYSTEM).when(command).then(told)


@pytest.mark.rule("REF-39")
@pytest.mark.parametrize(
    ("what", "needs"),
    [
        ({"meetings": (MEETING,)}, "meeting"),
        ({"agreement_items": (ITEM,)}, "agreement"),
        ({"safety_concerns": (CONCERN,)}, "safety"),
    ],
)
def test_a_case_is_not_closed_while_something_is_open(what: Any, needs: str) -> None:
    [unmet] = given(*TOLD, noted(**what)).when(close()).refused_by("REF-39").unmet
    assert needs in unmet.needs
    assert given(*TOLD, noted(**what), noted()).when(close()).accepted()


@pytest.mark.rule("REF-40")
def test_a_case_is_completed_by_an_activity_and_with_an_agreement_where_it_says_so() -> None:
    held, agreed = noted(activity_held=True), noted(activity_held=True, agreement_reached=True)
    plain, with_agreement = CloseCode.COMPLETED_NO_AGREEMENT, CloseCode.COMPLETED_AGREEMENT
    for before, outcome in (((), plain), ((noted(),), plain), ((held,), with_agreement)):
        given(*TOLD, *before).when(close(outcome)).refused_by("REF-40")
    for told, outcome in ((held, plain), (agreed, with_agreement), (agreed, plain)):
        given(*TOLD, told).when(close(outcome)).then(closed(outcome))


@pytest.mark.rule("REF-35")
@pytest.mark.parametrize("setting", Setting)
def test_only_a_disposal_is_decided_again(setting: Setting) -> None:
    decided = given(requested(setting=setting), closed()).by(Role.SYSTEM).when(NeedDisposalReview())
    if setting in DISPOSALS:
        decided.then(DisposalReviewNeeded(reason=DisposalReviewReason.NOT_COMPLETED))
    else:
        decided.refused_by("REF-35")


@pytest.mark.parametrize("who", [VICTIM, NEIGHBOUR])
def test_a_closed_case_is_still_seen_by_who_asked_for_it(who: Participant) -> None:
    state = given(requested(who), closed()).state()
    assert REFERRAL.seen_by(state) == {state.organisation}
