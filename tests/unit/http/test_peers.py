"""Another service is asked once, in the caller's name: over HTTP, and on the twin."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.envelope import Position
from contracts.fields import ActorId, Role
from kernel.commands import NotKnown
from kernel.decider import Actor, Refused
from kernel.peers.http import HttpPeers
from kernel.peers.memory import MemoryPeers, Peer, Trouble
from kernel.peers.port import Letter, NoPeers, NotAllowed, Peers, PeerUnavailable, Told
from tests.support_http import HUB, SHUT, BuildDoor, Colour, OpenDoor, Service, key, small_service

ACTOR = Actor(ActorId(UUID(int=7)), HUB, Role.COORDINATOR)


@dataclass
class World:
    """The service of doors, and how its neighbour reaches it."""

    doors: Service
    peers: Peers

    async def built(self) -> UUID:
        async with self.doors.client() as client:
            body = {"colour": "red", "width": 1}
            return UUID((await client.post("/doors", json=body, headers=key())).json()["subject"])

    def letter(self, door: UUID, **changed: object) -> Letter:
        asked = Letter(
            service="doors",
            path=f"/doors/{door}/opening",
            body=OpenDoor(),
            key=uuid4(),
            after=(),
            actor=ACTOR,
            authorization=f"Bearer {self.doors.issuer.token(sub=str(ACTOR.id))}",
            correlation=uuid4(),
        )
        return replace(asked, **changed)  # type: ignore[arg-type]

    async def versions(self, door: UUID) -> int:
        return len(await self.doors.commits.load(f"door-{door}"))


def over_http(doors: Service) -> Peers:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(doors.app))
    return HttpPeers({"doors": "http://doors/"}, client)


def on_the_twin(doors: Service) -> Peers:
    shown = doors.surface
    return MemoryPeers({"doors": Peer(shown.routes, shown.commands, shown.waiter)})


@pytest.fixture(params=[over_http, on_the_twin])
async def world(request: pytest.FixtureRequest) -> World:
    doors = await small_service()
    reach: Callable[[Service], Peers] = request.param
    return World(doors, reach(doors))


async def test_what_was_recorded_is_told_with_its_place(world: World) -> None:
    door = await world.built()
    told = await world.peers.tell(world.letter(door))
    assert told == Told(Position(f"door-{door}", 2), {"rj.DoorOpened.v1": {}})
    (_, opened) = await world.doors.commits.load(f"door-{door}")
    assert (opened.actor, opened.org, opened.role) == (ACTOR.id, HUB, Role.COORDINATOR)


async def test_the_same_letter_is_carried_out_once(world: World) -> None:
    door = await world.built()
    letter = world.letter(door)
    assert await world.peers.tell(letter) == await world.peers.tell(letter)
    assert await world.versions(door) == 2


async def test_a_refusal_comes_back_with_its_reasons(world: World) -> None:
    door = await world.built()
    await world.peers.tell(world.letter(door))
    again = await world.peers.tell(world.letter(door))
    assert again == Refused((SHUT.unmet("shut it first"),))


async def test_an_unknown_record_is_not_known(world: World) -> None:
    with pytest.raises(NotKnown):
        await world.peers.tell(world.letter(uuid4()))


async def test_a_role_that_may_not_is_not_allowed(world: World) -> None:
    door = await world.built()
    token = world.doors.issuer.token(role="analyst")
    analyst = replace(ACTOR, role=Role.ANALYST)
    letter = world.letter(door, actor=analyst, authorization=f"Bearer {token}")
    with pytest.raises(NotAllowed):
        await world.peers.tell(letter)
    assert await world.versions(door) == 1


async def test_a_letter_waits_for_what_it_comes_after(world: World) -> None:
    door = await world.built()
    place = Position(f"house-{door}", 3)
    await world.peers.tell(world.letter(door, after=(place,)))
    assert ((place,), ()) in world.doors.waited


@pytest.mark.parametrize("name", ["windows", ""])
async def test_a_service_that_is_not_known_cannot_be_reached(world: World, name: str) -> None:
    with pytest.raises(PeerUnavailable):
        await world.peers.tell(world.letter(uuid4(), service=name))


async def test_a_path_that_is_not_known_is_no_success(world: World) -> None:
    with pytest.raises((PeerUnavailable, NotKnown)):
        await world.peers.tell(world.letter(uuid4(), path="/gates/1", body=BuildDoor(colour=RED)))


RED = Colour.RED


async def test_nobody_is_reached_where_nobody_is_known() -> None:
    door = uuid4()
    letter = Letter("doors", "/", OpenDoor(), door, (), ACTOR, "", door)
    with pytest.raises(PeerUnavailable):
        await NoPeers().tell(letter)


def test_a_letter_shows_no_token() -> None:
    letter = Letter("doors", "/", OpenDoor(), UUID(int=1), (), ACTOR, "Bearer secret", UUID(int=2))
    assert "secret" not in repr(letter)


def answering(answer: httpx.Response | Exception) -> Peers:
    def handle(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handle)
    return HttpPeers({"doors": "http://doors"}, httpx.AsyncClient(transport=transport))


class TestHttp:
    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ConnectError("refused"),
            httpx.ReadTimeout("late"),
            httpx.Response(200, text="not ours"),
            httpx.Response(200, json={"stream": 1}),
            httpx.Response(409, text="not ours"),
            httpx.Response(409, json={"type": "urn:rjhub:problem:refused"}),
            httpx.Response(409, json={"type": "urn:rjhub:problem:parked"}),
            httpx.Response(302, headers={"location": "http://elsewhere"}),
            httpx.Response(401),
            httpx.Response(503),
            httpx.Response(504),
        ],
        ids=str,
    )
    async def test_anything_else_is_no_answer(self, answer: httpx.Response | Exception) -> None:
        letter = Letter("doors", "/", OpenDoor(), UUID(int=1), (), ACTOR, "", UUID(int=2))
        with pytest.raises(PeerUnavailable):
            await answering(answer).tell(letter)


class TestTwin:
    async def test_a_letter_is_lost(self) -> None:
        world, peers = await self.troubled(Trouble.LOST)
        door = await world.built()
        with pytest.raises(PeerUnavailable):
            await peers.tell(world.letter(door))
        assert await world.versions(door) == 1
        assert len(peers.sent) == 1

    async def test_a_reply_is_lost(self) -> None:
        world, peers = await self.troubled(Trouble.REPLY_LOST, None)
        door = await world.built()
        letter = world.letter(door)
        with pytest.raises(PeerUnavailable):
            await peers.tell(letter)
        assert await world.versions(door) == 2
        assert isinstance(await peers.tell(letter), Told)

    async def troubled(self, *troubles: Trouble | None) -> tuple[World, MemoryPeers]:
        doors = await small_service()
        peers = MemoryPeers(
            {"doors": Peer(doors.surface.routes, doors.surface.commands)}, deque(troubles)
        )
        return World(doors, peers), peers
