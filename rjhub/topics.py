"""The topics of the public log, made where they are missing and checked where they exist."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

import stamina
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from contracts.envelope import PARTITIONS, Topic
from kernel.kafka.access import Options
from rjhub.child import HubError

# Kept without limit, never compacted: the log is the record from which read models are rebuilt.
CONFIG = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


class WrongTopic(HubError):
    """A topic exists with another number of partitions, so its events would lie elsewhere."""

    exit_code = 5


@stamina.retry(on=KafkaError, timeout=60, wait_initial=0.05, wait_max=1)
def create_topics(
    bootstrap: str, replication: int = 1, client_config: Options | None = None
) -> None:
    """Make the missing topics; a repeat changes nothing. Raises WrongTopic on other partitions."""
    with KafkaAdminClient(bootstrap_servers=bootstrap, **(client_config or {})) as admin:
        there = set(admin.list_topics())
        missing = [topic for topic in Topic.ALL if topic not in there]
        if missing:
            admin.create_topics(
                {topic: _options(replication) for topic in missing}, wait_for_metadata=True
            )
        check_topics(admin)


def make_topics_anew(bootstrap: str) -> None:
    """The topics of a broker that has just started, and so holds nothing.

    A client that was sooner there, and asked for a topic, may have had it made with as many
    partitions as the broker likes.
    """
    try:
        create_topics(bootstrap)
    except WrongTopic:
        with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
            delete_topics(admin, Topic.ALL)
        create_topics(bootstrap)


def delete_topics(admin: KafkaAdminClient, topics: Collection[str]) -> None:
    """Delete these, which must exist; a broker goes on naming them for a moment."""
    admin.delete_topics(list(topics))
    while not set(topics).isdisjoint(admin.list_topics()):
        time.sleep(0.01)


def check_topics(admin: KafkaAdminClient) -> None:
    """Raise WrongTopic on other partitions, KafkaError where the broker does not know a topic yet.

    Of several brokers, one learns a moment later what another one has made.
    """
    for topic in admin.describe_topics(list(Topic.ALL)):
        name, found = topic["name"], len(topic["partitions"])
        if not found:
            raise UnknownTopicOrPartitionError(name)
        if found != PARTITIONS:
            raise WrongTopic(
                f"The topic {name} has {found} partitions instead of {PARTITIONS}. "
                "Publish to a fresh topic, or delete this one if it holds nothing."
            )


def _options(replication: int) -> dict[str, Any]:
    return {"num_partitions": PARTITIONS, "replication_factor": replication, "configs": CONFIG}
