"""What each user of the broker may do: as the published language has it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from contracts.envelope import Topic
from contracts.generate.catalogue import published
from rjhub.plan import SERVICES

ANALYST = "analyst"
USERS = (*SERVICES, ANALYST)


def topics_told_by(service: str) -> set[str]:
    """The topics on which this service tells events; none for who only reads."""
    return {entry.event.topic for entry in published() if service in entry.services}


def rights_of(user: str) -> Iterator[ACL]:
    """Reads every topic, in groups whose names begin with its own; writes what it tells.

    Who may read or write a topic may see that it exists. To write without doubling takes no right
    over the cluster.
    """
    for topic in Topic.ALL:
        yield _allowed(user, ACLOperation.READ, ResourcePattern(ResourceType.TOPIC, topic))
    for topic in sorted(topics_told_by(user)):
        yield _allowed(user, ACLOperation.WRITE, ResourcePattern(ResourceType.TOPIC, topic))
    own = ResourcePattern(ResourceType.GROUP, user, ACLResourcePatternType.PREFIXED)
    yield _allowed(user, ACLOperation.READ, own)


def give_rights(admin: KafkaAdminClient, user: str) -> None:
    """Give a user these rights, and take away any other; a repeat changes nothing."""
    wanted, found = set(rights_of(user)), set(_found(admin, user))
    if missing := wanted - found:
        admin.create_acls(sorted(missing, key=repr))
    if too_many := found - wanted:
        admin.delete_acls(sorted(too_many, key=repr))


def _allowed(user: str, operation: ACLOperation, what: ResourcePattern) -> ACL:
    return ACL(_principal(user), "*", operation, ACLPermissionType.ALLOW, what)


def _found(admin: KafkaAdminClient, user: str) -> list[ACL]:
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    every = (ACLOperation.ANY, ACLPermissionType.ANY, anything)
    found, _ = admin.describe_acls(ACLFilter(_principal(user), None, *every))
    acls: list[ACL] = found
    return acls


def _principal(user: str) -> str:
    return f"User:{user}"
