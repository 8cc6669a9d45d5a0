"""The one way to a MongoDB client: what it acknowledges is durable, what it reads stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from kernel.store.port import StoreUnavailable

HELLO_SECONDS = 2.0
ROUTER = "isdbgrid"

Client = AsyncMongoClient[dict[str, Any]]

WRITES = WriteConcern("majority", j=True)
READS = ReadConcern("majority")
OPTIONS: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "tz_aware": True,
    "uuidRepresentation": "standard",
    "appname": "rjhub",
}


class NotDurable(Exception):
    """This database cannot keep what it acknowledges; the words say what is wrong with it."""


def connect(url: str, **options: Any) -> Client:
    """A client that writes to a majority's journal and reads what a majority has.

    These settings stand whatever the address says; `options` are the driver's own and add to
    them. Nothing is sent before the first operation.
    """
    return AsyncMongoClient(url, **(OPTIONS | options))


async def assert_durable(client: Client) -> None:
    """Raise NotDurable unless client and server together keep what they acknowledge.

    Asked at start: a standalone server has no majority, and one with an arbiter may have one
    that holds no data; on a sharded cluster nobody has tried the store. An unreachable server
    raises the driver's own error.
    """
    _assert_concerns(client)
    hello = await _hello(client)
    if hello.get("msg") == ROUTER:
        raise NotDurable("MongoDB is a sharded cluster: name a replica set, one for each service")
    if "setName" not in hello:
        raise NotDurable("MongoDB is no replica set: start mongod with --replSet and initiate it")
    if hello.get("arbiters"):
        raise NotDurable("MongoDB has an arbiter, which holds no data: replace it with a member")


async def _hello(client: Client) -> dict[str, Any]:
    """The driver drops each server that answers and is no member of the set: it comes to none."""
    try:
        with pymongo.timeout(HELLO_SECONDS):
            return await client.admin.command("hello")
    except ServerSelectionTimeoutError:
        if client.topology_description.server_descriptions():
            raise
        wanted = client.topology_description.replica_set_name
        raise NotDurable(
            f"MongoDB is no member of the replica set {wanted}: start mongod with --replSet and "
            "initiate it, or name the set that it is a member of"
        ) from None


def _assert_concerns(client: Client) -> None:
    effective = {
        "write concern": (client.write_concern, WRITES),
        "read concern": (client.read_concern, READS),
        "read preference": (client.read_preference, ReadPreference.PRIMARY),
        "retried writes": (client.options.retry_writes, True),
    }
    for name, (found, needed) in effective.items():
        if found != needed:
            raise NotDurable(f"{name} is {found!r} instead of {needed!r}")


@contextmanager
def answering(seconds: float) -> Iterator[None]:
    """Let an operation take so long; what the driver raises becomes StoreUnavailable."""
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as wrong:
        raise StoreUnavailable(f"MongoDB does not answer: {type(wrong).__name__}") from wrong
