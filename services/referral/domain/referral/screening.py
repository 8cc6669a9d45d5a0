"""A trained person looks at the matter; the hub takes it on, or does not."""

from __future__ import annotations

from typing import TypeVar

from contracts.referral import ReferralAccepted, ReferralDeclined, ReferralScreened
from kernel.decider import Context, Decision, refuse_unless
from services.referral.domain.referral import checks
from services.referral.domain.referral.commands import (
    AcceptReferral,
    DeclineReferral,
    ScreenReferral,
    distinct,
)
from services.referral.domain.referral.state import Referral

T = TypeVar("T")


def screen(command: ScreenReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screener_trained(command),
        checks.screener_impartial(command, state, context),
        checks.abuse_screened(command, state),
        checks.screened_in_best_interests(command, state),
        checks.complex_is_advanced(command, state),
        checks.screening_reasoned(command),
    ) or [_screened(command)]


def accept(command: AcceptReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screened(state),
        checks.found_suitable(state),
        checks.still_in_best_interests(state),
        checks.victim_asked(state),
        checks.victim_initiated(state),
        checks.specialist_engaged(state, engaged=command.specialist_service),
        checks.supervisor_approves(state, context),
        checks.goes_on(state),
    ) or [_accepted(command, state)]


def decline(command: DeclineReferral, state: Referral, context: Context) -> Decision:
    return refuse_unless(
        checks.still_open(state),
        checks.undecided(state),
        checks.a_person_decides(context),
        checks.screened(state),
        checks.reasoned(command.reasons),
    ) or [
        ReferralDeclined(
            reasons=distinct(command.reasons), signposted_to=distinct(command.signposted_to)
        )
    ]


def _screened(command: ScreenReferral) -> ReferralScreened:
    return ReferralScreened(
        decision=command.decision,
        complexity=command.complexity,
        min_level=command.min_level,
        flags=distinct(command.flags),
        reasons=distinct(command.reasons),
        abuse_screen=command.abuse_screen,
        best_interests=command.best_interests,
    )


def _accepted(command: AcceptReferral, state: Referral) -> ReferralAccepted:
    screening = _known(state.screening)
    return ReferralAccepted(
        setting=_known(state.setting),
        complexity=screening.complexity,
        min_level=screening.min_level,
        participants=state.participants,
        reasons=distinct(command.reasons),
        signposted_to=distinct(command.signposted_to),
        specialist_service=command.specialist_service,
        organisation=_known(state.organisation),
    )


def _known(value: T | None) -> T:
    if value is None:
        raise LookupError("an open referral has a setting and an organisation")
    return value
