"""Random casework: people of all roles ask what comes to their minds, withdrawals most of all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID, uuid4

from contracts.envelope import Position
from contracts.fields import OrganisationId, Role
from tests.sim.activity import beginning
from tests.sim.case import Case, Json, Step, Story
from tests.sim.front import HUB, POLICE, Call, Front, actor
from tests.sim.requests import ANYTHING, once_more, referral, story, withdrawal

TRIES = 8
NOT_ASSIGNED = "CON-30"
PATIENCE = {"unknown": 0.9, "not known": 0.6}


@dataclass
class Casework:
    """Everybody who calls the hub."""

    front: Front
    random: Random
    cases: list[Case] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)
    beside: set[asyncio.Task[object]] = field(default_factory=set)

    async def new_case(self) -> None:
        """An officer asks the hub to look at a matter, and a coordinator takes it through."""
        case = await self.requested(referral(self.random))
        if case is None:
            return
        for step in story(self.random, case):
            await self.take(step, case)
            if step[0] == "consent" and not case.accepted:
                return

    async def requested(self, body: Json) -> Case | None:
        """A new case; None where it is another request for a matter that is known."""
        answer = await self.ask(("referral", "ReferralRequest", body))
        events = answer.get("events", ())
        if not any("ReferralRequested" in one["type"] for one in events[:1]):
            return None
        people = json.loads(events[0]["data"])["participants"]
        case = Case(UUID(answer["case"]), people, self.front.world.clock.at)
        self.cases.append(case)
        return case

    async def anything(self) -> None:
        """Somebody asks for something, or once more for what was asked before."""
        chance = self.random.random()
        if self.done and chance < 0.2:
            await self.front.send(self.random.choice(self.done))
        elif self.cases:
            case = self.random.choice(self.cases)
            if case.meetings and chance < 0.45:
                await self._begin(case)
            elif case.meetings and chance < 0.55:
                await self.take_all(once_more(self.random, case), case)
            else:
                await self.take(self._something(case), case)

    async def take_all(self, steps: Story, case: Case) -> None:
        """One after the other, whatever comes of each."""
        for step in steps:
            await self.take(step, case)

    async def take(self, step: Step, case: Case) -> Json:
        """Ask for something in a case, mostly after all that was answered before."""
        after = case.positions() if self.random.random() < 0.7 else ()
        answer = await self.ask(step, case.id, after)
        if answer["outcome"] == "accepted":
            case.learn(answer)
        return answer

    async def ask(
        self, step: Step, subject: UUID | None = None, after: tuple[Position, ...] = ()
    ) -> Json:
        """Ask for something, as somebody who may: where no facilitator is, a coordinator."""
        call = self._call(step, subject, after)
        answer = await self._insist(call)
        if NOT_ASSIGNED in answer.get("rules", ()):
            answer = await self._insist(replace(call, actor=actor(Role.COORDINATOR), key=uuid4()))
        return answer

    async def rest(self) -> None:
        """Until everybody has had their answer."""
        while self.beside:
            await asyncio.wait(self.beside)

    async def _begin(self, case: Case) -> None:
        """Something begins; often somebody changes their mind at that very moment."""
        if self.random.random() < 0.5:
            self._meanwhile(self._change_of_mind(case))
        await self.take(beginning(self.random, case), case)

    async def _change_of_mind(self, case: Case) -> None:
        await asyncio.sleep(self.random.expovariate(self.random.choice((2, 20))))
        await self.take(("consent", "WithdrawConsent", withdrawal(self.random, case)), case)

    def _something(self, case: Case) -> Step:
        known = [one for one in ANYTHING if case.accepted or one[0] == "referral"]
        weights = [ANYTHING[one][0] for one in known]
        service, name = self.random.choices(known, weights)[0]
        return service, name, ANYTHING[service, name][1](self.random, case)

    def _call(self, step: Step, subject: UUID | None, after: tuple[Position, ...]) -> Call:
        service, name, body = step
        person = name if subject is None else ""
        people = (actor(role, org, person) for role, org in self._roles())
        caller = next(one for one in people if self.front.admits(service, name, one))
        return Call(service, name, body, caller, uuid4(), subject, after)

    def _roles(self) -> list[tuple[Role, OrganisationId]]:
        """Whoever might call, in any order; the police sees its own cases only."""
        of_hub = [(role, HUB) for role in Role if role is not Role.SYSTEM]
        return self.random.sample([(Role.OFFICER, POLICE), *of_hub], len(of_hub) + 1)

    async def _insist(self, call: Call) -> Json:
        """Most callers repeat a call that got no answer, with the same key; some call twice."""
        self.done.append(call)
        if self.random.random() < 0.1:
            self._meanwhile(self.front.send(call))
        answer = await self.front.send(call)
        for _ in range(TRIES):
            patience = PATIENCE.get(answer["outcome"], 0.0)
            if self.random.random() > patience:
                break
            await asyncio.sleep(self.random.expovariate(1))
            answer = await self.front.send(call)
        return answer

    def _meanwhile(self, doing: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self.beside.add(task)
        task.add_done_callback(self.beside.discard)
