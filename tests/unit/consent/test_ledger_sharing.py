"""With whom something may be shared."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.common import CaseClosureNoted
from contracts.consent import Capacity, CapacityRecorded
from contracts.consent_review import (
    Recipient,
    SharedData,
    SharingConsentGiven,
    SharingConsentWithdrawn,
)
from contracts.terms import Participant
from services.consent.domain.ledger.review_commands import (
    GiveSharingConsent,
    WithdrawSharingConsent,
)
from tests.unit.consent.people import (
    CHILD,
    OFFENDER,
    PARENT,
    SUPPORTER,
    VICTIM,
    given,
    opened,
    stands_beside,
    told,
)

BOTH = (SharedData.OUTCOME, SharedData.TAKING_PART)
OPEN = (opened(VICTIM, OFFENDER, CHILD, PARENT), told(VICTIM), told(CHILD), told(PARENT))
CLOSED = CaseClosureNoted(referral_version=9)


def share(who: Participant = VICTIM, **fields: Any) -> GiveSharingConsent:
    values: dict[str, Any] = {
        "participant_id": who.participant_id,
        "recipients": (Recipient.PROBATION,),
        "data": BOTH,
        "info_version": 1,
    }
    return GiveSharingConsent(**values | fields)


def shared(who: Participant = VICTIM, **fields: Any) -> SharingConsentGiven:
    values: dict[str, Any] = {
        "participant_id": who.participant_id,
        "recipient": Recipient.PROBATION,
        "data": (SharedData.TAKING_PART, SharedData.OUTCOME),
    }
    return SharingConsentGiven(**values | fields)


def test_somebody_agrees_to_sharing_with_one_recipient_what_is_named() -> None:
    given(*OPEN).when(share()).then(shared())


@pytest.mark.rule("CON-43")
@pytest.mark.parametrize(
    "blanket", [{"recipients": ()}, {"recipients": tuple(Recipient)}, {"data": ()}]
)
def test_nobody_agrees_to_sharing_with_everybody(blanket: dict[str, Any]) -> None:
    given(*OPEN).when(share(**blanket)).refused_by("CON-43")


@pytest.mark.rule("CON-01")
def test_only_somebody_in_the_case_agrees_to_sharing() -> None:
    given(*OPEN, told(SUPPORTER)).when(share(SUPPORTER)).refused_by("CON-01")


@pytest.mark.rule("CON-04")
def test_nobody_agrees_to_sharing_before_they_were_informed() -> None:
    given(*OPEN).when(share(OFFENDER)).refused_by("CON-04")


@pytest.mark.rule("CON-06")
def test_a_child_agrees_to_sharing_together_with_a_representative() -> None:
    given(*OPEN).when(share(CHILD)).refused_by("CON-06")
    beside = PARENT.participant_id
    given(*OPEN).when(share(CHILD, representative_id=beside)).refused_by("CON-06")
    given(*OPEN, stands_beside(CHILD, PARENT)).when(share(CHILD, representative_id=beside)).then(
        shared(CHILD, representative_id=beside)
    )


@pytest.mark.rule("CON-09")
def test_nobody_agrees_for_who_cannot_decide() -> None:
    lacking = CapacityRecorded(participant_id=VICTIM.participant_id, result=Capacity.LACKS_CAPACITY)
    given(*OPEN, lacking).when(share()).refused_by("CON-09")


@pytest.mark.rule("CON-41")
def test_nobody_is_asked_about_sharing_in_a_closed_case() -> None:
    given(*OPEN, CLOSED).when(share()).refused_by("CON-41")


@pytest.mark.rule("CON-16")
def test_a_no_to_sharing_is_always_taken() -> None:
    no = WithdrawSharingConsent(participant_id=VICTIM.participant_id, recipient=Recipient.PROBATION)
    taken = SharingConsentWithdrawn(**no.model_dump(exclude={"happened_at"}))
    for before in (OPEN, (*OPEN, shared()), (*OPEN, shared(), taken), (*OPEN, CLOSED)):
        given(*before).when(no).then(taken)
