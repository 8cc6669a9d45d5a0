"""Which hub a command is about, and what it makes of answers that are none."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from rich.console import Console

from contracts.fields import Role
from rjhub import case
from rjhub.child import free_port
from rjhub.folder import opened
from rjhub.gateway import NoKey
from rjhub.hubfile import HubFile, NoHub, Reach
from rjhub.organisations import HUB
from rjhub.reach import Asking, Json, NoAnswer, reach
from rjhub.reach import asking as of_hub
from rjhub.tokens import AUDIENCE, signing_key

CASE = UUID("11111111-1111-4111-8111-111111111111")
PARKED = {
    "view": "timeline__1",
    "document": str(CASE),
    "position": "referral-1@2",
    "why": "undecodable",
    "error": "",
    "parked_at": "2026-03-02T10:00:00Z",
}


def asking(*answers: tuple[int, Any]) -> Asking:
    """A hub of one service that answers so, in turn."""
    turns = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        status, body = next(turns)
        return httpx.Response(status, json=body)

    hub = Reach(
        services={"reporting": "http://hub/reporting"},
        tokens={HUB: dict.fromkeys([*Role], "token")},
    )
    return Asking(hub, httpx.Client(transport=httpx.MockTransport(answer)))


def test_a_hub_behind_a_gateway_is_asked_with_the_token_of_its_issuer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RJHUB_TOKEN", "theirs")
    found = reach(tmp_path, "https://hub.example/", None)
    assert found.services["consent"] == "https://hub.example/consent"
    assert {found.token(one) for one in Role} == {"theirs"}


def test_without_a_token_it_is_asked_with_the_key_that_it_hands_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RJHUB_TOKEN", raising=False)
    signing_key(tmp_path / "keys" / "signing.pem")
    handed_out = signing_key(tmp_path / "gateway" / "dev" / "signing.pem")
    with gateway(tmp_path / "gateway") as address:
        found = reach(tmp_path, address, None)
    jwt.decode(found.token("operations"), handed_out.public_key(), ["EdDSA"], audience=AUDIENCE)


@contextmanager
def gateway(folder: Path) -> Iterator[str]:
    """One that hands out what lies in the folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=[0.01]).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_gateway_that_hands_out_no_key_needs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RJHUB_TOKEN", raising=False)
    with pytest.raises(NoKey, match="--key"):
        reach(tmp_path, f"http://127.0.0.1:{free_port()}", None)
    with pytest.raises(NoHub):
        reach(tmp_path, None, None)


@pytest.mark.parametrize("body", [{"detail": "Not now."}, ["Not now."], "Not now."])
def test_an_answer_that_is_none_is_told_with_its_words(body: Any) -> None:
    with asking((503, body)) as hub, pytest.raises(NoAnswer, match=r"reporting: 503: .*Not now\."):
        hub.ask("reporting", "/status")


def test_a_hub_that_is_not_there_is_told_so() -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.Client(transport=httpx.MockTransport(gone))
    with Asking(asking().hub, http) as hub, pytest.raises(NoAnswer, match="Does the hub run"):
        hub.ask("reporting", "/status")


def refusing(folder: Path) -> Asking:
    """A hub of this folder whose services do not answer."""

    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    hub = asking().hub.model_copy(update={"folder": folder})
    return Asking(hub, httpx.Client(transport=httpx.MockTransport(gone)))


@pytest.mark.parametrize(
    ("folder", "start"),
    [(".rjhub", "`make up`"), ("its own", "`rjhub up --dir 'its own'`")],
)
def test_a_hub_that_has_ended_is_told_by_its_folder_and_how_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, start: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(Path(folder), 0):
        pass
    with refusing(Path(folder)) as hub, pytest.raises(NoHub) as ended:
        hub.ask("reporting", "/status")
    assert str(ended.value) == f"No hub runs in {tmp_path / folder}. Start it with {start}."


def test_a_service_of_a_hub_that_runs_is_told_with_its_log(tmp_path: Path) -> None:
    with opened(tmp_path, 0), refusing(tmp_path) as hub, pytest.raises(NoAnswer) as ended:
        hub.ask("reporting", "/status")
    assert f"Look at {tmp_path}/log/reporting.log." in str(ended.value)


def test_the_hub_of_a_folder_knows_its_folder(tmp_path: Path) -> None:
    file = HubFile(
        services={},
        tokens={},
        pid=1,
        written=datetime(2026, 3, 2, tzinfo=UTC),
        kafka="127.0.0.1:1",
        mongo="mongodb://",
        ports={},
        organisations={},
        tokens_end=datetime(2026, 3, 3, tzinfo=UTC),
    )
    (tmp_path / "hub.json").write_text(file.model_dump_json())
    assert reach(tmp_path, None, None).folder == tmp_path
    assert "folder" not in (tmp_path / "hub.json").read_text()


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (
            httpx.Response(301, headers={"Location": "https://other/"}),
            "301, which leads to https://other/",
        ),
        (httpx.Response(304), "304"),
        (httpx.Response(200, html="<html>hello</html>"), "200 text/html"),
        (httpx.Response(200, content=b"\xff"), "200"),
        (httpx.Response(200, json=["hello"]), "200 application/json"),
    ],
)
def test_what_no_hub_answers_is_named_and_the_address_is_asked_about(
    came: httpx.Response, told: str
) -> None:
    http = httpx.Client(transport=httpx.MockTransport(lambda _: came))
    with Asking(asking().hub, http) as hub, pytest.raises(NoAnswer) as ended:
        hub.ask("reporting", "/status")
    assert str(ended.value) == (
        f"reporting: http://hub/reporting/status answers {told}, not as a service does. "
        "Is this the address of a hub?"
    )
    assert ended.value.exit_code == 13


@pytest.mark.parametrize("address", ["http://host:port", "host:8000"])
def test_what_is_no_address_is_told_so_with_and_without_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("RJHUB_TOKEN", "theirs")
    with of_hub(reach(tmp_path, address, None)) as hub, pytest.raises(NoAnswer) as ended:
        hub.ask("reporting", "/status")
    assert f"{address}/reporting/status cannot be asked: " in str(ended.value)
    assert re.search(r"[a-z'][.] Is this the address of a hub\?$", str(ended.value))
    monkeypatch.delenv("RJHUB_TOKEN")
    with pytest.raises(NoKey, match=f"{address}/dev/signing.pem hands out no key"):
        reach(tmp_path, address, None)


def test_a_case_of_which_all_is_parked_is_shown_by_that() -> None:
    with asking((200, {"items": [PARKED]}), (404, {"detail": "nothing"})) as hub:
        assert case.gather(hub, CASE) == {
            "status": {},
            "timeline": [],
            "parked": [{"service": "reporting", **PARKED}],
        }


def test_a_case_is_shown_without_what_only_operations_are_told() -> None:
    out = io.StringIO()
    timeline: Json = {"items": [], "next": None}
    status: Json = {
        "case": str(CASE),
        "status": "accepted",
        "setting": "asb_neighbour",
        "requested_at": "2026-03-02T10:00:00Z",
        "decided_at": None,
        "closed_at": None,
        "outcome": None,
        "hold": {"reason": "criminal_process", "review_at": "2026-04-02T10:00:00Z"},
        "participants": {"party": 2},
        "agreed_methods": [],
        "consents": None,
        "parked": False,
    }
    answers = [(403, {"detail": "no"}), (200, status), (200, timeline)]
    with asking(*answers) as hub:
        case.show(hub, Console(file=out, width=120), CASE, as_json=False)
    said = out.getvalue()
    assert "criminal process, looked at 2026-04-02 10:00" in said
    assert "told to operations only" in said
