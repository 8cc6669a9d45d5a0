"""A caution or community resolution that ends without its restorative part is decided again."""

from __future__ import annotations

from contracts.envelope import Recorded, Topic
from contracts.referral import ReferralDeclined, ReferralRequested
from contracts.referral_course import CaseClosed, CloseCode
from contracts.terms import Setting
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.referral.domain.referral.checks import DISPOSALS
from services.referral.domain.referral.course_commands import NeedDisposalReview
from services.referral.domain.referral.decide import REFERRAL
from services.referral.policies.watch_deadlines import of_referral

# The matter goes on in another case, or elsewhere: nothing has ended yet.
GOES_ON = frozenset({CloseCode.DUPLICATE, CloseCode.TRANSFERRED})


class Known(State):
    """What kind of matter it is."""

    setting: Setting | None = None


def react(state: Known, one: Recorded) -> Reaction[Known]:
    """It is not said who ended it, or why."""
    match one.event:
        case ReferralRequested() as event:
            return Reaction(Known(setting=event.setting))
        case ReferralDeclined() if state.setting in DISPOSALS:
            return Reaction(state, (_review(one),))
        case CaseClosed() as event if state.setting in DISPOSALS and _incomplete(event):
            return Reaction(state, (_review(one),))
        case _:
            return Reaction(state)


def _incomplete(event: CaseClosed) -> bool:
    return event.outcome not in GOES_ON | {CloseCode.COMPLETED_AGREEMENT}


def _review(one: Recorded) -> Send:
    return Send(REFERRAL.category, one.envelope.subject, NeedDisposalReview())


REVIEW_DISPOSAL = Policy(
    name="referral_reviews_disposal",
    topics=(Topic.CASE,),
    initial=Known(),
    react=react,
    gives={REFERRAL.category: (NeedDisposalReview,)},
    key=of_referral,
)
