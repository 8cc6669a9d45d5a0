"""Backup and restore on a real database, while others write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from bson import decode_file_iter
from pymongo import MongoClient
from typer.testing import CliRunner

from contracts.envelope import Position, Topic
from kernel.mongo import connect
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit
from rjhub.backup.keys import bring_back_keys, copy_keys
from rjhub.backup.make import make_backup
from rjhub.backup.manifest import FILE, BadBackup
from rjhub.backup.restore import NotRestored, only_note, restore_backup
from rjhub.child import free_port
from rjhub.cli import app
from rjhub.hubfile import NoHub
from tests.engines.chosen import start_mongod
from tests.support_relay import case_in, commit

NAMES = ("rj_consent", "rj_referral", "rj_reporting")
Client = MongoClient[dict[str, Any]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of these tests' own: nobody else may be connected to it."""
    folder = tmp_path_factory.mktemp("mongod")
    running = start_mongod(folder / "data", free_port(), folder / "mongod.log")
    yield running.url
    running.kill()


@pytest.fixture
def url(engine: str) -> Iterator[str]:
    yield engine
    with Client(engine) as client:
        for name in (*NAMES, "rj_facilitation"):
            client.drop_database(name)


async def add(url: str, database: str, *commits: Commit) -> None:
    client = connect(url)
    await MongoCommits(client[database]).insert(commits)
    await client.close()


async def filled(url: str) -> None:
    """Two stores with commits, and a read model."""
    await add(url, "rj_consent", *(commit(case_in(n), 1, events=2) for n in range(8)))
    await add(url, "rj_referral", commit(case_in(1), 1, service="referral"))
    with Client(url, uuidRepresentation="standard") as client:
        client["rj_reporting"]["case_status__1"].insert_one({"_id": case_in(1), "n": 1})


def everything(url: str) -> dict[str, list[Any]]:
    """All documents of all collections, but for the notes of a restore."""
    with Client(url, uuidRepresentation="standard") as client:
        return {
            f"{name}.{one}": sorted(client[name][one].find(), key=str)
            for name in NAMES
            for one in sorted(client[name].list_collection_names())
            if one != "relay_restored"
        }


def notes(url: str) -> dict[str, list[bool]]:
    with Client(url) as client:
        return {
            name: [one["whole"] for one in client[name]["relay_restored"].find()] for name in NAMES
        }


async def test_what_was_backed_up_is_there_again_and_stores_know_that_it_was_restored(
    url: str, tmp_path: Path
) -> None:
    await filled(url)
    before, directly = everything(url), f"{url}&directConnection=true"
    manifest = make_backup(directly, "rj", tmp_path / "backup", "elsewhere")
    heads = manifest.databases["rj_consent"].heads
    assert heads
    assert (heads.streams, heads.commits, heads.events, heads.pending) == (8, 8, 16, 8)
    await add(url, "rj_consent", commit(case_in(1), 3))
    restore_backup(directly, tmp_path / "backup", "rj", replace=True)
    assert everything(url) == before
    assert notes(url) == {"rj_consent": [True], "rj_referral": [True], "rj_reporting": []}


async def test_a_backup_under_load_holds_no_commit_without_its_cause(
    url: str, tmp_path: Path
) -> None:
    """Each commit of referral, which is copied last, names one of consent written before it."""
    await filled(url)
    over = asyncio.Event()

    async def write() -> int:
        client, version = connect(url), 2
        referral, consent = MongoCommits(client["rj_referral"]), MongoCommits(client["rj_consent"])
        while not over.is_set():
            cause = Position(f"consent-{case_in(9)}", version)
            await consent.insert([commit(case_in(9), version)])
            caused = commit(case_in(1), version, service="referral", causes=[cause])
            await referral.insert([caused])
            version += 1
        await client.close()
        return version

    writing = asyncio.create_task(write())
    for number in range(3):
        await asyncio.to_thread(make_backup, url, "rj", tmp_path / str(number), "elsewhere")
    over.set()
    assert await writing > 5
    for number in range(3):
        referral, consent = (_kept(tmp_path / str(number), one) for one in NAMES[1::-1])
        there = {f"{one['stream']}@{one['version']}" for one in consent}
        assert {cause for one in referral for cause in one["causes"]} <= there


def _kept(backup: Path, database: str) -> list[dict[str, Any]]:
    with (backup / database / "commits.bson").open("rb") as file:
        return list(decode_file_iter(file))


async def test_only_its_owner_may_read_a_backup(url: str, tmp_path: Path) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    found = [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]
    assert {one.stat().st_mode & 0o077 for one in found} == {0}


async def test_a_backup_that_fails_leaves_nothing(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadBackup, match="no name begins with none_"):
        make_backup(url, "none", tmp_path / "backup", "elsewhere")
    nobody = f"mongodb://127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=200"
    with pytest.raises(BadBackup, match="does not answer"):
        make_backup(nobody, "rj", tmp_path / "backup", "elsewhere")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "backup").mkdir()
    with pytest.raises(BadBackup, match="there already"):
        make_backup(url, "rj", tmp_path / "backup", "elsewhere")


@pytest.mark.parametrize("address", ["mongodb://someone:p@ss/w@db:27017/", "mongodb://db:port/"])
def test_what_is_no_address_is_said_without_it(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadBackup, match="no mongodb:// address") as said:
        make_backup(address, "rj", tmp_path / "backup", "elsewhere")
    assert address not in str(said.value)


async def test_a_backup_that_cannot_be_written_says_why(url: str, tmp_path: Path) -> None:
    await filled(url)
    (tmp_path / "file").touch()
    with pytest.raises(BadBackup, match="cannot be written"):
        make_backup(url, "rj", tmp_path / "file" / "backup", "elsewhere")


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_keys_that_cannot_be_copied_are_said_before_anything_is_done(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "none").mkdir()
    options = ["--dir", str(tmp_path / "hub"), "--keys", str(tmp_path / "none")]
    done = CliRunner().invoke(app, [command, str(tmp_path / "backup"), *options])
    assert isinstance(done.exception, BadBackup)
    assert str(tmp_path / "none") in str(done.exception)
    assert [one.name for one in tmp_path.iterdir()] == ["none"]


async def test_a_backup_is_not_restored_under_another_prefix(url: str, tmp_path: Path) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    before = everything(url)
    with pytest.raises(BadBackup, match=r"a backup of rj_\*, and would go there: say --prefix rj"):
        restore_backup(url, tmp_path / "backup", "trial", replace=True)
    assert everything(url) == before


@pytest.mark.parametrize("wrong", ["changed", "missing", "newer", "no manifest"])
async def test_what_is_no_whole_backup_changes_nothing(
    url: str, tmp_path: Path, wrong: str
) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    _spoil(tmp_path / "backup", wrong)
    before = everything(url)
    with pytest.raises(BadBackup):
        restore_backup(url, tmp_path / "backup", "rj", replace=True)
    assert everything(url) == before
    assert notes(url) == {name: [] for name in NAMES}


def _spoil(backup: Path, wrong: str) -> None:
    commits, manifest = backup / "rj_consent" / "commits.bson", backup / FILE
    match wrong:
        case "changed":
            commits.write_bytes(commits.read_bytes()[:-1] + b"\1")
        case "missing":
            commits.unlink()
        case "newer":
            _rewrite(manifest, lambda found: found | {"format": 2})
        case _:
            manifest.unlink()


def _rewrite(manifest: Path, change: Any) -> None:
    manifest.write_text(json.dumps(change(json.loads(manifest.read_text()))))


async def refused(url: str, backup: Path, *, log_is_gone: bool) -> str:
    """What is said where the stores hold something; nothing is changed then."""
    before = everything(url)
    with pytest.raises(NotRestored) as told:
        restore_backup(url, backup, "rj", replace=False, log_is_gone=log_is_gone)
    assert everything(url) == before
    return str(told.value)


@pytest.mark.parametrize("log_is_gone", [False, True])
async def test_a_store_that_holds_something_is_replaced_only_if_told(
    url: str, tmp_path: Path, *, log_is_gone: bool
) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    told = await refused(url, tmp_path / "backup", log_is_gone=log_is_gone)
    assert "rj_consent, rj_referral, rj_reporting hold something. Each commit of it is in" in told
    assert "Say --replace" in told


async def test_what_neither_backup_nor_log_has_is_named_before_it_is_lost(
    url: str, tmp_path: Path
) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    on_the_log, not_sent = commit(case_in(3), 3), commit(case_in(3), 4)
    private = commit(case_in(2), 1, service="token", topic=Topic.PRIVATE)
    await add(url, "rj_consent", on_the_log, not_sent)
    await add(url, "rj_referral", private)
    with Client(url) as client:
        client["rj_consent"]["commits"].update_one(
            {"_id": on_the_log.id}, {"$unset": {"pending": ""}}
        )
    there = await refused(url, tmp_path / "backup", log_is_gone=False)
    assert f"1 of rj_consent ({not_sent.id} first), 1 of rj_referral ({private.id} first)" in there
    gone = await refused(url, tmp_path / "backup", log_is_gone=True)
    assert f"2 of rj_consent ({on_the_log.id} first), 1 of rj_referral ({private.id}" in gone
    assert "the log of this hub was in its broker's memory, and is gone" in gone


async def test_another_command_in_the_place_of_one_that_was_kept_would_be_lost(
    url: str, tmp_path: Path
) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    kept = commit(case_in(1), 1, service="referral")
    with Client(url) as client:
        client["rj_referral"]["commits"].delete_one({"_id": kept.id})
    await add(url, "rj_referral", replace(kept, command_id=UUID(int=9)))
    told = await refused(url, tmp_path / "backup", log_is_gone=True)
    assert f"would be lost: 1 of rj_referral ({kept.id} first)." in told


def test_a_restore_is_not_noted_in_a_folder_that_is_none_of_a_hub(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    for folder in ("papers", "nowhere"):
        done = CliRunner().invoke(app, ["restore", "--only-note", "--dir", str(tmp_path / folder)])
        assert isinstance(done.exception, NoHub)
        assert str(done.exception) == (
            f"There is no hub in {tmp_path / folder}. Name its folder with --dir."
        )
    assert [str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")] == ["papers"]


async def test_nothing_is_restored_while_services_are_connected(url: str, tmp_path: Path) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")
    service = connect(url)
    await service.admin.command("ping")
    with pytest.raises(NotRestored, match="still connected"):
        restore_backup(url, tmp_path / "backup", "rj", replace=True)
    with pytest.raises(NotRestored, match="still connected"):
        only_note(url, "rj")
    await service.close()
    restore_backup(url, tmp_path / "backup", "rj", replace=True)


async def test_a_restore_that_does_not_end_keeps_the_stores_closed(
    url: str, tmp_path: Path
) -> None:
    await filled(url)
    make_backup(url, "rj", tmp_path / "backup", "elsewhere")

    def expect_more(found: dict[str, Any]) -> dict[str, Any]:
        found["databases"]["rj_referral"]["heads"]["events"] += 1
        return found

    _rewrite(tmp_path / "backup" / FILE, expect_more)
    with pytest.raises(NotRestored, match="Run it again"):
        restore_backup(url, tmp_path / "backup", "rj", replace=True)
    assert notes(url) == {"rj_consent": [False], "rj_referral": [False], "rj_reporting": []}


async def test_a_restore_by_another_tool_is_noted_in_every_store(url: str) -> None:
    await filled(url)
    assert only_note(url, "rj") == ["rj_referral", "rj_consent", "rj_facilitation"]
    assert notes(url) == {"rj_consent": [True], "rj_referral": [True], "rj_reporting": []}


def test_keys_are_copied_apart_and_brought_back(tmp_path: Path) -> None:
    hub, kept, other = tmp_path / "hub", tmp_path / "kept", tmp_path / "other"
    for name in ("keys/signing.pem", "secrets/referral/request-hash.key"):
        (hub / name).parent.mkdir(parents=True)
        (hub / name).write_bytes(UUID(int=7).bytes)
    names = copy_keys(hub, kept)
    assert names == ["keys/signing.pem", "secrets/referral/request-hash.key"]
    assert {(kept / one).stat().st_mode & 0o777 for one in names} == {0o600}
    assert bring_back_keys(kept, other, replace=False) == names
    (other / names[0]).write_bytes(b"another")
    with pytest.raises(BadBackup, match=r"signing\.pem"):
        bring_back_keys(kept, other, replace=False)
    bring_back_keys(kept, other, replace=True)
    assert (other / names[0]).read_bytes() == UUID(int=7).bytes
