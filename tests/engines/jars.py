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
from rjhub.engines import mongod, plain_environment
from tests.engines.cache import cached, kept
from tests.engines.kafka import JVM, PATIENCE, Among, among, cluster_id, in_service, settings_of
from tests.engines.kind import Engines

POM = Path(__file__).with_name("pom.xml")
CLASSES = "classes.jsa"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"


def broker(data: Path, port: int, changed: Mapping[str, str] | None = None) -> Spec:
    """One broker that keeps its log in a folder, with some settings otherwise than usual."""
    return _member(data, 1, among(port), cluster_id(str(data)), changed or {})


def brokers(data: Path, ports: list[int]) -> list[Spec]:
    """A cluster of brokers, each of which keeps its log in a folder of its own."""
    cluster, id_ = among(*ports), cluster_id(str(data))
    return [_member(data / str(node), node, cluster, id_, {}) for node in cluster]


def _member(data: Path, node: int, cluster: Among, id_: str, changed: Mapping[str, str]) -> Spec:
    port, _ = cluster[node]
    settings = {**settings_of(node, cluster, str(data)), **changed}
    return Spec(
        name="broker",
        url=f"{LOCALHOST}:{port}",
        argv=lambda: _prepared(data, settings, id_),
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


ENGINES = Engines(mongod, broker, brokers, prepare=prepare)
