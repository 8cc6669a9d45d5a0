"""The rules of concerns for safety."""

from __future__ import annotations

from kernel.decider import Rule

CONCERN_IS_TAKEN = Rule(
    "FAC-70",
    "A concern for safety is always taken, from anybody who sees the case, also when it is closed.",
    "Hub service statement: safe environment",
)
OPEN_CONCERN = Rule(
    "FAC-71",
    "Only a concern that is open is settled.",
    "Design default",
)
SETTLED_BY_ANOTHER = Rule(
    "FAC-72",
    "Whoever raised a concern settles it themselves only where it is low.",
    "Facilitation model: safety",
)

RULES = (CONCERN_IS_TAKEN, OPEN_CONCERN, SETTLED_BY_ANOTHER)
