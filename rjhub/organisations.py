"""The organisations and people of a development hub: who may get a token of which role."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.fields import Role

HUB = "West Midlands RJ Hub"
POLICE = "West Midlands Police"
PROVIDER_A = "Provider A"
PROVIDER_B = "Provider B"
YOUTH_JUSTICE = "Youth Justice Service"
HOUSING = "Housing Agency"

ORGANISATIONS: dict[str, tuple[Role, ...]] = {
    HUB: (
        Role.COORDINATOR,
        Role.SUPERVISOR,
        Role.PROVIDER_MANAGER,
        Role.FACILITATOR,
        Role.ANALYST,
        Role.DATA_PROTECTION_OFFICER,
        Role.OPERATIONS,
    ),
    POLICE: (Role.OFFICER, Role.POLICE_FEED),
    PROVIDER_A: (Role.FACILITATOR, Role.PROVIDER_MANAGER),
    PROVIDER_B: (Role.FACILITATOR, Role.PROVIDER_MANAGER),
    YOUTH_JUSTICE: (Role.REFERRER,),
    HOUSING: (Role.REFERRER,),
}
# Where one person of a role is too few to try the hub out.
SEVERAL: dict[tuple[str, Role], int] = {(HUB, Role.FACILITATOR): 3}


def organisation_id(name: str) -> UUID:
    """The same on every machine, so that examples can be followed word by word."""
    return uuid5(NAMESPACE_URL, f"urn:rjhub:dev:{name}")


def actor_id(organisation: str, role: Role, place: int = 1) -> UUID:
    """A person of a role in an organisation; most have one."""
    return uuid5(organisation_id(organisation), post(role, place))


def post(role: Role, place: int = 1) -> str:
    """The name under which a person's token is found: the role, and after the first a number."""
    return role.value if place == 1 else f"{role.value}-{place}"


def people(organisation: str) -> Iterator[tuple[str, Role, UUID]]:
    """Everybody of an organisation: post, role and id."""
    for role in ORGANISATIONS[organisation]:
        for place in range(1, SEVERAL.get((organisation, role), 1) + 1):
            yield post(role, place), role, actor_id(organisation, role, place)
