"""What lies in contracts/ and docs/ follows from the events, and what was published stays."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator

from contracts.codec import wire_types
from contracts.envelope import Topic
from contracts.generate.__main__ import main
from contracts.generate.asyncapi import document
from contracts.generate.catalogue import Entry, entries
from contracts.generate.compare import breaks
from contracts.generate.folder import SUMS, Folder
from contracts.generate.headers import headers_schema, sample_envelope
from contracts.generate.samples import sample_of
from contracts.generate.schemas import schema_of
from contracts.upcast import EARLIER

ROOT = Path(__file__).parents[2]
EVERY = tuple(entries())
NAMED = {entry.event.__name__: entry for entry in EVERY}
REQUESTED = NAMED["ReferralRequested"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A checkout with what is generated, and nothing else."""
    keep_earlier(tmp_path)
    folder = Folder(tmp_path)
    assert folder.write() == []
    return folder


def keep_earlier(root: Path) -> None:
    """What cannot be written again: the files of earlier versions."""
    for type_, kind in product(EARLIER, ("schemas", "samples")):
        path = f"contracts/{kind}/{type_}.json"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    sums = (ROOT / SUMS).read_text().splitlines(keepends=True)
    named = [line for line in sums if line.split()[1].removesuffix(".json") in EARLIER]
    (root / SUMS).write_text("".join(named))


def change(folder: Folder, path: str, old: str, new: str) -> None:
    file = folder.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_this_checkout_is_up_to_date() -> None:
    assert Folder(ROOT).drift() == []
    assert main(["--check"]) == 0


def test_what_is_generated_is_the_same_in_every_run(folder: Folder, tmp_path: Path) -> None:
    assert folder.drift() == []
    assert folder.derived() == Folder(tmp_path / "other").derived()
    for path, text in folder.derived().items():
        assert (ROOT / path).read_text() == text


@pytest.mark.parametrize("path", ["contracts/asyncapi.json", "docs/events.md"])
def test_drift_is_told_with_what_to_do(folder: Folder, path: str) -> None:
    (folder.root / path).write_text("by hand")
    assert folder.drift() == [f"{path} is not up to date. Run `make contracts`."]
    assert folder.write() == []
    assert folder.drift() == []


def test_an_edited_sample_is_told_and_never_overwritten(folder: Folder) -> None:
    path = f"contracts/samples/{REQUESTED.type}.json"
    change(folder, path, "not_criminal", "charged")
    edited = (folder.root / path).read_text()
    for found in (folder.drift(), folder.write()):
        assert len(found) == 1
        assert path in found[0]
        assert "Restore it" in found[0]
    assert (folder.root / path).read_text() == edited


def test_a_sample_without_its_sum_is_told(folder: Folder) -> None:
    sums = (folder.root / SUMS).read_text().splitlines(keepends=True)
    (folder.root / SUMS).write_text("".join(sums[1:]))
    assert len(folder.drift()) == 1


def test_a_missing_sample_is_written_and_its_neighbours_stay(folder: Folder) -> None:
    sums = (folder.root / SUMS).read_text()
    (folder.root / f"contracts/samples/{REQUESTED.type}.json").unlink()
    assert folder.drift() == [f"{REQUESTED.type} has no sample. Run `make contracts`."]
    assert folder.write() == []
    assert (folder.root / SUMS).read_text() == sums


def test_an_event_that_is_gone_is_told(folder: Folder) -> None:
    fewer = Folder(folder.root, tuple(one for one in EVERY if one is not REQUESTED))
    told = [one for one in fewer.drift() if "belongs to no event" in one]
    assert len(told) == 2
    assert "new version" in told[0]


@pytest.mark.parametrize("kind", ["schemas", "samples"])
def test_a_file_of_an_earlier_version_that_is_missing_is_told(folder: Folder, kind: str) -> None:
    for type_ in EARLIER:
        (folder.root / f"contracts/{kind}/{type_}.json").unlink()
        told = [one for one in folder.drift() if type_ in one]
        assert told
        assert "Restore it" in told[0]


@pytest.mark.parametrize("type_", EARLIER)
def test_an_edited_sample_of_an_earlier_version_is_told(folder: Folder, type_: str) -> None:
    path = folder.root / f"contracts/samples/{type_}.json"
    path.write_text(path.read_text().replace("\n", " \n"))
    assert any("never edited" in one for one in folder.drift())


def test_an_earlier_version_that_nobody_reads_any_more_is_told(folder: Folder) -> None:
    forgetful = Folder(folder.root, earlier=())
    told = [one for one in forgetful.drift() if "belongs to no event" in one]
    assert len(told) == 2 * len(EARLIER)
    assert "contracts/upcast.py" in told[0]


def test_a_broken_promise_is_told_and_nothing_is_overwritten(folder: Folder) -> None:
    path = f"contracts/schemas/{REQUESTED.type}.json"
    change(folder, path, '"setting"', '"once_named_so"')
    before = (folder.root / path).read_text()
    assert any("once_named_so: is gone" in one for one in folder.write())
    assert (folder.root / path).read_text() == before


def test_a_sample_that_cannot_be_read_any_more_is_told(folder: Folder) -> None:
    path = folder.root / f"contracts/samples/{REQUESTED.type}.json"
    path.write_text('{"setting": "of another time"}')
    assert any("cannot be read any more" in one for one in folder.problems())


def test_an_unknown_argument_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


BASE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "level": {"$ref": "#/$defs/Level"},
        "people": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
        "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    },
    "required": ["level", "people"],
    "$defs": {
        "Level": {"type": "string", "enum": ["low", "high"]},
        "Person": {
            "type": "object",
            "properties": {"count": {"type": "integer", "maximum": 10}},
            "required": ["count"],
        },
    },
}


def changed(*path: str, to: Any) -> dict[str, Any]:
    schema = deepcopy(BASE)
    inner = schema
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return schema


PERSON = ("$defs", "Person")
INCOMPATIBLE = {
    "a field is gone": changed("properties", to={"level": BASE["properties"]["level"]}),
    "a field is demanded": changed("required", to=["level", "people", "at"]),
    "a field may be absent": changed("required", to=["level"]),
    "a code is gone": changed("$defs", "Level", "enum", to=["low"]),
    "another type": changed("properties", "level", to={"type": "integer"}),
    "another format": changed(
        "properties", "at", "anyOf", to=[{"type": "string"}, {"type": "null"}]
    ),
    "no longer null": changed("properties", "at", to={"type": "string", "format": "date-time"}),
    "something else as well": changed(
        "properties", "at", "anyOf", to=[*BASE["properties"]["at"]["anyOf"], {"type": "integer"}]
    ),
    "narrowed inside a list": changed(*PERSON, "properties", "count", "maximum", to=5),
    "a field inside a list is gone": changed(*PERSON, "properties", to={}),
    "a field inside a list is demanded": changed(*PERSON, "required", to=["count", "more"]),
    "opened": changed("additionalProperties", to=True),
}
COMPATIBLE = {
    "nothing": BASE,
    "a new optional field": changed(
        "properties", to={**BASE["properties"], "more": {"type": "boolean"}}
    ),
    "a new code": changed("$defs", "Level", "enum", to=["low", "middle", "high"]),
    "other words": changed("$defs", "Level", "description", to="how high"),
    "another order": changed("required", to=["people", "level"]),
}


@pytest.mark.parametrize("new", INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_what_would_break_a_reader_is_noticed(new: dict[str, Any]) -> None:
    assert breaks(BASE, new)


@pytest.mark.parametrize("new", COMPATIBLE.values(), ids=COMPATIBLE)
def test_what_breaks_nobody_passes(new: dict[str, Any]) -> None:
    assert breaks(BASE, new) == []


@pytest.mark.parametrize("entry", EVERY, ids=lambda one: one.type)
def test_a_schema_names_its_place_on_the_log(entry: Entry) -> None:
    schema = schema_of(entry)
    assert schema["$id"].endswith(entry.type)
    assert schema["title"] == entry.type
    assert schema["x-topic"] in {*Topic.ALL, Topic.PRIVATE}
    assert schema["x-key"]
    assert schema["description"].endswith(".")


def test_every_published_event_is_in_the_asyncapi_document_once() -> None:
    channels = document()["channels"]
    told = [name for channel in channels.values() for name in channel["messages"]]
    assert sorted(told) == sorted(wire_types())
    assert channels.keys() <= set(Topic.ALL)
    assert Topic.PRIVATE not in json.dumps(document())


def test_the_asyncapi_document_is_one() -> None:
    parsed = ApplicationSchema.model_validate(document())
    assert parsed.asyncapi == "3.0.0"
    assert set(parsed.channels) == set(document()["channels"])


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    whole = document()
    for reference in set(references(whole)):
        file, _, pointer = reference.partition("#/")
        found: Any = json.loads((ROOT / "contracts" / file).read_text()) if file else whole
        for name in pointer.split("/") if pointer else ():
            found = found[name]
        assert found


@pytest.mark.parametrize("entry", EVERY, ids=lambda one: one.type)
def test_the_headers_of_an_example_are_valid(entry: Entry) -> None:
    headers = {name: value.decode() for name, value in sample_envelope(entry).headers()}
    Draft202012Validator(
        headers_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER
    ).validate(headers)


def test_every_published_event_is_on_the_page_with_its_sample_and_a_link_that_works() -> None:
    page = (ROOT / "docs/events.md").read_text()
    for entry in EVERY:
        assert (f"### {entry.event.__name__}\n" in page) == entry.published
        assert (sample_of(entry) in page) or not entry.published
    for link in set(re.findall(r"\]\(\.\./([^)#]+)\)", page)):
        assert (ROOT / link).exists(), link
    headings = {line[4:].lower() for line in page.splitlines() if line.startswith("### ")}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings


def test_a_checkout_in_a_path_with_a_space_works(tmp_path: Path) -> None:
    spaced = tmp_path / "a folder"
    shutil.copytree(ROOT / "contracts", spaced / "contracts")
    (spaced / "docs").mkdir()
    shutil.copy(ROOT / "docs/events.md", spaced / "docs")
    assert Folder(spaced).drift() == []
