"""A server whose authority nobody here knows: no client of https tells it anything."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import BaseModel

from contracts.fields import ActorId, OrganisationId, Role
from kernel.decider import Actor
from kernel.http.keys import AddressKeys, KeysUnavailable
from kernel.peers.http import HttpPeers
from kernel.peers.port import Letter, PeerUnavailable
from rjhub.demo.caller import calling
from rjhub.gateway import NoKey, behind_gateway
from rjhub.hubfile import Reach
from rjhub.organisations import HUB
from rjhub.reach import NoAnswer, asking
from rjhub.stack.certificates import issued, new_authority


class Nothing(BaseModel):
    """A command that says nothing."""


@dataclass
class Stranger:
    """Answers whoever speaks to it, and keeps what it was asked."""

    url: str
    authority: str
    asked: list[str] = field(default_factory=list)

    @property
    def reach(self) -> Reach:
        tokens: dict[str, str] = dict.fromkeys(Role, "secret")
        return Reach(services={"consent": self.url}, tokens={HUB: tokens})


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Stranger]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    now, keys = datetime.now(UTC), tmp_path / "server.pem"
    authority = new_authority(now)
    keys.write_bytes(issued(authority, "stranger", ["127.0.0.1"], now).pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"https://127.0.0.1:{server.server_port}"
        yield Stranger(url, authority.certificate_pem().decode(), asked)
        server.shutdown()
        thread.join()


def test_whoever_knows_its_authority_is_answered(stranger: Stranger) -> None:
    knowing = ssl.create_default_context(cadata=stranger.authority)
    assert httpx.get(f"{stranger.url}/keys", verify=knowing).text == "{}"
    assert stranger.asked == ["/keys"]


async def test_no_keys_of_tokens_are_taken_from_it(stranger: Stranger) -> None:
    keys = AddressKeys(f"{stranger.url}/keys", dev=False)
    with pytest.raises(KeysUnavailable):
        await keys.find("any")
    await keys.close()
    assert stranger.asked == []


async def test_no_service_sends_it_a_letter(stranger: Stranger) -> None:
    peers = HttpPeers({"consent": stranger.url, "referral": "http://127.0.0.1:1"})
    actor = Actor(role=Role.COORDINATOR, org=OrganisationId(uuid4()), id=ActorId(uuid4()))
    letter = Letter("consent", "/", Nothing(), uuid4(), (), actor, "Bearer secret", UUID(int=1))
    with pytest.raises(PeerUnavailable, match="ConnectError"):
        await peers.tell(letter)
    await peers.aclose()
    assert stranger.asked == []


def test_no_command_tells_it_a_token(stranger: Stranger) -> None:
    with asking(stranger.reach) as hub, pytest.raises(NoAnswer, match="ConnectError"):
        hub.ask("consent", "/status")
    with pytest.raises(NoKey, match="CERTIFICATE_VERIFY_FAILED"):
        behind_gateway(stranger.url)
    assert stranger.asked == []


async def test_no_play_is_played_on_it(stranger: Stranger) -> None:
    async with calling(stranger.reach) as caller:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await caller.http.get(stranger.url)
    assert stranger.asked == []
