"""What each user of a secured broker may do, and how that is tried, with kafka-python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import (
    ConfigResource,
    KafkaAdminClient,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata

from kernel.kafka.access import Options
from rjhub.stack.rights import rights_of

REFUSALS = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
USERS = ("referral", "consent", "facilitation", "reporting", "analyst")
TOPICS = ("rj.case", "rj.workforce", "rj.offer", "rj.feedback")
# Nobody has a right to this one, though it is there.
ELSEWHERE = "elsewhere"
WRITES = {
    "referral": {"rj.case"},
    "consent": {"rj.case"},
    "facilitation": {"rj.case", "rj.workforce"},
    "reporting": set[str](),
    "analyst": set[str](),
}


@dataclass(frozen=True)
class Door:
    """Where a user comes in, and how."""

    bootstrap: str
    options: Options

    def told(self) -> dict[str, Any]:
        """What a client is told."""
        return {"bootstrap_servers": self.bootstrap, **self.options}


def write(door: Door, topic: str) -> None:
    """Append a record that is none of ours, so that whoever reads passes over it."""
    with KafkaProducer(enable_idempotence=False, max_block_ms=10_000, **door.told()) as producer:
        producer.send(topic, b"probe", partition=0).get(10)


def read(door: Door, topic: str) -> None:
    """Read a record, of which there is one."""
    with KafkaConsumer(auto_offset_reset="earliest", **door.told()) as consumer:
        where = TopicPartition(topic, 0)
        consumer.assign([where])
        consumer.seek_to_beginning(where)
        if consumer.end_offsets([where])[where]:
            assert consumer.poll(timeout_ms=5000)


def join(door: Door, group: str) -> None:
    """Commit an offset in a group."""
    with KafkaConsumer(group_id=group, enable_auto_commit=False, **door.told()) as consumer:
        where = TopicPartition("rj.case", 0)
        consumer.assign([where])
        consumer.commit({where: OffsetAndMetadata(0, "", -1)})


def make_topic(door: Door, topic: str) -> None:
    """Make a topic."""
    with KafkaAdminClient(**door.told()) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})


def delete_topic(door: Door, topic: str) -> None:
    """Delete a topic with all it holds."""
    with KafkaAdminClient(**door.told()) as admin:
        admin.delete_topics([topic])


def shorten(door: Door, topic: str) -> None:
    """Have a topic forget what is older than a second."""
    with KafkaAdminClient(**door.told()) as admin:
        told = ConfigResource("TOPIC", topic, {"retention.ms": "1000"})
        answers = admin.alter_configs([told], raise_on_unknown=False, incremental=True)
        if "AuthorizationFailed" in str(answers):
            raise TopicAuthorizationFailedError


def empty(door: Door, topic: str) -> None:
    """Delete the records of a partition."""
    with KafkaAdminClient(**door.told()) as admin:
        admin.delete_records({TopicPartition(topic, 0): 1})


def give_right(door: Door, user: str) -> None:
    """Give somebody the rights of a service."""
    with KafkaAdminClient(**door.told()) as admin:
        for refused in admin.create_acls(list(rights_of(user)))["failed"]:
            raise refused


def set_password(door: Door, user: str) -> None:
    """Take over a user by another password."""
    told = UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, "taken over")
    with KafkaAdminClient(**door.told()) as admin:
        if any(admin.alter_user_scram_credentials([told]).values()):
            raise ClusterAuthorizationFailedError


@dataclass(frozen=True)
class Probe:
    """Something that a user tries."""

    user: str
    does: Callable[[Door, str], None]
    what: str
    may: bool

    def __str__(self) -> str:
        verb = "may" if self.may else "may not"
        return f"{self.user} {verb} {self.does.__name__} {self.what}"

    def tried(self, door: Door) -> bool:
        """Whether the broker let it happen."""
        try:
            self.does(door, self.what)
        except REFUSALS:
            return False
        return True


def probes() -> Iterator[Probe]:
    """Everybody reads the public log, each in groups of its own, and writes what it tells."""
    for at, user in enumerate(USERS):
        for topic in TOPICS:
            yield Probe(user, read, topic, may=True)
            yield Probe(user, write, topic, may=topic in WRITES[user])
        yield Probe(user, read, ELSEWHERE, may=False)
        yield Probe(user, write, ELSEWHERE, may=False)
        yield Probe(user, join, user, may=True)
        yield Probe(user, join, f"{user}-figures", may=True)
        yield Probe(user, join, USERS[at - 1], may=False)
    for user in ("consent", "analyst"):
        yield Probe(user, make_topic, "rj.new", may=False)
        yield Probe(user, delete_topic, "rj.offer", may=False)
        yield Probe(user, shorten, "rj.case", may=False)
        yield Probe(user, empty, "rj.case", may=False)
        yield Probe(user, give_right, user, may=False)
        yield Probe(user, set_password, "referral", may=False)


PROBES = tuple(probes())
