"""What a restore would lose: commits of the store that neither the backup nor a log has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from contracts.envelope import Topic
from rjhub.backup.stores import COMMITS

RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)

# What is private never goes on a log.
NOT_ON_THE_LOG = {"$or": [{"pending": True}, {"topic": Topic.PRIVATE}]}


class Lost(NamedTuple):
    """How many commits of a store would be gone, and the first of them."""

    store: str
    commits: int
    first: str


def would_be_lost(
    database: Database[dict[str, Any]], kept: Path | None, *, log_is_gone: bool
) -> Lost | None:
    """What of this store's commits is lost once those kept in a file of a backup replace them.

    Not its `_id` alone tells a commit: two stores that went different ways share it.
    """
    there = set(_commands(kept)) if kept else set()
    where = {} if log_is_gone else NOT_ON_THE_LOG
    with database[COMMITS].find(where, {"command_id": 1}).sort("_id", 1) as found:
        lost = [one["_id"] for one in found if (one["_id"], one["command_id"]) not in there]
    return Lost(database.name, len(lost), lost[0]) if lost else None


def in_words(lost: list[Lost], *, log_is_gone: bool) -> str:
    """What would be lost, store by store."""
    safe = "in the backup" if log_is_gone else "in the backup or on the log"
    why = " (the log of this hub was in its broker's memory, and is gone)" * log_is_gone
    if not lost:
        return f"Each commit of it is {safe}."
    each = ", ".join(f"{one.commits} of {one.store} ({one.first} first)" for one in lost)
    return f"Commits that are not {safe}{why} and would be lost: {each}."


def _commands(kept: Path) -> Iterator[tuple[str, str]]:
    with kept.open("rb") as file:
        for one in decode_file_iter(file, codec_options=RAW):
            yield one["_id"], one["command_id"]
