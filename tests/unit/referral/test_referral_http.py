"""The referral service over HTTP, on the in-memory store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.codec import decode
from contracts.envelope import Position, Topic
from contracts.fields import Role
from kernel.clock import FixedClock
from kernel.commands import Commands
from kernel.http.app import application
from kernel.http.surface import Surface, secrets_needed
from kernel.http.tokens import Tokens
from kernel.project.memory import MemoryDocuments
from kernel.store.gather import EventStore
from kernel.store.memory import MemoryCommits
from services.referral.app import SERVICE
from services.referral.incident import ReferralRequest
from tests.support_http import HOUSING, HUB, NOW, POLICE, Issuer, key

CANARY = "Jane Canary"
MATTER: dict[str, Any] = {
    "setting": "post_court",
    "stage": "sentenced",
    "initiated_by": "victim",
    "victim_request": True,
    "participants": [{"role": "victim", "age_band": "unknown"}],
    "source_type": "officer_in_charge",
}
SCREENING: dict[str, Any] = {
    "decision": "suitable",
    "complexity": "standard",
    "min_level": "intermediate",
    "screener_trained": True,
    "screener_conflict": "none",
}

CONTACT: dict[str, Any] = {
    "channel": "telephone",
    "outcome": "reached",
    "next_step": "case_closes",
}
CLOSURE: dict[str, Any] = {"outcome": "victim_declined"}
CASEWORK = {Role.COORDINATOR, Role.FACILITATOR, Role.SUPERVISOR}


async def no_wait(_: tuple[Position, ...], __: tuple[str, ...]) -> None:
    """Nothing is read here."""


@dataclass
class Counter:
    """The service, and tokens for whoever comes to it."""

    issuer: Issuer
    commits: MemoryCommits
    http: httpx.AsyncClient

    async def post(self, path: str, body: Any, role: Role, org: object = HUB) -> httpx.Response:
        token = self.issuer.token(role=role, org=str(org))
        headers = {"Authorization": f"Bearer {token}", **key()}
        return await self.http.post(path, json=body, headers=headers)

    async def refer(self, **details: Any) -> str:
        answer = await self.post("/cases", MATTER | details, Role.OFFICER, POLICE)
        assert answer.status_code == 201, answer.text
        return _path(answer)


def _path(answer: httpx.Response) -> str:
    return f"/cases/{answer.json()['subject']}"


@pytest.fixture
async def counter() -> Counter:
    issuer, commits = Issuer(), MemoryCommits()
    tokens = Tokens(issuer.keys(), issuer.name, issuer.audience)
    await tokens.keys.start()
    commands = Commands(EventStore(commits), FixedClock(NOW), "/rj/referral", decode, HUB)
    secrets = {name: name.encode().ljust(32, b"-") for name in secrets_needed(SERVICE.routes)}
    surface = Surface(
        name=SERVICE.name,
        version="1",
        routes=SERVICE.routes,
        tokens=tokens,
        hub_org=HUB,
        commands=commands,
        documents=MemoryDocuments(),
        waiter=no_wait,
        secrets=secrets,
    )
    transport = httpx.ASGITransport(application(surface))
    return Counter(issuer, commits, httpx.AsyncClient(transport=transport, base_url="http://hub"))


async def test_a_case_goes_from_request_to_acceptance(counter: Counter) -> None:
    case = await counter.refer()
    screened = await counter.post(f"{case}/screening", SCREENING, Role.COORDINATOR)
    accepted = await counter.post(f"{case}/acceptance", {}, Role.COORDINATOR)
    assert [screened.status_code, accepted.status_code] == [200, 200]
    assert accepted.json()["version"] == 3
    assert accepted.json()["events"][0]["type"] == "rj.ReferralAccepted.v1"


async def test_the_service_gives_the_ids_of_people(counter: Counter) -> None:
    answer = await counter.post("/cases", MATTER, Role.REFERRER, HOUSING)
    [person] = answer.json()["events"][0]["data"]["participants"]
    assert person["participant_id"]
    named = [{**MATTER["participants"][0], "participant_id": str(uuid4())}]
    answer = await counter.post("/cases", MATTER | {"participants": named}, Role.REFERRER, HOUSING)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("setting", "court_martial"),
        ("setting", CANARY),
        ("participants", [{"role": "victim", "age_band": CANARY}]),
        ("incident_reference", CANARY),
        ("incident_reference", 20),
        ("harm_flags", [CANARY]),
        ("supersedes", CANARY),
        ("duplicate_of", "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10"),
        ("victim_name", CANARY),
    ],
)
async def test_a_wrong_field_is_named_and_not_repeated(
    counter: Counter, field: str, wrong: Any
) -> None:
    answer = await counter.post("/cases", MATTER | {field: wrong}, Role.OFFICER, POLICE)
    assert answer.status_code == 422
    known = field in ReferralRequest.model_fields
    assert (field if known else "body") in answer.json()["errors"][0]["field"]
    assert "Jane" not in answer.text
    assert counter.commits.durable() == []


async def test_a_refusal_says_which_rule_and_what_would_satisfy_it(counter: Counter) -> None:
    case = await counter.refer()
    answer = await counter.post(f"{case}/acceptance", {}, Role.COORDINATOR)
    assert answer.status_code == 409
    [unmet] = answer.json()["unmet"]
    assert unmet["rule"] == "REF-15"
    assert unmet["words"]
    assert unmet["source"]
    assert unmet["needs"] == "screen the case first"


@pytest.mark.rule("REF-02")
async def test_a_second_referral_of_an_incident_is_linked(counter: Counter) -> None:
    first = await counter.refer(incident_reference="20DY/1234/26")
    second = await counter.post(
        "/cases", MATTER | {"incident_reference": "20dy 1234 26"}, Role.REFERRER, HOUSING
    )
    [event] = second.json()["events"]
    assert event["type"] == "rj.ReferralDuplicateLinked.v1"
    assert first.endswith(event["data"]["duplicate_of"])
    kept = [event.data for one in counter.commits.durable() for event in one.events]
    assert not any("1234/26" in data or "incident_reference" in data for data in kept)
    assert [one.topic for one in counter.commits.durable()].count(Topic.PRIVATE) == 1


async def test_another_organisation_does_not_see_the_case_that_it_was_linked_to(
    counter: Counter,
) -> None:
    first = await counter.refer(incident_reference="20DY/1234/26")
    person = {"role": "supporter", "age_band": "unknown"}
    for case in (first, f"/cases/{uuid4()}"):
        answer = await counter.post(f"{case}/participants", person, Role.REFERRER, HOUSING)
        assert answer.status_code == 404
    own = await counter.post(f"{first}/participants", person, Role.OFFICER, POLICE)
    assert own.status_code == 200


async def test_a_new_case_names_no_place_here_for_reporting_tells_of_it(counter: Counter) -> None:
    answer = await counter.post("/cases", MATTER, Role.OFFICER, POLICE)
    assert answer.status_code == 201
    assert "Location" not in answer.headers


async def closed(counter: Counter, **details: Any) -> str:
    """A case whose victim was told that it ends, and that is closed."""
    answer = await counter.post("/cases", MATTER | details, Role.OFFICER, POLICE)
    case = _path(answer)
    [person] = answer.json()["events"][0]["data"]["participants"]
    told = CONTACT | {"participant_id": person["participant_id"]}
    await counter.post(f"{case}/contacts", told, Role.FACILITATOR)
    answer = await counter.post(f"{case}/closure", CLOSURE, Role.COORDINATOR)
    assert answer.status_code == 200, answer.text
    return case.removeprefix("/cases/")


async def test_a_closed_case_is_taken_up_again_by_a_new_referral(counter: Counter) -> None:
    old = await closed(counter, incident_reference="20DY/1234/26")
    again = {"supersedes": old, "incident_reference": "20DY/1234/26"}
    answer = await counter.post("/cases", MATTER | again, Role.OFFICER, POLICE)
    [event] = answer.json()["events"]
    assert event["type"] == "rj.ReferralRequested.v1"
    assert event["data"]["supersedes"] == old


@pytest.mark.rule("REF-22")
async def test_a_case_is_taken_up_by_who_sees_it_and_once_it_is_over(counter: Counter) -> None:
    theirs = {"supersedes": await closed(counter)}
    still_open = {"supersedes": (await counter.refer()).removeprefix("/cases/")}
    unknown = {"supersedes": str(uuid4())}
    answers = [
        await counter.post("/cases", MATTER | theirs, Role.REFERRER, HOUSING),
        await counter.post("/cases", MATTER | unknown, Role.REFERRER, HOUSING),
        await counter.post("/cases", MATTER | still_open, Role.OFFICER, POLICE),
    ]
    assert [[one["rule"] for one in answer.json()["unmet"]] for answer in answers] == [
        ["REF-22"]
    ] * 3


@pytest.mark.rule("REF-41")
async def test_a_case_is_closed_as_a_duplicate_only_of_another_case_that_one_sees(
    counter: Counter,
) -> None:
    case = await about_to_end(counter, Role.COORDINATOR, HOUSING)
    others = {
        "none": str(uuid4()),
        "itself": case.removeprefix("/cases/"),
        "unseen": (await counter.refer()).removeprefix("/cases/"),
    }
    before = len(counter.commits.durable())
    for other in others.values():
        end = {"outcome": "duplicate", "duplicate_of": other}
        answer = await counter.post(f"{case}/closure", end, Role.FACILITATOR, HOUSING)
        tried = await counter.post(f"{case}/can/CloseCase", end, Role.FACILITATOR, HOUSING)
        assert answer.status_code == 409, answer.text
        assert [one["rule"] for one in answer.json()["unmet"]] == ["REF-41"]
        assert [one["rule"] for one in tried.json()["unmet"]] == ["REF-41"]
    assert len(counter.commits.durable()) == before


async def test_a_duplicate_names_a_case_that_one_sees(
    counter: Counter,
) -> None:
    case = await about_to_end(counter, Role.OFFICER, POLICE)
    other = (await counter.refer()).removeprefix("/cases/")
    end = {"outcome": "duplicate", "duplicate_of": other}
    tried = await counter.post(f"{case}/can/CloseCase", end, Role.COORDINATOR)
    assert tried.json() == {"can": True}
    closed_as_one = await counter.post(f"{case}/closure", end, Role.COORDINATOR)
    assert closed_as_one.status_code == 200, closed_as_one.text
    [event] = closed_as_one.json()["events"]
    assert event["data"]["duplicate_of"] == other


async def about_to_end(counter: Counter, role: Role, org: object) -> str:
    """A case of this organisation whose victim was told that it ends."""
    answer = await counter.post("/cases", MATTER, role, org)
    [person] = answer.json()["events"][0]["data"]["participants"]
    told = CONTACT | {"participant_id": person["participant_id"]}
    await counter.post(f"{_path(answer)}/contacts", told, Role.COORDINATOR)
    return _path(answer)


async def test_an_entry_is_corrected_by_who_made_it_or_a_supervisor(counter: Counter) -> None:
    answer = await counter.post("/cases", MATTER, Role.OFFICER, POLICE)
    case = _path(answer)
    [person] = answer.json()["events"][0]["data"]["participants"]
    told = CONTACT | {"participant_id": person["participant_id"]}
    await counter.post(f"{case}/contacts", told, Role.FACILITATOR)
    mistaken = {"entry": str(counter.commits.durable()[-1].events[0].id)}
    by_another = await counter.post(f"{case}/corrections", mistaken, Role.FACILITATOR)
    by_supervisor = await counter.post(f"{case}/corrections", mistaken, Role.SUPERVISOR)
    assert [one["rule"] for one in by_another.json()["unmet"]] == ["REF-38"]
    assert by_supervisor.json()["events"][0]["data"] == mistaken | {"entry_version": 2, "ends": []}


STEPS: dict[str, tuple[Any, set[Role]]] = {
    "": (MATTER, {Role.OFFICER, Role.REFERRER, Role.COORDINATOR}),
    "/screening": (SCREENING, {Role.COORDINATOR}),
    "/acceptance": ({}, {Role.COORDINATOR, Role.SUPERVISOR}),
    "/decline": ({"reasons": ["unsafe"]}, {Role.COORDINATOR, Role.SUPERVISOR}),
    "/participants": (
        {"role": "supporter", "age_band": "unknown"},
        {Role.OFFICER, Role.REFERRER, Role.COORDINATOR},
    ),
    "/contacts": (CONTACT | {"participant_id": str(uuid4())}, CASEWORK),
    "/hold": ({"reason": "other", "review_at": "2030-01-01T00:00:00Z"}, CASEWORK),
    "/resumption": ({}, CASEWORK),
    "/closure": (CLOSURE, CASEWORK),
    "/corrections": ({"entry": str(uuid4())}, CASEWORK | {Role.OFFICER, Role.REFERRER}),
}


@pytest.mark.parametrize("step", STEPS)
async def test_each_step_is_for_its_roles_only(counter: Counter, step: str) -> None:
    body, roles = STEPS[step]
    for role in set(Role) - {Role.SYSTEM}:
        path = f"/cases/{uuid4()}{step}" if step else "/cases"
        answer = await counter.post(path, body, role)
        admitted = 404 if step else 201
        assert answer.status_code == (admitted if role in roles else 403), role


@pytest.mark.parametrize("step", ["/screening", "/acceptance", "/decline"])
async def test_only_the_hub_screens_and_decides(counter: Counter, step: str) -> None:
    answer = await counter.post("/cases", MATTER, Role.COORDINATOR, HOUSING)
    case, body = _path(answer), STEPS[step][0]
    answer = await counter.post(f"{case}{step}", body, Role.COORDINATOR, HOUSING)
    assert answer.status_code == 403
    assert "of the hub" in answer.json()["detail"]
