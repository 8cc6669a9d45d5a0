"""The pure fold: duplicates, gaps, parking, draining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.envelope import Event, Recorded
from kernel.log import Record
from kernel.project.fold import Change, drive_document, fold_document
from kernel.project.port import Document, Entry, Projection, Why
from kernel.project.reading import Arrival, Unreadable, read
from tests.support_folds import (
    ALICE,
    LOG,
    NOW,
    Shaky,
    Stumbled,
    at,
    decode,
    nothing,
    of_an_unknown_version,
    partition_of,
    record,
    step,
    undecodable,
    unreadable,
    walk,
)

WALK = walk()
EMPTY = Document(ALICE)


def _read(one: Record, log: str) -> Arrival | Unreadable:
    return read(one, log, decode)


def arrival(one: Recorded | Record) -> Arrival:
    found = _read(one if isinstance(one, Record) else record(one), LOG)
    assert isinstance(found, Arrival)
    return found


def fold(
    *arriving: Recorded | Record,
    document: Document = EMPTY,
    queue: Sequence[Entry] = (),
    by: Projection = WALK,
) -> Change | None:
    return fold_document(by, document, queue, [arrival(one) for one in arriving], NOW, _read)


def folded(change: Change | None) -> Change:
    assert change
    return change


def steps(change: Change | None) -> list[int]:
    return [version for _, version, _ in folded(change).document.body.get("seen", [])]


def stumble(version: int) -> Recorded:
    return step(version, event=Stumbled(steps=version))


def test_the_next_version_is_folded_and_remembered() -> None:
    change = folded(fold(step(1), step(2), step(1, of="consent")))
    assert change.document.body["seen"] == [
        ["consent", 1, 1],
        ["referral", 1, 1],
        ["referral", 2, 2],
    ]
    assert change.document.folded == {f"referral-{ALICE}": 2, f"consent-{ALICE}": 1}
    assert change.document.parked is None
    assert change.park == ()


def test_a_version_at_or_below_the_folded_one_changes_nothing() -> None:
    document = folded(fold(step(1), step(2))).document
    assert fold(step(2), step(1), document=document) is None


def test_a_duplicate_within_a_batch_changes_nothing() -> None:
    assert steps(fold(step(1), step(1), step(2), step(1))) == [1, 2]


def test_a_fold_does_not_touch_the_document_it_was_given() -> None:
    document = folded(fold(step(1))).document
    before = replace(document, body=dict(document.body), folded=dict(document.folded))
    fold(step(2), document=document)
    assert document == before


def test_a_gap_parks_the_document() -> None:
    change = folded(fold(step(1), step(3), step(4)))
    assert steps(change) == [1]
    parked = change.document.parked
    assert parked
    assert (parked.why, parked.held_by, parked.count) == (Why.GAP, at("referral", 2), 2)
    assert [entry.position for entry in change.park] == [at("referral", 3), at("referral", 4)]


def test_a_gap_does_not_hold_another_stream_that_owes_it_nothing() -> None:
    change = folded(fold(step(2), step(1, of="consent")))
    assert {entry.position for entry in change.park} == {at("referral", 2)}
    assert change.document.folded == {f"consent-{ALICE}": 1}


def test_behind_a_gap_an_effect_of_the_missing_events_waits() -> None:
    effect = step(1, of="consent", causes=(at("referral", 2),))
    change = folded(fold(step(2), effect))
    assert change.document.folded == {}
    assert [entry.position for entry in change.park] == [at("referral", 2), at("consent", 1)]


def test_a_filled_gap_drains_by_itself_and_causes_come_first() -> None:
    effect = step(1, of="consent", causes=(at("referral", 2),))
    parked = folded(fold(step(2), effect))
    change = folded(fold(step(1), document=parked.document, queue=parked.park))
    assert change.document.parked is None
    assert change.document.folded == {f"referral-{ALICE}": 2, f"consent-{ALICE}": 1}
    assert set(change.settled) == {entry.id for entry in parked.park}
    assert change.park == ()


def test_a_gap_filled_within_the_batch_parks_nothing() -> None:
    change = folded(fold(step(2), step(3), step(1)))
    assert (steps(change), change.park, change.document.parked) == ([1, 2, 3], (), None)


@pytest.mark.parametrize(
    ("poison", "why"),
    [
        (undecodable(step(2)), Why.UNDECODABLE),
        (of_an_unknown_version(step(2)), Why.UNDECODABLE),
        (record(stumble(2)), Why.FAILING),
    ],
    ids=["undecodable", "unknown version", "failing"],
)
def test_a_poisoned_event_parks_and_what_follows_queues_behind(poison: Record, why: Why) -> None:
    change = folded(fold(step(1), poison, step(3), step(1, of="consent")))
    assert steps(change) == [1]
    assert change.document.parked
    assert (change.document.parked.why, change.document.parked.count) == (why, 3)
    assert change.document.parked.held_by == at("referral", 2)
    assert [entry.why for entry in change.park] == [why, Why.BEHIND, Why.BEHIND]


def test_an_error_never_holds_what_stood_in_the_event() -> None:
    for poison in (undecodable(step(1)), of_an_unknown_version(step(1)), record(stumble(1))):
        parked = folded(fold(poison)).document.parked
        assert parked
        assert parked.error
        assert "Jane" not in parked.error
        assert "secret" not in parked.error


def test_a_parked_document_is_not_tried_at_each_arrival_unless_a_gap_holds_it() -> None:
    shaky = Shaky()
    by = walk(fold=shaky)
    parked = folded(fold(stumble(1), by=by))
    shaky.broken = False
    change = folded(fold(step(2), document=parked.document, queue=parked.park, by=by))
    assert steps(change) == []
    assert change.document.parked
    assert change.document.parked.count == 2


def test_a_redelivered_arrival_of_a_parked_document_is_not_counted_twice() -> None:
    parked = folded(fold(stumble(1), step(2)))
    assert fold(stumble(1), step(2), document=parked.document, queue=parked.park) is None


def test_a_drain_stops_at_the_first_event_that_fails() -> None:
    parked = folded(fold(step(2), stumble(3), step(4)))
    change = folded(fold(step(1), document=parked.document, queue=parked.park))
    assert steps(change) == [1, 2]
    assert change.document.parked
    assert change.document.parked.why is Why.FAILING
    assert change.document.parked.held_by == at("referral", 3)
    assert change.document.parked.count == 2


def test_driven_again_the_queue_folds_in_order_once_the_fold_is_mended() -> None:
    shaky = Shaky()
    by = walk(fold=shaky)
    parked = folded(fold(stumble(1), step(2), step(1, of="consent"), by=by))
    shaky.broken = False
    change = folded(drive_document(by, parked.document, parked.park, NOW, _read))
    assert change.document.parked is None
    assert change.document.folded == {f"referral-{ALICE}": 2, f"consent-{ALICE}": 1}
    assert len(change.settled) == 3


def test_a_document_stays_parked_since_the_first_moment() -> None:
    parked = folded(fold(stumble(1)))
    since = parked.document.parked
    assert since
    later = NOW + timedelta(hours=1)
    change = fold_document(WALK, parked.document, parked.park, [arrival(step(2))], later, _read)
    assert folded(change).document.parked == replace(since, count=2)


def test_driven_again_without_a_mend_nothing_changes() -> None:
    parked = folded(fold(stumble(1), step(2)))
    assert drive_document(WALK, parked.document, parked.park, NOW, _read) is None


def test_a_dropped_event_counts_as_folded_and_changes_nothing_else() -> None:
    parked = folded(fold(stumble(1), step(2)))
    queue = [replace(parked.park[0], dropped="a test"), parked.park[1]]
    change = folded(drive_document(WALK, parked.document, queue, NOW, _read))
    assert steps(change) == [2]
    assert change.document.folded == {f"referral-{ALICE}": 2}
    assert change.settled == (parked.park[1].id,)


def test_an_entry_that_is_folded_already_is_forgotten() -> None:
    parked = folded(fold(step(2)))
    done = folded(fold(step(1), step(2))).document
    change = folded(fold(step(2), document=done, queue=parked.park))
    assert change.document is done
    assert change.settled == (parked.park[0].id,)


def test_a_fold_that_gives_no_document_is_a_failing_one() -> None:
    change = folded(fold(step(1), by=walk(nothing)))
    assert change.document.parked
    assert change.document.parked.why is Why.FAILING


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_stream", b"referral.$x"),
        ("ce_stream", b"no-uuid"),
        ("ce_version", b"0"),
        ("ce_version", b"-3"),
        ("ce_version", b"99999999999999999999"),
        ("ce_subject", b"Jane Doe"),
        ("ce_time", b"yesterday"),
    ],
)
def test_an_envelope_that_is_not_ours_is_unreadable(name: str, value: bytes) -> None:
    good = record(step(1))
    headers = tuple((n, value if n == name else v) for n, v in good.headers)
    found = _read(replace(good, headers=headers), LOG)
    assert isinstance(found, Unreadable)
    assert "Jane" not in found.error


def test_a_record_without_headers_is_unreadable() -> None:
    found = _read(unreadable(partition_of(step(1).envelope)), LOG)
    assert isinstance(found, Unreadable)


def test_a_readable_record_gives_the_event_it_was() -> None:
    one: Recorded = step(1)
    found = arrival(one)
    assert isinstance(one.event, Event)
    assert found.recorded == one
