"""The envelope in Kafka's headers: there and back, also through the CloudEvents SDK."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, timedelta, timezone
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import PARTITIONS, Envelope, MalformedEnvelope, Position, lane_of
from contracts.fields import ActorId, OrganisationId, Role
from contracts.generate.catalogue import entries
from contracts.generate.headers import HEADERS, sample_envelope

ENVELOPE = sample_envelope(next(entries()))
IDS = st.uuids()
MOMENTS = st.datetimes(timezones=st.just(UTC))
STREAMS = st.builds(lambda name, id_: f"{name}-{id_}", st.sampled_from(("referral", "token")), IDS)
NATURAL = st.integers(1, 10**9)
POSITIONS = st.builds(Position, STREAMS, NATURAL)
ENVELOPES = st.builds(
    Envelope,
    id=IDS,
    type=st.just("rj.MeetingHeld.v1"),
    source=st.just("/rj/facilitation"),
    subject=IDS,
    recorded_at=MOMENTS,
    happened_at=MOMENTS,
    stream=STREAMS,
    version=NATURAL,
    commit=STREAMS.map(lambda stream: f"{stream}@0000000001"),
    place=NATURAL,
    size=NATURAL,
    command=IDS,
    causation=st.none() | IDS,
    correlation=IDS,
    causes=st.lists(POSITIONS, max_size=3).map(tuple),
    role=st.sampled_from(Role),
    org=IDS.map(OrganisationId),
    actor=IDS.map(ActorId),
    controller=IDS.map(OrganisationId),
    traceparent=st.none() | st.just("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
)
SHOWN = {one.name for one in HEADERS}


@given(ENVELOPES)
def test_an_envelope_comes_back_as_it_went(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.headers()) == envelope


@given(ENVELOPES)
def test_an_envelope_comes_back_through_the_cloudevents_sdk(envelope: Envelope) -> None:
    key, value = str(envelope.subject).encode(), b'{"count":1}'
    message = KafkaMessage(dict(envelope.headers()), key, value)
    event = from_binary(message, JSONFormat())
    again = to_binary(event, JSONFormat())
    assert Envelope.from_headers(again.headers.items()) == envelope
    assert json.loads(again.value) == json.loads(value)
    assert event.get_id() == str(envelope.id)
    assert event.get_type() == envelope.type
    assert event.get_source() == envelope.source
    assert event.get_subject() == str(envelope.subject)
    assert event.get_time() == envelope.recorded_at
    assert event.get_datacontenttype() == "application/json"


def test_times_are_written_in_utc() -> None:
    local = ENVELOPE.recorded_at.astimezone(timezone(timedelta(hours=1)))
    assert replace(ENVELOPE, recorded_at=local).headers() == ENVELOPE.headers()


def test_what_is_absent_has_no_header() -> None:
    bare = replace(ENVELOPE, causation=None, causes=(), traceparent=None)
    assert SHOWN - dict(bare.headers()).keys() == {one.name for one in HEADERS if not one.always}
    assert Envelope.from_headers(bare.headers()) == bare


def test_a_newer_producers_header_is_left_out() -> None:
    newer = [*ENVELOPE.headers(), ("ce_added", b"\xff"), ("other", b"")]
    assert Envelope.from_headers(newer) == ENVELOPE


def test_every_header_is_explained() -> None:
    assert [name for name, _ in ENVELOPE.headers()] == [one.name for one in HEADERS]
    assert len(HEADERS) == len(fields(Envelope)) + 2


WRONG: dict[str, list[bytes | None]] = {
    "ce_id": [b"Jane", b"", None, b"\xff"],
    "ce_type": [b"", None],
    "ce_subject": [b"Jane"],
    "ce_time": [b"yesterday Jane", b"2026-03-02T10:00:00", b""],
    "ce_happened": [b"2026-13-02T10:00:00Z"],
    "ce_stream": [b""],
    "ce_version": [b"Jane", b"1.5", b"", b"0", b"-3"],
    "ce_place": [b"0", b"one"],
    "ce_size": [b"", b"-1"],
    "ce_causation": [b"Jane"],
    "ce_causes": [b"Jane", b"consent-Jane@1", b"consent@1", b"a-b@0", b"@"],
    "ce_role": [b"Jane", b""],
    "ce_org": [b"Jane"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_header_is_named_and_its_value_is_not(name: str, value: bytes | None) -> None:
    wrong: Any = {**dict(ENVELOPE.headers()), name: value}
    with pytest.raises(MalformedEnvelope) as told:
        Envelope.from_headers(wrong.items())
    assert name in str(told.value)
    assert "Jane" not in str(told.value)


@pytest.mark.parametrize("name", [one.name for one in HEADERS if one.always][1:-1])
def test_a_header_that_must_be_there_is_missed(name: str) -> None:
    left = [(other, value) for other, value in ENVELOPE.headers() if other != name]
    with pytest.raises(MalformedEnvelope, match=name):
        Envelope.from_headers(left)


@given(IDS)
def test_lane_and_partition_are_one_and_known_to_everybody(subject: UUID) -> None:
    assert lane_of(subject) == crc32(str(subject).encode()) % PARTITIONS
    assert 0 <= lane_of(subject) < PARTITIONS == 16


@given(POSITIONS)
def test_a_position_comes_back_as_it_was_written(position: Position) -> None:
    assert Position.parse(str(position)) == position
