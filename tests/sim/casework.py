"""Random casework: people of all roles ask what comes to their minds, withdrawals most of all."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

from contracts.envelope import Position
from contracts.fields import OrganisationId, Role
from tests.sim.front import HUB, POLICE, Call, Front, Json
from tests.sim.requests import ANYTHING, Case, referral, story

TRIES = 8
PATIENCE = {"unknown": 0.9, "not known": 0.6}


@dataclass
class Casework:
    """Everybody who calls the hub."""

    front: Front
    random: Random
    cases: list[Case] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)

    async def new_case(self) -> None:
        """An officer asks the hub to look at a matter, and a coordinator takes it through."""
        body = referral(self.random)
        answer = await self._insist(self._call("referral", "ReferralRequest", body))
        if (
            answer["outcome"] != "accepted"
            or "ReferralRequested" not in answer["events"][0]["type"]
        ):
            return
        requested = json.loads(answer["events"][0]["data"])
        case = Case(UUID(answer["case"]), requested["participants"])
        self.cases.append(case)
        for service, name, body in story(self.random, case):
            await self._take(service, name, body, case)
            if service == "consent" and not case.accepted:
                return

    async def anything(self) -> None:
        """Somebody asks for something, or once more for what was asked before."""
        if self.done and self.random.random() < 0.25:
            await self.front.send(self.random.choice(self.done))
        elif self.cases:
            case = self.random.choice(self.cases)
            known = [one for one in ANYTHING if case.accepted or one[0] == "referral"]
            weights = [ANYTHING[one][0] for one in known]
            service, name = self.random.choices(known, weights)[0]
            await self._take(service, name, ANYTHING[service, name][1](self.random, case), case)

    async def _take(self, service: str, name: str, body: Json, case: Case) -> None:
        after = case.positions() if self.random.random() < 0.7 else ()
        call = self._call(service, name, body, case.id, after)
        answer = await self._insist(call)
        if answer["outcome"] == "accepted":
            case.learn(answer)

    def _call(
        self,
        service: str,
        name: str,
        body: Json,
        subject: UUID | None = None,
        after: tuple[Position, ...] = (),
    ) -> Call:
        person = name if subject is None else ""
        people = [self.front.actor(role, org, person) for role, org in self._roles()]
        actor = next(one for one in people if self.front.admits(service, name, one))
        return Call(service, name, body, actor, uuid4(), subject, after)

    def _roles(self) -> list[tuple[Role, OrganisationId]]:
        """Whoever might call, in any order; the police sees its own cases only."""
        of_hub = [(role, HUB) for role in Role if role is not Role.SYSTEM]
        return self.random.sample([(Role.OFFICER, POLICE), *of_hub], len(of_hub) + 1)

    async def _insist(self, call: Call) -> Json:
        """Most callers repeat a call that got no answer, with the same key; some call twice."""
        self.done.append(call)
        if self.random.random() < 0.1:
            asyncio.get_running_loop().create_task(self.front.send(call))
        answer = await self.front.send(call)
        for _ in range(TRIES):
            patience = PATIENCE.get(answer["outcome"], 0.0)
            if self.random.random() > patience:
                break
            await asyncio.sleep(self.random.expovariate(1))
            answer = await self.front.send(call)
        return answer
