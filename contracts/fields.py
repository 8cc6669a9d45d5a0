"""The field types an event may be built from: none of them can carry identity or free text."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

CaseId = NewType("CaseId", UUID)
ParticipantId = NewType("ParticipantId", UUID)
OrganisationId = NewType("OrganisationId", UUID)
ActorId = NewType("ActorId", UUID)

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LARGEST_COUNT = 100_000


def _recent_utc(moment: datetime) -> datetime:
    """No event holds a date of birth: moments before 2015 are refused."""
    if moment < EARLIEST:
        raise ValueError(f"must not be before {EARLIEST.isoformat()}")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_recent_utc)]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT, strict=True)]


class Role(StrEnum):
    """Who acts; `system` acts only by the policies of a service."""

    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    SUPERVISOR = "supervisor"
    PROVIDER_MANAGER = "provider_manager"
    OFFICER = "officer"
    POLICE_FEED = "police_feed"
    REFERRER = "referrer"
    ANALYST = "analyst"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    OPERATIONS = "operations"
    SYSTEM = "system"


class Part(BaseModel):
    """A frozen, closed group of fields inside an event."""

    # A process needs few of all the events: each is built for its first use.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if cls.model_config.get("extra") != "forbid" or not cls.model_config.get("frozen"):
            raise TypeError(
                f"{cls.__name__}: must stay closed and frozen; open, it carries identity"
            )
        if cls.model_computed_fields:
            raise TypeError(f"{cls.__name__}: a computed field can carry identity or free text")
        for name, field in cls.model_fields.items():
            why = carries_identity(field)
            if why:
                raise TypeError(f"{cls.__name__}.{name}: {why}")


def carries_identity(field: FieldInfo) -> str | None:
    """Say why a field could carry identity or free text; None when it cannot."""
    return _refused(field.annotation, field.metadata)


def _refused(kind: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str | None:
    kind = getattr(kind, "__supertype__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _refused(inner[0], (*metadata, *inner[1:]))
    if origin in (Union, UnionType):
        return next(filter(None, (_refused(one, metadata) for one in inner)), None)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _refused(inner[0])
    return _refused_plain(kind, metadata)


def _refused_plain(kind: Any, metadata: list[Any] | tuple[Any, ...]) -> str | None:
    if kind in (UUID, bool, NoneType):
        return None
    if isinstance(kind, type) and (issubclass(kind, Part) or _closed_enum(kind)):
        return None
    if kind is int:
        return None if _bounded(metadata) else "an unbounded int can carry a number; use Count"
    if kind in (datetime, AwareDatetime):
        recent = any(getattr(one, "func", None) is _recent_utc for one in metadata)
        return None if recent else "a bare datetime can carry a date of birth; use Moment"
    return f"{kind!r} can carry identity or free text; use an id, an enum, a Moment or a Count"


def _closed_enum(kind: type) -> bool:
    return issubclass(kind, Enum) and len(kind) > 0


def _bounded(metadata: list[Any] | tuple[Any, ...]) -> bool:
    flat = [item for one in metadata for item in (getattr(one, "metadata", None) or [one])]
    upper = [one.le for one in flat if getattr(one, "le", None) is not None]
    return bool(upper) and min(upper) <= LARGEST_COUNT
