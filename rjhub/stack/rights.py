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
from rjhub.addresses import SERVICES

ANALYST = "analyst"
USERS = (*SERVICES, ANALYST)


def topics_told_by(service: str) -> set[str]:
    """The topics on which this service tells events; none for who only reads."""
    return {entry.event.topic for entry in published() if service in entry.services}


def rights_of(user: str) -> Iterator[ACL]:
    """Reads every topic, in groups of its name or that begin with it; writes what it tells.

    Who may read or write a topic may see that it exists. To write without doubling takes no right
    over the cluster.
    """
    for topic in Topic.ALL:
        yield _allowed(user, ACLOperation.READ, ResourcePattern(ResourceType.TOPIC, topic))
    for topic in sorted(topics_told_by(user)):
        yield _allowed(user, ACLOperation.WRITE, ResourcePattern(ResourceType.TOPIC, topic))
    for group in _groups_of(user):
        yield _allowed(user, ACLOperation.READ, group)


def _groups_of(user: str) -> tuple[ResourcePattern, ...]:
    """With a hyphen, so that nobody has those of a user whose name only begins like its own."""
    others = (f"{user}-", ACLResourcePatternType.PREFIXED)
    group = ResourceType.GROUP
    return ResourcePattern(group, user), ResourcePattern(group, *others)


def give_rights(admin: KafkaAdminClient, user: str) -> None:
    """Give a user these rights, and take away any other; a repeat changes nothing."""
    _set_rights(admin, user, set(rights_of(user)))


def take_rights(admin: KafkaAdminClient, user: str) -> None:
    """Take away every right of a user."""
    _set_rights(admin, user, set())


def _set_rights(admin: KafkaAdminClient, user: str, wanted: set[ACL]) -> None:
    found = set(_found(admin, user))
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
