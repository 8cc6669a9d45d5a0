"""G5: no event can carry identity. Who tries to define one that could is stopped at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    computed_field,
)

from contracts.codec import STORED
from contracts.envelope import Event
from contracts.fields import Count, Moment, Part, ParticipantId

FreeText = NewType("FreeText", str)
Unbounded = NewType("Unbounded", int)


class NoCodes(Enum):
    """An enum that anything could be added to."""


class Open(BaseModel):
    note: str


class Person(BaseModel):
    """Not a Part: nothing watches its fields."""

    age: Count


CARRIERS: dict[str, Any] = {
    "free text": str,
    "bounded text": Annotated[str, Field(max_length=5)],
    "a pattern": Annotated[str, Field(pattern="^[A-Z]+$")],
    "an e-mail": Annotated[str, Field(pattern=r"^\S+@\S+$")],
    "a secret": SecretStr,
    "a named text": FreeText,
    "an optional name": str | None,
    "an id or a text": ParticipantId | str,
    "a literal": Literal["Jane"],
    "bytes": bytes,
    "a number of any size": int,
    "a named number": Unbounded,
    "a phone-sized number": Annotated[int, Field(ge=0, le=99_999_999_999)],
    "a number bounded below only": Annotated[int, Field(ge=0)],
    "a float": float,
    "a decimal": Decimal,
    "a date": date,
    "a time": time,
    "a duration": timedelta,
    "a bare datetime": datetime,
    "a datetime of any year": AwareDatetime,
    "a dictionary": dict[str, int],
    "a list": list[ParticipantId],
    "texts": tuple[str, ...],
    "a pair with a text": tuple[ParticipantId, str],
    "nested texts": tuple[tuple[str, ...], ...],
    "anything": Any,
    "an object": object,
    "a path": Path,
    "a model of one's own": Open,
    "a model without text": Person,
    "an enum without codes": NoCodes,
}

WHY = r"identity|unbounded|date of birth"


@pytest.mark.parametrize("kind", CARRIERS.values(), ids=CARRIERS)
def test_an_event_that_could_carry_identity_cannot_be_defined(kind: Any) -> None:
    with pytest.raises(TypeError, match=WHY):
        type("Leak", (Event,), {"__annotations__": {"field": kind}})


@pytest.mark.parametrize("kind", CARRIERS.values(), ids=CARRIERS)
def test_nor_can_a_part_of_an_event(kind: Any) -> None:
    with pytest.raises(TypeError, match=WHY):
        type("Leak", (Part,), {"__annotations__": {"field": kind}})


@pytest.mark.parametrize(
    "config", [ConfigDict(extra="allow"), ConfigDict(extra="ignore"), ConfigDict(frozen=False)]
)
def test_an_event_that_is_open_cannot_be_defined(config: ConfigDict) -> None:
    with pytest.raises(TypeError, match=WHY):
        type("Leak", (Event,), {"model_config": config})


def test_an_event_that_computes_a_field_cannot_be_defined() -> None:
    with pytest.raises(TypeError, match=WHY):

        class Leak(Event):
            @computed_field  # type: ignore[prop-decorator]
            @property
            def told(self) -> str:
                return "Jane"


def test_an_event_cannot_be_opened_again() -> None:
    class Closed(Event):
        """An event without fields."""

    with pytest.raises(ValidationError, match="extra_forbidden"):
        Closed(email="jane@example.org")  # type: ignore[call-arg]


def test_an_event_stays_as_it_is() -> None:
    class Frozen(Event):
        count: Count

    with pytest.raises(ValidationError, match="frozen"):
        Frozen(count=1).count = 2  # type: ignore[misc]


@pytest.mark.parametrize("value", [-1, 100_001, 7_700_900_123, True, "7", 1.0])
def test_a_count_is_no_telephone_number(value: Any) -> None:
    class Counted(Event):
        count: Count

    with pytest.raises(ValidationError, match="count"):
        Counted(count=value)


@pytest.mark.parametrize("value", ["1990-05-17T00:00:00Z", "2026-03-02T10:00:00", "2026-03-02"])
def test_a_moment_is_no_date_of_birth(value: str) -> None:
    class Timed(Event):
        at: Moment

    with pytest.raises(ValidationError, match="at"):
        Timed.model_validate({"at": value})


TELLING = frozenset(
    """
    name forename surname title email mail phone mobile telephone contact address postcode street
    birth dob birthday age nhs pnc crn nino crime reference ref number url link text note notes
    comment comments narrative description summary said story message body ethnicity religion
    sexuality health diagnosis school venue
    """.split()  # noqa: SIM905  a list of words reads best as words
)

# A band and ids: their types can tell nothing.
HARMLESS = frozenset({"age_band", "venue_ref", "message_id"})


def _parts(model: type[Part]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield model.__name__, name
        for part in _inside(field.annotation):
            yield from _parts(part)


def _inside(kind: Any) -> Iterator[type[Part]]:
    if isinstance(kind, type) and issubclass(kind, Part):
        yield kind
    for one in getattr(kind, "__args__", ()):
        yield from _inside(one)


FIELDS = sorted({found for event in STORED for found in _parts(event)})


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=[".".join(one) for one in FIELDS])
def test_no_field_is_named_after_something_personal(model: str, field: str) -> None:
    assert field in HARMLESS or not set(field.split("_")) & TELLING


def _codes(kind: Any) -> Iterator[type[StrEnum]]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        yield kind
    for one in getattr(kind, "__args__", ()):
        yield from _codes(one)


def test_every_code_is_a_plain_word() -> None:
    fields = (field.annotation for event in STORED for field in event.model_fields.values())
    for codes in {one for annotation in fields for one in _codes(annotation)}:
        for code in codes:
            assert code.value == code.name.lower(), code
