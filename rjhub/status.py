"""`rjhub status`: how every service is, asked of the services themselves, and what is not well."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table

from rjhub.child import HubError
from rjhub.hubfile import Reach
from rjhub.reach import Asking, Json, NoAnswer, asking

# A gateway chooses a replica at each call; those not met within so many are told to be missing.
CALLS_PER_REPLICA = 5
LATE_SECONDS = 30.0
# What is kept by NTP is nearer by far.
WRONG_CLOCK_SECONDS = 5.0
PATIENCE_SECONDS = 10.0
# Of these each replica has all there is; of others, its own part.
WHOLE = ("sending", "parked")
COLUMNS = ("Service", "Replicas", "Behind", "Not sent yet", "Parked", "Rebuilds", "State")


class NotWell(HubError):
    """Something needs a person; the words say what."""

    exit_code = 1


@dataclass
class Rebuilt:
    """A view that is being made, by all replicas that were met."""

    view: str
    read_model: str
    stage: str = "folding"
    partitions: int = 0
    events: int = 0
    parked: int = 0
    compared: int = 0
    different: int = 0
    examples: tuple[str, ...] = ()

    def met(self, one: Json) -> None:
        """Count in what a replica says; what was compared is known to the one that leads."""
        self.partitions += one["partitions"]
        self.events += one["events"]
        self.parked = max(self.parked, one["parked"])
        if one["compared"] and one["stage"] != "folding":
            self.stage, self.compared = one["stage"], one["compared"]
            self.different, self.examples = one["different"], tuple(one["examples"])

    @property
    def different_for_good(self) -> bool:
        """Whether nobody but a person can go on."""
        return self.stage == "different"

    def words(self) -> str:
        """How it goes."""
        if self.stage == "folding":
            left = f"{self.events:,} events to go" if self.events else "all folded so far"
            return f"{self.view}: {left if self.partitions else 'about to be read'}"
        if not self.different:
            return f"{self.view}: {self.compared:,} documents compared, all the same"
        return f"{self.view}: {self.different:,} of {self.compared:,} documents are different"

    def what_to_do(self) -> str:
        """What is different, and what a person may do about it."""
        such = f", such as {self.examples[0]}" if self.examples else ""
        ask = f"`rjhub rebuild {self.read_model} --accept` takes it as it is, `--stop` gives it up"
        return f"{self.words()}{such}; {ask}"


@dataclass
class ServiceStatus:
    """A service by all of its replicas that were met."""

    name: str
    replicas: dict[str, Json] = field(default_factory=dict)
    expected: int = 1
    silent: str = ""

    def met(self, answer: Json) -> None:
        """Count a replica in, as it is now."""
        self.replicas[answer["replica"]] = answer
        sending = answer["sending"] or {}
        self.expected = max(self.expected, sending.get("replicas", 1), len(self.replicas))

    @property
    def partitions(self) -> tuple[int, int]:
        """How many partitions are read by those that were met, and how many there are."""
        reading = self._each("reading")
        return sum(one["partitions"] for one in reading), max(
            (one["of"] for one in reading), default=0
        )

    @property
    def whole(self) -> bool:
        """Whether no replica is missing, as far as the others can tell."""
        read, there = self.partitions
        return len(self.replicas) >= self.expected and read >= there

    @property
    def lag(self) -> tuple[int, float]:
        """Events that wait, and how far behind the last partition is."""
        reading = self._each("reading")
        seconds = max((one["seconds"] for one in reading), default=0.0)
        return sum(one["events"] for one in reading), seconds

    @property
    def outbox(self) -> tuple[int, float]:
        """Commits that are not on the log, and the age of the oldest: each replica sees all."""
        sending = self._each("sending")
        oldest = max((one["oldest_seconds"] for one in sending), default=0.0)
        return max((one["commits"] for one in sending), default=0), oldest

    @property
    def again(self) -> int:
        """How many of them are published again, since another log took the place of theirs."""
        # A replica of an earlier release does not tell.
        return max((one.get("again", 0) for one in self._each("sending")), default=0)

    @property
    def parked(self) -> dict[str, int]:
        """Events parked by read model, and streams that the log refuses: each replica sees all."""
        found: dict[str, int] = {}
        for one in self._each("parked"):
            found |= one
        refused = max((one["streams_parked"] for one in self._each("sending")), default=0)
        return found | ({"relay": refused} if refused else {})

    @property
    def rebuilds(self) -> dict[str, Rebuilt]:
        """Views that are being made: each replica folds its partitions of them."""
        found: dict[str, Rebuilt] = {}
        # A replica of an earlier release, which runs on during an upgrade, tells of none.
        each = (one.get("rebuilds") or () for one in self.replicas.values())
        for one in itertools.chain.from_iterable(each):
            found.setdefault(one["view"], Rebuilt(one["view"], one["read_model"])).met(one)
        return found

    def unknown(self, figure: str) -> bool:
        """Whether a figure was not to be had of the whole service."""
        lacking = [figure in _lacking(one) for one in self.replicas.values()]
        return any(lacking) and (figure not in WHOLE or all(lacking))

    def wrong(self) -> Iterator[str]:
        """What is not well, in words."""
        if self.silent:
            yield self.silent
            return
        for replica, one in self.replicas.items():
            yield from (f"{it['field']} of {replica}: {it['right']}" for it in one["wrong"])
            yield from (f"{figure} of {replica} is not to be had" for figure in _lacking(one))
            if abs(ahead := one["clock_ahead_seconds"] or 0.0) > WRONG_CLOCK_SECONDS:
                way = "ahead of" if ahead > 0 else "behind"
                yield f"clock of {replica}: {_age(abs(ahead))} {way} the database's"
        if not self.whole:
            yield self._missing()
        if self.parked:
            yield f"parked in {_counts(self.parked)}; `rjhub parked` says why"
        for made in self.rebuilds.values():
            if made.different_for_good:
                yield made.what_to_do()
        if self.outbox[1] > LATE_SECONDS:
            yield f"a commit waits for the log since {_age(self.outbox[1])}{self._because()}"
        if self.lag[1] > LATE_SECONDS:
            yield f"reads {_age(self.lag[1])} behind the log"

    def _because(self) -> str:
        words = f"; {self.again} are published again, since the log is another one"
        return words if self.again else ""

    def _missing(self) -> str:
        read, there = self.partitions
        met = f"{len(self.replicas)} of {self.expected} replicas answered"
        return f"{met}, with {read} of {there} partitions" if there else met

    def _each(self, part: str) -> list[Json]:
        return [one[part] for one in self.replicas.values() if one[part]]


def run(hub: Reach, console: Console, *, as_json: bool) -> None:
    """Ask, and print how the hub is; raises NotWell with what is not."""
    with asking(hub, PATIENCE_SECONDS) as found:
        show(found, console, as_json=as_json)


def show(hub: Asking, console: Console, *, as_json: bool) -> None:
    """Print how the hub is; raises NotWell with what is not."""
    services = [look(hub, name) for name in hub.hub.services]
    wrong = [f"{one.name}: {words}" for one in services for words in one.wrong()]
    if as_json:
        print(json.dumps(in_json(services, wrong), indent=2))  # noqa: T201  for programs
    else:
        console.print(table(services))
    if wrong:
        raise NotWell("\n".join(wrong))


def look(hub: Asking, service: str) -> ServiceStatus:
    """Ask until every replica was met, or as often as makes it likely."""
    found = ServiceStatus(service)
    for turn in itertools.count(1):
        try:
            found.met(hub.ask(service, "/status"))
        except NoAnswer as wrong:
            found.silent = "" if found.replicas else str(wrong).removeprefix(f"{service}: ")
            return found
        if found.whole or turn >= CALLS_PER_REPLICA * found.expected:
            return found
    raise AssertionError("unreachable")


def in_json(services: list[ServiceStatus], wrong: list[str]) -> Json:
    """The same for programs."""
    return {
        "well": not wrong,
        "wrong": wrong,
        "services": {one.name: _one(one) for one in services},
    }


def _one(service: ServiceStatus) -> Json:
    events, seconds = service.lag
    commits, oldest = service.outbox
    rebuilds, unknown = service.rebuilds.values(), service.unknown
    sent = {"commits": commits, "again": service.again, "oldest_seconds": oldest}
    return {
        "replicas": {"met": len(service.replicas), "expected": service.expected},
        "lag": None if unknown("reading") else {"events": events, "seconds": seconds},
        "outbox": None if unknown("sending") else sent,
        "parked": None if unknown("parked") else service.parked,
        "rebuilds": None if unknown("rebuilds") else [asdict(one) for one in rebuilds],
        "wrong": list(service.wrong()),
        "each": list(service.replicas.values()),
    }


def table(services: list[ServiceStatus]) -> Table:
    """A row for each service."""
    found = Table(*COLUMNS)
    for one in services:
        found.add_row(*_row(one))
    return found


def _row(one: ServiceStatus) -> tuple[str, ...]:
    if one.silent:
        return one.name, "0", "", "", "", "", "no answer"
    events, seconds = one.lag
    commits, oldest = one.outbox
    again = f"{one.again} of them again, " if one.again else ""
    return (
        one.name,
        f"{len(one.replicas)} of {one.expected}",
        f"{events} events, {_age(seconds)}" if events else _no("reading", one),
        f"{commits} commits, {again}{_age(oldest)}" if commits else _no("sending", one),
        _counts(one.parked) or _no("parked", one),
        "; ".join(each.words() for each in one.rebuilds.values()) or _no("rebuilds", one, "none"),
        "not well" if any(one.wrong()) else "well",
    )


def _no(figure: str, of: ServiceStatus, none: str = "nothing") -> str:
    return "?" if of.unknown(figure) else none


def _lacking(replica: Json) -> Sequence[str]:
    """What it could not measure; one of an earlier release does not tell."""
    found: Sequence[str] = replica.get("lacking") or ()
    return found


def _counts(parked: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(parked.items()))


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
