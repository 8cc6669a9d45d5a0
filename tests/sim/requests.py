"""What people might ask of the hub about a case, as JSON, knowing only what they were answered."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from contracts.consent import Channel, Evidence, InformationFormat, InformationItem
from contracts.terms import AgeBand, ParticipantRole, Setting
from tests.sim.activity import AROUND, WAYS, Build, arranged, beginning, prepared
from tests.sim.case import Case, Json, Story

ITEMS = [*InformationItem]
ADULTS = (AgeBand.FROM_18_TO_25, AgeBand.FROM_26_TO_64, AgeBand.OVER_64)
IN_MAY = "2026-05-04T09:00:00Z"


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
    return random.sample(WAYS, random.randrange(1, 4))


def _yes(who: str, methods: list[str]) -> Json:
    return {
        "participant_id": who,
        "methods": methods,
        "evidence": Evidence.WRITTEN.value,
        "info_version": 1,
        "acknowledged": ITEMS,
    }


def _told(who: str) -> Json:
    form = InformationFormat.IN_PERSON.value
    return {"participant_id": who, "info_version": 1, "items": ITEMS, "format": form}


def withdrawal(random: Random, case: Case) -> Json:
    """Somebody says no, to some ways or to all."""
    methods = _ways(random) if random.random() < 0.5 else []
    channel = random.choice([*Channel]).value
    return {"participant_id": case.who(random), "methods": methods, "channel": channel}


def _newcomer(random: Random, _: Case) -> Json:
    roles = (ParticipantRole.SUPPORTER, ParticipantRole.VICTIM, ParticipantRole.OFFENDER)
    return _participant(random, random.choice(roles))


def _contact(random: Random, case: Case) -> Json:
    outcome = random.choice(["reached", "no_answer", "objected"])
    step = random.choice(["contact_again", "case_closes"])
    said = {"channel": "telephone", "outcome": outcome, "next_step": step}
    return {"participant_id": case.who(random), **said}


def _same_yes(random: Random, case: Case) -> Json:
    return {"consent_id": random.choice(case.consents or [str(case.id)]), "info_version": 1}


def _someone(random: Random, case: Case) -> Json:
    return {"participant_id": case.who(random)}


def _always(body: Json) -> Build:
    return lambda _, __: body


ANYTHING: Mapping[tuple[str, str], tuple[int, Build]] = {
    ("consent", "WithdrawConsent"): (12, withdrawal),
    ("consent", "GiveConsent"): (8, lambda r, c: _yes(c.who(r), _ways(r))),
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
    ("referral", "ContactParticipant"): (3, _contact),
    ("referral", "HoldCase"): (1, _always({"reason": "risk_review", "review_at": IN_MAY})),
    ("referral", "ResumeCase"): (1, _always({})),
    ("referral", "CloseCase"): (2, _always({"outcome": "victim_withdrew"})),
    **{("facilitation", name): one for name, one in AROUND.items()},
}


def accepted() -> Story:
    """A case is taken on."""
    yield "referral", "ScreenReferral", SCREENING
    yield "referral", "AcceptReferral", {"reasons": ["victim_asked"]}


def story(random: Random, case: Case) -> Story:
    """How a case goes when nothing comes in between."""
    yield from accepted()
    yield from _consented(random, case, told=True)


def ready(random: Random, case: Case) -> Story:
    """Everybody consents to everything, and all is prepared for any activity."""
    yield from accepted()
    yield from _consented(random, case, told=True, ways=WAYS)
    yield from prepared(random, case)


def once_more(random: Random, case: Case) -> Story:
    """People who have said no may say yes again, and something begins."""
    yield from _consented(random, case, told=False, ways=WAYS)
    yield from arranged(random, case)
    yield beginning(random, case)


def _consented(random: Random, case: Case, *, told: bool, ways: list[str] | None = None) -> Story:
    for who in case.sides():
        if told:
            yield "consent", "ProvideConsentInformation", _told(who)
        yield "consent", "GiveConsent", _yes(who, ways or _ways(random))
