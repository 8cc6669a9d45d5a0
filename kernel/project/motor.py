"""The connection of the read models: motor, or by one setting PyMongo's own asynchronous client."""

from __future__ import annotations

import inspect
from typing import Any, Literal

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from kernel.mongo import OPTIONS, READS, WRITES
from kernel.project.documents import CODEC

Driver = Literal["motor", "pymongo"]
Database = Any


class ReadModels:
    """A service's read models: majority, journalled, majority reads, whatever the address says.

    The adapters of documents, queue and positions work on `database` with either driver.
    """

    def __init__(self, url: str, database: str, driver: Driver = "motor") -> None:
        make = AsyncIOMotorClient if driver == "motor" else AsyncMongoClient
        self._client: Any = make(url, **OPTIONS)
        self.database: Database = self._client.get_database(
            database, codec_options=CODEC, write_concern=WRITES, read_concern=READS
        )

    async def close(self) -> None:
        """Close the connection; only PyMongo's client is awaited for that."""
        closing = self._client.close()
        if inspect.isawaitable(closing):
            await closing
