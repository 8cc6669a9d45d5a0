"""When a case took each step: the first time, whatever the order, without what was corrected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.common import EntryCorrected
from contracts.envelope import Event
from contracts.facilitation.aftercare import ConcernKind
from contracts.fields import CaseId
from contracts.referral import ReferralDuplicateLinked
from contracts.referral_course import CloseCode, ContactOutcome
from contracts.terms import Method, Setting
from kernel.testing.orders import order_does_not_matter
from kernel.testing.spec import CASE
from services.reporting.projections.milestones.project import MILESTONES
from services.reporting.projections.milestones.query import Milestones, milestones
from services.reporting.projections.milestones.steps import Step
from tests.support_http import POLICE
from tests.unit.reporting.quarter import (
    FIRST,
    agreed,
    case,
    closed,
    concern,
    contacted,
    delivered,
    kept,
    met,
    relayed,
    stopped,
)
from tests.unit.reporting.story import (
    ACCEPTED,
    REACHED,
    SCREENED,
    SIDES,
    Story,
    agreed_and_lost,
    requested,
)

DAY = timedelta(days=1)


def of(story: Story) -> Milestones:
    found = milestones(kept(story))
    assert found
    return found


def test_a_step_is_dated_by_when_it_happened() -> None:
    story = Story()
    story.tell("referral", requested(), happened_at=FIRST - DAY)
    assert of(story).steps[Step.REQUESTED].at == FIRST - DAY


def test_a_step_names_the_event_that_took_it() -> None:
    story = agreed("one")
    mark = of(story).steps[Step.CONSENTED]
    assert mark.event == story.told[-1].envelope.id
    assert str(mark.position) == f"consent-{story.case}@1"


def test_a_step_is_taken_once_and_the_first_time_counts() -> None:
    story = agreed("one")
    first = of(story).steps[Step.CONSENTED]
    story.tell("consent", REACHED)
    assert of(story).steps[Step.CONSENTED] == first


def test_an_entry_that_was_corrected_counts_no_longer() -> None:
    story = case("one", contacted(ContactOutcome.REACHED, FIRST))
    mistaken = story.told[-1].envelope
    story.tell("referral", contacted(ContactOutcome.REACHED, FIRST + DAY))
    story.tell("referral", EntryCorrected(entry=mistaken.id, entry_version=mistaken.version))
    assert of(story).steps[Step.CONTACTED].at == FIRST + DAY
    right = story.told[2].envelope
    story.tell("referral", EntryCorrected(entry=right.id, entry_version=right.version))
    assert Step.CONTACTED not in of(story).steps


def test_an_attempt_that_reached_nobody_is_no_contact() -> None:
    attempt = contacted(ContactOutcome.NO_ANSWER, FIRST)
    assert Step.CONTACTED not in of(case("one", attempt)).steps


def test_a_contact_is_dated_by_when_it_was_made() -> None:
    story = case("one", contacted(ContactOutcome.OBJECTED, FIRST + DAY / 2))
    assert of(story).steps[Step.CONTACTED].at == FIRST + DAY / 2


def test_a_close_says_how() -> None:
    story = case("one", SCREENED, closed(CloseCode.NO_CONTACT))
    assert of(story).steps[Step.CLOSED].code == CloseCode.NO_CONTACT


def test_the_earliest_of_several_steps_is_found() -> None:
    found = of(case("one", SCREENED, ACCEPTED))
    assert found.first(Step.ACCEPTED, Step.SCREENED) == found.steps[Step.SCREENED]
    assert found.first(Step.CLOSED) is None


def test_a_request_that_was_linked_to_another_case_is_none_of_its_own() -> None:
    story = Story()
    story.tell(
        "referral",
        ReferralDuplicateLinked(
            duplicate_of=CaseId(CASE),
            setting=Setting.FAMILY,
            source_type=requested().source_type,
            organisation=POLICE,
        ),
    )
    assert milestones(kept(story)) is None


def test_the_order_of_concurrent_events_does_not_matter() -> None:
    story = agreed_and_lost()
    story.tell("consent", REACHED.model_copy(update={"participants": SIDES}))
    bodies = order_does_not_matter(MILESTONES, story.told)
    assert bodies[CASE] == kept(story).body


@pytest.mark.parametrize(
    ("event", "step"),
    [
        (met(), Step.MET),
        (met(Method.CONFERENCE), Step.MET),
        (met(Method.VIDEO), Step.MET),
        (delivered(), Step.EXCHANGED),
        (relayed(), Step.EXCHANGED),
        (stopped(), None),
    ],
)
def test_an_activity_that_took_place_is_direct_or_indirect(event: Event, step: Step | None) -> None:
    activities = {Step.MET, Step.EXCHANGED} & set(of(case("one", event)).steps)
    assert activities == ({step} if step else set())


def test_an_activity_after_a_withdrawal_that_was_learnt_late_counts_not() -> None:
    late = concern(ConcernKind.WITHDRAWAL_LEARNT_LATE, "meeting")
    story = case("one", met(), late)
    assert Step.MET not in of(story).steps
    story.tell("facilitation", met(meeting="another"))
    assert Step.MET in of(story).steps


def test_another_concern_takes_nothing_back() -> None:
    assert Step.MET in of(case("one", met(), concern(ConcernKind.OTHER, "meeting"))).steps
