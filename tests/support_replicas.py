"""A replica set of three members on this machine, of which each can be killed and begun."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from rjhub import child, engines
from rjhub.child import LOCALHOST, Running, Spec, answers, free_port
from rjhub.engines import REPLICA_SET
from tests.support import eventually

MEMBERS = 3
# Members notice soon that one is gone, and not so soon that a busy machine makes them vote.
SETTINGS = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}

Json = dict[str, Any]


@dataclass
class Replicas:
    """Members by their ports."""

    folder: Path
    specs: dict[int, Spec]
    running: dict[int, Running] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the whole set."""
        hosts = ",".join(f"{LOCALHOST}:{port}" for port in self.specs)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}"

    def begin(self, *ports: int) -> None:
        """Start members on what they kept."""
        for port in ports:
            log, spec = self.folder / f"{port}.log", self.specs[port]
            self.running[port] = child.start(spec, log)

    def kill(self, *ports: int) -> None:
        """End members as a crash would."""
        for port in ports:
            self.running.pop(port).kill()

    def initiate(self) -> None:
        """Make one set of them."""
        members = [
            {"_id": number, "host": f"{LOCALHOST}:{port}"} for number, port in enumerate(self.specs)
        ]
        with self.alone(next(iter(self.specs))) as client:
            config = {"_id": REPLICA_SET, "members": members, "settings": SETTINGS}
            client.admin.command("replSetInitiate", config)

    @contextmanager
    def alone(self, port: int) -> Iterator[MongoClient[Json]]:
        """A client of this member and no other."""
        with MongoClient[Json](
            LOCALHOST, port, directConnection=True, serverSelectionTimeoutMS=1000
        ) as client:
            yield client

    async def primary(self) -> int:
        """The member that takes writes and has all others behind it."""
        return await eventually(lambda: asyncio.to_thread(self._primary), 30)

    def _primary(self) -> int:
        states = {port: self._hello(port) for port in self.running}
        leads = [port for port, hello in states.items() if hello.get("isWritablePrimary")]
        return leads[0] if len(leads) == 1 else 0

    def follows(self, port: int) -> bool:
        """Whether a member is there and copies the primary."""
        return bool(self._hello(port).get("secondary"))

    def _hello(self, port: int) -> Json:
        try:
            with self.alone(port) as client:
                return client.admin.command("hello")
        except PyMongoError:
            return {}


@contextmanager
def replicas(folder: Path) -> Iterator[Replicas]:
    """Three members, initiated; ended after the block."""
    ports = [free_port() for _ in range(MEMBERS)]
    specs = {port: _member(folder / str(port), port) for port in ports}
    found = Replicas(folder, specs)
    try:
        found.begin(*ports)
        found.initiate()
        yield found
    finally:
        found.kill(*found.running)


def _member(data: Path, port: int) -> Spec:
    return replace(engines.mongod(data, port), ready=partial(answers, port))
