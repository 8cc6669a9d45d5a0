"""What happened in a case, in plain words, and why."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from contracts import codec, consent, consent_review
from contracts.common import ParticipantsNoted
from contracts.consent import Purpose, RepresentativeEndCause, RepresentativeEnded
from contracts.envelope import Event, Topic
from contracts.fields import ParticipantId, Role
from contracts.referral_course import ParticipantContacted
from contracts.terms import Method
from kernel.testing.spec import CASE, NOW, an_id
from services.reporting.projections.timeline.project import TIMELINE
from services.reporting.projections.timeline.query import TimelineEntry, timeline
from services.reporting.projections.timeline.words import PERSONAL, WORDS, words
from tests.support_http import HUB, POLICE
from tests.unit.reporting.story import (
    LEDGER_OPENED,
    LETTER,
    OFFENDER,
    VICTIM,
    Story,
    agreed_and_lost,
    document,
    in_memory,
    orders,
    requested,
    told_all,
    withdrawn,
    yes,
)

SAMPLES = Path(codec.__file__).parent / "samples"
OF_CASES = [one for one in codec.PUBLISHED if one.topic == Topic.CASE]


def told(story: Story, *, with_personal: bool = True) -> tuple[TimelineEntry, ...]:
    return timeline(document(TIMELINE, story.told), with_personal=with_personal)


def said(event: Event) -> str:
    return words(event, lambda _: "the victim")


@pytest.mark.parametrize("event", OF_CASES, ids=lambda one: one.__name__)
def test_every_event_of_a_case_has_words(event: type[Event]) -> None:
    sample = event.model_validate_json((SAMPLES / f"{event.wire_type()}.json").read_text())
    assert re.fullmatch(r"[A-Z][a-z ,:;]+\.", said(sample)), said(sample)


def test_every_word_has_an_event() -> None:
    assert set(WORDS) == set(OF_CASES)


def test_what_single_people_said_is_personal() -> None:
    said_by_people: tuple[type[Event], ...] = (
        *consent.EVENTS,
        *consent_review.EVENTS,
        ParticipantContacted,
    )
    of_one_person = {one for one in said_by_people if "participant_id" in one.model_fields}
    assert of_one_person <= PERSONAL


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (requested(), "A referral was requested: post court, with victim and offender."),
        (yes(VICTIM), "The victim said yes to letter."),
        (
            yes(VICTIM, Method.VIDEO, LETTER, Method.SHUTTLE),
            "The victim said yes to video, letter and shuttle.",
        ),
        (
            yes(VICTIM, purposes=(Purpose.TAKE_PART, Purpose.RESEARCH)),
            "The victim said yes to letter, for this: take part and research.",
        ),
        (
            yes(VICTIM, given_by=ParticipantId(an_id("parent"))),
            "A representative of the victim said yes to letter.",
        ),
        (withdrawn(VICTIM), "The victim took back any consent to every method."),
        (told_all(VICTIM), "The victim was told what there is to know, in person."),
        (ParticipantsNoted(participants=()), "It was noted who is in the case now: nobody."),
    ],
)
def test_words_are_plain(event: Event, sentence: str) -> None:
    assert said(event) == sentence


def test_a_case_is_told_from_its_request_to_the_loss_of_consent() -> None:
    assert [(one.words, one.cause) for one in told(agreed_and_lost())] == [
        ("A referral was requested: post court, with victim and offender.", None),
        (
            "The referral was screened: suitable, standard, to be led at intermediate level.",
            None,
        ),
        ("The hub took the case on.", None),
        ("From now on it is recorded who agrees to what.", "The hub took the case on."),
        ("Facilitation opened the case.", "The hub took the case on."),
        ("The victim was told what there is to know, in person.", None),
        ("The offender was told what there is to know, in person.", None),
        ("Somebody joined the case: supporter.", None),
        (
            "It was noted who is in the case now: victim, offender and supporter.",
            "Somebody joined the case: supporter.",
        ),
        (
            "It was noted who is in the case now: victim, offender and supporter.",
            "Somebody joined the case: supporter.",
        ),
        ("The victim said yes to letter.", None),
        ("The offender said yes to letter.", None),
        ("Everybody agrees to letter.", "The offender said yes to letter."),
        ("Facilitation noted that everybody agrees to letter.", "Everybody agrees to letter."),
        ("The victim took back any consent to every method.", None),
        (
            "Not everybody agrees to letter any longer.",
            "The victim took back any consent to every method.",
        ),
        (
            "Facilitation noted that not everybody agrees to letter any longer.",
            "Not everybody agrees to letter any longer.",
        ),
    ]


def test_neither_side_shows_without_leave_to_see_it_nor_as_a_cause() -> None:
    entries = told(agreed_and_lost(), with_personal=False)
    assert not any(re.search("said|took back", one.words) for one in entries)
    assert {one.participant_id for one in entries} == {None, an_id("supporter")}
    causes = {one.words: one.cause for one in entries}
    assert causes["Not everybody agrees to letter any longer."] is None
    assert causes["Everybody agrees to letter."] is None
    assert causes["Facilitation opened the case."] == "The hub took the case on."


def test_what_a_policy_did_about_one_persons_word_does_not_give_that_word_away() -> None:
    story = Story()
    story.tell("referral", requested())
    no = story.tell("consent", withdrawn(VICTIM))
    story.tell("facilitation", ParticipantsNoted(participants=(VICTIM,)), cause=no)
    whole, part = told(story), told(story, with_personal=False)
    assert whole[-1].cause == "The victim took back any consent to every method."
    assert part[-1].cause is None


def test_an_entry_says_who_did_it_when_and_where_it_stands() -> None:
    story = Story()
    story.tell("referral", requested(), role=Role.OFFICER, org=POLICE, happened_at=NOW)
    story.tell("consent", LEDGER_OPENED, cause=story.told[0])
    story.tell("consent", yes(OFFENDER))
    first, second, third = told(story)
    assert (first.role, first.organisation, first.happened_at) == (Role.OFFICER, POLICE, NOW)
    assert (first.actor, second.actor) == tuple(one.envelope.actor for one in story.told[:2])
    assert first.recorded_at == story.told[0].envelope.recorded_at
    assert (first.stream, first.version) == (f"referral-{CASE}", 1)
    assert (first.event, first.type) == (story.told[0].envelope.id, "rj.ReferralRequested.v1")
    assert first.participant_id is None
    assert (second.role, second.organisation) == (Role.SYSTEM, HUB)
    assert third.participant_id == OFFENDER.participant_id


def test_one_of_several_is_not_called_the_only_one() -> None:
    story = Story()
    second = VICTIM.model_copy(update={"participant_id": an_id("second victim")})
    story.tell("referral", requested(participants=(VICTIM, second, OFFENDER)))
    story.tell("consent", withdrawn(VICTIM), withdrawn(OFFENDER))
    unknown = yes(VICTIM, participant_id=UUID(int=4), given_by=UUID(int=4))
    story.tell("consent", unknown)
    starts = [one.words.partition(" took")[0].partition(" said")[0] for one in told(story)[1:]]
    assert starts == ["One victim", "The offender", "Somebody"]


def test_events_stand_by_time_then_stream_then_version() -> None:
    story = agreed_and_lost()
    entries = document(TIMELINE, story.told[::-1]).body["entries"]
    assert [one["id"] for one in entries] == [one.envelope.id for one in story.told]
    same_time = Story()
    for stream in ("referral", "consent"):
        same_time.now = NOW
        same_time.tell(stream, LEDGER_OPENED, LEDGER_OPENED)
    places = [(one.stream.partition("-")[0], one.version) for one in told(same_time)]
    assert places == [("consent", 1), ("consent", 2), ("referral", 1), ("referral", 2)]


def test_the_order_of_events_that_did_not_cause_each_other_does_not_matter() -> None:
    story = agreed_and_lost()
    expected = document(TIMELINE, story.told)
    assert all(document(TIMELINE, order) == expected for order in orders(story, 40))


def test_a_document_is_the_same_whether_it_was_stored_in_between_or_not() -> None:
    story = agreed_and_lost()
    assert in_memory(TIMELINE, story.told) == document(TIMELINE, story.told).body


def test_an_event_that_was_told_in_an_earlier_version_keeps_what_was_read() -> None:
    story = agreed_and_lost()
    ended = RepresentativeEnded(
        participant_id=VICTIM.participant_id,
        representative_id=OFFENDER.participant_id,
        cause=RepresentativeEndCause.REPLACED,
    )
    story.tell("consent", ended, type="rj.RepresentativeEnded.v1")
    kept = document(TIMELINE, story.told).body["entries"][-1]
    assert codec.decode(kept["type"], kept["data"]) == ended
