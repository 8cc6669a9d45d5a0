"""Sends a record with a header whose name is not UTF-8; aiokafka's C builder would refuse it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiokafka import AIOKafkaProducer


class NotText(str):
    """A name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"\xff\xfe"


async def send(bootstrap: str, topic: str, partition: str) -> None:
    """Append it."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=False) as producer:
        headers = [(NotText("name"), b"Jane Doe")]
        await producer.send_and_wait(topic, b"x", partition=int(partition), headers=headers)


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
