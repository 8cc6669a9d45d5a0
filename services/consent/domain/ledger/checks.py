"""What stands in the way of recording something: one small check per rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.consent import InformationItem
from contracts.fields import ParticipantId, Role
from contracts.terms import AgeBand, Participant, ParticipantRole
from kernel.decider import Context, Unmet
from services.consent.domain.ledger import review_rules, rules
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    EndRepresentative,
    GiveConsent,
    LedgerCommand,
    ProvideConsentInformation,
    RecordingCommand,
)
from services.consent.domain.ledger.last_word import said_after_no
from services.consent.domain.ledger.practice import Practice
from services.consent.domain.ledger.quorum import beside, is_child, side
from services.consent.domain.ledger.state import Consent, Ledger


def still_open(ledger: Ledger) -> Unmet | None:
    if ledger.closed:
        return review_rules.CLOSED_ASKS_NOBODY.unmet(
            "a new referral that takes the matter up again"
        )
    return None


def assigned(ledger: Ledger, command: LedgerCommand, at: Context) -> Unmet | None:
    """A coordinator records in any case that their organisation sees."""
    records = isinstance(command, RecordingCommand) and at.actor.role is Role.FACILITATOR
    if not records or ledger.facilitates(at.actor.id):
        return None
    return rules.ASSIGNED.unmet("a facilitator who is assigned to the case, or a coordinator")


def in_the_case(ledger: Ledger, participant_id: ParticipantId) -> Unmet | None:
    if ledger.participant(participant_id) is None:
        return rules.IN_THE_CASE.unmet("the id of somebody who is in the case now")
    return None


def told_everything(command: ProvideConsentInformation) -> Unmet | None:
    missing = [one.value for one in InformationItem if one not in command.items]
    if missing:
        return rules.TOLD_EVERYTHING.unmet(f"also explain: {', '.join(missing)}")
    return None


def published(practice: Practice, version: int, now: datetime) -> Unmet | None:
    if not practice.published(version, now):
        return rules.PUBLISHED_INFORMATION.unmet(f"the current edition is {practice.edition(now)}")
    return None


def of_one_side(ledger: Ledger, command: AppointRepresentative) -> Unmet | None:
    who = ledger.participant(command.representative_id)
    if who is None or who.role is not ParticipantRole.REPRESENTATIVE:
        return rules.REPRESENTATIVE_OF_ONE_SIDE.unmet("somebody who is in the case to represent")
    if _beside_another_side(ledger, command):
        return rules.REPRESENTATIVE_OF_ONE_SIDE.unmet("somebody who represents nobody else's side")
    return None


def _beside_another_side(ledger: Ledger, command: AppointRepresentative) -> bool:
    represented = (
        ledger.participant(one.participant_id)
        for one in ledger.representatives
        if one.representative_id == command.representative_id
    )
    wanted = ledger.participant(command.participant_id)
    return wanted is not None and any(
        one is not None and side(one) != side(wanted) for one in represented
    )


def appointed(ledger: Ledger, command: EndRepresentative) -> Unmet | None:
    if not ledger.represents(command.representative_id, command.participant_id):
        return rules.REPRESENTATIVE_APPOINTED.unmet("the ids of a participant and a representative")
    return None


def consent(
    practice: Practice, ledger: Ledger, command: GiveConsent, at: Context
) -> Iterator[Unmet | None]:
    """Everything that a yes is checked against."""
    participant = ledger.participant(command.participant_id)
    if participant is None:
        yield in_the_case(ledger, command.participant_id)
        return
    yield from still_good(practice, ledger, command, participant, at.now)
    yield said_after_no(ledger, command, command.methods, at)
    yield _parent(command, participant)
    yield _no_sentence_reduction(command, participant)


def still_good(
    practice: Practice,
    ledger: Ledger,
    command: GiveConsent,
    participant: Participant,
    now: datetime,
) -> Iterator[Unmet | None]:
    """What holds of a yes each time it is said: at first, and when it is confirmed or changed."""
    yield still_open(ledger)
    yield _own_word(ledger, command, participant)
    yield _informed(ledger, command)
    yield _current(practice, command, now)
    yield _capacity(ledger, command)
    yield _child(ledger, command, participant, now)
    yield _to_something(command)
    yield _in_time(practice, command, now)


def _own_word(ledger: Ledger, command: GiveConsent, participant: Participant) -> Unmet | None:
    own = command.giver == command.participant_id
    if own or (is_child(participant) and ledger.represents(command.giver, command.participant_id)):
        return None
    beside = "or of an appointed representative" if is_child(participant) else "and nobody else's"
    return rules.OWN_WORD.unmet(f"the word of the participant, {beside}")


def _informed(ledger: Ledger, command: GiveConsent) -> Unmet | None:
    if not ledger.was_informed(command.giver, command.info_version):
        return rules.INFORMED_FIRST.unmet("inform whoever says yes, and record it")
    return None


def _current(practice: Practice, command: GiveConsent, now: datetime) -> Unmet | None:
    edition = practice.edition(now)
    if command.info_version != edition:
        return rules.CURRENT_INFORMATION.unmet(f"inform them by edition {edition}, then ask again")
    return None


def _capacity(ledger: Ledger, command: GiveConsent) -> Unmet | None:
    if {command.giver, command.participant_id}.intersection(ledger.lacking):
        return rules.NOBODY_FOR_THEM.unmet("a later record that they can decide, with support")
    return None


def _child(
    ledger: Ledger, command: GiveConsent, participant: Participant, now: datetime
) -> Unmet | None:
    if command.giver != command.participant_id or not is_child(participant):
        return None
    other = beside(ledger, command.participant_id, command.co_consent_id)
    if other is None or not _to_the_same(other, command, now):
        needs = "first record the representative's own yes to it, and name it as co-consent"
        return rules.CHILD_WITH_REPRESENTATIVE.unmet(needs)
    return None


def _to_the_same(other: Consent, command: GiveConsent, now: datetime) -> bool:
    return (
        now < other.valid_until
        and set(command.methods) <= set(other.methods)
        and set(command.purposes) <= set(other.purposes)
    )


def _parent(command: GiveConsent, participant: Participant) -> Unmet | None:
    if participant.age_band is AgeBand.FROM_16_TO_17 and command.parent_involvement is None:
        return rules.PARENT_INVOLVEMENT.unmet("say how a parent or carer is involved, or why not")
    return None


def _no_sentence_reduction(command: GiveConsent, participant: Participant) -> Unmet | None:
    item = InformationItem.NO_SENTENCE_REDUCTION
    if participant.role is ParticipantRole.OFFENDER and item not in command.acknowledged:
        return rules.NO_SENTENCE_REDUCTION.unmet(f"have {item.value} acknowledged, and record it")
    return None


def _to_something(command: GiveConsent) -> Unmet | None:
    if not (command.methods and command.purposes):
        return rules.SAYS_TO_WHAT.unmet("at least one method and one purpose")
    return None


def end_of(practice: Practice, command: GiveConsent, now: datetime) -> datetime:
    """When a yes ends: as said, or as late as it may."""
    return command.valid_until or _latest_end(practice, command, now)


def _latest_end(practice: Practice, command: GiveConsent, now: datetime) -> datetime:
    return command.checked_at(now) + practice.validity


def _in_time(practice: Practice, command: GiveConsent, now: datetime) -> Unmet | None:
    latest = _latest_end(practice, command, now)
    if not now < end_of(practice, command, now) <= latest:
        return rules.LIMITED_IN_TIME.unmet(f"an end after now and by {latest.date().isoformat()}")
    return None
