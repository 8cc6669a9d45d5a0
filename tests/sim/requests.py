"""What people might ask of the hub about a case, as JSON, knowing only what they were answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from contracts.consent import Channel, Evidence, InformationFormat, InformationItem
from contracts.envelope import Position
from contracts.terms import AgeBand, Method, ParticipantRole, Setting
from tests.sim.front import Json

ITEMS = [*InformationItem]
WAYS = [Method.FACE_TO_FACE, Method.LETTER]
ADULTS = (AgeBand.FROM_18_TO_25, AgeBand.FROM_26_TO_64, AgeBand.OVER_64)
IN_MAY = "2026-05-04T09:00:00Z"


@dataclass
class Case:
    """What the callers know of a case."""

    id: UUID
    people: list[Json]
    consents: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    accepted: bool = False

    def learn(self, answer: Json) -> None:
        """Take note of what was recorded."""
        stream, version = answer["stream"], answer["version"]
        self.seen[stream] = max(self.seen.get(stream, 0), version)
        self.accepted = self.accepted or answer["name"] == "AcceptReferral"
        for event in answer["events"]:
            fields = json.loads(event["data"])
            if event["type"].startswith("rj.ParticipantAdded."):
                self.people.append(fields)
            if event["type"].startswith("rj.ConsentGiven."):
                self.consents.append(fields["consent_id"])

    def who(self, random: Random) -> str:
        """Somebody in it."""
        return str(random.choice(self.people)["participant_id"])

    def positions(self) -> tuple[Position, ...]:
        """Where each stream stood at the last answer."""
        return tuple(Position(*one) for one in self.seen.items())


Step = tuple[str, str, Json]
Build = Callable[[Random, Case], Json]


def _participant(random: Random, role: ParticipantRole) -> Json:
    return {"role": role.value, "age_band": random.choice(ADULTS).value}


def referral(random: Random) -> Json:
    """A matter with a victim and an offender; often another request for the same incident."""
    reference = f"INCIDENT-{random.randrange(4)}"
    return {
        "setting": Setting.POST_COURT.value,
        "stage": "sentenced",
        "initiated_by": "victim",
        "victim_request": random.random() < 0.9,
        "participants": [
            _participant(random, ParticipantRole.VICTIM),
            _participant(random, ParticipantRole.OFFENDER),
        ],
        "source_type": "officer_in_charge",
        "incident_reference": reference if random.random() < 0.4 else None,
    }


SCREENING: Json = {
    "decision": "suitable",
    "complexity": "standard",
    "min_level": "intermediate",
    "screener_trained": True,
    "screener_conflict": "none",
}


def _ways(random: Random) -> list[str]:
    return [one.value for one in random.sample(WAYS, random.randrange(1, 3))]


def _yes(random: Random, who: str) -> Json:
    return {
        "participant_id": who,
        "methods": _ways(random),
        "evidence": Evidence.WRITTEN.value,
        "info_version": 1,
        "acknowledged": ITEMS,
    }


def _told(who: str) -> Json:
    form = InformationFormat.IN_PERSON.value
    return {"participant_id": who, "info_version": 1, "items": ITEMS, "format": form}


def _no(random: Random, who: str) -> Json:
    methods = _ways(random) if random.random() < 0.5 else []
    return {"participant_id": who, "methods": methods, "channel": random.choice([*Channel]).value}


def _newcomer(random: Random, _: Case) -> Json:
    roles = (ParticipantRole.SUPPORTER, ParticipantRole.VICTIM, ParticipantRole.OFFENDER)
    return _participant(random, random.choice(roles))


def _contact(random: Random, case: Case) -> Json:
    outcome = random.choice(["reached", "no_answer", "objected"])
    said = {"channel": "telephone", "outcome": outcome, "next_step": "contact_again"}
    return {"participant_id": case.who(random), **said}


def _same_yes(random: Random, case: Case) -> Json:
    return {"consent_id": random.choice(case.consents or [str(case.id)]), "info_version": 1}


def _someone(random: Random, case: Case) -> Json:
    return {"participant_id": case.who(random)}


def _always(body: Json) -> Build:
    return lambda _, __: body


ANYTHING: Mapping[tuple[str, str], tuple[int, Build]] = {
    ("consent", "WithdrawConsent"): (12, lambda r, c: _no(r, c.who(r))),
    ("consent", "GiveConsent"): (8, lambda r, c: _yes(r, c.who(r))),
    ("consent", "DeclineConsent"): (2, lambda r, c: _someone(r, c) | {"methods": _ways(r)}),
    ("consent", "ProvideConsentInformation"): (2, lambda r, c: _told(c.who(r))),
    ("consent", "ReconfirmConsent"): (2, _same_yes),
    ("consent", "VaryConsent"): (2, lambda r, c: _same_yes(r, c) | {"methods": _ways(r)}),
    ("consent", "RecordCapacity"): (1, lambda r, c: _someone(r, c) | {"result": "lacks_capacity"}),
    ("referral", "AddParticipant"): (2, _newcomer),
    ("referral", "RemoveParticipant"): (1, _someone),
    ("referral", "RecordVictimRequest"): (1, _someone),
    ("referral", "ScreenReferral"): (1, _always(SCREENING)),
    ("referral", "AcceptReferral"): (1, _always({"reasons": ["victim_asked"]})),
    ("referral", "DeclineReferral"): (1, _always({"reasons": ["unsafe"]})),
    ("referral", "ContactParticipant"): (2, _contact),
    ("referral", "HoldCase"): (1, _always({"reason": "risk_review", "review_at": IN_MAY})),
    ("referral", "ResumeCase"): (1, _always({})),
    ("referral", "CloseCase"): (1, _always({"outcome": "victim_withdrew"})),
}


def story(random: Random, case: Case) -> Iterator[Step]:
    """How a case goes when nothing comes in between."""
    yield "referral", "ScreenReferral", SCREENING
    yield "referral", "AcceptReferral", {"reasons": ["victim_asked"]}
    for one in list(case.people):
        yield "consent", "ProvideConsentInformation", _told(one["participant_id"])
        yield "consent", "GiveConsent", _yes(random, one["participant_id"])
