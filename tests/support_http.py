"""A small service for tests of HTTP: doors that are built, opened and shut, on in-memory twins."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, assert_never
from uuid import UUID, uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fastapi import FastAPI
from pydantic import BaseModel, Field

from contracts.envelope import Event, Position
from contracts.fields import Count, OrganisationId, Role
from kernel.clock import FixedClock
from kernel.commands import Commands
from kernel.decider import Command, Context, Decider, Decision, Refused, Rule, State
from kernel.http import Asked, NotFound, Page, Paging, allow, allow_all_but, get, post
from kernel.http.app import application
from kernel.http.keys import Key, Keys, read_keys
from kernel.http.order import Order
from kernel.http.surface import Surface, secrets_needed
from kernel.http.tokens import Tokens
from kernel.project.memory import MemoryDocuments
from kernel.project.port import Document, Projection
from kernel.rebuild.views import Live
from kernel.store.gather import EventStore, Patience
from kernel.store.memory import MemoryCommits

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HUB = OrganisationId(UUID("11111111-1111-4111-8111-111111111111"))
POLICE = OrganisationId(UUID("22222222-2222-4222-8222-222222222222"))
HOUSING = OrganisationId(UUID("33333333-3333-4333-8333-333333333333"))


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class DoorBuilt(Event):
    """A door was built."""

    colour: Colour
    owner: OrganisationId
    width: Count


class DoorOpened(Event):
    """A door was opened."""


class BuildDoor(Command):
    """Build a door."""

    colour: Colour
    width: Count = 1
    weight: int | None = Field(default=None, ge=0, le=1000, description="kilograms")


class OpenDoor(Command):
    """Open a door that is shut."""


class Door(State):
    owner: OrganisationId | None = None
    is_open: bool = False


SHUT = Rule("DOOR-01", "Only a door that is shut can be opened.", "common sense")


def _evolve(door: Door, event: Event) -> Door:
    match event:
        case DoorBuilt():
            return door.model_copy(update={"owner": event.owner})
        case DoorOpened():
            return door.model_copy(update={"is_open": True})
        case _:
            raise TypeError(event)


def _decide(command: BuildDoor | OpenDoor, door: Door, context: Context) -> Decision:
    match command:
        case BuildDoor():
            width = command.width
            return [DoorBuilt(colour=command.colour, owner=context.actor.org, width=width)]
        case OpenDoor():
            if door.is_open:
                return Refused((SHUT.unmet("shut it first"),))
            return [DoorOpened()]
        case _:
            assert_never(command)


DOOR = Decider[BuildDoor | OpenDoor, Door](
    category="door",
    initial=Door(),
    evolve=_evolve,
    decide=_decide,
    opens=(BuildDoor,),
    controller=lambda door: door.owner,
    seen_by=lambda _: frozenset(),
)

EVENTS: dict[str, type[Event]] = {one.wire_type(): one for one in (DoorBuilt, DoorOpened)}


def decode(wire_type: str, data: str) -> Event:
    return EVENTS[wire_type].model_validate_json(data)


class DoorShown(BaseModel):
    door: UUID
    colour: Colour


class WelcomeForm(BaseModel):
    """Build a door and open it at once."""

    colour: Colour


async def welcome(body: WelcomeForm, order: Order) -> Any:
    assert len(order.secrets["welcome.key"]) == 32
    built = await order.execute(DOOR, order.subject, BuildDoor(colour=body.colour), step="build")
    assert not isinstance(built, Refused)
    return await order.execute(DOOR, order.subject, OpenDoor())


@get("/doors/{door}", allow_all_but(Role.ANALYST), reads="doors")
async def show_door(door: UUID, asked: Asked) -> DoorShown:
    """One door."""
    found = await asked.find("doors", door)
    if found is None or not asked.sees(found.body["organisations"]):
        raise NotFound
    return DoorShown(door=door, colour=found.body["colour"])


@get("/doors", allow(Role.COORDINATOR))
async def list_doors(asked: Asked, paging: Paging, colour: Colour | None = None) -> Page[DoorShown]:
    """The doors, page by page."""
    where = {"colour": colour} if colour else {}
    found, then = await asked.page("doors", where, paging)
    shown = tuple(DoorShown(door=one.id, colour=one.body["colour"]) for one in found)
    return Page(items=shown, next=then)


@get("/broken", allow(Role.COORDINATOR))
async def break_down() -> DoorShown:
    """Always fails."""
    raise RuntimeError("Jane Canary")


ROUTES = (
    post("/doors", BuildDoor, allow(Role.COORDINATOR, Role.OFFICER), DOOR),
    post("/doors/{door}/opening", OpenDoor, allow(Role.COORDINATOR, Role.OFFICER), DOOR),
    post(
        "/welcomes",
        WelcomeForm,
        allow(Role.COORDINATOR),
        DOOR,
        through=welcome,
        secrets=("welcome.key",),
    ),
    show_door,
    list_doors,
    break_down,
)

DOORS = Projection("doors", fold=lambda body, _: body)


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    """Made once: it takes longer than a test."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Signs tokens, rightly or wrongly, and publishes its keys; `dev-` has one of each kind."""

    name = "https://issuer.test"
    audience = "rjhub"

    def __init__(self, prefix: str = "dev-") -> None:
        self.private: dict[str, Any] = {
            f"{prefix}ed": ed25519.Ed25519PrivateKey.generate(),
            f"{prefix}ec": ec.generate_private_key(ec.SECP256R1()),
        }
        if prefix == "dev-":
            self.private["dev-rsa"] = _rsa_key()
        self.kid = f"{prefix}ed"

    def jwks(self) -> str:
        return json.dumps({"keys": [self.public(kid) for kid in self.private]})

    def public(self, kid: str) -> dict[str, Any]:
        key = self.private[kid].public_key()
        algorithm = jwt.get_algorithm_by_name(self.algorithm(kid))
        return {**algorithm.to_jwk(key, as_dict=True), "kid": kid, "use": "sig"}

    def algorithm(self, kid: str) -> str:
        return {"ed": "EdDSA", "ec": "ES256", "rsa": "RS256"}[kid.rpartition("-")[2]]

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.name,
            "aud": self.audience,
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "sub": str(uuid4()),
            "org": str(HUB),
            "role": "coordinator",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, kid: str | None = None, **changed: Any) -> str:
        named = kid or self.kid
        key = self.private[named]
        return jwt.encode(self.claims(**changed), key, self.algorithm(named), {"kid": named})

    def keys(self) -> MemoryKeys:
        return MemoryKeys(read_keys(self.jwks(), dev=True))


@dataclass
class MemoryKeys:
    """Keys that stay as they are."""

    held: Keys
    setting: str = "none"

    async def start(self) -> None:
        """They are there."""

    async def find(self, kid: str) -> Key | None:
        """The key of this id."""
        return self.held.get(kid)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Service:
    """The small service and what it stands on."""

    issuer: Issuer
    surface: Surface
    commits: MemoryCommits
    documents: MemoryDocuments
    waited: list[tuple[tuple[Position, ...], tuple[str, ...]]]
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.app = application(self.surface)

    @asynccontextmanager
    async def client(self, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A caller with a token; `token=""` sends none."""
        sent = claims.pop("token", None)
        token = self.issuer.token(**claims) if sent is None else sent
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://doors", headers=headers
        ) as client:
            yield client

    async def show(self, door: UUID, colour: Colour, *organisations: OrganisationId) -> None:
        """Put a door into the read model."""
        seen_by = [str(one) for one in organisations]
        body = {"colour": str(colour), "organisations": seen_by}
        view = DOORS.view
        await self.documents.write(view, [Document(door, body, {f"door-{door}": 1})])


async def small_service(change: Callable[[Surface], Surface] = lambda surface: surface) -> Service:
    """The small service, ready to be asked; `change` swaps parts of its surface."""
    issuer, commits, documents = Issuer(), MemoryCommits(), MemoryDocuments()
    tokens = Tokens(issuer.keys(), issuer.name, issuer.audience)
    await tokens.start()
    waited: list[tuple[tuple[Position, ...], tuple[str, ...]]] = []

    async def waiter(positions: tuple[Position, ...], reads: tuple[str, ...]) -> None:
        waited.append((positions, reads))

    store = EventStore(commits, Patience(seconds=0.2))
    surface = Surface(
        name="doors",
        version="1.2.3",
        routes=ROUTES,
        tokens=tokens,
        hub_org=HUB,
        commands=Commands(store, FixedClock(NOW), "/rj/doors", decode, HUB),
        documents=documents,
        waiter=waiter,
        secrets={name: name.encode().ljust(32, b"-") for name in secrets_needed(ROUTES)},
        live=Live([DOORS]),
    )
    return Service(issuer, change(surface), commits, documents, waited)


def key() -> dict[str, str]:
    """The header of a new command."""
    return {"Idempotency-Key": str(uuid4())}


def as_query(body: dict[str, Any]) -> dict[str, Any]:
    """A nested field is written as JSON, every other as it is."""
    nested = {name for name, one in body.items() if _is_nested(one)}
    return {name: json.dumps(one) if name in nested else one for name, one in body.items()}


def _is_nested(one: Any) -> bool:
    return isinstance(one, dict) or (isinstance(one, list) and any(map(_is_nested, one)))
