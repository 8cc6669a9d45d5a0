"""`make check` fails on a change that would break who reads the log, and says what to do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field, create_model

from contracts.envelope import Event
from contracts.fields import Count, Moment, Part, ParticipantId
from contracts.generate.__main__ import main
from contracts.generate.catalogue import Entry
from contracts.generate.folder import Folder

FEW = Annotated[int, Field(ge=0, le=9, strict=True)]


class Colour(StrEnum):
    """As it was published."""

    RED = "red"
    BLUE = "blue"


class FewerColours(StrEnum):
    """A code is gone."""

    RED = "red"


class MoreColours(StrEnum):
    """A code is new."""

    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Wheel(Part):
    """A part, as it was published."""

    spokes: Count


class SmallWheel(Part):
    """A part that holds less than before."""

    spokes: FEW


class Painted(Event):
    """Somebody painted something."""

    version: ClassVar[int] = 1


Fields = dict[str, Any]
PUBLISHED: Fields = {
    "who": (ParticipantId, ...),
    "colour": (Colour, ...),
    "at": (Moment | None, None),
    "coats": (Count, ...),
    "wheels": (tuple[Wheel, ...], ...),
}


def without(name: str) -> Fields:
    return {key: field for key, field in PUBLISHED.items() if key != name}


def with_(**fields: Any) -> Fields:
    return PUBLISHED | fields


INCOMPATIBLE: dict[str, tuple[Fields, str]] = {
    "removed": (without("coats"), "coats: is gone"),
    "optional removed": (without("at"), "at: is gone"),
    "renamed": (without("coats") | {"layers": (Count, ...)}, "coats: is gone"),
    "retyped": (with_(coats=(bool, ...)), "coats: type was 'integer', is 'boolean'"),
    "retyped within text": (with_(who=(Moment, ...)), "who: format was 'uuid'"),
    "list to one": (with_(wheels=(Wheel, ...)), "wheels: type was 'array'"),
    "narrowed": (with_(coats=(FEW, ...)), "coats: maximum was 100000, is 9"),
    "narrowed inside": (with_(wheels=(tuple[SmallWheel, ...], ...)), "spokes: maximum was 100000"),
    "never null": (with_(at=(Moment, ...)), "at: is demanded now"),
    "newly demanded": (with_(brush=(Count, ...)), "brush: is demanded now"),
    "no longer sure": (with_(coats=(Count, 1)), "coats: may be absent now"),
    "maybe null": (with_(coats=(Count | None, ...)), "coats: type was 'integer', is None"),
    "code dropped": (with_(colour=(FewerColours, ...)), "colour: the codes blue are gone"),
}
COMPATIBLE: dict[str, Fields] = {
    "a new optional field": with_(brush=(Count | None, None)),
    "a new code": with_(colour=(MoreColours, ...)),
}


def painted(fields: Fields, version: int = 1) -> Entry:
    """An event of the same name, with these fields."""
    model = create_model("Painted", __base__=Painted, __doc__=Painted.__doc__, **fields)
    model.version = version
    return Entry(model, ("referral",))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A checkout in which the event was published."""
    assert checkout(tmp_path, painted(PUBLISHED)).write() == []
    return tmp_path


def read(_: str, data: str) -> Event:
    """A sample is read as it was published: the gate does not rely on its being unreadable."""
    return painted(PUBLISHED).event.model_validate_json(data)


def checkout(root: Path, *entries: Entry, earlier: tuple[str, ...] = ()) -> Folder:
    return Folder(root, entries, earlier, read)


def files(root: Path) -> dict[str, str]:
    return {str(one): one.read_text() for one in sorted(root.rglob("*.json"))}


@pytest.mark.parametrize("kind", INCOMPATIBLE)
def test_an_incompatible_change_is_refused_with_what_to_do(published: Path, kind: str) -> None:
    fields, words = INCOMPATIBLE[kind]
    changed, before = checkout(published, painted(fields)), files(published)
    for told in (changed.drift(), changed.write()):
        assert any(words in one for one in told), told
        assert all("in a new version of the event" in one for one in told if words in one)
    assert files(published) == before


@pytest.mark.parametrize("kind", COMPATIBLE)
def test_a_compatible_change_is_written(published: Path, kind: str) -> None:
    changed = checkout(published, painted(COMPATIBLE[kind]))
    assert [one for one in changed.drift() if "up to date" not in one] == []
    assert changed.write() == []
    assert changed.drift() == []


def test_a_new_version_beside_an_earlier_one_that_is_still_read_passes(published: Path) -> None:
    second = painted(with_(coats=(FEW, ...)), version=2)
    assert checkout(published, second, earlier=("rj.Painted.v1",)).problems() == []


def test_a_new_version_whose_earlier_one_nobody_reads_is_refused(published: Path) -> None:
    told = checkout(published, painted(with_(coats=(FEW, ...)), version=2)).problems()
    assert [one for one in told if "rj.Painted.v1.json belongs to no event" in one]
    assert all("contracts/upcast.py" in one for one in told)


def test_the_command_fails_and_says_so(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = checkout(published, painted(without("coats")))
    for arguments in (["--check"], []):
        assert main(arguments, changed) == 1
        assert "coats: is gone" in capsys.readouterr().err


def test_make_check_runs_the_gate() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    check = makefile.split("\ncheck:")[1].split("\n\n")[0]
    assert "-m contracts.generate --check" in check
