"""What the source must not contain: subscribers made elsewhere, clients that lose."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FACTORY = Path("kernel/consume/kafka.py")
CLIENT = Path("kernel/consume/polling.py")
READER = Path("kernel/kafka/reader.py")


def sources(*words: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules in which one of these words stands."""
    for path, text in texts().items():
        if any(one in text for one in words):
            yield path, parsed(path)


@cache
def texts() -> dict[Path, str]:
    return {
        path.relative_to(ROOT): path.read_text()
        for folder in ("contracts", "kernel", "services", "rjhub")
        for path in (ROOT / folder).rglob("*.py")
    }


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(texts()[path])


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def told(function: str) -> dict[str | None, str]:
    """What the factory tells a function of FastStream."""
    (call,) = (
        node
        for node in ast.walk(parsed(FACTORY))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
    )
    return {one.arg: ast.unparse(one.value) for one in call.keywords}


def test_every_subscriber_comes_from_the_factory() -> None:
    makers = {"subscriber", "AIOKafkaConsumer", "KafkaBroker"}
    for path, tree in sources("faststream", *makers):
        if path not in (FACTORY, CLIENT):
            assert not any(one.startswith("faststream") for one in imported(tree)), path
            assert not makers & names(tree), path


def test_the_factory_says_what_the_defaults_get_wrong() -> None:
    given = told("broker.subscriber")
    assert given["ack_policy"] == "AckPolicy.MANUAL"
    assert given["auto_offset_reset"] == "'earliest'"
    assert given["batch"] == given["no_reply"] == "True"
    assert {"decoder", "parser", "group_id", "listener"} <= given.keys()
    assert "max_workers" not in given
    assert told("KafkaBroker")["consumer_only"] == "True"


def test_nothing_else_of_faststream_is_used() -> None:
    """Its pages of an AsyncAPI take a record from whoever comes, and send it to the broker."""
    used = {"AckPolicy", "kafka", "kafka.KafkaBroker", "kafka.KafkaMessage"}
    for path, tree in sources("faststream"):
        found = {one for one in imported(tree) if one.startswith("faststream")}
        assert found <= {"faststream", *(f"faststream.{one}" for one in used)}, path


def test_no_version_of_faststream_that_loses_a_part_of_a_batch_will_do() -> None:
    """Before 0.7.8 a batch to be read again was set back in one of its partitions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (asked,) = (
        one for one in map(Requirement, project["dependencies"]) if one.name == "faststream"
    )
    assert "0.7.7" not in asked.specifier
    assert version("faststream") in asked.specifier
    for lock in ROOT.glob("requirements*.lock"):
        for locked in re.findall(r"^faststream(?:\[\w+\])?==(\S+)", lock.read_text(), re.MULTILINE):
            assert locked in asked.specifier, lock


def test_no_test_stands_on_the_broker_in_memory_of_faststream() -> None:
    """What clients lose between a real broker and a group does not show on it."""
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text()
        if "faststream" in text:
            assert not any("TestKafka" in one for one in imported(ast.parse(text))), path


def test_no_confluent_client_is_used() -> None:
    """It stores offsets of what failed, and FastStream's acknowledgement commits them."""
    for path, tree in sources("confluent"):
        assert not any("confluent" in one for one in imported(tree)), path


def test_motor_stays_in_one_module() -> None:
    found = [
        path
        for path, tree in sources("motor_asyncio")
        if any("motor_asyncio" in one for one in imported(tree))
    ]
    assert found == [Path("kernel/project/motor.py")]


def test_nothing_is_taken_from_end_offsets() -> None:
    """The embedded broker counts batches there. The reader asks whether a leader answers at all."""
    asking = {"end_offsets", "list_partition_offsets", "OffsetRequest"}
    found = [path for path, tree in sources(*asking) if asking & names(tree)]
    assert found == [READER]


def test_no_list_of_a_groups_offsets_is_asked_for() -> None:
    """The embedded broker answers what clients cannot read, and they drop the connection."""
    asking = {"list_group_offsets", "list_consumer_group_offsets", "OffsetFetchRequest"}
    asking |= {"describe_groups", "describe_consumer_groups"}
    for path, tree in sources(*asking):
        assert not asking & names(tree), path
