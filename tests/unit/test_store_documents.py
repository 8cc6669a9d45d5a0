"""A commit as a document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Topic, lane_of
from kernel.store.documents import from_document, read_moment, to_document, write_moment
from tests.adapters.commits import NOW, a_commit, a_full_commit

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2015, 1, 2), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001


def test_a_document_gives_back_the_commit() -> None:
    for commit in (a_commit(), a_full_commit()):
        assert from_document(to_document(commit)) == commit


def test_a_document_gives_back_the_commit_also_after_it_was_sent() -> None:
    document = to_document(commit := a_full_commit())
    del document["pending"]
    assert from_document(document) == commit


def test_what_the_relay_looks_for() -> None:
    document = to_document(commit := a_commit(version=7, events=3))
    assert document["_id"] == f"{commit.stream}@0000000007"
    assert (document["pending"], document["n"]) == (True, 3)
    assert document["lane"] == lane_of(commit.subject)


def test_a_private_commit_is_never_pending() -> None:
    assert "pending" not in to_document(a_commit(topic=Topic.PRIVATE))


def test_ids_stand_in_version_order() -> None:
    subject = uuid4()
    ids = [a_commit(subject, version).id for version in (1, 2, 9, 10, 99, 100, 12345)]
    assert ids == sorted(ids)


@given(moments, moments)
def test_moments_are_kept_exactly_and_sort_as_text(one: datetime, two: datetime) -> None:
    assert read_moment(write_moment(one)) == one
    assert (write_moment(one) < write_moment(two)) == (one < two)


def test_a_moment_is_utc_of_one_width() -> None:
    assert write_moment(NOW) == "2026-03-02T10:00:00.123457Z"
    assert write_moment(NOW.replace(microsecond=0)) == "2026-03-02T10:00:00.000000Z"
    assert read_moment(write_moment(NOW)).tzinfo is UTC
