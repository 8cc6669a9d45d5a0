"""Restoring a backup: every store notes that it was, so that it takes back what the log has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import decode_file_iter
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from rjhub.backup.lost import RAW, in_words, would_be_lost
from rjhub.backup.manifest import BadBackup, Database, Manifest, Stored, read_manifest, verify
from rjhub.backup.place import client_of
from rjhub.backup.stores import COMMITS, RESTORED, STORES, heads
from rjhub.child import HubError

BATCH_BYTES = 4 << 20
SERVICES_CALL_THEMSELVES = "rjhub"

Client = MongoClient[dict[str, Any]]


class NotRestored(HubError):
    """Nothing was restored, or not all; the words say which."""

    exit_code = 16


@dataclass(frozen=True)
class Restoring:
    """A restore on its way."""

    client: Client
    backup: Path
    manifest: Manifest

    def run(self) -> None:
        """First the notes, then the documents, then what makes the notes whole."""
        stores = [name for name, one in self.manifest.databases.items() if one.heads]
        note(self.client, stores, whole=False)
        for name, database in self.manifest.databases.items():
            self._clear(name)
            for collection, stored in database.collections.items():
                self._fill(name, collection, stored)
            self._check(name, database)
        note(self.client, stores, whole=True)

    def _clear(self, name: str) -> None:
        for one in self.client[name].list_collection_names():
            if one != RESTORED and not one.startswith("system."):
                self.client[name].drop_collection(one)

    def _fill(self, database: str, name: str, stored: Stored) -> None:
        collection = self.client[database].get_collection(name, codec_options=RAW)
        with (self.backup / stored.file).open("rb") as file:
            for batch in _batches(decode_file_iter(file, codec_options=RAW)):
                collection.insert_many(batch, ordered=False)
        if (found := collection.count_documents({})) != stored.documents:
            raise NotRestored(_not_all(f"{database}.{name}", found, stored.documents))

    def _check(self, name: str, database: Database) -> None:
        if database.heads and (found := heads(self.client[name])) != database.heads:
            raise NotRestored(_not_all(name, found, database.heads))


def restore_backup(
    url: str, backup: Path, prefix: str, *, replace: bool, log_is_gone: bool = False
) -> Manifest:
    """Restore every database of a backup that is whole; raises BadBackup, NotRestored.

    Refuses another prefix than the backup's, while services are connected, and where a store holds
    something unless `replace`; then it names what would be lost.
    """
    manifest = read_manifest(backup)
    if manifest.prefix != prefix:
        raise BadBackup(
            f"This is a backup of {manifest.prefix}_*, and would go there: say --prefix "
            f"{manifest.prefix} if it shall."
        )
    verify(backup, manifest)
    with _connected(url) as client:
        _assert_nobody_works(client)
        if not replace:
            _assert_empty(client, backup, manifest, log_is_gone=log_is_gone)
        Restoring(client, backup, manifest).run()
    return manifest


def only_note(url: str, prefix: str) -> list[str]:
    """Note that another tool restored the stores, or that they begin empty; their names."""
    with _connected(url) as client:
        _assert_nobody_works(client)
        stores = [f"{prefix}_{name}" for name in STORES]
        note(client, stores, whole=True)
    return stores


def note(client: Client, stores: Iterable[str], *, whole: bool) -> None:
    """Note in each store that it was restored, so that its service looks at the log first."""
    for name in stores:
        client[name][RESTORED].replace_one({"_id": "restored"}, {"whole": whole}, upsert=True)


def _batches(documents: Iterable[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
    """Of so many bytes, and one document more, however large documents are."""
    batch: list[RawBSONDocument] = []
    size = 0
    for one in documents:
        batch.append(one)
        size += len(one.raw)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def _connected(url: str) -> Iterator[Client]:
    """A client whose writes are durable; what the driver raises becomes NotRestored."""
    try:
        with client_of(url, w="majority", journal=True, appname="rjhub-restore") as client:
            yield client
    except PyMongoError as wrong:
        raise NotRestored(
            f"The database does not do it: {wrong}. A restore that was begun keeps its services "
            "closed: run it again."
        ) from None


def _assert_nobody_works(client: Client) -> None:
    every = {"$currentOp": {"allUsers": True, "idleConnections": True}}
    ours = {"$match": {"appName": SERVICES_CALL_THEMSELVES}}
    with client.admin.aggregate([every, ours]) as found:
        callers = {str(one.get("client", "?")).rpartition(":")[0] for one in found}
    if callers:
        raise NotRestored(
            f"Services are still connected, from {', '.join(sorted(callers))}. Stop all services "
            "of the hub first; the broker may go on."
        )


def _assert_empty(client: Client, backup: Path, manifest: Manifest, *, log_is_gone: bool) -> None:
    full = [name for name in manifest.databases if _holds_anything(client, name)]
    if not full:
        return
    lost = [
        would_be_lost(client[name], kept, log_is_gone=log_is_gone)
        for name, kept in ((one, _commits_in(backup, manifest.databases[one])) for one in full)
    ]
    words = in_words([one for one in lost if one], log_is_gone=log_is_gone)
    raise NotRestored(
        f"{', '.join(full)} hold something. {words} Say --replace to put the backup in the place "
        "of it."
    )


def _commits_in(backup: Path, database: Database) -> Path | None:
    stored = database.collections.get(COMMITS)
    return backup / stored.file if stored else None


def _holds_anything(client: Client, name: str) -> bool:
    found = (one for one in client[name].list_collection_names() if one != RESTORED)
    return any(client[name][one].find_one() for one in found)


def _not_all(where: str, found: object, wanted: object) -> str:
    return f"{where} has {found} instead of {wanted} after the restore. Run it again."
