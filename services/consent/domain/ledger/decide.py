"""What a consent ledger answers to each command; the quorum is decided in the same commit."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from contracts.common import CaseClosureNoted, CaseHoldNoted, ParticipantsNoted, TeamNoted
from contracts.consent import (
    CapacityRecorded,
    ConsentGiven,
    ConsentId,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    InformationItem,
    Purpose,
    RepresentativeAppointed,
    RepresentativeEnded,
)
from contracts.envelope import Event
from contracts.terms import Method
from kernel.decider import Context, Decider, Decision, Refused, refuse_unless
from services.consent.domain.ledger import checks, clearance, review, saying_no, sharing
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    DeclineConsent,
    EndRepresentative,
    GiveConsent,
    LedgerCommand,
    NoteParticipants,
    NoteTeam,
    OpenConsentLedger,
    ProvideConsentInformation,
    RecordCapacity,
    WithdrawConsent,
    in_order,
)
from services.consent.domain.ledger.ends import naming_what_ends
from services.consent.domain.ledger.fold import evolve
from services.consent.domain.ledger.practice import PRACTICE, Practice
from services.consent.domain.ledger.quorum import quorum_changes
from services.consent.domain.ledger.review_commands import (
    CorrectEntry,
    ExpireConsent,
    GiveSharingConsent,
    NoteCaseClosure,
    NoteCaseHold,
    ReconfirmConsent,
    ReviewCommand,
    VaryConsent,
    WithdrawSharingConsent,
)
from services.consent.domain.ledger.state import Ledger


def ledger_with(practice: Practice) -> Decider[LedgerCommand, Ledger]:
    """The decider of consent ledgers under a hub's own practice."""
    return Decider(
        category="consent",
        initial=Ledger(),
        evolve=evolve,
        decide=partial(_decide, practice),
        opens=(OpenConsentLedger,),
        controller=lambda ledger: ledger.controller,
        seen_by=lambda ledger: ledger.seen_by,
    )


def _decide(practice: Practice, command: LedgerCommand, ledger: Ledger, at: Context) -> Decision:
    answer = _answer(practice, command, ledger, at)
    if unmet := checks.assigned(ledger, command, at):
        return Refused((unmet, *(answer.unmet if isinstance(answer, Refused) else ())))
    if isinstance(answer, Refused):
        return answer
    said = naming_what_ends(answer, ledger, at.now)
    return [said, *quorum_changes(evolve(ledger, said), at.now)]


def _answer(
    practice: Practice, command: LedgerCommand, ledger: Ledger, at: Context
) -> Event | Refused:
    if isinstance(command, ReviewCommand):
        return _reviewed(practice, command, ledger, at)
    match command:
        case OpenConsentLedger():
            return _open(command)
        case NoteParticipants():
            return ParticipantsNoted(participants=command.participants)
        case NoteTeam(team=team, facilitation_version=version):
            return TeamNoted(team=team, facilitation_version=version)
        case NoteCaseHold():
            return CaseHoldNoted(on_hold=command.on_hold, referral_version=command.referral_version)
        case NoteCaseClosure():
            return CaseClosureNoted(referral_version=command.referral_version)
        case ProvideConsentInformation():
            return _inform(practice, command, ledger, at)
        case RecordCapacity():
            return _capacity(command, ledger)
        case AppointRepresentative():
            return _appoint(command, ledger)
        case EndRepresentative():
            return _end(command, ledger)
        case GiveConsent():
            return _give(practice, command, ledger, at)
        case DeclineConsent():
            return saying_no.declined(command, ledger, at.now)
        case WithdrawConsent():
            return saying_no.withdrawn(command, ledger, at.now)
        case ClearActivity():
            return clearance.clear(practice, command, ledger, at)
        case _:
            assert_never(command)


def _reviewed(
    practice: Practice, command: ReviewCommand, ledger: Ledger, at: Context
) -> Event | Refused:
    match command:
        case ReconfirmConsent() | VaryConsent():
            return review.confirm(practice, command, ledger, at)
        case ExpireConsent():
            return review.expire(command, ledger, at)
        case GiveSharingConsent():
            return sharing.give_sharing(command, ledger)
        case WithdrawSharingConsent():
            return sharing.withdraw_sharing(command)
        case CorrectEntry():
            return review.correct(command, ledger, at)
        case _:
            assert_never(command)


def _open(command: OpenConsentLedger) -> Event:
    return ConsentLedgerOpened(
        setting=command.setting,
        participants=command.participants,
        controller=command.controller,
        organisation=command.organisation,
    )


def _inform(
    practice: Practice, command: ProvideConsentInformation, ledger: Ledger, at: Context
) -> Event | Refused:
    refused = refuse_unless(
        checks.in_the_case(ledger, command.participant_id),
        checks.told_everything(command),
        checks.published(practice, command.info_version, at.now),
    )
    return refused or ConsentInformationProvided(
        participant_id=command.participant_id,
        info_version=command.info_version,
        items=in_order(InformationItem, command.items),
        format=command.format,
        language=command.language,
        interpreter=command.interpreter,
    )


def _capacity(command: RecordCapacity, ledger: Ledger) -> Event | Refused:
    refused = refuse_unless(checks.in_the_case(ledger, command.participant_id))
    return refused or CapacityRecorded(participant_id=command.participant_id, result=command.result)


def _appoint(command: AppointRepresentative, ledger: Ledger) -> Event | Refused:
    refused = refuse_unless(
        checks.in_the_case(ledger, command.participant_id),
        checks.of_one_side(ledger, command),
    )
    return refused or RepresentativeAppointed(
        participant_id=command.participant_id,
        representative_id=command.representative_id,
        kind=command.kind,
        basis=command.basis,
    )


def _end(command: EndRepresentative, ledger: Ledger) -> Event | Refused:
    refused = refuse_unless(checks.appointed(ledger, command))
    return refused or RepresentativeEnded(
        participant_id=command.participant_id,
        representative_id=command.representative_id,
        cause=command.cause,
    )


def _give(practice: Practice, command: GiveConsent, ledger: Ledger, at: Context) -> Event | Refused:
    refused = refuse_unless(*checks.consent(practice, ledger, command, at))
    return refused or ConsentGiven(
        consent_id=ConsentId(at.new_id("consent")),
        participant_id=command.participant_id,
        given_by=command.giver,
        methods=in_order(Method, command.methods),
        purposes=in_order(Purpose, command.purposes),
        evidence=command.evidence,
        info_version=command.info_version,
        acknowledged=in_order(InformationItem, command.acknowledged),
        valid_until=checks.end_of(practice, command, at.now),
        checked_at=command.checked_at(at.now),
        co_consent_id=command.co_consent_id,
        parent_involvement=command.parent_involvement,
    )


LEDGER = ledger_with(PRACTICE)
