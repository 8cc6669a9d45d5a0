"""A seat: what may be folded, and when reading begins again."""

from __future__ import annotations

from dataclasses import replace

from kernel.consume.positions import Place, event_of
from kernel.consume.seat import Seat
from kernel.log import Record
from tests.support_folds import LOG, partition_of, record, step, unreadable


def records(first: int, last: int) -> list[Record]:
    return [record(step(offset + 1), offset) for offset in range(first, last + 1)]


def place(offset: int, log: str = LOG) -> Place:
    return Place(log, offset, event_of(records(offset, offset)[0]))


def offsets(found: object) -> list[int]:
    return [one.offset for one in getattr(found, "records", ())]


def test_without_a_place_reading_begins_at_the_start() -> None:
    seat = Seat(LOG, None)
    assert seat.next == 0
    assert offsets(seat.admit(records(0, 2))) == [0, 1, 2]
    assert seat.next == 3


def test_a_known_place_is_read_again_as_proof_and_not_folded() -> None:
    seat = Seat(LOG, place(4))
    assert (seat.next, seat.again) == (4, False)
    admitted = seat.admit(records(4, 6))
    assert (offsets(admitted), admitted.forget) == ([5, 6], False)
    assert offsets(seat.admit(records(7, 7))) == [7]


def test_another_event_at_the_known_offset_means_the_start() -> None:
    seat = Seat(LOG, replace(place(4), event="another"))
    admitted = seat.admit(records(4, 6))
    assert (offsets(admitted), admitted.seek, admitted.forget, seat.again) == ([], 0, True, True)
    assert offsets(seat.admit(records(0, 6))) == [0, 1, 2, 3, 4, 5, 6]


def test_a_place_on_another_log_counts_for_nothing() -> None:
    assert Seat("another/log", place(4)).next == 0


def test_a_log_that_went_back_is_read_from_where_it_went() -> None:
    seat = Seat(LOG, place(40))
    admitted = seat.admit(records(0, 3))
    assert (offsets(admitted), admitted.forget) == ([0, 1, 2, 3], True)


def test_a_hole_is_read_again_once_and_then_taken_for_real() -> None:
    seat = Seat(LOG, None)
    seat.admit(records(0, 1))
    admitted = seat.admit(records(5, 6))
    assert (offsets(admitted), admitted.seek) == ([], 2)
    admitted = seat.admit(records(5, 6))
    assert (offsets(admitted), admitted.missed) == ([5, 6], range(2, 5))
    assert seat.admit(records(7, 7)).missed == range(7, 7)


def test_what_is_gone_since_it_was_folded_is_not_missed() -> None:
    seat = Seat(LOG, place(4))
    seat.admit(records(5, 6))
    admitted = seat.admit(records(5, 6))
    assert (offsets(admitted), len(admitted.missed)) == ([5, 6], 0)


def test_a_record_without_an_id_is_known_by_what_it_holds() -> None:
    one, other = (unreadable(partition_of(step(1).envelope), offset) for offset in (1, 2))
    assert event_of(replace(one, headers=())) == event_of(replace(other, headers=()))
    assert event_of(replace(one, headers=())) != event_of(replace(one, headers=(), value=b"x"))
