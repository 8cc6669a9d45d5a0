"""A facilitator records consent only in a case that they are assigned to."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.consent import (
    Capacity,
    InformationFormat,
    RepresentativeBasis,
    RepresentativeKind,
)
from contracts.consent_review import Recipient, SharedData
from contracts.fields import Role
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    DeclineConsent,
    EndRepresentative,
    LedgerCommand,
    ProvideConsentInformation,
    RecordCapacity,
)
from services.consent.domain.ledger.review_commands import (
    GiveSharingConsent,
    ReconfirmConsent,
    VaryConsent,
    WithdrawSharingConsent,
)
from tests.unit.consent.people import (
    EVERY_ITEM,
    LEAD,
    LETTER,
    OFFENDER,
    PARENT,
    SUPPORTER,
    VICTIM,
    consent_id,
    given,
    opened,
    said_yes,
    say_yes,
    stands_beside,
    take_back,
    team,
    told,
)

WHO: dict[str, Any] = {"participant_id": VICTIM.participant_id}
BESIDE: dict[str, Any] = WHO | {"representative_id": PARENT.participant_id}
YES: dict[str, Any] = {"consent_id": consent_id(str(VICTIM.participant_id)), "info_version": 1}
STREAM = (
    opened(VICTIM, OFFENDER, PARENT, SUPPORTER),
    told(VICTIM),
    told(SUPPORTER),
    said_yes(VICTIM),
    stands_beside(VICTIM, PARENT),
)
RECORDED: tuple[LedgerCommand, ...] = (
    ProvideConsentInformation(
        **WHO, info_version=1, items=EVERY_ITEM, format=InformationFormat.IN_PERSON
    ),
    RecordCapacity(**WHO, result=Capacity.HAS_CAPACITY),
    AppointRepresentative(
        **BESIDE,
        kind=RepresentativeKind.ADVOCATE,
        basis=RepresentativeBasis.CHOSEN_BY_PARTICIPANT,
    ),
    EndRepresentative(**BESIDE),
    say_yes(SUPPORTER),
    ReconfirmConsent(**YES),
    VaryConsent(**YES, methods=(LETTER,)),
    GiveSharingConsent(
        **WHO, recipients=(Recipient.COURT,), data=(SharedData.OUTCOME,), info_version=1
    ),
)
ENDS: tuple[LedgerCommand, ...] = (
    DeclineConsent(**WHO),
    take_back(VICTIM),
    WithdrawSharingConsent(**WHO, recipient=Recipient.COURT),
)


def named(command: LedgerCommand) -> str:
    return type(command).__name__


@pytest.mark.rule("CON-30")
@pytest.mark.parametrize("command", RECORDED, ids=named)
def test_a_facilitator_records_consent_in_a_case_of_their_own_only(command: LedgerCommand) -> None:
    before, on, off = STREAM, (*STREAM, team(LEAD)), (*STREAM, team(LEAD), team(version=5))
    for stream in (before, off):
        given(*stream).by(Role.FACILITATOR, LEAD.organisation).when(command).refused_by("CON-30")
    assert given(*on).by(Role.FACILITATOR, LEAD.organisation).when(command).accepted()


@pytest.mark.rule("CON-30")
def test_whatever_else_stands_in_the_way_of_a_facilitator_is_said_too() -> None:
    command = say_yes(OFFENDER)
    given(*STREAM).by(Role.FACILITATOR).when(command).refused_by("CON-04", "CON-30")
    given(*STREAM, team(LEAD)).by(Role.FACILITATOR).when(command).refused_by("CON-04")


@pytest.mark.parametrize("command", RECORDED, ids=named)
def test_a_coordinator_records_consent_in_any_case(command: LedgerCommand) -> None:
    assert given(*STREAM).by(Role.COORDINATOR).when(command).accepted()


@pytest.mark.rule("CON-15", "CON-16")
@pytest.mark.parametrize("command", ENDS, ids=named)
def test_a_no_is_taken_by_any_facilitator(command: LedgerCommand) -> None:
    assert given(*STREAM).by(Role.FACILITATOR).when(command).accepted()


def test_who_may_begin_an_activity_is_asked_where_it_begins() -> None:
    cleared = ClearActivity(activity_id=YES["consent_id"], method=LETTER, attendees=())
    given(*STREAM).by(Role.FACILITATOR).when(cleared).refused_by("CON-20", "CON-21")
