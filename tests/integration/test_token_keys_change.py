"""An issuer that changes its keys: a running service follows, over a real address with TLS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from kernel.settings import PREFIX
from rjhub.child import LOCALHOST
from rjhub.organisations import HUB, organisation_id
from rjhub.stack.certificates import issued, new_authority
from tests.support import eventually
from tests.support_http import Issuer
from tests.support_service import Process, Site, site

pytestmark = pytest.mark.timeout(180)  # a few seconds each on two cores that nobody else uses

OURS = {"dev": None, "token_key_file": None, "token_issuer": Issuer.name}


@dataclass
class Published:
    """The issuer's address, and what it says by now."""

    url: str
    keys: str


@contextmanager
def publishing(context: ssl.SSLContext) -> Iterator[Published]:
    told = Published("", "")

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told.keys.encode())

        def log_message(self, *_: object) -> None:
            """Nobody listens."""

    server = ThreadingHTTPServer((LOCALHOST, 0), Says)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    told.url = f"https://{LOCALHOST}:{server.server_port}/keys"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """At an address whose authority the services are told, as a police force's own would be."""
    folder, now = tmp_path_factory.mktemp("issuer"), datetime.now(UTC)
    authority = new_authority(now)
    (folder / "ca.pem").write_bytes(authority.certificate_pem())
    (folder / "server.pem").write_bytes(issued(authority, "issuer", [LOCALHOST], now).pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    with publishing(context) as found, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, published: Published) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("tokens") / "hub", "mongod") as found:
        yield found


async def called(process: Process, token: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10) as http:
        headers = {"Authorization": f"Bearer {token}"}
        return await http.get(f"{process.url}/status", headers=headers)


def operator(issuer: Issuer) -> str:
    return issuer.token(org=str(organisation_id(HUB)), role="operations")


async def test_a_new_key_counts_without_a_restart_and_one_that_left_no_longer(
    place: Site, published: Published
) -> None:
    former, follower = Issuer("first-"), Issuer("second-")
    published.keys = former.jwks()
    service = place.start("consent", **OURS, token_jwks_url=published.url)
    await service.live()
    assert (await called(service, operator(former))).status_code == 200
    published.keys = follower.jwks()

    async def accepted() -> bool:
        return (await called(service, operator(follower))).status_code == 200

    await eventually(accepted, 30, every=0.5)
    refused = await called(service, operator(former))
    assert refused.status_code == 401
    assert "a key that the issuer does not name" in refused.json()["detail"]
    assert service.code is None


async def test_a_service_refuses_to_start_with_a_development_key_unless_in_development(
    place: Site, published: Published
) -> None:
    published.keys = Issuer("dev-").jwks()
    by_file = place.replica("referral", dev=None)
    by_address = place.replica("consent", **OURS, token_jwks_url=published.url)
    named = {"TOKEN_KEY_FILE": by_file, "TOKEN_JWKS_URL": by_address}
    for setting, process in named.items():
        assert await process.ended() == 2, process.said
        assert f"{PREFIX}{setting}: " in process.said
        assert "holds a development key" in process.said
        assert "RJHUB_DEV=1 on a development machine" in process.said
        assert "Traceback" not in process.said
