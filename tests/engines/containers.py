"""MongoDB and Apache Kafka in the containers that the compose file names."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from rjhub import child, engines
from rjhub.child import LOCALHOST, Running, Spec, free_port
from rjhub.engines import REPLICA_SET
from tests.engines.cache import cached, kept
from tests.engines.container import LABEL, Wanted, docker
from tests.engines.kafka import (
    JVM,
    PATIENCE,
    Among,
    among,
    cluster_id,
    in_service,
    settings_of,
    variables,
)
from tests.engines.kind import Engines

RUN = "RJHUB_TEST_RUN"
ROOT = Path(__file__).parents[2]
DATA = "/var/lib/kafka/data"
CLASSES = "/var/cache/kafka"


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
        run=os.environ[RUN],
        command=[
            *("mongod", "--port", str(port), "--bind_ip", LOCALHOST),
            *(
                "--replSet",
                REPLICA_SET,
                "--wiredTigerCacheSizeGB",
                "0.25",
                "--oplogSize",
                "256",
                "--quiet",
            ),
        ],
        mounts=[(str(data), "/data/db", "rw")],
        options={"user": f"{os.getuid()}:{os.getgid()}"},
    )
    return replace(spec, argv=wanted.argv, env=os.environ, patience=PATIENCE)


@dataclass(frozen=True)
class Classes:
    """What to do with the classes that a broker loads, and a folder of this machine for it."""

    option: str
    folder: Path
    mode: str = "ro"


def broker(data: Path, port: int) -> Spec:
    """One broker; a volume stands for the folder of its log."""
    return _member(data, 1, among(port), _known())


def brokers(data: Path, ports: list[int]) -> list[Spec]:
    """A cluster of brokers, each of which keeps its log in a volume of its own."""
    cluster = among(*ports)
    return [_member(data, node, cluster, _known()) for node in cluster]


def _member(data: Path, node: int, cluster: Among, classes: Classes) -> Spec:
    port, _ = cluster[node]
    url = f"{LOCALHOST}:{port}"
    jvm = " ".join([*JVM[1:], f"{classes.option}={CLASSES}/{classes_of_a_broker().name}"])
    env = {"CLUSTER_ID": cluster_id(str(data)), "KAFKA_HEAP_OPTS": JVM[0]}
    wanted = Wanted(
        image=image("apache/kafka"),
        name=_name(url),
        run=os.environ[RUN],
        env={
            **variables(settings_of(node, cluster, DATA)),
            **env,
            "KAFKA_JVM_PERFORMANCE_OPTS": jvm,
        },
        mounts=[
            (_volume(f"{data}/{node}"), DATA, "rw"),
            (str(ROOT / "deploy" / "kafka"), "/hub", "ro"),
            (str(classes.folder), CLASSES, classes.mode),
        ],
        options={"entrypoint": ["bash", "/hub/start"]},
    )
    return Spec(
        name="broker",
        url=url,
        argv=partial(_on_its_volume, wanted, data),
        ready=partial(in_service, port),
        env=os.environ,
        patience=PATIENCE,
    )


def _on_its_volume(wanted: Wanted, data: Path) -> list[str]:
    """The command of a broker, whose volume is made where it is new: on the disk put there, if any.

    A disk of the container's own would be gone with it, and the log that was full too.
    """
    label = ("--label", f"{LABEL}={os.environ[RUN]}")
    placed = (f"--opt={one}" for one in ("type=none", "o=bind", f"device={data}"))
    docker("volume", "create", *label, *(placed if data.is_mount() else ()), wanted.mounts[0][0])
    return wanted.argv()


@cache
def classes_of_a_broker() -> Path:
    """What a JVM of this image need not load and check anew, which halves the start of a broker."""
    of = docker("image", "inspect", "--format", "{{.Id}}", image("apache/kafka"))
    return cached() / f"kafka-image-{of.strip().rpartition(':')[2][:12]}" / "classes.jsa"


def _known() -> Classes:
    return Classes("-XX:SharedArchiveFile", classes_of_a_broker().parent)


def prepare() -> None:
    """Have a broker keep the classes that it loads, once on this machine."""
    file = classes_of_a_broker()
    with kept(file.parent) as fresh:
        if fresh:
            fresh.chmod(0o777)  # the image's program is nobody here
            learn = Classes("-XX:ArchiveClassesAtExit", fresh, "rw")
            spec = _member(fresh, 1, among(free_port()), learn)
            child.start(spec).stop(PATIENCE)


def image(name: str) -> str:
    """The image of this name that the compose file pins."""
    compose = (ROOT / "docker-compose.yml").read_text().splitlines()
    return next(one.split()[1] for one in compose if one.strip().startswith(f"image: {name}:"))


def remove_all() -> None:
    """Whatever of this run is left."""
    mine = ("--quiet", "--filter", f"label={LABEL}={os.environ[RUN]}")
    docker("rm", "--force", "--volumes", *docker("ps", "--all", *mine).split())
    docker("volume", "rm", *docker("volume", "ls", *mine).split())


def _name(url: str) -> str:
    """By the port, of which there is one: `mongodb://127.0.0.1:20000/?…` or `127.0.0.1:20000`."""
    return f"rjhub-test-{url.partition('127.0.0.1:')[2].partition('/')[0]}"


def _volume(folder: str) -> str:
    return f"rjhub-test-{sha256(folder.encode()).hexdigest()[:20]}"


ENGINES = Engines(database, broker, brokers, Contained, prepare, remove_all)
# Before any child starts, so that all that this run leaves can be found at its end. Each container
# is removed with the process that stands for it: testcontainers needs none more.
os.environ.setdefault(RUN, uuid4().hex)
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
