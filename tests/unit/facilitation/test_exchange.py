"""Letters and recordings: drafted, reviewed, refused."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.common import CaseHoldNoted
from contracts.facilitation.exchange import (
    Direction,
    LetterDrafted,
    LetterRefused,
    LetterReviewed,
    LetterStopped,
    LetterStopReason,
    RefusalReason,
    ReviewResult,
)
from contracts.facilitation.ids import LetterId
from contracts.facilitation.preparation import MethodAgreed
from contracts.fields import Role
from contracts.terms import Method, Participant, ParticipantRole
from kernel.testing.spec import an_id, new_id
from services.facilitation.domain.case.exchange.commands import (
    DraftLetter,
    RefuseLetter,
    ReviewLetter,
)
from services.facilitation.domain.case.parts import LetterStanding
from tests.unit.facilitation.casework import (
    DRAFTED,
    FACE_TO_FACE,
    LETTER,
    OFFENDER,
    OTHER_PARTY,
    PARTY,
    SIDES,
    SUPPORTER,
    VICTIM,
    WRITTEN,
    given,
    on_its_way,
    opened,
    ready,
    someone,
    without,
)

REFUSED = LetterRefused(letter_id=WRITTEN, method=LETTER, reason=RefusalReason.NOT_SAID)
STOPPED = LetterStopped(letter_id=WRITTEN, method=LETTER, reason=LetterStopReason.CONSENT_LOST)
REVIEW = ReviewLetter(letter_id=WRITTEN, result=ReviewResult.CHANGES_NEEDED)
REFUSE = RefuseLetter(letter_id=WRITTEN)


def draft(
    sender: Participant = OFFENDER, recipient: Participant = VICTIM, **fields: Any
) -> DraftLetter:
    return DraftLetter(sender=sender.participant_id, recipient=recipient.participant_id, **fields)


def drafted(sender: Participant, recipient: Participant, direction: Direction) -> LetterDrafted:
    return LetterDrafted(
        letter_id=LetterId(new_id("letter")),
        method=LETTER,
        direction=direction,
        sender=sender.participant_id,
        recipient=recipient.participant_id,
    )


@pytest.mark.parametrize(
    ("sender", "recipient", "direction"),
    [
        (OFFENDER, VICTIM, Direction.TO_HARMED),
        (VICTIM, OFFENDER, Direction.TO_RESPONSIBLE),
        (PARTY, OTHER_PARTY, Direction.BETWEEN_PARTIES),
        (PARTY, VICTIM, Direction.TO_HARMED),
        (VICTIM, PARTY, Direction.TO_RESPONSIBLE),
        (OFFENDER, PARTY, Direction.TO_HARMED),
        (PARTY, OFFENDER, Direction.TO_RESPONSIBLE),
    ],
)
def test_a_letter_goes_from_one_side_to_another(
    sender: Participant, recipient: Participant, direction: Direction
) -> None:
    everybody = opened(*SIDES, PARTY, OTHER_PARTY)
    case = given(everybody, *ready(method=LETTER)[1:]).by(Role.FACILITATOR)
    case.when(draft(sender, recipient)).then(drafted(sender, recipient, direction))


@pytest.mark.rule("FAC-51")
@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (VICTIM, VICTIM),
        (VICTIM, someone("second victim", ParticipantRole.VICTIM)),
        (SUPPORTER, OFFENDER),
        (OFFENDER, SUPPORTER),
    ],
)
def test_a_letter_goes_to_nobody_else(sender: Participant, recipient: Participant) -> None:
    people = dict.fromkeys((*SIDES, sender, recipient))
    case = given(opened(*people), *ready(method=LETTER)[1:]).by(Role.FACILITATOR)
    case.when(draft(sender, recipient)).refused_by("FAC-51")


@pytest.mark.rule("FAC-50")
def test_only_letters_and_recordings_are_drafted() -> None:
    meeting = given(*ready()).by(Role.FACILITATOR)
    meeting.when(draft(method=FACE_TO_FACE)).refused_by("FAC-50")
    recording = given(*ready(method=Method.RECORDING)).by(Role.FACILITATOR)
    recording.when(draft(method=Method.RECORDING)).accepted()


@pytest.mark.rule("FAC-28")
def test_nothing_is_drafted_before_the_method_is_agreed() -> None:
    case = given(*without(ready(method=LETTER), MethodAgreed)).by(Role.FACILITATOR)
    case.when(draft()).refused_by("FAC-28")


@pytest.mark.rule("FAC-03")
@pytest.mark.rule("FAC-04")
@pytest.mark.rule("FAC-05")
def test_drafts_are_of_the_team_in_a_case_that_goes_on_and_its_people() -> None:
    held = ready(CaseHoldNoted(on_hold=True, referral_version=9), method=LETTER)
    given(*held).by(Role.FACILITATOR).when(draft()).refused_by("FAC-03")
    given(*ready(method=LETTER)).when(draft()).refused_by("FAC-04")
    case = given(*ready(method=LETTER)).by(Role.FACILITATOR)
    case.when(draft(PARTY)).refused_by("FAC-05", "FAC-51")


def test_a_letter_is_reviewed_and_may_need_changes() -> None:
    changes = LetterReviewed(letter_id=WRITTEN, result=ReviewResult.CHANGES_NEEDED)
    given(*ready(DRAFTED, method=LETTER)).by(Role.SUPERVISOR).when(REVIEW).then(changes)


def test_a_letter_is_refused_without_a_reason() -> None:
    after = given(*on_its_way()).by(Role.FACILITATOR).when(REFUSE)
    after.then(REFUSED)
    assert after.state().letters[WRITTEN].standing is LetterStanding.REFUSED


@pytest.mark.rule("FAC-52")
@pytest.mark.parametrize("end", [REFUSED, STOPPED], ids=["refused", "stopped"])
def test_a_letter_that_is_not_on_its_way_is_left_alone(end: LetterRefused | LetterStopped) -> None:
    for command in (REVIEW, REFUSE):
        given(*on_its_way(end)).by(Role.FACILITATOR).when(command).refused_by("FAC-52")


@pytest.mark.rule("FAC-52")
def test_a_letter_that_nobody_drafted_is_not_known() -> None:
    unknown = LetterId(an_id("unknown"))
    case = given(*on_its_way()).by(Role.FACILITATOR)
    case.when(REVIEW.model_copy(update={"letter_id": unknown})).refused_by("FAC-52")
    case.when(REFUSE.model_copy(update={"letter_id": unknown})).refused_by("FAC-52")
