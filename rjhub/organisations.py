"""The organisations and people of a development hub: who may get a token of which role."""

from __future__ import annotations

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


def organisation_id(name: str) -> UUID:
    """The same on every machine, so that examples can be followed word by word."""
    return uuid5(NAMESPACE_URL, f"urn:rjhub:dev:{name}")


def actor_id(organisation: str, role: Role) -> UUID:
    """The one person of a role in an organisation."""
    return uuid5(organisation_id(organisation), role.value)
