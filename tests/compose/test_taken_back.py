"""A hub of containers that goes on from an older backup misses nothing that it acknowledged."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rjhub.addresses import SERVICES
from rjhub.demo.quarter import small_quarter
from tests.compose.stack import Stack, assert_sound
from tests.support_quarter import Witness, played

pytestmark = pytest.mark.timeout(600)


async def test_what_came_after_the_backup_is_taken_back_from_the_log(
    stack: Stack, witness: Witness, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)  # the containers are user 10001
    await asyncio.to_thread(stack.backup_tool, tmp_path, "backup", "/backups/one")
    await played(witness, small_quarter(3))
    stack.compose("stop", *SERVICES)
    stack.backup_tool(tmp_path, "restore", "/backups/one", "--replace")
    stack.up("--no-recreate")
    await assert_sound(stack, witness)
