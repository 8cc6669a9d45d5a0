"""What engines in containers need to be told: the replica set, the users, the topics.

Every step looks at what is there, so that it may be repeated at each start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import stamina
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from rjhub.addresses import SERVICES
from rjhub.engines import NOT_INITIATED, REPLICA_SET
from rjhub.stack.kafka import by_certificate, let_in
from rjhub.stack.keys import mongo_user
from rjhub.topics import create_topics

Admin = MongoClient[dict[str, Any]]

CLOCK = "rj_clock"
# Nobody has looked before whether the engines answer; a slow machine takes long to begin both.
PATIENCE_MS = 180_000


class NotPrimaryYet(Exception):
    """The node has not been elected yet."""


def settle(keys: Path, kafka: str, *, dev: bool, secure: bool) -> None:
    """Initiate the replica set, give each service its user, make the topics.

    `keys` is the volume `settle`; `dev` lets the services read and move the development clock;
    `secure` gives the users of the broker their passwords and rights.
    """
    url = (keys / "mongo-url").read_text()
    with Admin(url, serverSelectionTimeoutMS=PATIENCE_MS) as admin:
        _initiate(admin, "mongo:27017")
        _until_primary(admin)
        for service in SERVICES:
            _give_user(admin, service, (keys / f"password-{service}").read_text(), dev=dev)
    options = by_certificate(keys) if secure else {}
    create_topics(kafka, client_config=options)
    if secure:
        let_in(kafka, options, keys)


def _initiate(admin: Admin, host: str) -> None:
    try:
        admin.admin.command("replSetGetStatus")
    except OperationFailure as refused:
        if refused.code != NOT_INITIATED:
            raise
        only = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
        admin.admin.command("replSetInitiate", only)


@stamina.retry(on=(NotPrimaryYet, AutoReconnect), timeout=60, wait_initial=0.1, wait_max=0.5)
def _until_primary(admin: Admin) -> None:
    if not admin.admin.command("hello")["isWritablePrimary"]:
        raise NotPrimaryYet


def _give_user(admin: Admin, service: str, password: str, *, dev: bool) -> None:
    user, rights = mongo_user(service), rights_of(service, dev=dev)
    known = admin.admin.command("usersInfo", user)["users"]
    admin.admin.command("updateUser" if known else "createUser", user, pwd=password, roles=rights)


def rights_of(service: str, *, dev: bool) -> list[dict[str, str]]:
    """A service reads and writes what is its own, and in development the clock of all."""
    databases = [f"rj_{service}", *([CLOCK] if dev else [])]
    return [{"role": "readWrite", "db": name} for name in databases]
