"""Commands over HTTP: the answer, its repetition, its refusal."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from contracts.envelope import Position
from contracts.fields import ActorId, Role
from kernel.commands import Accepted, Changed, Request
from kernel.decider import Actor, Decision
from kernel.http import allow, post
from kernel.http.order import Order
from kernel.http.surface import Surface
from kernel.project.after import NotYet, Parked
from kernel.store.memory import StoreFault, scripted
from kernel.store.port import Commit
from kernel.store.size import HEADERS, LARGEST_COMMIT
from tests.support_http import (
    DOOR,
    HOUSING,
    HUB,
    POLICE,
    BuildDoor,
    Colour,
    DoorBuilt,
    DoorOpened,
    Service,
    key,
    small_service,
)

ID = "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10"


@pytest.fixture
async def service() -> Service:
    return await small_service()


async def _build(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.post("/doors", json={"colour": "red"}, headers={**key(), **headers})


async def test_a_new_stream_is_answered_with_its_place_and_what_was_recorded(
    service: Service,
) -> None:
    async with service.client() as client:
        built = await _build(client)
    said = built.json()
    assert built.status_code == 201
    assert str(built.request.url.join(built.headers["location"])).endswith(
        f"/doors/{said['subject']}"
    )
    assert built.headers["etag"] == f'"door-{said["subject"]}@1"'
    assert said["stream"] == f"door-{said['subject']}"
    assert (said["version"], said["repeated"]) == (1, False)
    assert said["recorded_at"] == "2026-11-22T09:30:00Z"
    assert said["events"][0]["type"] == "rj.DoorBuilt.v1"
    assert said["events"][0]["data"]["colour"] == "red"


async def test_a_place_is_named_from_where_the_command_was_sent_to(service: Service) -> None:
    """So it is right behind a gateway, which serves the service under a path of its own."""
    async with service.client() as client:
        built = await _build(client)
    sent_to = httpx.URL("http://gateway/service/doors")
    subject = built.json()["subject"]
    assert str(sent_to.join(built.headers["location"])) == f"http://gateway/service/doors/{subject}"


async def test_a_place_is_named_only_where_something_answers() -> None:
    def mute(given: Surface) -> Surface:
        left = tuple(row for row in given.routes if row.path != "/doors/{door}")
        return replace(given, routes=left)

    service = await small_service(mute)
    async with service.client() as client:
        built = await _build(client)
        schema = (await client.get("/openapi.json")).json()
    assert built.status_code == 201
    assert "location" not in built.headers
    assert [*schema["paths"]["/doors"]["post"]["responses"]["201"]["headers"]] == ["ETag"]


async def test_a_command_on_the_paths_subject_goes_to_its_stream(service: Service) -> None:
    async with service.client() as client:
        door = (await _build(client)).headers["location"]
        opened = await client.post(f"{door}/opening", json={}, headers=key())
    assert opened.status_code == 200
    assert opened.json()["version"] == 2
    assert "location" not in opened.headers


async def test_a_repeated_command_gets_its_first_answer(service: Service) -> None:
    async with service.client(sub=str(uuid4())) as client:
        door = (await _build(client)).headers["location"]
        once = key()
        first = await client.post(f"{door}/opening", json={}, headers=once)
        again = await client.post(f"{door}/opening", json={}, headers=once)
    assert again.status_code == first.status_code == 200
    assert again.json() == {**first.json(), "repeated": True}


async def test_a_repeated_opening_of_a_stream_finds_the_same_stream(service: Service) -> None:
    async with service.client(sub=str(uuid4())) as client:
        once = key()
        answers = [await _build(client, **once) for _ in range(2)]
    assert {one.status_code for one in answers} == {201}
    assert len({one.headers["location"] for one in answers}) == 1


async def test_the_same_key_with_another_body_is_told_so(service: Service) -> None:
    async with service.client() as client:
        once = key()
        await client.post("/doors", json={"colour": "red"}, headers=once)
        other = await client.post("/doors", json={"colour": "green"}, headers=once)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:rjhub:problem:key-reused"


async def test_the_same_key_of_another_actor_or_on_another_subject_is_another_command(
    service: Service,
) -> None:
    once = key()
    async with service.client() as one, service.client() as other:
        doors = [(await _build(client, **once)).headers["location"] for client in (one, other)]
        opened = [await one.post(f"{door}/opening", json={}, headers=once) for door in doors]
    assert len(set(doors)) == 2
    assert [answer.json()["repeated"] for answer in opened] == [False, False]
    commits = [commit for door in doors for commit in await _commits(service, door)]
    assert len({commit.command_id for commit in commits}) == 4


async def test_the_same_key_of_the_same_actor_in_another_organisation_is_another_command(
    service: Service,
) -> None:
    once, officer = key(), {"sub": str(uuid4()), "role": "officer"}
    async with (
        service.client(**officer, org=str(POLICE)) as police,
        service.client(**officer, org=str(HOUSING)) as housing,
    ):
        built = [await _build(client, **once) for client in (police, housing)]
    assert [one.json()["repeated"] for one in built] == [False, False]
    doors = [one.headers["location"] for one in built]
    commits = [commit for door in doors for commit in await _commits(service, door)]
    assert len({commit.command_id for commit in commits}) == 2


@pytest.mark.parametrize("sent", ["", "jane-canary", "07700900123", f"{ID} {ID}", f"{{{ID}}}"])
async def test_a_key_that_is_no_uuid_is_refused_and_not_repeated(
    service: Service, sent: str
) -> None:
    async with service.client() as client:
        answer = await _build(client, **{"Idempotency-Key": sent})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]
    assert not sent or sent not in answer.text


async def test_a_command_needs_exactly_one_key(service: Service) -> None:
    async with service.client() as client:
        without = await client.post("/doors", json={"colour": "red"})
        twice = [("Idempotency-Key", str(uuid4())) for _ in range(2)]
        double = await client.post("/doors", json={"colour": "red"}, headers=twice)
    assert (without.status_code, double.status_code) == (400, 400)


async def test_a_refusal_names_rule_words_source_and_what_is_needed(service: Service) -> None:
    async with service.client() as client:
        door = (await _build(client)).headers["location"]
        await client.post(f"{door}/opening", json={}, headers=key())
        refused = await client.post(f"{door}/opening", json={}, headers=key())
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["unmet"] == [
        {
            "rule": "DOOR-01",
            "words": "Only a door that is shut can be opened.",
            "source": "common sense",
            "needs": "shut it first",
        }
    ]


async def test_an_unknown_subject_and_one_of_another_organisation_are_the_same_404(
    service: Service,
) -> None:
    async with (
        service.client(org=str(POLICE), role="officer") as police,
        service.client(org=str(HOUSING), role="officer") as housing,
    ):
        door = (await _build(police)).headers["location"]
        foreign = await housing.post(f"{door}/opening", json={}, headers=key())
        unknown = await housing.post(f"/doors/{uuid4()}/opening", json={}, headers=key())
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert _without_id(foreign) == _without_id(unknown)


async def test_if_match_guards_against_a_record_that_has_changed(service: Service) -> None:
    async with service.client() as client:
        built = await _build(client)
        door, tag = built.headers["location"], built.headers["etag"]
        wrong = await client.post(
            f"{door}/opening", json={}, headers={**key(), "If-Match": tag.replace("@1", "@9")}
        )
        right = await client.post(f"{door}/opening", json={}, headers={**key(), "If-Match": tag})
    assert (wrong.status_code, right.status_code) == (412, 200)


async def test_if_match_with_the_tag_of_another_record_has_changed(service: Service) -> None:
    async with service.client() as client:
        one, other = [await _build(client) for _ in range(2)]
        answer = await client.post(
            f"{one.headers['location']}/opening",
            json={},
            headers={**key(), "If-Match": other.headers["etag"]},
        )
    assert answer.status_code == 412


@pytest.mark.parametrize("sent", ["jane", '"jane@1"', 'W/"x"', '"'])
async def test_if_match_that_is_no_tag_of_ours_is_malformed(service: Service, sent: str) -> None:
    async with service.client() as client:
        answer = await _build(client, **{"If-Match": sent})
    assert answer.status_code == 400
    assert "jane" not in answer.text


async def test_a_command_that_cannot_be_tried_to_the_end_is_a_503_never_a_refusal(
    service: Service,
) -> None:
    service.commits.faults = scripted(StoreFault.AWAY, of="load")
    async with service.client() as client:
        answer = await _build(client)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_command_that_would_record_too_much_is_a_413_and_records_nothing() -> None:
    """However little was sent: the bound is on what would be recorded."""
    service = await small_service(_with_a_door_that_keeps_opening)
    async with service.client() as client:
        answer = await _build(client)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:rjhub:problem:too-large")
    assert service.commits.durable() == []


async def test_several_commands_in_one_request_are_each_carried_out_once(
    service: Service,
) -> None:
    async with service.client(sub=str(uuid4())) as client:
        once = key()
        answers = [
            await client.post("/welcomes", json={"colour": "red"}, headers=once) for _ in range(2)
        ]
    first, again = answers
    assert (first.status_code, first.json()["version"]) == (201, 2)
    assert again.json() == {**first.json(), "repeated": True}
    assert len(await _commits(service, f"/doors/{first.json()['subject']}")) == 2


async def test_if_match_speaks_of_the_main_command_only(service: Service) -> None:
    actor = Actor(ActorId(uuid4()), POLICE, Role.OFFICER)
    request = Request(uuid4(), "hash", actor, uuid4(), expected=7)
    order = Order(uuid4(), request, service.surface.commands, {})
    build = BuildDoor(colour=Colour.RED)
    assert isinstance(await order.execute(DOOR, uuid4(), build, step="other"), Accepted)
    with pytest.raises(Changed):
        await order.execute(DOOR, order.subject, build)


async def test_after_waits_for_every_position_before_the_command(service: Service) -> None:
    one, two = f"door-{uuid4()}@3", f"consent-{uuid4()}@1"
    async with service.client() as client:
        await _build(client, After=f"{one}, {two}")
    positions = (Position.parse(one), Position.parse(two))
    assert service.waited == [(positions, ())]


async def test_after_takes_the_etag_of_an_answer_too(service: Service) -> None:
    """Also one that a proxy has made weak, as those do that compress."""
    async with service.client() as client:
        tag = (await _build(client)).headers["etag"]
        await _build(client, After=f"{tag}, W/{tag}")
    assert tag.startswith('"door-')
    assert service.waited == [((Position.parse(tag.strip('"')),) * 2, ())]


@pytest.mark.parametrize(
    "sent",
    [
        *("jane", "door-jane@1", f"door-{ID}", f"door-{ID}@0"),
        *(f'"door-{ID}@1', f'door-{ID}@1"', f"W/door-{ID}@1", f'"door-{ID}"'),
    ],
)
async def test_after_that_names_no_position_is_malformed(service: Service, sent: str) -> None:
    async with service.client() as client:
        answer = await _build(client, After=sent)
    assert answer.status_code == 400
    assert sent not in answer.text


@pytest.mark.parametrize(("raised", "status"), [(NotYet, 504), (Parked, 409)])
async def test_after_says_what_does_not_come_in_time_and_what_is_parked(
    raised: type[Exception], status: int
) -> None:
    async def never(*_: object) -> None:
        raise raised

    service = await small_service(lambda given: _with_waiter(given, never))
    async with service.client() as client:
        answer = await _build(client, After=f"door-{uuid4()}@1")
    assert answer.status_code == status


async def test_what_was_recorded_carries_actor_correlation_and_trace(service: Service) -> None:
    trace, correlation, actor = f"00-{'a' * 32}-{'b' * 16}-01", str(uuid4()), str(uuid4())
    async with service.client(sub=actor, org=str(POLICE), role="officer") as client:
        built = await _build(client, traceparent=trace, **{"X-Correlation-Id": correlation})
    (commit,) = await _commits(service, built.headers["location"])
    assert (str(commit.actor), commit.org, commit.role) == (actor, POLICE, "officer")
    assert (str(commit.correlation), commit.traceparent) == (correlation, trace)


async def test_commands_are_counted_by_decider_command_and_result(service: Service) -> None:
    async with service.client(sub=str(uuid4())) as client:
        once = key()
        door = (await _build(client, **once)).headers["location"]
        await _build(client, **once)
        for _ in range(2):
            await client.post(f"{door}/opening", json={}, headers=key())
        await client.post(f"/doors/{uuid4()}/opening", json={}, headers=key())
        text = (await client.get("/metrics")).text
    for command, result in (
        ("BuildDoor", "accepted"),
        ("BuildDoor", "repeated"),
        ("OpenDoor", "accepted"),
        ("OpenDoor", "refused"),
        ("OpenDoor", "not_found"),
    ):
        labels = f'command="{command}",decider="door",result="{result}"'
        assert f"rjhub_commands_total{{{labels}}} 1.0" in text


def _with_a_door_that_keeps_opening(surface: Surface) -> Surface:
    door = replace(DOOR, decide=_opens_too_often)
    row = post("/doors", BuildDoor, allow(Role.COORDINATOR), door)
    return replace(surface, routes=(row,))


def _opens_too_often(*_: object) -> Decision:
    built = DoorBuilt(colour=Colour.RED, owner=HUB, width=1)
    return [built, *[DoorOpened()] * (LARGEST_COMMIT // HEADERS)]


def _with_waiter(surface: Surface, waiter: object) -> Surface:
    return replace(surface, waiter=waiter)  # type: ignore[arg-type]


async def _commits(service: Service, door: str) -> list[Commit]:
    return await service.commits.load(f"door-{door.rpartition('/')[2]}")


def _without_id(answer: httpx.Response) -> dict[str, object]:
    return {name: value for name, value in answer.json().items() if name != "correlation_id"}
