"""aiokafka's connection, which tells in Kafka's own errors whatever a lost one makes of a send.

uvloop refuses to write to a transport that has just been lost with a RuntimeError, of which
aiokafka knows nothing: the task that keeps a client's metadata would end without a word, and the
client ask a dead broker for ever.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason, create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError

__all__ = ["AIOKafkaConnection", "create_conn"]

_send: Any = AIOKafkaConnection.send


def _told(connection: AIOKafkaConnection, *what: Any, **how: Any) -> Awaitable[Any]:
    try:
        sent: Awaitable[Any] = _send(connection, *what, **how)
    except KafkaError:
        raise
    except RuntimeError as lost:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection lost: {lost}") from lost
    return sent


_connection: Any = AIOKafkaConnection
_connection.send = _told
