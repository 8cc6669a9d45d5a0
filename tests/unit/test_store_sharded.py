"""A sharded cluster, told by a server that answers as its router would, is refused by name."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import bson
import pytest

from kernel.mongo import NotDurable, assert_durable, connect

HEADER = struct.Struct("<iiii")
REPLY, MESSAGE = 1, 2013
HELLO = bson.encode(
    {
        "ok": 1,
        "isWritablePrimary": True,
        "ismaster": True,
        "msg": "isdbgrid",
        "helloOk": True,
        "minWireVersion": 0,
        "maxWireVersion": 25,
        "logicalSessionTimeoutMinutes": 30,
    }
)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say hello, whatever is asked, in the form in which it is asked."""
    while header := await reader.read(HEADER.size):
        length, request, _, kind = HEADER.unpack(header)
        await reader.readexactly(length - HEADER.size)
        as_message, as_reply = bytes(5), struct.pack("<iqii", 8, 0, 0, 1)
        body = (as_message if kind == MESSAGE else as_reply) + HELLO
        answered = MESSAGE if kind == MESSAGE else REPLY
        writer.write(HEADER.pack(HEADER.size + len(body), 1, request, answered) + body)
    writer.close()


@pytest.fixture
async def router() -> AsyncIterator[str]:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    yield f"mongodb://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_service_does_not_start_on_a_sharded_cluster(router: str) -> None:
    async with connect(router) as client:
        with pytest.raises(NotDurable, match="sharded cluster: name a replica set"):
            await assert_durable(client)
