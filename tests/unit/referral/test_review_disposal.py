"""An exit from a caution or community resolution is told to whoever decides on it, and no more."""

from __future__ import annotations

import pytest

from contracts.envelope import Event
from contracts.referral_course import CloseCode
from contracts.terms import Setting
from kernel.process.policy import Send
from kernel.testing.spec import CASE, history, reacting, recorded
from services.referral.domain.referral.course_commands import NeedDisposalReview
from services.referral.policies.review_disposal import REVIEW_DISPOSAL
from tests.unit.referral.course import closed
from tests.unit.referral.matters import DECLINED, requested, screened

given = reacting(REVIEW_DISPOSAL)
REVIEW = Send("referral", CASE, NeedDisposalReview())
CAUTION = requested(setting=Setting.POLICE_CAUTION)
NOT_ENDED = {CloseCode.COMPLETED_AGREEMENT, CloseCode.DUPLICATE, CloseCode.TRANSFERRED}


@pytest.mark.parametrize("setting", [Setting.POLICE_CAUTION, Setting.COMMUNITY_RESOLUTION])
@pytest.mark.parametrize(
    "end", [DECLINED, *(closed(code) for code in sorted(set(CloseCode) - NOT_ENDED))]
)
def test_a_disposal_without_its_restorative_part_is_decided_again(
    setting: Setting, end: Event
) -> None:
    before = history(requested(setting=setting), screened())
    given(*before).when(recorded(end, version=3)).sends(REVIEW)


@pytest.mark.parametrize("code", sorted(NOT_ENDED))
def test_a_disposal_that_was_completed_or_goes_on_elsewhere_stands(code: CloseCode) -> None:
    given(*history(CAUTION)).when(recorded(closed(code), version=2)).sends()


@pytest.mark.parametrize("end", [DECLINED, closed()])
def test_other_matters_have_no_disposal(end: Event) -> None:
    given(*history(requested())).when(recorded(end, version=2)).sends()
