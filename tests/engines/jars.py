"""Apache Kafka from Maven Central's jars, for a machine without Docker: needs `mvn` and `java`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from rjhub import child
from rjhub.child import LOCALHOST, HubError, Spec, free_port
from rjhub.engines import plain_environment
from tests.engines.cache import cached, kept
from tests.engines.kafka import JVM, PATIENCE, SETTINGS, cluster_id, copies, in_service

POM = Path(__file__).with_name("pom.xml")
CLASSES = "classes.jsa"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"


def broker(data: Path, port: int, changed: Mapping[str, str] | None = None) -> Spec:
    """One broker that keeps its log in a folder, with some settings otherwise than usual."""
    peers = {1: (port, free_port())}
    return _member(data, 1, peers, cluster_id(str(data)), changed or {})


def brokers(data: Path, ports: list[int]) -> list[Spec]:
    """A cluster of brokers, each of which keeps its log in a folder of its own."""
    peers = {node: (port, free_port()) for node, port in enumerate(ports, 1)}
    return [_member(data / str(node), node, peers, cluster_id(str(data)), {}) for node in peers]


def _member(
    data: Path,
    node: int,
    peers: Mapping[int, tuple[int, int]],
    cluster: str,
    changed: Mapping[str, str],
) -> Spec:
    port, controller = peers[node]
    voters = ",".join(f"{one}@{LOCALHOST}:{other}" for one, (_, other) in peers.items())
    settings = {
        **SETTINGS,
        **copies(len(peers)),
        "node.id": str(node),
        "controller.quorum.voters": voters,
        "listeners": f"HUB://{LOCALHOST}:{port},CONTROLLER://{LOCALHOST}:{controller}",
        "inter.broker.listener.name": "HUB",
        "log.dirs": str(data),
        **changed,
    }
    return Spec(
        name="broker",
        url=f"{LOCALHOST}:{port}",
        argv=lambda: _prepared(data, settings, cluster),
        ready=partial(in_service, port),
        env=plain_environment(),
        patience=PATIENCE,
    )


def _prepared(data: Path, settings: Mapping[str, str], cluster: str) -> list[str]:
    """The command of a broker, whose folder is made where it is new."""
    file = data.with_suffix(".properties")
    data.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    if not (data / "meta.properties").exists():
        format_it = ("kafka.tools.StorageTool", "format", "--cluster-id", cluster, "-c", str(file))
        _run([*_java(), *format_it])
    return [*_java(), "kafka.Kafka", str(file)]


def _java() -> list[str]:
    return _jvm(f"-XX:SharedArchiveFile={jars() / CLASSES}")


def _jvm(*options: str) -> list[str]:
    return [_program("java"), *JVM, *options, "-cp", f"{jars()}/*"]


@cache
def jars() -> Path:
    """The folder of the jars; they are downloaded once, checked by Maven, and kept."""
    folder = cached() / f"kafka-{sha256(POM.read_bytes()).hexdigest()[:12]}"
    with kept(folder) as fresh:
        if fresh:
            download = [_program("mvn"), "--batch-mode", "--quiet", "--strict-checksums"]
            where = ["-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
            _run([*download, "--file", str(POM), PLUGIN, *where])
    return folder


def prepare() -> None:
    """Have a broker keep the classes that it loads, once on this machine."""
    if (jars() / CLASSES).exists():
        return
    with tempfile.TemporaryDirectory(dir=cached()) as folder:
        fresh = Path(folder) / CLASSES
        spec = broker(Path(folder) / "log", free_port())
        java = _jvm(f"-XX:ArchiveClassesAtExit={fresh}")
        learning = replace(spec, argv=lambda: [*java, *spec.argv()[len(java) :]])
        child.start(learning).stop(PATIENCE)
        fresh.rename(jars() / CLASSES)


def _program(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise HubError(f"Apache Kafka from its jars needs {name}, which is not installed.")


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise HubError(f"{command[0]} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
