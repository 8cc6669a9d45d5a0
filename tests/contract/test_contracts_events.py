"""Every event is registered, explained, sampled, and reads back as it was written."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

import contracts
from contracts.codec import PUBLISHED, STORED, MalformedEvent, UnknownType, decode, wire_types
from contracts.envelope import Event, Topic
from contracts.generate.catalogue import entries
from contracts.upcast import EARLIER

ROOT = Path(__file__).parents[2] / "contracts"
TYPES = [event.wire_type() for event in STORED]
CANARY = "Jane-Canary-07700900123"


def sample(wire_type: str) -> str:
    return (ROOT / "samples" / f"{wire_type}.json").read_text()


def schema(wire_type: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "schemas" / f"{wire_type}.json").read_text())
    return found


def validator(wire_type: str) -> Draft202012Validator:
    return Draft202012Validator(
        schema(wire_type), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def defined() -> set[type[Event]]:
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        importlib.import_module(module.name)
    found, left = set[type[Event]](), [Event]
    while left:
        left.extend(left.pop().__subclasses__())
        found.update(one for one in left if one.__module__.startswith("contracts."))
    return found


def test_every_event_that_is_defined_is_registered_once() -> None:
    assert defined() == set(STORED)
    assert len(set(TYPES)) == len(STORED)
    assert {entry.event for entry in entries()} == set(STORED)


def test_only_what_is_published_has_a_topic() -> None:
    for event in STORED:
        assert (event in PUBLISHED) == (event.topic in Topic.ALL)
    assert wire_types() == {event.wire_type() for event in PUBLISHED} | EARLIER.keys()


@pytest.mark.parametrize("event", STORED, ids=TYPES)
def test_an_event_says_when_it_happens(event: type[Event]) -> None:
    words = event.__doc__ or ""
    assert words != Event.__doc__
    assert words.strip().endswith(".")


@pytest.mark.parametrize("wire_type", TYPES)
def test_a_sample_reads_back_as_it_was_written(wire_type: str) -> None:
    event = decode(wire_type, sample(wire_type))
    assert event.wire_type() == wire_type
    written = json.loads(sample(wire_type))
    assert json.loads(event.model_dump_json()).items() >= written.items()
    assert decode(wire_type, event.model_dump_json()) == event


@pytest.mark.parametrize("wire_type", TYPES)
def test_a_sample_is_valid_and_its_schema_is_closed(wire_type: str) -> None:
    Draft202012Validator.check_schema(schema(wire_type))
    data = json.loads(sample(wire_type))
    validator(wire_type).validate(data)
    for wrong in ({**data, "email": CANARY}, [data], None):
        with pytest.raises(ValidationError):
            validator(wire_type).validate(wrong)


@pytest.mark.parametrize("wire_type", TYPES)
def test_each_field_is_needed_and_checked_by_its_schema(wire_type: str) -> None:
    data, closed = json.loads(sample(wire_type)), validator(wire_type)
    for name in data:
        with pytest.raises(ValidationError):
            closed.validate({**data, name: {"text": CANARY}})
    for name in schema(wire_type).get("required", ()):
        with pytest.raises(ValidationError):
            closed.validate({key: value for key, value in data.items() if key != name})


@pytest.mark.parametrize("wire_type", TYPES)
def test_a_reader_leaves_out_what_a_newer_producer_added(wire_type: str) -> None:
    data = json.loads(sample(wire_type))
    newer = {**_with_more_inside(data), "added_later": {"deep": [CANARY]}}
    assert decode(wire_type, json.dumps(newer)) == decode(wire_type, sample(wire_type))


def _with_more_inside(value: Any) -> Any:
    match value:
        case dict():
            return {name: _with_more_inside(one) for name, one in value.items()} | {"more": 1}
        case list():
            return [_with_more_inside(one) for one in value]
        case _:
            return value


@pytest.mark.parametrize("wire_type", TYPES)
def test_a_malformed_event_is_named_by_type_and_field_and_never_by_its_values(
    wire_type: str,
) -> None:
    for name in json.loads(sample(wire_type)):
        data = {**json.loads(sample(wire_type)), name: CANARY}
        with pytest.raises(MalformedEvent) as told:
            decode(wire_type, json.dumps(data))
        assert wire_type in str(told.value)
        assert name in str(told.value)
        assert "Jane" not in f"{told.value!r} {told.value.__cause__!r}"


@pytest.mark.parametrize("data", [CANARY, "", "[]", "null", "{", b"\xff\xfe", f'{{"{CANARY}": 1}}'])
def test_what_is_no_event_at_all_is_malformed(data: str | bytes) -> None:
    with pytest.raises(MalformedEvent) as told:
        decode("rj.ReferralRequested.v1", data)
    assert "Jane" not in str(told.value)


@pytest.mark.parametrize("wire_type", ["rj.NeverHeardOf.v1", "rj.ReferralRequested.v2", "", CANARY])
def test_an_unknown_type_is_said_to_be_unknown(wire_type: str) -> None:
    with pytest.raises(UnknownType) as told:
        decode(wire_type, "{}")
    assert "Jane" not in str(told.value)
    assert not wire_type.startswith("rj.") or wire_type in str(told.value)
