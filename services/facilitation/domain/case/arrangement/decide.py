"""Which method is agreed, and which place approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from contracts.facilitation.preparation import Confirmation, MethodAgreed, VenueApproved
from contracts.fields import Role
from contracts.referral import Stage
from contracts.terms import Setting
from kernel.decider import Decision, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.arrangement import ready, rules
from services.facilitation.domain.case.arrangement.commands import (
    AgreeMethod,
    ApproveVenue,
    ArrangementCommand,
)
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case

CONFIRMS: Mapping[Setting, frozenset[Confirmation]] = {
    Setting.CRIMINAL_INVESTIGATION: frozenset({Confirmation.OFFICER_SEES_NO_PREJUDICE}),
    Setting.POST_COURT: frozenset(
        {Confirmation.PRISON_OR_PROBATION_CONSULTED, Confirmation.VICTIM_LIAISON_CONSULTED}
    ),
    Setting.SCHOOL_COLLEGE: frozenset(
        {Confirmation.SAFEGUARDING_LEAD_ENGAGED, Confirmation.PARENTS_ENGAGED}
    ),
}


def decide_arrangement(command: ArrangementCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case AgreeMethod():
            return _agree(command, case, at)
        case ApproveVenue():
            return _approve(command, case, at)
        case _:
            assert_never(command)


def _agree(command: AgreeMethod, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned_or(case, at, Role.SUPERVISOR),
        ready.consented(case, command.method),
        ready.responsibility_taken(case),
        ready.risk_assessed(case, at),
        ready.nothing_bars(case, command.method),
        _court(case),
        _confirmed(command, case),
        _authorised(case, at),
    )
    return refused or [
        MethodAgreed(
            method=command.method,
            confirmations=tuple(one for one in Confirmation if one in command.confirmations),
        )
    ]


def _court(case: Case) -> Unmet | None:
    if case.opened is None or case.opened.stage is not Stage.CHARGED:
        return None
    return rules.COURT_COMES_FIRST.unmet("the sentence, or a deferral for restorative justice")


def _confirmed(command: AgreeMethod, case: Case) -> Unmet | None:
    wanted = CONFIRMS.get(case.opened.setting, frozenset()) if case.opened else frozenset()
    missing = sorted(one.value for one in wanted.difference(command.confirmations))
    return rules.SETTING_CONFIRMS.unmet(f"confirm: {', '.join(missing)}") if missing else None


def _authorised(case: Case, at: At) -> Unmet | None:
    resolution = case.opened and case.opened.setting is Setting.COMMUNITY_RESOLUTION
    if not resolution or at.actor.role is Role.SUPERVISOR:
        return None
    return rules.RESOLUTION_AUTHORISED.unmet("have a case supervisor agree the method")


def _approve(command: ApproveVenue, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned_or(case, at, Role.SUPERVISOR),
        _safe(command),
    )
    return refused or [
        VenueApproved(
            venue_ref=command.venue_ref,
            type=command.type,
            neutral=command.neutral,
            separate_arrival=command.separate_arrival,
            exit=command.exit,
            supporters_space=command.supporters_space,
        )
    ]


def _safe(command: ApproveVenue) -> Unmet | None:
    checks = ("neutral", "separate_arrival", "exit", "supporters_space")
    missing = [one for one in checks if not getattr(command, one)]
    return rules.SAFE_VENUE.unmet(f"a place that has: {', '.join(missing)}") if missing else None
