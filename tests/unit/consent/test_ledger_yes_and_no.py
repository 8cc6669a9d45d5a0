"""Saying yes, saying no, taking it back, and what that means for the quorum."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    Channel,
    ConsentDeclined,
    ConsentWithdrawn,
    DeclineReason,
    InformationItem,
    ParentInvolvement,
    Purpose,
)
from contracts.envelope import Event
from contracts.fields import Role
from contracts.terms import AgeBand, Method, Participant, ParticipantRole, YesEnded
from kernel.testing.spec import NOW, an_id, deciding, new_id
from services.consent.domain.ledger.commands import (
    DeclineConsent,
    GiveConsent,
    NoteParticipants,
    WithdrawConsent,
)
from services.consent.domain.ledger.decide import ledger_with
from services.consent.domain.ledger.practice import Edition, Practice
from tests.unit.consent.people import (
    ALL,
    CHILD,
    EVERY_ITEM,
    LATER,
    LETTER,
    NEIGHBOUR,
    OFFENDER,
    OTHER_NEIGHBOUR,
    PARENT,
    SUPPORTER,
    VICTIM,
    agreed,
    between,
    consent_id,
    ended,
    given,
    lost,
    opened,
    reached,
    said_yes,
    say_yes,
    someone,
    stands_beside,
    take_back,
    told,
    took_back,
)

INFORMED = (opened(), told(VICTIM), told(OFFENDER))


def decline(who: Participant, *methods: Method) -> DeclineConsent:
    return DeclineConsent(
        participant_id=who.participant_id, methods=methods, reason=DeclineReason.NOT_NOW
    )


def declined(
    who: Participant, *methods: Method, also_ends: tuple[YesEnded, ...] = ()
) -> ConsentDeclined:
    return ConsentDeclined(
        participant_id=who.participant_id,
        methods=methods or ALL,
        reason=DeclineReason.NOT_NOW,
        also_ends=also_ends,
    )


def yes(who: Participant, *methods: Method, **fields: Any) -> Event:
    """The event that `say_yes` becomes."""
    return said_yes(who, *methods, consent_id=new_id("consent"), **fields)


class TestYes:
    def test_a_yes_is_recorded_with_its_end_90_days_on(self) -> None:
        given(*INFORMED).when(say_yes(VICTIM)).then(yes(VICTIM, valid_until=LATER))

    def test_a_yes_names_each_method_and_purpose_once_and_in_order(self) -> None:
        twice = (Method.LETTER, Method.VIDEO, Method.LETTER)
        purposes = (Purpose.RESEARCH, Purpose.TAKE_PART, Purpose.RESEARCH)
        given(*INFORMED).when(say_yes(VICTIM, *twice, purposes=purposes)).then(
            yes(
                VICTIM,
                Method.VIDEO,
                Method.LETTER,
                purposes=(Purpose.TAKE_PART, Purpose.RESEARCH),
            )
        )

    @pytest.mark.rule("CON-01")
    def test_a_yes_of_somebody_outside_the_case_is_refused(self) -> None:
        given(*INFORMED).when(say_yes(SUPPORTER)).refused_by("CON-01")

    @pytest.mark.rule("CON-04")
    def test_a_yes_before_being_informed_is_refused(self) -> None:
        given(opened(), told(OFFENDER)).when(say_yes(VICTIM)).refused_by("CON-04")

    @pytest.mark.rule("CON-05")
    def test_a_yes_on_an_old_edition_is_refused(self) -> None:
        editions = (*Practice().editions, Edition(version=2, since=NOW))
        case = deciding(ledger_with(Practice(editions=editions)))
        case(*INFORMED).when(say_yes(VICTIM)).refused_by("CON-05")
        case(*INFORMED).when(say_yes(VICTIM, info_version=2)).refused_by("CON-04")
        case(*INFORMED, told(VICTIM, 2)).when(say_yes(VICTIM, info_version=2)).accepted()
        before = NOW - timedelta(days=1)
        case(*INFORMED).at(before).when(say_yes(VICTIM)).accepted()

    @pytest.mark.rule("CON-07")
    def test_a_yes_of_somebody_for_somebody_else_is_refused(self) -> None:
        for_victim = say_yes(VICTIM, given_by=OFFENDER.participant_id)
        given(*INFORMED).when(for_victim).refused_by("CON-07")

    @pytest.mark.rule("CON-07")
    def test_a_yes_from_16_on_is_ones_own_alone(self) -> None:
        youth = someone("youth", ParticipantRole.VICTIM, AgeBand.FROM_16_TO_17)
        events = (opened(youth, OFFENDER, PARENT), told(PARENT), stands_beside(youth, PARENT))
        parents = say_yes(
            youth,
            given_by=PARENT.participant_id,
            parent_involvement=ParentInvolvement.INVOLVED,
        )
        given(*events).when(parents).refused_by("CON-07")

    @pytest.mark.rule("CON-08")
    def test_a_yes_at_16_says_how_a_parent_is_involved(self) -> None:
        youth = someone("youth", ParticipantRole.VICTIM, AgeBand.FROM_16_TO_17)
        case = given(opened(youth, OFFENDER), told(youth))
        case.when(say_yes(youth)).refused_by("CON-08")
        not_wished = ParentInvolvement.NOT_WISHED
        case.when(say_yes(youth, parent_involvement=not_wished)).then(
            yes(youth, parent_involvement=not_wished)
        )

    @pytest.mark.rule("CON-10")
    def test_a_yes_of_an_offender_acknowledges_that_no_sentence_is_reduced(self) -> None:
        others = tuple(one for one in EVERY_ITEM if one != InformationItem.NO_SENTENCE_REDUCTION)
        case = given(*INFORMED)
        case.when(say_yes(OFFENDER, acknowledged=others)).refused_by("CON-10")
        case.when(say_yes(OFFENDER, acknowledged=EVERY_ITEM)).then(yes(OFFENDER))
        case.when(say_yes(VICTIM, acknowledged=())).then(yes(VICTIM, acknowledged=()))

    @pytest.mark.rule("CON-11")
    def test_a_yes_to_nothing_in_particular_is_refused(self) -> None:
        nothing = say_yes(VICTIM).model_copy(update={"methods": ()})
        given(*INFORMED).when(nothing).refused_by("CON-11")
        given(*INFORMED).when(say_yes(VICTIM, purposes=())).refused_by("CON-11")

    @pytest.mark.rule("CON-12")
    @pytest.mark.parametrize("days", [-1, 0, 91])
    def test_a_yes_that_has_ended_or_never_ends_is_refused(self, days: int) -> None:
        until = NOW + timedelta(days=days)
        given(*INFORMED).when(say_yes(VICTIM, valid_until=until)).refused_by("CON-12")

    @pytest.mark.rule("CON-12")
    def test_a_yes_may_end_sooner(self) -> None:
        until = NOW + timedelta(days=10)
        given(*INFORMED).when(say_yes(VICTIM, valid_until=until)).then(
            yes(VICTIM, valid_until=until)
        )

    @pytest.mark.rule("CON-12")
    def test_a_yes_recorded_late_ends_90_days_after_it_was_given(self) -> None:
        earlier, until = NOW - timedelta(days=30), NOW + timedelta(days=60)
        given(*INFORMED).when(say_yes(VICTIM, happened_at=earlier)).then(
            yes(VICTIM, checked_at=earlier, valid_until=until)
        )
        too_late = say_yes(VICTIM, happened_at=NOW - timedelta(days=90))
        given(*INFORMED).when(too_late).refused_by("CON-12")

    @pytest.mark.rule("CON-12")
    def test_a_yes_dated_in_the_future_lasts_no_longer(self) -> None:
        command = say_yes(VICTIM, happened_at=NOW + timedelta(days=30))
        given(*INFORMED).when(command).then(yes(VICTIM, valid_until=LATER))

    @pytest.mark.rule("CON-04")
    def test_a_yes_rests_on_any_edition_one_was_informed_by(self) -> None:
        editions = (*Practice().editions, Edition(version=2, since=NOW))
        case = deciding(ledger_with(Practice(editions=editions)))
        case(opened(), told(VICTIM, 2), told(VICTIM, 1)).when(say_yes(VICTIM, info_version=2)).then(
            yes(VICTIM, info_version=2)
        )

    def test_a_yes_names_every_rule_that_stands_in_its_way(self) -> None:
        command = say_yes(OFFENDER, acknowledged=(), valid_until=NOW)
        given(opened()).when(command).refused_by("CON-04", "CON-10", "CON-12")


class TestChild:
    BESIDE = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
    EVENTS = (
        opened(CHILD, OFFENDER, PARENT),
        stands_beside(CHILD, PARENT),
        told(CHILD),
        told(PARENT),
    )

    def with_parent(self, *methods: Method, **fields: Any) -> GiveConsent:
        return say_yes(CHILD, *methods, co_consent_id=self.BESIDE.consent_id, **fields)

    @pytest.mark.rule("CON-06")
    def test_a_child_does_not_consent_alone(self) -> None:
        given(*self.EVENTS).when(say_yes(CHILD)).refused_by("CON-06")
        given(*self.EVENTS).when(self.with_parent()).refused_by("CON-06")

    @pytest.mark.rule("CON-06")
    def test_a_child_of_unknown_age_does_not_consent_alone(self) -> None:
        unknown = someone("unknown", ParticipantRole.VICTIM, AgeBand.UNKNOWN)
        given(opened(unknown, OFFENDER), told(unknown)).when(say_yes(unknown)).refused_by("CON-06")

    @pytest.mark.rule("CON-06")
    def test_a_child_consents_together_with_a_representative(self) -> None:
        case = given(*self.EVENTS, said_yes(OFFENDER))
        case.when(say_yes(CHILD, given_by=PARENT.participant_id)).then(
            yes(CHILD, given_by=PARENT.participant_id)
        )
        both = given(*self.EVENTS, said_yes(OFFENDER), self.BESIDE)
        both.when(self.with_parent()).then(
            yes(CHILD, co_consent_id=self.BESIDE.consent_id), reached(CHILD, OFFENDER)
        )

    @pytest.mark.rule("CON-04")
    def test_a_child_is_helped_by_a_representative_who_was_informed(self) -> None:
        events = (opened(CHILD, OFFENDER, PARENT), stands_beside(CHILD, PARENT), told(CHILD))
        command = say_yes(CHILD, given_by=PARENT.participant_id)
        given(*events).when(command).refused_by("CON-04")

    @pytest.mark.rule("CON-06")
    def test_a_child_agrees_to_no_more_than_the_representative(self) -> None:
        case = given(*self.EVENTS, self.BESIDE)
        case.when(self.with_parent(LETTER, Method.VIDEO)).refused_by("CON-06")
        case.when(self.with_parent(purposes=tuple(Purpose))).refused_by("CON-06")

    @pytest.mark.rule("CON-06")
    def test_a_child_names_the_representatives_consent_and_no_other(self) -> None:
        case = given(*self.EVENTS, self.BESIDE, said_yes(OFFENDER))
        offenders = consent_id(str(OFFENDER.participant_id))
        case.when(say_yes(CHILD, co_consent_id=offenders)).refused_by("CON-06")
        own = said_yes(CHILD, name="own")
        given(*self.EVENTS, own).when(say_yes(CHILD, co_consent_id=own.consent_id)).refused_by(
            "CON-06"
        )
        unknown = consent_id("of nobody")
        case.when(say_yes(CHILD, co_consent_id=unknown)).refused_by("CON-06")

    @pytest.mark.rule("CON-06")
    def test_a_child_is_helped_by_a_yes_for_this_child_and_no_other(self) -> None:
        sibling = someone("sibling", ParticipantRole.VICTIM, AgeBand.UNDER_10)
        events = (
            opened(CHILD, sibling, OFFENDER, PARENT),
            stands_beside(CHILD, PARENT),
            stands_beside(sibling, PARENT),
            told(sibling),
            self.BESIDE,
        )
        siblings = say_yes(sibling, co_consent_id=self.BESIDE.consent_id)
        given(*events).when(siblings).refused_by("CON-06")

    @pytest.mark.rule("CON-06")
    @pytest.mark.rule("CON-18")
    def test_a_child_consents_no_longer_than_the_representative(self) -> None:
        soon = NOW + timedelta(days=10)
        ending = said_yes(CHILD, name="b", given_by=PARENT.participant_id, valid_until=soon)
        own = say_yes(CHILD, co_consent_id=ending.consent_id)
        given(*self.EVENTS, ending).at(soon).when(own).refused_by("CON-06")
        agreed_until = (
            *self.EVENTS,
            said_yes(OFFENDER),
            ending,
            said_yes(CHILD, co_consent_id=ending.consent_id),
            reached(CHILD, OFFENDER),
        )
        given(*agreed_until).at(soon).when(take_back(PARENT)).then(
            took_back(PARENT, also_ends=ended(CHILD)), lost(CHILD, OFFENDER)
        )

    @pytest.mark.rule("CON-07")
    def test_a_child_who_turns_16_counts_by_their_own_yes_only(self) -> None:
        grown = CHILD.model_copy(update={"age_band": AgeBand.FROM_16_TO_17})
        note = NoteParticipants(participants=(grown, OFFENDER, PARENT))
        noted = ParticipantsNoted(participants=note.participants)
        case = given(*self.EVENTS, said_yes(OFFENDER), self.BESIDE)
        case.when(note).then(noted)
        own = said_yes(CHILD, co_consent_id=consent_id("that was taken back"))
        given(*self.EVENTS, said_yes(OFFENDER), own).when(note).then(
            noted, reached(CHILD, OFFENDER)
        )

    @pytest.mark.rule("CON-07")
    def test_a_child_is_not_helped_by_somebody_who_was_not_appointed(self) -> None:
        events = (opened(CHILD, OFFENDER, PARENT), told(PARENT))
        command = say_yes(CHILD, given_by=PARENT.participant_id)
        given(*events).when(command).refused_by("CON-07")

    @pytest.mark.rule("CON-19")
    def test_a_child_ends_both_consents_by_a_no(self) -> None:
        own = said_yes(CHILD, co_consent_id=self.BESIDE.consent_id)
        events = (
            *self.EVENTS,
            said_yes(OFFENDER),
            self.BESIDE,
            own,
            reached(CHILD, OFFENDER),
        )
        given(*events).when(take_back(CHILD)).then(took_back(CHILD), lost(CHILD, OFFENDER))
        after = given(*events, took_back(CHILD), lost(CHILD, OFFENDER))
        after.when(self.with_parent()).refused_by("CON-06")

    @pytest.mark.rule("CON-19")
    def test_a_representatives_no_ends_the_yes_that_they_gave(self) -> None:
        own = said_yes(CHILD, co_consent_id=self.BESIDE.consent_id)
        case = given(*self.EVENTS, said_yes(OFFENDER), self.BESIDE, own, reached(CHILD, OFFENDER))
        case.when(take_back(PARENT)).then(
            took_back(PARENT, also_ends=ended(CHILD)), lost(CHILD, OFFENDER)
        )
        case.when(decline(PARENT)).then(
            declined(PARENT, also_ends=ended(CHILD)), lost(CHILD, OFFENDER)
        )
        left = case.when(take_back(PARENT)).state().consents
        assert [one.given_by for one in left] == [OFFENDER.participant_id, CHILD.participant_id]
        after = given(*case.events, took_back(PARENT), lost(CHILD, OFFENDER))
        after.when(self.with_parent()).refused_by("CON-06")

    @pytest.mark.rule("CON-19")
    def test_a_representatives_no_to_one_method_leaves_the_others(self) -> None:
        both = (LETTER, Method.SHUTTLE)
        beside = said_yes(CHILD, *both, name="beside", given_by=PARENT.participant_id)
        own = said_yes(CHILD, *both, co_consent_id=beside.consent_id)
        quorums = (
            reached(CHILD, OFFENDER),
            reached(CHILD, OFFENDER, method=Method.SHUTTLE),
        )
        case = given(*self.EVENTS, said_yes(OFFENDER, *both), beside, own, *quorums)
        after = case.when(take_back(PARENT, LETTER))
        after.then(took_back(PARENT, LETTER, also_ends=ended(CHILD, LETTER)), lost(CHILD, OFFENDER))
        assert after.state().quorum == {Method.SHUTTLE: between(CHILD, OFFENDER)}

    @pytest.mark.rule("CON-19")
    def test_a_representatives_no_says_whose_yes_it_ends_where_no_quorum_hangs_on_it(self) -> None:
        friend = someone("friend", ParticipantRole.SUPPORTER, AgeBand.FROM_10_TO_15)
        beside = said_yes(friend, *ALL, name="beside", given_by=PARENT.participant_id)
        case = given(
            *agreed(VICTIM, OFFENDER),
            ParticipantsNoted(participants=(VICTIM, OFFENDER, friend, PARENT)),
            stands_beside(friend, PARENT),
            beside,
            said_yes(friend, *ALL, co_consent_id=beside.consent_id),
        )
        case.when(take_back(PARENT)).then(took_back(PARENT, also_ends=ended(friend)))
        case.when(decline(PARENT, LETTER)).then(
            declined(PARENT, LETTER, also_ends=ended(friend, LETTER))
        )
        case.when(take_back(friend)).then(took_back(friend))

    @pytest.mark.rule("CON-19")
    def test_a_representatives_no_leaves_the_yes_that_rests_on_another_representative(self) -> None:
        other = someone("other parent", ParticipantRole.REPRESENTATIVE)
        both = (LETTER, Method.SHUTTLE)
        beside = said_yes(CHILD, *both, name="beside", given_by=PARENT.participant_id)
        theirs = said_yes(CHILD, name="theirs", given_by=other.participant_id)
        case = given(
            opened(CHILD, OFFENDER, PARENT, other),
            stands_beside(CHILD, PARENT),
            stands_beside(CHILD, other),
            beside,
            said_yes(CHILD, *both, name="with one", co_consent_id=beside.consent_id),
            theirs,
            said_yes(CHILD, name="with the other", co_consent_id=theirs.consent_id),
        )
        case.when(take_back(PARENT, *both)).then(
            took_back(PARENT, *both, also_ends=ended(CHILD, Method.SHUTTLE))
        )
        case.when(take_back(PARENT, LETTER)).then(took_back(PARENT, LETTER))

    @pytest.mark.rule("CON-19")
    def test_a_representatives_no_ends_nothing_of_an_adult(self) -> None:
        people = ParticipantsNoted(participants=(VICTIM, OFFENDER, PARENT))
        case = given(*agreed(VICTIM, OFFENDER), people, stands_beside(VICTIM, PARENT))
        case.when(take_back(PARENT)).then(took_back(PARENT))


class TestNo:
    @pytest.mark.rule("CON-15")
    def test_a_no_is_taken_from_anyone_at_any_time(self) -> None:
        given(opened()).when(decline(VICTIM)).then(declined(VICTIM))
        given(opened()).by(Role.OFFICER).when(decline(SUPPORTER)).then(declined(SUPPORTER))
        given(opened(), declined(VICTIM)).when(decline(VICTIM)).then(declined(VICTIM))

    @pytest.mark.rule("CON-15")
    def test_a_no_needs_no_reason(self) -> None:
        command = DeclineConsent(participant_id=VICTIM.participant_id)
        given(opened()).when(command).then(
            ConsentDeclined(participant_id=VICTIM.participant_id, methods=ALL)
        )

    @pytest.mark.rule("CON-17")
    def test_a_no_is_the_last_word(self) -> None:
        given(*agreed(VICTIM, OFFENDER)).when(decline(VICTIM, LETTER)).then(
            declined(VICTIM, LETTER), lost(VICTIM, OFFENDER)
        )

    def test_a_no_can_become_a_yes(self) -> None:
        given(*INFORMED, declined(VICTIM)).when(say_yes(VICTIM)).then(yes(VICTIM))


class TestWithdrawal:
    @pytest.mark.rule("CON-16")
    def test_a_withdrawal_is_recorded_without_any_consent(self) -> None:
        given(opened()).when(take_back(VICTIM)).then(took_back(VICTIM))

    @pytest.mark.rule("CON-16")
    def test_a_withdrawal_is_recorded_each_time(self) -> None:
        given(*INFORMED, took_back(VICTIM)).when(take_back(VICTIM)).then(took_back(VICTIM))

    @pytest.mark.rule("CON-16")
    @pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSTEM])
    def test_a_withdrawal_may_be_relayed_by_anyone(self, role: Role) -> None:
        given(*agreed(VICTIM, OFFENDER)).by(role, an_id("elsewhere")).when(take_back(VICTIM)).then(
            took_back(VICTIM), lost(VICTIM, OFFENDER)
        )

    @pytest.mark.rule("CON-16")
    def test_a_withdrawal_is_recorded_of_somebody_who_has_left(self) -> None:
        given(opened(OFFENDER)).when(take_back(VICTIM)).then(took_back(VICTIM))

    @pytest.mark.rule("CON-16")
    def test_a_withdrawal_names_every_method_unless_it_names_some(self) -> None:
        case = given(*INFORMED, said_yes(VICTIM, LETTER, Method.VIDEO))
        unnamed = WithdrawConsent(
            participant_id=VICTIM.participant_id, channel=Channel.THROUGH_SOMEBODY_ELSE
        )
        assert case.when(unnamed).accepted() == [
            ConsentWithdrawn(
                participant_id=VICTIM.participant_id,
                methods=ALL,
                channel=Channel.THROUGH_SOMEBODY_ELSE,
            )
        ]
        kept = case.when(take_back(VICTIM, Method.VIDEO)).state()
        assert [one.methods for one in kept.consents] == [(LETTER,)]

    @pytest.mark.rule("CON-16")
    def test_a_withdrawal_needs_a_new_yes_afterwards(self) -> None:
        events = (*agreed(VICTIM, OFFENDER), took_back(VICTIM), lost(VICTIM, OFFENDER))
        given(*events).when(say_yes(VICTIM)).then(yes(VICTIM), reached(VICTIM, OFFENDER))

    def test_a_withdrawal_of_one_method_leaves_the_others_agreed(self) -> None:
        both = (LETTER, Method.SHUTTLE)
        events = (*INFORMED, said_yes(VICTIM, *both), said_yes(OFFENDER, *both))
        quorums = (
            reached(VICTIM, OFFENDER),
            reached(VICTIM, OFFENDER, method=Method.SHUTTLE),
        )
        after = given(*events, *quorums).when(take_back(VICTIM, LETTER))
        after.then(took_back(VICTIM, LETTER), lost(VICTIM, OFFENDER))
        assert after.state().quorum == {Method.SHUTTLE: between(VICTIM, OFFENDER)}


class TestYesOfBefore:
    """A yes that was said before a no, and is recorded after it."""

    HOUR = timedelta(hours=1)

    def late(self, *events: Event) -> Any:
        return given(*INFORMED, *events).at(NOW + timedelta(days=1))

    @pytest.mark.rule("CON-24")
    @pytest.mark.parametrize("no", [took_back(VICTIM), declined(VICTIM), took_back(VICTIM, LETTER)])
    def test_a_yes_of_before_a_no_brings_nothing_back(self, no: Event) -> None:
        case = self.late(said_yes(OFFENDER), no)
        case.when(say_yes(VICTIM, happened_at=NOW - self.HOUR)).refused_by("CON-24")
        refused = case.when(say_yes(VICTIM, happened_at=NOW)).refused_by("CON-24")
        assert "2026" in refused.unmet[0].needs
        case.when(say_yes(VICTIM, happened_at=NOW + self.HOUR)).accepted()
        case.when(say_yes(VICTIM)).accepted()

    @pytest.mark.rule("CON-24")
    def test_a_yes_of_before_counts_for_what_was_not_said_no_to(self) -> None:
        case = self.late(took_back(VICTIM, LETTER))
        before = NOW - self.HOUR
        case.when(say_yes(VICTIM, Method.VIDEO, happened_at=before)).accepted()
        case.when(say_yes(VICTIM, Method.VIDEO, LETTER, happened_at=before)).refused_by("CON-24")

    @pytest.mark.rule("CON-24")
    def test_a_yes_of_before_counts_whatever_others_said(self) -> None:
        case = self.late(took_back(OFFENDER))
        case.when(say_yes(VICTIM, happened_at=NOW - self.HOUR)).accepted()

    @pytest.mark.rule("CON-24")
    def test_a_yes_is_measured_by_the_latest_no_not_by_the_one_recorded_last(self) -> None:
        case = self.late(took_back(VICTIM), declined(VICTIM)).happened(5, NOW - 2 * self.HOUR)
        case.when(say_yes(VICTIM, happened_at=NOW - self.HOUR)).refused_by("CON-24")
        early = case.happened(4, NOW - 3 * self.HOUR)
        early.when(say_yes(VICTIM, happened_at=NOW - self.HOUR)).accepted()
        early.when(say_yes(VICTIM, happened_at=NOW - 2 * self.HOUR)).refused_by("CON-24")

    @pytest.mark.rule("CON-24")
    def test_a_yes_of_before_somebody_could_not_decide_counts_no_more_afterwards(self) -> None:
        lacking, able = (
            CapacityRecorded(participant_id=VICTIM.participant_id, result=one)
            for one in (Capacity.LACKS_CAPACITY, Capacity.HAS_CAPACITY)
        )
        before = say_yes(VICTIM, happened_at=NOW - self.HOUR)
        self.late(lacking).when(before).refused_by("CON-09", "CON-24")
        self.late(lacking, able).when(before).refused_by("CON-24")
        self.late(lacking, able).when(say_yes(VICTIM)).accepted()
        self.late(able).when(before).accepted()

    @pytest.mark.rule("CON-15")
    @pytest.mark.rule("CON-16")
    def test_a_no_of_before_is_taken(self) -> None:
        before = {"happened_at": NOW - self.HOUR}
        case = self.late(took_back(VICTIM))
        case.when(decline(VICTIM).model_copy(update=before)).accepted()
        case.when(take_back(VICTIM).model_copy(update=before)).accepted()

    @pytest.mark.rule("CON-24")
    def test_a_representatives_yes_is_later_than_their_no_and_than_the_childs(self) -> None:
        parents = say_yes(CHILD, given_by=PARENT.participant_id, happened_at=NOW - self.HOUR)
        anew = parents.model_copy(update={"happened_at": NOW + self.HOUR})
        for no in (took_back(PARENT), took_back(CHILD)):
            case = given(*TestChild.EVENTS, no).at(NOW + timedelta(days=1))
            case.when(parents).refused_by("CON-24")
            case.when(anew).accepted()


class TestQuorum:
    @pytest.mark.rule("CON-17")
    def test_a_quorum_is_reached_with_the_last_yes_in_the_same_commit(self) -> None:
        case = given(*INFORMED, said_yes(VICTIM))
        case.when(say_yes(OFFENDER)).then(yes(OFFENDER), reached(VICTIM, OFFENDER))

    @pytest.mark.rule("CON-17")
    def test_a_quorum_is_said_per_method(self) -> None:
        case = given(*INFORMED, said_yes(VICTIM, *ALL))
        case.when(say_yes(OFFENDER, LETTER, Method.VIDEO)).then(
            yes(OFFENDER, Method.VIDEO, LETTER),
            reached(VICTIM, OFFENDER, method=Method.VIDEO),
            reached(VICTIM, OFFENDER, method=LETTER),
        )

    @pytest.mark.rule("CON-17")
    def test_a_quorum_needs_two_sides(self) -> None:
        second = someone("second victim", ParticipantRole.VICTIM)
        case = given(opened(VICTIM, second), told(second), said_yes(VICTIM))
        case.when(say_yes(second)).then(yes(second))

    @pytest.mark.rule("CON-17")
    def test_a_quorum_is_between_the_parties_of_a_dispute(self) -> None:
        people = (NEIGHBOUR, OTHER_NEIGHBOUR)
        case = given(opened(*people), told(OTHER_NEIGHBOUR), said_yes(NEIGHBOUR))
        case.when(say_yes(OTHER_NEIGHBOUR)).then(yes(OTHER_NEIGHBOUR), reached(*people))

    @pytest.mark.rule("CON-17")
    def test_a_quorum_does_not_wait_for_supporters(self) -> None:
        case = given(opened(VICTIM, OFFENDER, SUPPORTER), told(OFFENDER), said_yes(VICTIM))
        case.when(say_yes(OFFENDER)).then(yes(OFFENDER), reached(VICTIM, OFFENDER))

    @pytest.mark.rule("CON-17")
    def test_a_quorum_is_of_those_who_take_part(self) -> None:
        research = said_yes(VICTIM, purposes=(Purpose.RESEARCH,))
        given(*INFORMED, research).when(say_yes(OFFENDER)).then(yes(OFFENDER))

    @pytest.mark.rule("CON-18")
    def test_a_quorum_does_not_count_a_yes_past_its_end(self) -> None:
        ending = said_yes(VICTIM, valid_until=NOW)
        given(*INFORMED, ending).when(say_yes(OFFENDER)).then(yes(OFFENDER))

    @pytest.mark.rule("CON-18")
    def test_a_quorum_is_lost_with_the_next_word_once_a_yes_has_ended(self) -> None:
        case = given(*agreed(VICTIM, OFFENDER)).at(LATER)
        case.when(take_back(SUPPORTER)).then(took_back(SUPPORTER), lost(VICTIM, OFFENDER))
