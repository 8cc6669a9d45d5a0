"""Whoever plays repeats what got no answer, as the same command, and calls a gateway by paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina

from rjhub.child import free_port
from rjhub.demo.caller import Caller
from rjhub.gateway import NoKey, behind_gateway
from rjhub.hubfile import Reach
from rjhub.organisations import HUB
from rjhub.tokens import signing_key


@pytest.fixture(autouse=True)
def without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5):
        yield


def reach() -> Reach:
    return Reach(services={"consent": "http://hub"}, tokens={HUB: {"coordinator": "t"}})


async def answered_by(*answers: int | Exception) -> tuple[list[httpx.Request], int]:
    """The requests that were made of one command, and how the last was answered."""
    requests, left = list[httpx.Request](), list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        said = left.pop(0)
        if isinstance(said, Exception):
            raise said
        return httpx.Response(said)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        caller = Caller(reach(), http)
        status = (await caller.tell("consent", "/cases", {})).status_code
    assert [one.service for one in caller.calls] == ["consent"]
    return requests, status


async def test_what_got_no_answer_is_repeated_under_the_same_key() -> None:
    requests, status = await answered_by(503, httpx.ReadError("gone"), 504, 201)
    assert status == 201
    assert len({one.headers["Idempotency-Key"] for one in requests}) == 1
    assert len(requests) == 4


async def test_a_refusal_is_an_answer() -> None:
    requests, status = await answered_by(409)
    assert (len(requests), status) == (1, 409)


def test_behind_a_gateway_each_service_has_its_path(tmp_path: Path) -> None:
    key = tmp_path / "signing.pem"
    signing_key(key)
    hub = behind_gateway("http://127.0.0.1:8080/", key)
    assert hub.services["reporting"] == "http://127.0.0.1:8080/reporting"
    assert hub.token("facilitator-3", HUB)


def test_without_a_key_nobody_plays_behind_a_gateway(tmp_path: Path) -> None:
    with pytest.raises(NoKey, match="--key"):
        behind_gateway("http://127.0.0.1:8080", tmp_path / "signing.pem")
    assert not [*tmp_path.iterdir()]


def test_a_hub_that_hands_out_no_key_is_said_to_need_the_overlay() -> None:
    with pytest.raises(NoKey, match=r"compose\.demo\.yml, or name with --key"):
        behind_gateway(f"http://127.0.0.1:{free_port()}")
