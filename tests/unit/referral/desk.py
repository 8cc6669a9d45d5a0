"""A referral desk on the in-memory store: requests that come in, with or without a reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts.codec import decode
from contracts.envelope import Event
from contracts.fields import CaseId, OrganisationId, Role
from contracts.referral import InitiatedBy, SourceType, Stage
from contracts.terms import ParticipantRole, Setting
from kernel.clock import FixedClock
from kernel.commands import Accepted, Commands, Request, request_hash
from kernel.decider import Refused
from kernel.http import Order
from kernel.store.gather import EventStore, Patience
from kernel.store.memory import MemoryCommits
from kernel.testing.spec import HUB, NOW, by
from services.referral.domain.referral.commands import ReferralCommand
from services.referral.domain.referral.decide import REFERRAL
from services.referral.domain.referral.state import Referral
from services.referral.incident import ReferralRequest, request_referral
from services.referral.reference import KEY
from tests.unit.referral.matters import POLICE, new

REFERENCE = "20DY/12345/26"
SECRET = b"a key of thirty-two bytes, secret"


def referral(reference: str | None = REFERENCE, **changed: Any) -> ReferralRequest:
    fields: dict[str, Any] = {
        "setting": Setting.POST_COURT,
        "stage": Stage.SENTENCED,
        "initiated_by": InitiatedBy.VICTIM,
        "victim_request": True,
        "participants": (new(ParticipantRole.VICTIM), new(ParticipantRole.OFFENDER)),
        "source_type": SourceType.OFFICER_IN_CHARGE,
        "incident_reference": reference,
    }
    return ReferralRequest(**(fields | changed))


async def at_once(_: float) -> None:
    """Instead of waiting."""


@dataclass
class Desk:
    """Where requests come in."""

    commits: MemoryCommits = field(default_factory=MemoryCommits)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    secret: bytes = SECRET

    def __post_init__(self) -> None:
        store = EventStore(self.commits, Patience(pause=at_once))
        self.commands = Commands(store, self.clock, "/rj/referral", decode, HUB)

    async def ask(
        self, body: ReferralRequest, key: UUID | None = None, org: OrganisationId = POLICE
    ) -> Accepted | Refused:
        """Send a request; with the same key it is the same request."""
        command_id = uuid5(org, str(key or uuid4()))
        request = self.request(command_id, body, Role.OFFICER, org)
        subject = uuid5(command_id, "referral")
        return await request_referral(
            body, Order(subject, request, self.commands, {KEY: self.secret})
        )

    async def tell(self, case: CaseId, command: ReferralCommand) -> Accepted | Refused:
        """Send a command about a case, as a coordinator of the hub."""
        request = self.request(uuid4(), command, Role.COORDINATOR, HUB)
        return await self.commands.execute(REFERRAL, case, command, request)

    async def referral(self, case: CaseId) -> Referral:
        """What is known of a case."""
        return (await self.commands.load(REFERRAL, case)).state

    def request(self, command_id: UUID, body: Any, role: Role, org: OrganisationId) -> Request:
        return Request(command_id, request_hash(SECRET, body), by(role, org), uuid4())

    def events(self, category: str = "referral") -> list[Event]:
        """What is recorded in the streams of a category."""
        found = (one for one in self.commits.durable() if one.stream.startswith(category))
        return [decode(event.type, event.data) for one in found for event in one.events]


def case_of(answer: Accepted | Refused) -> CaseId:
    assert isinstance(answer, Accepted)
    return CaseId(answer.commit.subject)
