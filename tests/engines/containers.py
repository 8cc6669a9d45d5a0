"""MongoDB and Apache Kafka in the containers that the compose file names."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from rjhub import engines
from rjhub.child import LOCALHOST, Running, Spec
from rjhub.engines import REPLICA_SET
from tests.engines.container import LABEL, Wanted, docker
from tests.engines.kafka import (
    JVM,
    PATIENCE,
    SETTINGS,
    cluster_id,
    copies,
    in_service,
    variables,
)

RUN = "RJHUB_TEST_RUN"
ROOT = Path(__file__).parents[2]
DATA = "/var/lib/kafka/data"
PEERS_PORT, CONTROLLER_PORT = 19092, 19093


class Contained(Running):
    """Its process stands for a container: to pause or to kill it is to do so to the container."""

    def kill(self) -> None:
        """End it at once, as a crash would."""
        docker("kill", _name(self.url))
        super().kill()
        docker("rm", "--force", "--volumes", _name(self.url))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it has ended."""
        if number == signal.SIGSTOP:
            docker("pause", _name(self.url))
        elif number == signal.SIGCONT:
            docker("unpause", _name(self.url))
        else:
            super().signal(number)


def database(data: Path, port: int) -> Spec:
    """A replica set of one node, its data in a folder of this machine."""
    spec = engines.mongod(data, port)
    wanted = Wanted(
        image=image("mongo"),
        name=_name(spec.url),
        port=port,
        run=os.environ[RUN],
        command=[
            *("mongod", "--port", str(port), "--bind_ip_all", "--replSet", REPLICA_SET),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--quiet"),
        ],
        mounts=[(str(data), "/data/db", "rw")],
        options={"user": f"{os.getuid()}:{os.getgid()}"},
    )
    return replace(spec, argv=wanted.argv, env=os.environ, patience=PATIENCE)


def broker(data: Path, port: int) -> Spec:
    """One broker; a volume stands for the folder of its log."""
    return _member(data, 1, {1: "localhost"}, port)


def brokers(data: Path, ports: list[int]) -> list[Spec]:
    """A cluster of brokers, each of which keeps its log in a volume of its own."""
    network = f"rjhub-test-{ports[0]}"
    peers = {node: _name(f"{LOCALHOST}:{port}") for node, port in enumerate(ports, 1)}
    return [_member(data, node, peers, port, network) for node, port in enumerate(ports, 1)]


def _member(data: Path, node: int, peers: dict[int, str], port: int, network: str = "") -> Spec:
    url, host = f"{LOCALHOST}:{port}", peers[node]
    places = f"HUB://{url},PEERS://{host}:{PEERS_PORT}"
    voters = (f"{one}@{peer}:{CONTROLLER_PORT}" for one, peer in peers.items())
    settings = {
        **SETTINGS,
        **copies(len(peers)),
        "node.id": str(node),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"HUB://:{port},PEERS://:{PEERS_PORT},CONTROLLER://:{CONTROLLER_PORT}",
        "advertised.listeners": places,
        "inter.broker.listener.name": "PEERS",
        "log.dirs": DATA,
    }
    env = {"CLUSTER_ID": cluster_id(str(data)), "KAFKA_HEAP_OPTS": JVM[0]}
    wanted = Wanted(
        image=image("apache/kafka"),
        name=_name(url),
        port=port,
        run=os.environ[RUN],
        env={**variables(settings), **env, "KAFKA_JVM_PERFORMANCE_OPTS": " ".join(JVM[1:])},
        mounts=[
            (_volume(f"{data}/{node}"), DATA, "rw"),
            (str(ROOT / "deploy" / "kafka"), "/hub", "ro"),
        ],
        options={"entrypoint": ["bash", "/hub/start"]} | ({"network": network} if network else {}),
    )
    return Spec(
        name="broker",
        url=url,
        argv=partial(_on_its_volume, wanted),
        ready=partial(in_service, port),
        env=os.environ,
        patience=PATIENCE,
    )


def _on_its_volume(wanted: Wanted) -> list[str]:
    """The command of a broker, whose volume and network are made where they are new."""
    label = ("--label", f"{LABEL}={os.environ[RUN]}")
    docker("volume", "create", *label, wanted.mounts[0][0])
    if network := wanted.options.get("network"):
        docker("network", "create", *label, network)
    return wanted.argv()


def name_the_run() -> None:
    """Done before any child starts, so that all that this run leaves can be found at its end.

    Each container is removed with the process that stands for it: testcontainers needs none more.
    """
    os.environ.setdefault(RUN, uuid4().hex)
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"


def image(name: str) -> str:
    """The image of this name that the compose file pins."""
    compose = (ROOT / "docker-compose.yml").read_text().splitlines()
    return next(one.split()[1] for one in compose if one.strip().startswith(f"image: {name}:"))


def remove_all() -> None:
    """Whatever of this run is left."""
    mine = ("--quiet", "--filter", f"label={LABEL}={os.environ[RUN]}")
    docker("rm", "--force", "--volumes", *docker("ps", "--all", *mine).split())
    docker("volume", "rm", *docker("volume", "ls", *mine).split())
    docker("network", "rm", *docker("network", "ls", *mine).split())


def _name(url: str) -> str:
    """By the port, of which there is one: `mongodb://127.0.0.1:20000/?…` or `127.0.0.1:20000`."""
    return f"rjhub-test-{url.partition('127.0.0.1:')[2].partition('/')[0]}"


def _volume(folder: str) -> str:
    return f"rjhub-test-{sha256(folder.encode()).hexdigest()[:20]}"
