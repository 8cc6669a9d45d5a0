"""The databases of a hub as an operator sees them: which there are, and how far they have come."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database

from rjhub.addresses import SERVICES
from rjhub.backup.manifest import Heads

COMMITS = "commits"
RESTORED = "relay_restored"
STORES = tuple(name for name in SERVICES if name != "reporting")  # which records nothing itself

Document = dict[str, Any]

COUNTED: list[Document] = [
    {
        "$group": {
            "_id": "$stream",
            "commits": {"$sum": 1},
            "events": {"$sum": "$n"},
            "pending": {"$sum": {"$cond": ["$pending", 1, 0]}},
            "newest": {"$max": "$recorded_at"},
        }
    },
    {
        "$group": {
            "_id": None,
            "streams": {"$sum": 1},
            "commits": {"$sum": "$commits"},
            "events": {"$sum": "$events"},
            "pending": {"$sum": "$pending"},
            "newest": {"$max": "$newest"},
        }
    },
    {"$project": {"_id": 0}},
]
NOTHING = Heads(streams=0, commits=0, events=0, pending=0, newest=None)


def databases(client: MongoClient[Document], prefix: str) -> list[str]:
    """The databases of a hub, by the prefix of their names."""
    return sorted(one for one in client.list_database_names() if one.startswith(f"{prefix}_"))


def heads(database: Database[Document], session: ClientSession | None = None) -> Heads:
    """How far the event store in this database has come."""
    found = database[COMMITS].aggregate(COUNTED, session=session, allowDiskUse=True).to_list()
    return Heads.model_validate(found[0]) if found else NOTHING
