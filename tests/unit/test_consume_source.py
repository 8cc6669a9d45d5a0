"""What the source must not contain: subscribers made elsewhere, clients that lose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FACTORY = Path("kernel/consume/kafka.py")
CLIENT = Path("kernel/consume/polling.py")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("contracts", "kernel", "services", "rjhub"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


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
    for path, tree in sources():
        if path not in (FACTORY, CLIENT):
            assert not any(one.startswith("faststream") for one in imported(tree)), path
            assert not {"subscriber", "AIOKafkaConsumer", "KafkaBroker"} & names(tree), path


def test_the_factory_says_what_the_defaults_get_wrong() -> None:
    (tree,) = (tree for path, tree in sources() if path == FACTORY)
    (call,) = (
        node
        for node in ast.walk(tree)
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
    for path, tree in sources():
        assert not any("confluent" in one for one in imported(tree)), path


def test_motor_stays_in_one_module() -> None:
    found = [
        path for path, tree in sources() if any("motor" in x.split(".") for x in imported(tree))
    ]
    only = Path("kernel/project/motor.py")
    assert [one for one in found if one != only and "motor_asyncio" in _text(one)] == []
    assert "motor_asyncio" in _text(only)


def _text(path: Path) -> str:
    return (ROOT / path).read_text()
