"""What each service may do in the database of a hub of containers: all of it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from rjhub.addresses import SERVICES
from rjhub.client import Json
from rjhub.stack.keys import mongo_user
from tests.compose.stack import Stack

pytestmark = pytest.mark.timeout(300)

Database = MongoClient[Json]
NOBODY = "nobody"
NOT_ALLOWED = 13


def read(database: Database, name: str) -> None:
    database[name].probes.find_one()


def write(database: Database, name: str) -> None:
    database[name].probes.insert_one({})
    database[name].probes.drop()


def drop(database: Database, name: str) -> None:
    database.drop_database(name)


def read_what_all_have_written(database: Database, name: str) -> None:
    database[name]["oplog.rs"].find_one()


def list_users(database: Database, name: str) -> None:
    database[name].command("usersInfo", 1)


def become_root(database: Database, name: str) -> None:
    database[name].command("grantRolesToUser", mongo_user("referral"), roles=["root"])


@dataclass(frozen=True)
class Probe:
    """Something that a user tries in a database."""

    user: str
    does: Callable[[Database, str], None]
    name: str
    may: bool

    def __str__(self) -> str:
        verb = "may" if self.may else "may not"
        return f"{self.user} {verb} {self.does.__name__} in {self.name}"

    def tried(self, url: str) -> bool:
        """Whether the database let it happen."""
        with Database(url) as database:
            try:
                self.does(database, self.name)
            except OperationFailure as refused:
                if refused.code != NOT_ALLOWED:
                    raise
                return False
            return True


def probes() -> Iterator[Probe]:
    """Everybody reads and writes what is its own, and without credentials nobody anything."""
    for at, user in enumerate(SERVICES):
        for does in (read, write):
            yield Probe(user, does, f"rj_{user}", may=True)
            yield Probe(user, does, f"rj_{SERVICES[at - 1]}", may=False)
    for user in ("referral", NOBODY):
        yield Probe(user, drop, "rj_consent", may=False)
        yield Probe(user, read_what_all_have_written, "local", may=False)
        yield Probe(user, list_users, "admin", may=False)
        yield Probe(user, become_root, "admin", may=False)
    for does in (read, write):
        yield Probe(NOBODY, does, "rj_referral", may=False)


PROBES = tuple(probes())


@pytest.fixture(scope="module")
def credentials(stack: Stack) -> dict[str, str]:
    """As each service finds them in the volume that it alone mounts."""
    urls = {one: stack.compose("exec", "-T", one, "cat", "/keys/mongo-url") for one in SERVICES}
    own = {one: url.removeprefix("mongodb://").partition("mongo:")[0] for one, url in urls.items()}
    return {**own, NOBODY: ""}


@pytest.mark.parametrize("probe", PROBES, ids=str)
def test_a_service_may_use_its_own_database_and_nothing_else(
    stack: Stack, credentials: dict[str, str], probe: Probe
) -> None:
    assert probe.tried(stack.mongo_as(credentials[probe.user])) is probe.may
