"""What the callers know of a case, from what they were answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from contracts.envelope import Position

Json = dict[str, Any]
Step = tuple[str, str, Json]
Story = Iterator[Step]

SIDES = ("victim", "offender")


@dataclass
class Case:
    """A case, and the ids that were given in it."""

    id: UUID
    people: list[Json]
    now: Callable[[], datetime]
    consents: list[str] = field(default_factory=list)
    meetings: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    accepted: bool = False

    def learn(self, answer: Json) -> None:
        """Take note of what was recorded."""
        stream, version = answer["stream"], answer["version"]
        self.seen[stream] = max(self.seen.get(stream, 0), version)
        self.accepted = self.accepted or answer["name"] == "AcceptReferral"
        for event in answer["events"]:
            self._hear(event["type"].split(".")[1], json.loads(event["data"]))

    def _hear(self, kind: str, fields: Json) -> None:
        match kind:
            case "ParticipantAdded":
                self.people.append(fields)
            case "ConsentGiven":
                self.consents.append(fields["consent_id"])
            case "MeetingScheduled":
                self.meetings.append(fields["meeting_id"])
            case "LetterDrafted":
                self.letters.append(fields["letter_id"])

    def known_to(self, now: Callable[[], datetime]) -> Case:
        """The same as others know it who go on from here, at another time."""
        return Case(
            id=self.id,
            people=[*self.people],
            now=now,
            consents=[*self.consents],
            meetings=[*self.meetings],
            letters=[*self.letters],
            seen={**self.seen},
            accepted=self.accepted,
        )

    def who(self, random: Random) -> str:
        """Somebody in it."""
        return str(random.choice(self.people)["participant_id"])

    def sides(self) -> list[str]:
        """Whose consent everything needs."""
        return [one["participant_id"] for one in self.people if one["role"] in SIDES]

    def one_of(self, random: Random, ids: list[str]) -> str:
        """Mostly the last that was given; the case's own, which is wrong, where there is none."""
        if not ids:
            return str(self.id)
        return ids[-1] if random.random() < 0.8 else random.choice(ids)

    def positions(self) -> tuple[Position, ...]:
        """Where each stream stood at the last answer."""
        return tuple(Position(*one) for one in self.seen.items())
