"""Connections to the brokers as they are now; when one breaks, the session is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from kernel.kafka.access import Options, brokers, described
from kernel.kafka.connection import AIOKafkaConnection, create_conn
from kernel.kafka.protocol import MetadataQuestion
from kernel.kafka.unreachable import no_connection
from kernel.log import LogIdentity, LogUnavailable, NotLetIn, Partition

Answer = dict[str, Any]

NOT_AUTHORISED = TopicAuthorizationFailedError.errno


@dataclass(frozen=True)
class Address:
    """Where the brokers are, and how they are reached (`kernel.kafka.access`)."""

    brokers: str
    topics: tuple[str, ...]
    client_id: str = "rjhub"
    timeout: float = 5.0
    security: Options = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.brokers} {described(self.security)}"

    def nodes(self) -> list[tuple[str, int]]:
        """Host and port of each broker that was named."""
        return brokers(self.brokers)


class Session:
    """A connection to every broker of the cluster, made once and never made again.

    So whatever is sent in a session reaches the very processes that answered when it began. A
    client that reconnects by itself may find another, empty log at the same address, and its
    first retry stands there before anybody has noticed.
    """

    def __init__(
        self, address: Address, nodes: Mapping[int, AIOKafkaConnection], answer: Answer
    ) -> None:
        self._address = address
        self._nodes = nodes
        self._leaders = leaders_in(answer)
        self._topic_ids = {one["name"]: one["id"] for one in answer["topics"] if not one["error"]}
        self._under_way = 0
        self._retired = False

    @classmethod
    async def open(cls, address: Address) -> Session:
        """Connect to every broker. Raises LogUnavailable with what was tried."""
        answer = await _first_answer(address)
        nodes: dict[int, AIOKafkaConnection] = {}
        try:
            for broker in answer["brokers"]:
                nodes[broker["node"]] = await _connect(address, broker["host"], broker["port"])
        except LogUnavailable:
            await _close(nodes.values())
            raise
        return cls(address, nodes, answer)

    @property
    def patience_ms(self) -> int:
        """How long a broker may wait for its replicas: less than we wait for the broker."""
        return int(self._address.timeout * 600)

    def leader(self, partition: Partition) -> int:
        """The broker that leads a partition. Raises LogUnavailable."""
        leader = self._leaders.get(partition, -1)
        if leader not in self._nodes:
            raise LogUnavailable(f"partition {partition} has no leader at {self._address}")
        return leader

    def topic_id(self, topic: str) -> UUID:
        """The id that a topic had when the session began."""
        found: UUID = self._topic_ids[topic]
        return found

    def any_node(self) -> int:
        """Some broker. Raises LogUnavailable."""
        if not self._nodes:
            raise LogUnavailable(f"no broker is known at {self._address}")
        return next(iter(self._nodes))

    async def ask(self, node: int, question: Any, what: str) -> Any:
        """The answer of a broker, on the connection that was made at the start.

        Raises LogUnavailable, with what was asked, whatever else happens.
        """
        self._under_way += 1
        try:
            return await self._nodes[node].send(question)
        except NotImplementedError as old:
            raise LogUnavailable(f"{self._address}: this broker is too old: {old}") from old
        except (KafkaError, OSError, TimeoutError) as failed:
            reason = str(failed) or type(failed).__name__
            raise LogUnavailable(f"{self._address}: {what}: {reason}") from failed
        finally:
            self._under_way -= 1
            await self._close_if_retired()

    async def retire(self) -> None:
        """Close once the questions under way are answered."""
        self._retired = True
        await self._close_if_retired()

    async def _close_if_retired(self) -> None:
        if self._retired and not self._under_way:
            await _close(self._nodes.values())


def leaders_in(answer: Answer) -> dict[Partition, int]:
    """Who leads which partition."""
    return {
        Partition(topic["name"], one["number"]): one["leader"]
        for topic in answer["topics"]
        for one in topic["partitions"]
        if not topic["error"]
    }


def identity_in(answer: Answer) -> LogIdentity:
    """Cluster id and the ids of the topics that exist."""
    topics = (one for one in answer["topics"] if not one["error"])
    return LogIdentity(
        answer["cluster"] or "", tuple(sorted((one["name"], str(one["id"])) for one in topics))
    )


async def ask_metadata(session: Session, address: Address) -> Answer:
    """How the cluster is now. Raises LogUnavailable, NotLetIn where a topic may not be seen."""
    question = MetadataQuestion(address.topics)
    answer: Answer = (await session.ask(session.any_node(), question, "metadata")).to_object()
    hidden = [one["name"] for one in answer["topics"] if one["error"] == NOT_AUTHORISED]
    if hidden:
        raise NotLetIn(f"{address}: no right to read {', '.join(hidden)}")
    return answer


async def _first_answer(address: Address) -> Answer:
    """Metadata from the first broker that answers."""
    failures: list[LogUnavailable] = []
    for host, port in address.nodes():
        try:
            connection = await _connect(address, host, port)
        except LogUnavailable as failed:
            failures.append(failed)
            continue
        bootstrap = Session(address, {-1: connection}, {"topics": []})
        try:
            return await ask_metadata(bootstrap, address)
        except LogUnavailable as failed:
            failures.append(failed)
        finally:
            await bootstrap.retire()
    in_vain = all(isinstance(one, NotLetIn) for one in failures)
    raise (NotLetIn if in_vain else LogUnavailable)("; ".join(map(str, failures)))


async def _connect(address: Address, host: str, port: int) -> AIOKafkaConnection:
    try:
        connection: AIOKafkaConnection = await create_conn(
            host,
            port,
            client_id=address.client_id,
            request_timeout_ms=int(address.timeout * 1000),
            **address.security,
        )
        return connection
    except (KafkaError, OSError, TimeoutError) as failed:
        raise no_connection(f"{host}:{port}", address.security, failed) from failed


async def _close(connections: Any) -> None:
    closing = [one.close() for one in connections]
    await asyncio.gather(*(one for one in closing if one is not None))
