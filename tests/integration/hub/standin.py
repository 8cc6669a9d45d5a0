"""Real engines under stand-in services: `python -m tests.integration.hub.standin FOLDER …`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from rjhub.child import HubError
from rjhub.cli import say
from rjhub.folder import Folder
from rjhub.plan import Plan
from rjhub.supervisor import run
from tests.engines import chosen
from tests.support_hub import Hub, launch


def start(
    folder: Path, *options: str, env: dict[str, str] | None = None, output: Path | None = None
) -> Hub:
    """A hub of real engines and stand-in services."""
    return launch(["tests.integration.hub.standin", str(folder), *options], folder, env, output)


class Ready(BaseHTTPRequestHandler):
    """Ready until asked to fail."""

    def do_GET(self) -> None:
        if self.path == "/die":
            print("dying as asked", flush=True)
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve() -> None:
    if "RJHUB_LOG_LEVEL" in os.environ:
        sys.exit(f"log level {os.environ['RJHUB_LOG_LEVEL']} is not known")
    HTTPServer(("127.0.0.1", int(os.environ["RJHUB_HTTP_PORT"])), Ready).serve_forever()


def plan_of(folder: Folder, ports: Mapping[str, int]) -> Plan:
    real = chosen.plan_of(folder, ports)
    argv = [sys.executable, __file__]
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
    main(*sys.argv[1:]) if len(sys.argv) > 1 else serve()
