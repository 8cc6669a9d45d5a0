"""A yes is confirmed, changed, or comes to its end; mistakes are named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import CaseClosureNoted, CaseHoldNoted, EntryCorrected
from contracts.consent import Capacity, CapacityRecorded, ConsentGiven, ConsentId, Purpose
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Event
from contracts.fields import Role
from contracts.terms import Method, Participant, YesEnded
from kernel.testing.spec import NOW, an_id, by, deciding
from services.consent.domain.ledger.commands import DeclineConsent
from services.consent.domain.ledger.decide import ledger_with
from services.consent.domain.ledger.practice import Edition, Practice
from services.consent.domain.ledger.review_commands import (
    CorrectEntry,
    ExpireConsent,
    NoteCaseClosure,
    NoteCaseHold,
    ReconfirmConsent,
    VaryConsent,
)
from tests.unit.consent.people import (
    CHILD,
    LATER,
    LETTER,
    OFFENDER,
    PARENT,
    VICTIM,
    agreed,
    consent_id,
    ended,
    given,
    lost,
    opened,
    reached,
    said_yes,
    say_yes,
    stands_beside,
    take_back,
    told,
    took_back,
)

DAY = timedelta(days=1)
SOON = NOW + 60 * DAY
VIDEO = Method.VIDEO
AGREED = agreed(VICTIM, OFFENDER)
CLOSED = CaseClosureNoted(referral_version=9)


def id_of(who: Participant) -> Any:
    return consent_id(str(who.participant_id))


def again(who: Participant = VICTIM, **fields: Any) -> ReconfirmConsent:
    return ReconfirmConsent(**{"consent_id": id_of(who), "info_version": 1, **fields})


def vary(*methods: Method, who: Participant = VICTIM, **fields: Any) -> VaryConsent:
    values = {"consent_id": id_of(who), "info_version": 1, "methods": methods}
    return VaryConsent(**values | fields)


def confirmed(who: Participant = VICTIM, **fields: Any) -> ConsentReconfirmed:
    values: dict[str, Any] = {
        "consent_id": id_of(who),
        "participant_id": who.participant_id,
        "methods": (LETTER,),
        "info_version": 1,
        "valid_until": SOON + 90 * DAY,
        "checked_at": SOON,
    }
    return ConsentReconfirmed(**values | fields)


def varied(*methods: Method, who: Participant = VICTIM, **fields: Any) -> ConsentVaried:
    ends: tuple[YesEnded, ...] = fields.pop("ends", ())
    return ConsentVaried(**confirmed(who, methods=methods, **fields).model_dump(), ends=ends)


def expired(who: Participant = VICTIM) -> ConsentExpired:
    return ConsentExpired(
        consent_id=id_of(who),
        participant_id=who.participant_id,
        methods=(LETTER,),
        no_longer=(LETTER,),
    )


class TestChangingAfterANo:
    BOTH = said_yes(VICTIM, LETTER, VIDEO)
    CASE = given(opened(), told(VICTIM), BOTH, took_back(VICTIM, LETTER)).at(NOW + DAY)
    BEFORE = NOW - DAY

    @pytest.mark.rule("CON-24")
    def test_a_change_of_before_a_no_does_not_add_what_it_was_said_to(self) -> None:
        self.CASE.when(vary(LETTER, VIDEO, happened_at=self.BEFORE)).refused_by("CON-24")
        self.CASE.when(vary(LETTER, VIDEO, happened_at=NOW)).refused_by("CON-24")
        self.CASE.when(vary(LETTER, VIDEO, happened_at=NOW + DAY / 2)).accepted()
        self.CASE.when(vary(LETTER, VIDEO)).accepted()

    @pytest.mark.rule("CON-24")
    def test_a_change_of_before_a_no_that_adds_nothing_of_it_is_taken(self) -> None:
        self.CASE.when(vary(VIDEO, happened_at=self.BEFORE)).accepted()
        self.CASE.when(vary(Method.SHUTTLE, VIDEO, happened_at=self.BEFORE)).accepted()
        self.CASE.when(again(happened_at=self.BEFORE)).accepted()

    @pytest.mark.rule("CON-24")
    def test_a_yes_said_after_the_no_is_narrowed_by_a_change_of_before(self) -> None:
        anew = said_yes(VICTIM, LETTER, VIDEO, name="anew", checked_at=NOW + DAY / 2)
        case = given(opened(), told(VICTIM), took_back(VICTIM), anew).at(NOW + DAY)
        narrowed = vary(LETTER, consent_id=anew.consent_id, happened_at=self.BEFORE)
        case.when(narrowed).accepted()


class TestConfirming:
    def test_a_yes_that_is_confirmed_lasts_90_days_from_then(self) -> None:
        given(*AGREED).at(SOON).when(again()).then(confirmed())

    def test_a_confirmed_yes_outlives_its_first_end(self) -> None:
        both = (confirmed(VICTIM), confirmed(OFFENDER))
        no = DeclineConsent(participant_id=PARENT.participant_id)
        assert len(given(*AGREED, *both).at(LATER).when(no).accepted()) == 1
        assert lost(VICTIM, OFFENDER) in given(*AGREED, both[0]).at(LATER).when(no).accepted()

    def test_a_confirmed_yes_knows_when_it_was_checked(self) -> None:
        [first, _] = given(*AGREED, confirmed()).state().consents
        assert first.checked_at == SOON

    @pytest.mark.rule("CON-40")
    @pytest.mark.parametrize("ended", [(took_back(VICTIM),), (expired(),)])
    def test_a_yes_that_stands_no_longer_is_not_confirmed(self, ended: tuple[Event, ...]) -> None:
        given(*AGREED, *ended).when(again()).refused_by("CON-40")
        given(*AGREED, *ended).when(vary(LETTER)).refused_by("CON-40")

    @pytest.mark.rule("CON-40")
    def test_a_yes_past_its_end_is_not_confirmed(self) -> None:
        given(*AGREED).at(LATER).when(again()).refused_by("CON-40")
        assert given(*AGREED).at(LATER - timedelta(seconds=1)).when(again()).accepted()

    @pytest.mark.rule("CON-05")
    def test_a_yes_is_confirmed_on_the_current_edition(self) -> None:
        practice = Practice(editions=(*Practice().editions, Edition(version=2, since=SOON)))
        case = deciding(ledger_with(practice))
        case(*AGREED).at(SOON).when(again()).refused_by("CON-05")
        case(*AGREED).at(SOON).when(again(info_version=2)).refused_by("CON-04")
        case(*AGREED, told(VICTIM, 2)).at(SOON).when(again(info_version=2)).then(
            confirmed(info_version=2)
        )

    @pytest.mark.rule("CON-12")
    def test_a_yes_is_confirmed_for_90_days_at_most(self) -> None:
        too_long = again(valid_until=SOON + 91 * DAY)
        given(*AGREED).at(SOON).when(too_long).refused_by("CON-12")


class TestChanging:
    def test_a_yes_gains_a_method_and_the_quorum_follows_in_the_same_commit(self) -> None:
        both = (*AGREED, varied(LETTER, VIDEO, who=OFFENDER))
        given(*both).at(SOON).when(vary(LETTER, VIDEO)).then(
            varied(VIDEO, LETTER), reached(VICTIM, OFFENDER, method=VIDEO)
        )

    def test_a_yes_loses_a_method_and_the_quorum_follows_in_the_same_commit(self) -> None:
        given(*AGREED).at(SOON).when(vary(VIDEO)).then(
            varied(VIDEO, ends=ended(VICTIM, LETTER)), lost(VICTIM, OFFENDER)
        )

    @pytest.mark.rule("CON-11")
    def test_a_yes_to_nothing_is_none(self) -> None:
        given(*AGREED).when(vary()).refused_by("CON-11")

    @pytest.mark.rule("CON-06")
    def test_a_child_agrees_to_no_more_than_the_representative(self) -> None:
        beside = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
        own = said_yes(CHILD, co_consent_id=consent_id("beside"))
        before = (opened(CHILD, OFFENDER, PARENT), told(CHILD), told(PARENT))
        case = given(*before, stands_beside(CHILD, PARENT), beside, own)
        case.when(vary(LETTER, VIDEO, who=CHILD)).refused_by("CON-06")
        assert case.when(again(CHILD)).accepted()


class TestEnding:
    @pytest.mark.rule("CON-42")
    def test_a_yes_that_nobody_confirmed_ends_and_the_quorum_with_it(self) -> None:
        end = ExpireConsent(consent_id=id_of(VICTIM))
        given(*AGREED).by(Role.SYSTEM).at(LATER).when(end).then(expired(), lost(VICTIM, OFFENDER))

    @pytest.mark.rule("CON-42")
    def test_the_end_of_a_yes_beside_which_another_stands_takes_no_method_away(self) -> None:
        first = next(one for one in AGREED if isinstance(one, ConsentGiven))
        later = {"consent_id": ConsentId(an_id("later yes")), "valid_until": LATER + DAY}
        end = ExpireConsent(consent_id=first.consent_id)
        ended = expired().model_copy(update={"no_longer": ()})
        superseded = given(*AGREED, first.model_copy(update=later), confirmed(OFFENDER))
        superseded.by(Role.SYSTEM).at(LATER).when(end).then(ended)

    @pytest.mark.rule("CON-42")
    def test_the_end_of_a_yes_to_research_alone_takes_no_method_away(self) -> None:
        first = next(one for one in AGREED if isinstance(one, ConsentGiven))
        other = ConsentId(an_id("research"))
        research = first.model_copy(
            update={"consent_id": other, "purposes": (Purpose.RESEARCH,), "valid_until": SOON}
        )
        ended = expired().model_copy(update={"consent_id": other, "no_longer": ()})
        end = ExpireConsent(consent_id=other)
        given(*AGREED, research).by(Role.SYSTEM).at(SOON).when(end).then(ended)

    @pytest.mark.rule("CON-42")
    @pytest.mark.parametrize("meanwhile", [confirmed(), took_back(VICTIM), expired()])
    def test_a_yes_that_was_confirmed_or_is_gone_does_not_end(self, meanwhile: Event) -> None:
        end = ExpireConsent(consent_id=id_of(VICTIM))
        given(*AGREED, meanwhile).by(Role.SYSTEM).at(LATER).when(end).refused_by("CON-42")

    @pytest.mark.rule("CON-42")
    def test_a_yes_does_not_end_before_its_time(self) -> None:
        end = ExpireConsent(consent_id=id_of(VICTIM))
        given(*AGREED).by(Role.SYSTEM).at(LATER - DAY).when(end).refused_by("CON-42")


class TestTheCase:
    def test_what_the_referral_says_is_noted(self) -> None:
        hold = NoteCaseHold(on_hold=True, referral_version=7)
        given(*AGREED).when(hold).then(CaseHoldNoted(on_hold=True, referral_version=7))
        given(*AGREED).when(NoteCaseClosure(referral_version=9)).then(CLOSED)

    def test_the_ledger_knows_whether_the_case_goes_on(self) -> None:
        held = CaseHoldNoted(on_hold=True, referral_version=7)
        resumed = CaseHoldNoted(on_hold=False, referral_version=8)
        assert given(*AGREED, held).state().on_hold
        assert not given(*AGREED, held, resumed).state().on_hold
        assert given(*AGREED, CLOSED).state().closed

    @pytest.mark.rule("CON-41")
    def test_nobody_is_asked_in_a_closed_case(self) -> None:
        for command in (again(), vary(VIDEO), say_yes(VICTIM)):
            given(*AGREED, CLOSED).when(command).refused_by("CON-41")

    @pytest.mark.rule("CON-15", "CON-16")
    def test_a_no_is_taken_in_a_closed_case_too(self) -> None:
        no = DeclineConsent(participant_id=VICTIM.participant_id)
        for command in (take_back(VICTIM), no):
            assert given(*AGREED, CLOSED).when(command).accepted()


class TestMistakes:
    MISTAKEN = CorrectEntry(entry=an_id("entry 2"))
    CORRECTED = EntryCorrected(entry=an_id("entry 2"), entry_version=2)

    def test_who_was_not_informed_after_all_has_not_said_yes(self) -> None:
        assert AGREED[1] == told(VICTIM)
        named = self.CORRECTED.model_copy(update={"ends": ended(VICTIM, LETTER)})
        given(*AGREED).when(self.MISTAKEN).then(named, lost(VICTIM, OFFENDER))
        given(*AGREED, self.CORRECTED).when(say_yes(VICTIM)).refused_by("CON-04")

    def test_who_was_informed_twice_was_informed(self) -> None:
        given(*AGREED, told(VICTIM)).when(self.MISTAKEN).then(self.CORRECTED)

    @pytest.mark.rule("CON-44")
    @pytest.mark.parametrize("version", [1, 4, 9])
    def test_a_consent_is_never_a_mistake(self, version: int) -> None:
        correct = CorrectEntry(entry=an_id(f"entry {version}"))
        given(*AGREED).when(correct).refused_by("CON-44")

    @pytest.mark.rule("CON-44")
    def test_a_mistake_is_corrected_once(self) -> None:
        given(*AGREED, self.CORRECTED).when(self.MISTAKEN).refused_by("CON-44")

    @pytest.mark.rule("CON-45")
    def test_a_mistake_is_told_by_who_made_it_or_a_supervisor(self) -> None:
        lacking = CapacityRecorded(
            participant_id=PARENT.participant_id, result=Capacity.HAS_CAPACITY
        )
        case = given(*AGREED, lacking)
        another = by(Role.COORDINATOR, actor=an_id("another coordinator"))
        case.by(another).when(self.MISTAKEN).refused_by("CON-45")
        assert case.by(Role.SUPERVISOR).when(self.MISTAKEN).accepted()
