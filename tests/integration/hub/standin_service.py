"""A service that is ready until it is asked to fail; it imports nothing, so that it starts fast."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


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


if __name__ == "__main__":
    if "RJHUB_LOG_LEVEL" in os.environ:
        sys.exit(f"log level {os.environ['RJHUB_LOG_LEVEL']} is not known")
    HTTPServer(("127.0.0.1", int(os.environ["RJHUB_HTTP_PORT"])), Ready).serve_forever()
