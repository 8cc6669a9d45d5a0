"""The answer to: how does this case stand?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.referral import Complexity
from contracts.referral_course import CloseCode, HoldReason
from contracts.terms import AgeBand, Level, Method, ParticipantRole, Setting
from kernel.project.port import Body, Document
from services.reporting.projections.case_status.consent import Said
from services.reporting.projections.case_status.lifecycle import Status, victim_asked


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Answer(_Shown):
    """What somebody said last about taking part by a method."""

    method: Method
    said: Said
    given_by: UUID = Field(description="the participant, or a representative beside them")
    valid_until: datetime | None = Field(None, description="a yes counts until then")


class ParticipantConsent(_Shown):
    """One participant and what they said."""

    participant_id: UUID
    role: ParticipantRole
    age_band: AgeBand
    informed: bool
    lacks_capacity: bool
    answers: tuple[Answer, ...]


class Hold(_Shown):
    """Why the case stands still, and when it is looked at again."""

    reason: HoldReason
    review_at: datetime


class CaseStatus(_Shown):
    """How a case stands."""

    case: UUID
    status: Status
    setting: Setting
    requested_at: datetime
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: CloseCode | None = Field(
        None, description="how it ended: for whoever oversees the case or works on it"
    )
    hold: Hold | None = None
    duplicate_of: UUID | None = None
    victim_request: bool
    complexity: Complexity | None = None
    min_level: Level | None = None
    participants: dict[ParticipantRole, int] = Field(description="how many there are, by role")
    agreed_methods: tuple[Method, ...] = Field(description="everybody says yes to these")
    consents: tuple[ParticipantConsent, ...] | None = Field(
        None, description="for whoever oversees the case or works on it; never for either side"
    )
    facilitation_open: bool
    versions: dict[str, int] = Field(description="up to where each stream is told here")
    parked: bool = Field(description="whether an event waits to be repaired, and this stands still")


def case_status(found: Document, *, with_consents: bool) -> CaseStatus:
    """What a document says, with what single people said or without."""
    body, referral = found.body, found.body["referral"]
    return CaseStatus(
        case=found.id,
        status=body["status"],
        setting=body["setting"],
        participants=_counted(referral["people"]),
        agreed_methods=body.get("consent", {}).get("agreed", ()),
        consents=tuple(_consents(body)) if with_consents else None,
        facilitation_open=body.get("facilitation", {}).get("opened", False),
        versions=dict(found.folded),
        parked=found.parked is not None,
        victim_request=victim_asked(referral),
        outcome=referral.get("outcome") if with_consents else None,
        **{name: referral[name] for name in _COPIED if name in referral},
    )


_COPIED = (
    "requested_at",
    "decided_at",
    "closed_at",
    "hold",
    "duplicate_of",
    "complexity",
    "min_level",
)


def _counted(people: Body) -> dict[ParticipantRole, int]:
    counts = Counter(one["role"] for one in people.values())
    return {role: counts[role.value] for role in ParticipantRole if counts[role.value]}


def _consents(body: Body) -> Iterator[ParticipantConsent]:
    consent = body.get("consent", {})
    informed = {told[0] for told in consent.get("informed", {}).values()}
    for who, person in sorted(body["referral"]["people"].items()):
        yield ParticipantConsent(
            participant_id=who,
            role=person["role"],
            age_band=person["age_band"],
            informed=who in informed,
            lacks_capacity=who in consent.get("unable", ()),
            answers=tuple(_answers(consent.get("answers", {}).get(who, {}))),
        )


def _answers(methods: dict[str, dict[str, Body]]) -> Iterator[Answer]:
    for method in Method:
        for giver, answer in sorted(methods.get(method.value, {}).items()):
            yield Answer(
                method=method,
                said=answer["said"],
                given_by=UUID(giver),
                valid_until=answer.get("until"),
            )
