"""Real engines under stand-in services: `python -m tests.integration.hub.standin FOLDER …`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from rjhub.child import HubError
from rjhub.cli import say
from rjhub.folder import Folder
from rjhub.leftovers import end_leftovers
from rjhub.plan import Plan
from rjhub.supervisor import run
from tests.engines import chosen
from tests.support_hub import Hub, launch

SERVICE = Path(__file__).with_name("standin_service.py")


def start(
    folder: Path, *options: str, env: dict[str, str] | None = None, output: Path | None = None
) -> Hub:
    """A hub of real engines and stand-in services."""
    return launch(["tests.integration.hub.standin", str(folder), *options], folder, env, output)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Hub]:
    """Such a hub, once it is ready; nothing of it is left, whoever has ended it."""
    hub = start(folder)
    await hub.ready()
    try:
        yield hub
        assert hub.ended() or hub.end() == 0
    finally:
        if not hub.ended():
            hub.end()
        end_leftovers(hub.folder / "children.json")


def plan_of(folder: Folder, ports: Mapping[str, int]) -> Plan:
    real = chosen.plan_of(folder, ports)
    argv = [sys.executable, "-S", str(SERVICE)]
    return replace(real, services=tuple(replace(one, argv=lambda: argv) for one in real.services))


def main(folder: str, *options: str) -> None:
    given = dict(option.split("=") for option in options)
    try:
        run(
            Path(folder),
            say,
            first_port=int(given["port"]) if "port" in given else None,
            min_free_mb=int(given.get("min_free_mb", 0)),
            plan_of=plan_of,
        )
    except HubError as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(wrong.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
