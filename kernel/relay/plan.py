"""What to send next: pure, from a page of pending commits and what is known of the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.envelope import Position
from kernel.log import Outgoing
from kernel.relay.along import Along
from kernel.store.port import Commit

NEVER = "~"  # sorts after every commit id


@dataclass
class Plan:
    """What to send, what stands on the log already, and which stream waits for which cause."""

    send: list[Commit] = field(default_factory=list)
    standing: list[Commit] = field(default_factory=list)
    waiting: dict[str, Position] = field(default_factory=dict)

    @property
    def settled(self) -> list[str]:
        """The ids that count as published once all of `send` is acknowledged."""
        return [commit.id for commit in (*self.standing, *self.send)]


def plan(
    page: Sequence[Commit],
    parked: Mapping[str, str],
    log: Along | None,
    held: Collection[str] = (),
) -> Plan:
    """Sort a page out; a stream that cannot go on holds back its later commits, nobody else's.

    `parked` holds, by stream, the id of the commit from which on it is kept back; `held` names the
    streams that wait since an earlier page. Without a reader of the log (it is the first one that
    this store knows) every cause stands.
    """
    result = Plan()
    for commit in page:
        if commit.stream in held or commit.stream in result.waiting:
            continue
        if commit.id >= parked.get(commit.stream, NEVER):
            continue
        if log and log.stands(commit.last):
            result.standing.append(commit)
        elif missing := _missing(commit, log):
            result.waiting[commit.stream] = missing
        else:
            result.send.append(commit)
    return result


def _missing(commit: Commit, log: Along | None) -> Position | None:
    """The first cause that does not stand on the log.

    Only causes of the same ordering key count: what is elsewhere has no order with this commit.
    """
    subject = f"-{commit.subject}"
    near = (one for one in commit.causes if one.stream.endswith(subject))
    others = (one for one in near if one.stream != commit.stream)
    return next((one for one in others if log and not log.stands(one)), None)


def outgoing(commits: Sequence[Commit]) -> list[Outgoing]:
    """The records of these commits, in order; the JSON text is copied as it is."""
    return [
        Outgoing(str(commit.subject).encode(), tuple(envelope.headers()), data.encode())
        for commit in commits
        for envelope, data in commit.envelopes()
    ]


def owner(commits: Sequence[Commit], index: int) -> Commit:
    """The commit that the record with this index belongs to."""
    for commit in commits:
        if index < len(commit.events):
            return commit
        index -= len(commit.events)
    raise IndexError("there is no such record")
