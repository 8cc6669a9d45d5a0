"""What the source must not contain: subscribers made elsewhere, clients that lose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FACTORY = Path("kernel/consume/kafka.py")
CLIENT = Path("kernel/consume/polling.py")


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


def test_every_subscriber_comes_from_the_factory() -> None:
    makers = {"subscriber", "AIOKafkaConsumer", "KafkaBroker"}
    for path, tree in sources("faststream", *makers):
        if path not in (FACTORY, CLIENT):
            assert not any(one.startswith("faststream") for one in imported(tree)), path
            assert not makers & names(tree), path


def test_the_factory_says_what_the_defaults_get_wrong() -> None:
    (call,) = (
        node
        for node in ast.walk(parsed(FACTORY))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "subscriber"
    )
    given = {one.arg: ast.unparse(one.value) for one in call.keywords}
    assert given["ack_policy"] == "AckPolicy.MANUAL"
    assert given["auto_offset_reset"] == "'earliest'"
    assert given["batch"] == given["no_reply"] == "True"
    assert {"decoder", "parser", "group_id", "listener"} <= given.keys()
    assert "max_workers" not in given


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
