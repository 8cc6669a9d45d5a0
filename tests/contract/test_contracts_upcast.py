"""Events of earlier versions are read as the newest, from the very bytes that were published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.codec import STORED, MalformedEvent, decode, wire_types
from contracts.consent import RepresentativeEndCause, RepresentativeEnded
from contracts.upcast import EARLIER, UPCASTS, newest, upcast

CONTRACTS = Path(__file__).parents[2] / "contracts"
KNOWN = {event.wire_type() for event in STORED}
CANARY = "Jane-Canary-07700900123"


def sample(wire_type: str) -> str:
    return (CONTRACTS / "samples" / f"{wire_type}.json").read_text()


def test_the_golden_sample_of_an_earlier_version_is_read_as_the_newest() -> None:
    event = decode("rj.RepresentativeEnded.v1", sample("rj.RepresentativeEnded.v1"))
    assert isinstance(event, RepresentativeEnded)
    assert event.cause is RepresentativeEndCause.NOT_RECORDED
    newer = decode("rj.RepresentativeEnded.v2", sample("rj.RepresentativeEnded.v2"))
    assert isinstance(newer, RepresentativeEnded)
    assert event.representative_id == newer.representative_id
    assert newer.cause is RepresentativeEndCause.REPLACED


@pytest.mark.parametrize("old", EARLIER)
def test_every_earlier_version_ends_in_an_event_of_today(old: str) -> None:
    assert newest(old) in KNOWN
    assert old not in KNOWN
    assert old in wire_types()
    assert decode(old, sample(old)).wire_type() == newest(old)


@pytest.mark.parametrize("old", EARLIER)
def test_what_is_read_can_be_written_and_read_again_as_the_newest(old: str) -> None:
    event = decode(old, sample(old))
    assert decode(event.wire_type(), event.model_dump_json()) == event


@pytest.mark.parametrize("old", EARLIER)
def test_the_golden_sample_of_an_earlier_version_is_valid_by_its_schema(old: str) -> None:
    schema = json.loads((CONTRACTS / "schemas" / f"{old}.json").read_text())
    Draft202012Validator(schema).validate(json.loads(sample(old)))


@pytest.mark.parametrize("old", EARLIER)
def test_an_earlier_event_says_nothing_that_it_could_not_know(old: str) -> None:
    stray = {**json.loads(sample(old)), "cause": "replaced"}
    assert decode(old, json.dumps(stray)) == decode(old, sample(old))


@pytest.mark.parametrize("data", [CANARY, "[]", "null", "{}", b"\xff", f'{{"{CANARY}": 1}}'])
def test_a_malformed_earlier_event_is_named_and_never_quoted(data: str | bytes) -> None:
    with pytest.raises(MalformedEvent) as told:
        decode("rj.RepresentativeEnded.v1", data)
    assert "rj.RepresentativeEnded.v1" in str(told.value)
    assert "Jane" not in str(told.value)


def test_an_event_of_today_is_not_changed() -> None:
    data = json.loads(sample("rj.RepresentativeEnded.v2"))
    assert upcast("rj.RepresentativeEnded.v2", data) == ("rj.RepresentativeEnded.v2", data)


def test_each_step_leads_one_version_on() -> None:
    for one in UPCASTS:
        event, version = one.old.rsplit(".v", 1)
        assert one.new == f"{event}.v{int(version) + 1}"
        assert one.words.endswith(".")
    assert len(EARLIER) == len(UPCASTS)
