"""Seeded defects: each replaces one function by one that a tired hand might have written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

from contracts.envelope import Event, Position
from contracts.fields import ParticipantId
from kernel import crash
from kernel.commands import Accepted, Commands, _accepted
from kernel.decider import Refused, Unmet
from kernel.log import Partition
from kernel.process.policy import command_id
from kernel.project.fold import Line
from kernel.project.reading import Arrival
from kernel.relay.along import Along
from kernel.relay.outlet import Outlet
from kernel.relay.plan import Plan
from kernel.relay.port import Page
from kernel.service import Service
from kernel.store.port import Commit
from kernel.testing.simulate.bells import RingingOutbox
from services.consent.domain.ledger.quorum import quorum_changes
from services.consent.domain.ledger.state import Ledger
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.start import decide as start
from services.facilitation.domain.case.start.decide import Beginning
from services.facilitation.domain.case.state import Case as CaseState
from services.facilitation.starting import NO_CLEARANCE
from tests.sim.echo import ECHO
from tests.sim.history import SERVICES


@dataclass(frozen=True)
class Defect:
    """What is replaced by what, and the guarantee that must be found broken."""

    target: str
    by: Callable[..., Any]
    broken: str
    services: tuple[Service, ...] = SERVICES
    first: int = 0  # where one history in a hundred shows it: the seed that did so lately

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The defect is there while the body runs."""
        with patch(self.target, self.by):
            yield


COPIES: dict[frozenset[ParticipantId], Ledger] = {}


def quorum_from_a_stale_copy(ledger: Ledger, now: datetime) -> list[Event]:
    """Consents as they were when somebody last looked."""
    key = frozenset(one.participant_id for one in ledger.participants)
    copy, COPIES[key] = COPIES.get(key, ledger), ledger
    return quorum_changes(ledger.model_copy(update={"consents": copy.consents}), now)


def ends_without_a_word(event: Event, ledger: Ledger, now: datetime) -> Event:
    """Only a no says whose yes it ends."""
    return event


SEEN: dict[tuple[ParticipantId, ...], CaseState] = {}


def begin_by_a_copy(begins: Beginning, case: CaseState, at: At) -> Iterator[Unmet | None]:
    """What stands in the way of the consents as they were when the beginning was tried."""
    key = tuple(one.participant_id for one in case.participants)
    if begins.cleared_by == NO_CLEARANCE:
        SEEN[key] = case
    copy = SEEN.get(key, case)
    held = {name: getattr(copy, name) for name in ("quorum", "noes", "lost_at")}
    yield from MAY_BEGIN(begins, case.model_copy(update=held), at)


MAY_BEGIN = start._may_begin


def take_unguarded(line: Line, arrival: Arrival) -> None:
    """Whatever arrives is folded, however often it comes."""
    stream, version = arrival.position
    if arrival.recorded and version <= line.folded.get(stream, 0):
        line.body = line.projection.fold(line.body, arrival.recorded)
        line.changed = True
        return
    TAKE(line, arrival)


TAKE = Line.take


async def mark_before_the_acknowledgement(self: Outlet, chosen: Plan, generation: int) -> bool:
    """Settled first, sent afterwards."""
    if not chosen.settled:
        return False
    outbox, mark, topic = self._means.outbox, self._mark, self.partition.topic
    await outbox.settle(self.lease, topic, mark, chosen.settled)
    crash.reached("before_mark")
    if chosen.send:
        self._mark = await self._send(chosen, generation)
    return True


async def lane_in_two_reads(
    self: RingingOutbox, partition: Partition, limit: int, after: str = ""
) -> Page:
    """The older half of the lane at one moment, what is behind it at a later one."""
    early = await PENDING(self, partition, limit, after)
    await asyncio.sleep(0.05)
    late = await PENDING(self, partition, limit, after)
    cut = max((one.recorded_at for one in late.commits), default=None)
    newest = [one for one in late.commits if one.recorded_at == cut]
    known = {one.id for one in newest}
    commits = [one for one in early.commits if one.id not in known] + newest
    return Page(sorted(commits, key=lambda one: one.id), late.last, late.through)


PENDING = RingingOutbox.pending


async def decide_before_looking_up(self: Commands, order: Any) -> Accepted | Refused:
    """A refusal is said before anybody asks whether the command is known."""
    loaded = await self.load(order.decider, order.subject)
    if loaded.version:
        dry = await self.dry_run(order.decider, order.subject, order.command, order.request.actor)
        if isinstance(dry, Refused):
            return dry
    known = loaded.answer(order.request.command_id)
    return _accepted(known, order.request, True) if known else await self._first(order, loaded)


def no_cause_is_missing(commit: Commit, log: Along | None) -> Position | None:
    """Published again as if everything stood there already."""
    return None


def id_without_target(policy: str, cause: UUID, target: str, step: str) -> UUID:
    """One id for whatever a policy sends because of one event."""
    return command_id(policy, cause, "", step)


DEFECTS: Mapping[str, Defect] = {
    "a quorum from a stale copy": Defect(
        "services.consent.domain.ledger.decide.quorum_changes", quorum_from_a_stale_copy, "G4"
    ),
    "a yes that ends without a word": Defect(
        "services.consent.domain.ledger.decide.naming_what_ends", ends_without_a_word, "G4"
    ),
    "a start that reads consent from a copy outside its stream": Defect(
        "services.facilitation.domain.case.start.decide._may_begin",
        begin_by_a_copy,
        "G4",
        first=72,
    ),
    "the fold's guard removed": Defect("kernel.project.fold.Line.take", take_unguarded, "G3"),
    "the relay marking before the acknowledgement": Defect(
        "kernel.relay.outlet.Outlet._carry_out", mark_before_the_acknowledgement, "G1"
    ),
    "a lane read without a snapshot": Defect(
        "kernel.testing.simulate.bells.RingingOutbox.pending", lane_in_two_reads, "G2"
    ),
    "a refusal answered before the known command is looked up": Defect(
        "kernel.commands.Commands._try", decide_before_looking_up, "G3"
    ),
    "publishing again without causes": Defect(
        "kernel.relay.plan._missing", no_cause_is_missing, "G2"
    ),
    "a policy id without its target": Defect(
        "kernel.process.react.command_id", id_without_target, "G3", (*SERVICES, ECHO)
    ),
}
