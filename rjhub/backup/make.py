"""Making a backup: one moment of all databases of a hub, read while it works."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import stamina
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError

from rjhub.backup.manifest import FILE, BadBackup, Database, Manifest, Stored
from rjhub.backup.place import client_of
from rjhub.backup.stores import COMMITS, RESTORED, databases, heads
from rjhub.folder import write_private

BATCH = 500
SNAPSHOT_TOO_OLD = 239
SNAPSHOT_UNAVAILABLE = 246

Client = MongoClient[dict[str, Any]]
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


@dataclass(frozen=True)
class Making:
    """A backup on its way."""

    client: Client
    session: ClientSession
    into: Path

    def database(self, name: str) -> Database:
        """Copy every collection of a database as it was at the session's moment."""
        (self.into / name).mkdir(mode=0o700)
        found = self.client[name].list_collection_names()
        kept = sorted(one for one in found if not one.startswith("system.") and one != RESTORED)
        return Database(
            collections={one: self._collection(name, one) for one in kept},
            heads=heads(self.client[name], self.session) if COMMITS in kept else None,
        )

    def _collection(self, database: str, name: str) -> Stored:
        collection = self.client[database].get_collection(name).with_options(codec_options=RAW)
        path = self.into / database / f"{name}.bson"
        with collection.find({}, session=self.session, batch_size=BATCH) as found:
            count, size, digest = _write(path, (bytes(one.raw) for one in found))
        file = str(path.relative_to(self.into))
        return Stored(file=file, documents=count, bytes=size, sha256=digest)


def make_backup(url: str, prefix: str, target: Path, keys: str) -> Manifest:
    """Back up every database of this prefix; the folder is there in whole or not at all.

    Raises BadBackup. The hub goes on meanwhile, and all of the backup is of one moment.
    """
    try:
        with client_of(url, appname="rjhub-backup") as client:
            return _at_one_moment(client, prefix, target, keys)
    except OperationFailure as failed:
        if failed.code == SNAPSHOT_TOO_OLD:
            raise BadBackup(_TOO_SLOW) from None
        raise BadBackup(f"The database refuses: {failed}") from None
    except PyMongoError as failed:
        raise BadBackup(f"The database does not answer: {type(failed).__name__}.") from None
    except OSError as failed:
        raise BadBackup(f"The backup cannot be written: {failed}.") from None


_TOO_SLOW = (
    "The database forgot the moment of this backup before it was read. Set its parameter "
    "minSnapshotHistoryWindowInSeconds to what a backup takes (300 by default), and try again."
)


def _collections_are_new(failed: Exception) -> bool:
    """A collection that was made after the moment cannot be read at it."""
    return isinstance(failed, OperationFailure) and failed.code == SNAPSHOT_UNAVAILABLE


@stamina.retry(on=_collections_are_new, attempts=5, wait_initial=0.5)
def _at_one_moment(client: Client, prefix: str, target: Path, keys: str) -> Manifest:
    with _whole_or_not(target) as into, client.start_session(snapshot=True) as session:
        making = Making(client, session, into)
        names = databases(client, prefix)
        if not names:
            raise BadBackup(f"This database has none of a hub: no name begins with {prefix}_.")
        manifest = Manifest(
            release=version("rjhub"),
            made_at=datetime.now(UTC),
            prefix=prefix,
            databases={name: making.database(name) for name in names},
            keys=keys,
        )
        write_private(into / FILE, manifest.model_dump_json(indent=2) + "\n")
    return manifest


@contextmanager
def _whole_or_not(target: Path) -> Iterator[Path]:
    """A folder that gets its name when all is in it and on the disk."""
    if target.exists():
        raise BadBackup(f"{target.absolute()} is there already. Name a folder that is not.")
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield made
        made.rename(target)
        _to_disk(target.parent)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _write(path: Path, documents: Iterable[bytes]) -> tuple[int, int, str]:
    count, digest = 0, sha256()
    with _private(path) as out:
        for one in documents:
            out.write(one)
            digest.update(one)
            count += 1
        out.flush()
        os.fsync(out.fileno())
        return count, out.tell(), digest.hexdigest()


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _to_disk(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
