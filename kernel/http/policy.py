"""Who may call a route: stated with the route, denied where nothing is stated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.fields import Role

F = TypeVar("F", bound=Callable[..., Any])

OPEN = frozenset({"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"})

_ATTRIBUTE = "__rjhub_policy__"


@dataclass(frozen=True, slots=True)
class Policy:
    """The roles that may call a route; which cases they see is said elsewhere."""

    roles: frozenset[Role]
    hub_only: bool = False

    def admits(self, role: Role, *, of_hub: bool = False) -> bool:
        """Whether this role, of the hub or of another organisation, may call the route."""
        return role in self.roles and (of_hub or not self.hub_only)

    def __str__(self) -> str:
        return ", ".join(sorted(self.roles)) + (" of the hub" if self.hub_only else "")


def allow(*roles: Role) -> Policy:
    """Admit these roles; nobody calls as `system`, which acts by policies only."""
    if not roles or Role.SYSTEM in roles:
        raise ValueError("name at least one role, and never `system`: it does not call")
    return Policy(frozenset(roles))


def allow_hub(*roles: Role) -> Policy:
    """Admit these roles where they act for the hub; another organisation's are not admitted."""
    return Policy(allow(*roles).roles, hub_only=True)


def allow_all_but(*roles: Role) -> Policy:
    """Admit every role that can call, except these."""
    return Policy(frozenset(Role) - {Role.SYSTEM, *roles})


def state(policy: Policy, endpoint: F) -> F:
    """Tie a policy to the function that answers a route."""
    setattr(endpoint, _ATTRIBUTE, policy)
    return endpoint


def stated(endpoint: object) -> Policy | None:
    """The policy tied to an endpoint, if there is one."""
    found = getattr(endpoint, _ATTRIBUTE, None)
    return found if isinstance(found, Policy) else None
