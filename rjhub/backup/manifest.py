"""What a backup holds: a manifest beside the files, by which they are checked before use."""

from __future__ import annotations

from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from rjhub.child import HubError

FILE = "manifest.json"


class BadBackup(HubError):
    """A backup cannot be made, or this is not a whole one."""

    exit_code = 15


class Part(BaseModel):
    """Base of all parts of a manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stored(Part):
    """One collection: its documents as BSON, one after the other, as `bsondump` reads them."""

    file: str
    documents: int
    bytes: int
    sha256: str


class Heads(Part):
    """How far an event store has come."""

    streams: int
    commits: int
    events: int
    pending: int
    newest: str | None


class Database(Part):
    """One service's database; `heads` where it is an event store."""

    collections: dict[str, Stored]
    heads: Heads | None = None


class Manifest(Part):
    """All of a backup; `keys` says which are not in it, or where they were copied to."""

    format: Literal[1] = 1
    release: str
    made_at: datetime
    prefix: str
    databases: dict[str, Database]
    keys: str

    @property
    def documents(self) -> int:
        """How many documents there are in all."""
        return sum(
            one.documents for it in self.databases.values() for one in it.collections.values()
        )


def read_manifest(backup: Path) -> Manifest:
    """The manifest of a backup; raises BadBackup with what is wrong."""
    try:
        return Manifest.model_validate_json((backup / FILE).read_bytes())
    except OSError as missing:
        raise BadBackup(f"{backup.absolute()} is no backup: {FILE}: {missing.strerror}.") from None
    except ValidationError:
        raise BadBackup(
            f"{backup / FILE} is not of format 1: a newer release made it, or it is damaged."
        ) from None


def verify(backup: Path, manifest: Manifest) -> None:
    """Read every file once; raises BadBackup where one is missing, cut off or changed."""
    for database in manifest.databases.values():
        for stored in database.collections.values():
            _verify(backup / stored.file, stored)


def _verify(path: Path, stored: Stored) -> None:
    try:
        with path.open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except OSError as missing:
        raise BadBackup(f"The backup is not whole: {path}: {missing.strerror}.") from None
    if found != stored.sha256:
        raise BadBackup(f"The backup is damaged: {path} is not what was written. Use another one.")
