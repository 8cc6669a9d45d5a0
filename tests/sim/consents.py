"""Who says yes to what, worked out from a consent stream's events as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Json = dict[str, Any]
Agreed = tuple[str, str]

SIDES = ("victim", "offender", "party")
UNDER_16 = ("under_10", "from_10_to_15", "unknown")


def kind_of(event: Json) -> str:
    """`ConsentGiven` of `rj.ConsentGiven.v1`."""
    return str(event["type"].split(".")[1])


@dataclass(frozen=True)
class Yes:
    """One consent as it stands."""

    id: str
    who: str
    by: str
    methods: frozenset[str]
    takes_part: bool
    until: datetime
    beside: str | None

    def covers(self, method: str, now: datetime) -> bool:
        """Whether it is one to taking part by this method at this moment."""
        return method in self.methods and self.takes_part and now < self.until


@dataclass
class Consents:
    """A case's people and their consents after some events."""

    people: dict[str, Json] = field(default_factory=dict)
    yeses: list[Yes] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)

    def hear(self, event: Json) -> None:
        """One more event."""
        fields = event["fields"]
        match kind_of(event):
            case "ConsentLedgerOpened" | "ParticipantsNoted":
                self.people = {one["participant_id"]: one for one in fields["participants"]}
                self._keep(lambda one: {one.who, one.by} <= self.people.keys())
            case "ConsentGiven":
                self.yeses.append(_yes(fields))
            case "ConsentReconfirmed" | "ConsentVaried":
                self.yeses = [_renewed(one, fields) for one in self.yeses]
            case "ConsentExpired":
                self._keep(lambda one: one.id != fields["consent_id"])
            case "ConsentDeclined" | "ConsentWithdrawn":
                self.yeses = [_less(one, fields) for one in self.yeses]
                self._keep(lambda one: bool(one.methods))
            case "CapacityRecorded" if fields["result"] == "lacks_capacity":
                self._keep(lambda one: fields["participant_id"] not in (one.who, one.by))
            case "RepresentativeEnded":
                pair = (fields["participant_id"], fields["representative_id"])
                self._keep(lambda one: (one.who, one.by) != pair)
            case "ConsentQuorumReached":
                self.said[fields["method"]] = fields["participants"]
            case "ConsentQuorumLost":
                self.said.pop(fields["method"], None)

    def live(self, who: str, method: str, now: datetime) -> bool:
        """Whether somebody's own yes stands, a child's with the one beside it."""
        child = self.people.get(who, {}).get("age_band") in UNDER_16
        beside = {
            one.id for one in self.yeses if one.by != one.who == who and one.covers(method, now)
        }
        return any(
            one.who == one.by == who
            and one.covers(method, now)
            and (not child or one.beside in beside)
            for one in self.yeses
        )

    def everything_live(self, now: datetime) -> set[Agreed]:
        """Who says yes to what."""
        named = {method for one in self.yeses for method in one.methods}
        return {(who, one) for who in self.people for one in named if self.live(who, one, now)}

    def quorum(self, now: datetime) -> dict[str, list[str]]:
        """The methods to which everybody who has to agrees, on two sides at least."""
        needed = [one for one in self.people.values() if one["role"] in SIDES]
        parties = sum(one["role"] == "party" for one in needed)
        if len({one["role"] for one in needed} - {"party"}) + parties < 2:
            return {}
        ids = sorted(one["participant_id"] for one in needed)
        named = {method for one in self.yeses for method in one.methods}
        return {one: ids for one in named if all(self.live(who, one, now) for who in ids)}

    def standing(self, ids: Iterable[str], method: str, now: datetime) -> bool:
        """Whether each of these consents stands."""
        held = {one.id for one in self.yeses if one.covers(method, now)}
        return set(ids) <= held

    def _keep(self, stays: Any) -> None:
        self.yeses = [one for one in self.yeses if stays(one)]


def _yes(fields: Json) -> Yes:
    return Yes(
        id=fields["consent_id"],
        who=fields["participant_id"],
        by=fields["given_by"],
        methods=frozenset(fields["methods"]),
        takes_part="take_part" in fields["purposes"],
        until=datetime.fromisoformat(fields["valid_until"]),
        beside=fields.get("co_consent_id"),
    )


def _renewed(one: Yes, fields: Json) -> Yes:
    if one.id != fields["consent_id"]:
        return one
    until = datetime.fromisoformat(fields["valid_until"])
    return replace(one, methods=frozenset(fields["methods"]), until=until)


def _less(one: Yes, fields: Json) -> Yes:
    if fields["participant_id"] not in (one.who, one.by):
        return one
    return replace(one, methods=one.methods - set(fields["methods"]))
