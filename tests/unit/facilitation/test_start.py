"""Nothing begins but by a clearance that was just given for it, with all still ready for it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.common import CaseClosureNoted, CaseHoldNoted, EntryCorrected, ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation.exchange import (
    Direction,
    LetterDelivered,
    LetterRefused,
    LetterReviewed,
    MessageRelayed,
    RefusalReason,
    ReviewResult,
)
from contracts.facilitation.ids import LetterId, MeetingId, MessageId, VenueRef
from contracts.facilitation.noted import ClearanceNoted, ConsentWithdrawalNoted
from contracts.facilitation.preparation import (
    DirectBar,
    EscalationReason,
    PreparationMeetingHeld,
    RiskEscalated,
)
from contracts.facilitation.team import FacilitatorUnassigned, TeamPart, UnassignReason
from contracts.fields import Role
from contracts.referral import Complexity
from contracts.terms import (
    ActivityId,
    ClearanceId,
    Level,
    Method,
    Participant,
    ParticipantRole,
    YesEnded,
)
from kernel.testing.spec import NOW, an_id, by
from services.facilitation.domain.case.parts import LetterStanding
from services.facilitation.domain.case.start.commands import (
    DeliverCleared,
    RelayCleared,
    StartCleared,
)
from services.facilitation.domain.case.start.decide import beginning
from tests.unit.facilitation.casework import (
    BOTH,
    CLEARANCE,
    CO,
    DAY,
    DRAFTED,
    FACE_TO_FACE,
    LEAD,
    LETTER,
    MEETING,
    OFFENDER,
    REVIEWED,
    SIDES,
    SUPPORTER,
    VENUE,
    VICTIM,
    WRITTEN,
    assessed,
    assigned,
    booking,
    cleared,
    given,
    ids,
    loss,
    method_agreed,
    on_its_way,
    opened,
    over,
    prepared,
    quorum,
    ready,
    reservation,
    running,
    scheduled,
    someone,
    started,
    without,
)

WORD = MessageId(an_id("the message"))
SENT = (OFFENDER.participant_id, VICTIM.participant_id)
FOR_LETTER = cleared(WRITTEN, LETTER, SENT)
FOR_WORD = cleared(WORD, Method.SHUTTLE, SENT)
DELIVER = DeliverCleared(letter_id=WRITTEN, cleared_by=CLEARANCE)
DELIVERED = LetterDelivered(
    letter_id=WRITTEN,
    method=LETTER,
    direction=Direction.TO_HARMED,
    attendees=SENT,
    cleared_by=CLEARANCE,
    risk_version=2,
)
RELAYED = MessageRelayed(
    message_id=WORD,
    method=Method.SHUTTLE,
    direction=Direction.TO_HARMED,
    attendees=SENT,
    count=2,
    cleared_by=CLEARANCE,
    risk_version=2,
)


def start(*people: Participant, cleared_by: ClearanceId = CLEARANCE) -> StartCleared:
    return StartCleared(
        meeting_id=MEETING, attendees=ids(*(people or SIDES)), cleared_by=cleared_by
    )


def relay(sender: Participant = OFFENDER, recipient: Participant = VICTIM) -> RelayCleared:
    return RelayCleared(
        sender=sender.participant_id,
        recipient=recipient.participant_id,
        count=2,
        message_id=WORD,
        cleared_by=CLEARANCE,
    )


def no(
    who: Participant,
    method: Method = FACE_TO_FACE,
    version: int = 9,
    also_ends: tuple[YesEnded, ...] = (),
) -> ConsentWithdrawalNoted:
    return ConsentWithdrawalNoted(
        participant_id=who.participant_id,
        methods=(method,),
        withdrawn_at=NOW,
        consent_version=version,
        also_ends=also_ends,
    )


MET = ready(scheduled(), cleared())
POSTED = on_its_way(FOR_LETTER)
CARRIED = ready(FOR_WORD, method=Method.SHUTTLE)
ALL: tuple[tuple[tuple[Event, ...], Any, Method], ...] = (
    (MET, start(), FACE_TO_FACE),
    (POSTED, DELIVER, LETTER),
    (CARRIED, relay(), Method.SHUTTLE),
)
EACH = pytest.mark.parametrize(
    ("events", "command", "method"), ALL, ids=["meeting", "letter", "message"]
)


def refused(events: tuple[Event, ...], command: Any, *rules: str) -> None:
    given(*events).by(Role.FACILITATOR).when(command).refused_by(*rules)


class TestBeginning:
    def test_of_a_meeting(self) -> None:
        given(*MET).by(Role.FACILITATOR).when(start()).then(started())

    def test_of_the_delivery_of_a_letter(self) -> None:
        after = given(*POSTED).by(Role.FACILITATOR).when(DELIVER)
        after.then(DELIVERED)
        assert after.state().letters[WRITTEN].standing is LetterStanding.DELIVERED

    def test_of_a_message_that_is_carried_over(self) -> None:
        after = given(*CARRIED).by(Role.FACILITATOR).when(relay())
        after.then(RELAYED)
        assert after.state().activities[ActivityId(WORD)].completed

    def test_says_what_consent_is_asked_about(self) -> None:
        for events, command, method in ALL:
            asked = beginning(command, given(*events).state())
            assert asked.method is method
            assert set(asked.attendees) == set(BOTH)
        with pytest.raises(LookupError):
            beginning(start(), given(*ready()).state())


class TestClearance:
    @EACH
    @pytest.mark.rule("FAC-34")
    def test_is_needed(self, events: tuple[Event, ...], command: Any, method: Method) -> None:
        refused(without(events, ClearanceNoted), command, "FAC-34")

    @EACH
    @pytest.mark.rule("FAC-34")
    def test_of_another_activity_or_method_begins_nothing(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        others = without(events, ClearanceNoted)
        mine = next(one for one in events if isinstance(one, ClearanceNoted))
        another = {"activity_id": ActivityId(an_id("another"))}
        refused((*others, mine.model_copy(update=another)), command, "FAC-34")
        refused((*others, mine.model_copy(update={"method": Method.RECORDING})), command, "FAC-34")

    @EACH
    @pytest.mark.rule("FAC-34")
    def test_begins_one_activity(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        used = RELAYED.model_copy(update={"message_id": MessageId(an_id("earlier"))})
        refused((*events, used), command, "FAC-34")

    @EACH
    @pytest.mark.rule("FAC-35")
    def test_begins_nothing_once_a_withdrawal_is_known(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        refused((*events, no(VICTIM, method)), command, "FAC-35")
        refused((*events, no(OFFENDER, method)), command, "FAC-35")
        case = given(*events, no(VICTIM, method, version=6)).by(Role.FACILITATOR)
        case.when(command).accepted()
        other = given(*events, no(VICTIM, Method.RECORDING)).by(Role.FACILITATOR)
        other.when(command).accepted()

    @EACH
    @pytest.mark.rule("FAC-35")
    def test_begins_nothing_once_a_loss_is_known_even_if_all_agree_again(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        lost = (*events, loss(method))
        refused(lost, command, "FAC-20", "FAC-28", "FAC-35")
        again = (quorum(method, version=11), method_agreed(method), assessed(3))
        refused((*lost, *again), command, "FAC-35")

    @pytest.mark.rule("FAC-35")
    def test_is_not_spoilt_by_the_no_of_somebody_who_does_not_attend(self) -> None:
        case = given(*MET, no(SUPPORTER)).by(Role.FACILITATOR)
        case.when(start()).accepted()

    @pytest.mark.rule("FAC-35")
    def test_begins_nothing_once_a_representatives_withdrawal_is_known(self) -> None:
        parent = someone("parent", ParticipantRole.REPRESENTATIVE)
        ended = YesEnded(participant_id=VICTIM.participant_id, methods=(FACE_TO_FACE,))
        refused((*MET, no(parent, also_ends=(ended,))), start(), "FAC-35")
        elsewhere = YesEnded(participant_id=VICTIM.participant_id, methods=(LETTER,))
        case = given(*MET, no(parent, also_ends=(elsewhere,))).by(Role.FACILITATOR)
        case.when(start()).accepted()

    @pytest.mark.rule("FAC-35")
    def test_begins_nothing_once_a_no_of_somebody_else_who_has_to_consent_is_known(self) -> None:
        """Before the loss that it brings is noted, too."""
        second = someone("second victim", ParticipantRole.VICTIM)
        everybody = (*SIDES, second)
        for events, command, method in (ALL[1], ALL[2]):
            agreed = (opened(*everybody), quorum(method, *everybody), *events[2:])
            given(*agreed).by(Role.FACILITATOR).when(command).accepted()
            refused((*agreed, no(second, method)), command, "FAC-35")

    @pytest.mark.rule("FAC-36")
    def test_names_everybody_who_attends(self) -> None:
        people = ParticipantsNoted(participants=(*SIDES, SUPPORTER))
        others = ready(people, prepared(SUPPORTER), scheduled())
        everybody = start(*SIDES, SUPPORTER)
        refused((*others, cleared()), everybody, "FAC-36")
        named = cleared(attendees=ids(*SIDES, SUPPORTER))
        given(*others, named).by(Role.FACILITATOR).when(everybody).accepted()
        given(*others, named).by(Role.FACILITATOR).when(start()).accepted()

    @pytest.mark.rule("FAC-36")
    @pytest.mark.parametrize(
        ("events", "command"), [(on_its_way(), DELIVER), (ready(method=Method.SHUTTLE), relay())]
    )
    def test_names_sender_and_recipient(self, events: tuple[Event, ...], command: Any) -> None:
        asked = beginning(command, given(*events).state())
        half = cleared(asked.activity_id, asked.method, SENT[:1])
        refused((*events, half), command, "FAC-36")


class TestReadiness:
    @EACH
    def test_is_checked_again(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        escalation = RiskEscalated(reason=EscalationReason.THREAT, risk_version=2)
        refused((*events, escalation), command, "FAC-23")
        late = given(*events).at(NOW + 28 * DAY).by(Role.FACILITATOR)
        late.when(command).refused_by("FAC-23")
        refused(without(events, PreparationMeetingHeld), command, "FAC-31")
        refused((*events, CaseHoldNoted(on_hold=True, referral_version=9)), command, "FAC-03")
        refused((*events, CaseClosureNoted(referral_version=9)), command, "FAC-02")
        left = ParticipantsNoted(participants=(VICTIM,))
        assert "FAC-05" in {
            one.rule
            for one in given(*events, left).by(Role.FACILITATOR).when(command).refused().unmet
        }

    @EACH
    @pytest.mark.rule("FAC-32")
    def test_of_a_complex_case_needs_a_co_facilitator(
        self, events: tuple[Event, ...], command: Any, method: Method
    ) -> None:
        is_complex = opened(complexity=Complexity.SENSITIVE_AND_COMPLEX)
        twice = (is_complex, *events[1:], prepared(VICTIM), prepared(OFFENDER))
        refused(twice, command, "FAC-32")
        refused((*twice, assigned(CO, TeamPart.CO, Level.FOUNDATION)), command, "FAC-32")
        case = given(*twice, assigned(CO, TeamPart.CO, Level.INTERMEDIATE)).by(Role.FACILITATOR)
        case.when(command).accepted()

    @pytest.mark.rule("FAC-22")
    def test_of_people_who_must_not_meet_allows_a_letter(self) -> None:
        barred = assessed(3, bars=(DirectBar.NO_CONTACT_ORDER,))
        refused((*MET, barred), start(), "FAC-22")
        given(*POSTED, barred).by(Role.FACILITATOR).when(DELIVER).accepted()

    @pytest.mark.rule("FAC-33")
    def test_leaves_nobody_out(self) -> None:
        refused(MET, start(VICTIM), "FAC-33")


class TestMeeting:
    @pytest.mark.rule("FAC-37")
    def test_is_begun_by_the_lead_whose_time_is_reserved(self) -> None:
        another = by(Role.FACILITATOR, actor=CO)
        given(*MET, assigned(CO, TeamPart.CO)).by(another).when(start()).refused_by("FAC-37")
        given(*MET).by(Role.SUPERVISOR).when(start()).refused_by("FAC-37")
        gone = FacilitatorUnassigned(
            facilitator_id=LEAD,
            part=TeamPart.LEAD,
            reason=UnassignReason.ABSENCE,
            reservation_id=reservation(LEAD),
        )
        refused((*MET, gone), start(), "FAC-30", "FAC-37")
        new_lead = (*MET, gone, assigned(CO))
        given(*new_lead).by(another).when(start()).refused_by("FAC-37")
        booked = ready(gone, assigned(CO), scheduled(bookings=(booking(CO),)), cleared())
        given(*booked).by(another).when(start()).accepted()

    @pytest.mark.rule("FAC-43")
    def test_begins_at_a_place_whose_approval_still_stands(self) -> None:
        place = MET.index(VENUE) + 1
        mistaken = EntryCorrected(entry=an_id("the approval"), entry_version=place)
        refused((*MET, mistaken), start(), "FAC-43")
        elsewhere = VENUE.model_copy(update={"venue_ref": VenueRef(an_id("another place"))})
        refused((*MET, mistaken, elsewhere), start(), "FAC-43")
        given(*MET, mistaken, VENUE).by(Role.FACILITATOR).when(start()).accepted()

    @pytest.mark.rule("FAC-46")
    @pytest.mark.rule("FAC-34")
    def test_begins_once(self) -> None:
        refused(over(), start(), "FAC-34", "FAC-46")
        refused(running(), start(), "FAC-34", "FAC-44", "FAC-46")

    @pytest.mark.rule("FAC-44")
    def test_begins_when_no_other_is_running(self) -> None:
        other = MeetingId(an_id("other"))
        mine = scheduled(meeting_id=other)
        command = start().model_copy(
            update={"meeting_id": other, "cleared_by": ClearanceId(an_id("another"))}
        )
        clearance = cleared(other).model_copy(
            update={"clearance_id": ClearanceId(an_id("another"))}
        )
        refused(running(mine, clearance), command, "FAC-44")

    @pytest.mark.rule("FAC-49")
    def test_is_known(self) -> None:
        refused(ready(cleared()), start(), "FAC-49")


class TestLetter:
    @pytest.mark.rule("FAC-53")
    def test_is_delivered_when_it_was_accepted_at_last(self) -> None:
        refused(without(POSTED, LetterReviewed), DELIVER, "FAC-53")
        changes = LetterReviewed(letter_id=WRITTEN, result=ReviewResult.CHANGES_NEEDED)
        refused((*POSTED, changes), DELIVER, "FAC-53")
        given(*POSTED, changes, REVIEWED).by(Role.FACILITATOR).when(DELIVER).accepted()

    @pytest.mark.rule("FAC-53")
    def test_is_not_accepted_by_the_review_of_another(self) -> None:
        another = REVIEWED.model_copy(update={"letter_id": LetterId(an_id("another"))})
        events = ready(DRAFTED, another, FOR_LETTER, method=LETTER)
        refused(events, DELIVER, "FAC-53")

    @pytest.mark.rule("FAC-52")
    def test_is_delivered_once_and_not_against_a_refusal(self) -> None:
        refused((*POSTED, DELIVERED), DELIVER, "FAC-52", "FAC-34")
        no_thanks = LetterRefused(letter_id=WRITTEN, method=LETTER, reason=RefusalReason.NOT_WANTED)
        refused((*POSTED, no_thanks), DELIVER, "FAC-52")
        refused(ready(FOR_LETTER, method=LETTER), DELIVER, "FAC-52")

    @pytest.mark.rule("FAC-04")
    def test_is_delivered_by_the_team(self) -> None:
        given(*POSTED).by(Role.SUPERVISOR).when(DELIVER).refused_by("FAC-04")


class TestMessage:
    @pytest.mark.rule("FAC-51")
    def test_goes_from_one_side_to_another(self) -> None:
        for wrong in (relay(VICTIM, VICTIM), relay(SUPPORTER)):
            found = given(*CARRIED).by(Role.FACILITATOR).when(wrong).refused()
            assert "FAC-51" in {one.rule for one in found.unmet}

    @pytest.mark.rule("FAC-04")
    def test_is_carried_by_the_team(self) -> None:
        given(*CARRIED).by(Role.SUPERVISOR).when(relay()).refused_by("FAC-04")
