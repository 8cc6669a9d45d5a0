"""The rules of taking note."""

from __future__ import annotations

from kernel.decider import Rule

ALWAYS_NOTED = Rule(
    "FAC-90",
    "What another service says is always noted; what it said earlier, but is noted later, changes "
    "nothing.",
    "Design default: foreign facts first enter the own stream",
)
LOSS_ENDS = Rule(
    "FAC-91",
    "When consent to a method is lost, meetings by it are cancelled or stopped, and letters do not "
    "go out, in the commit that notes it.",
    "Cross-service policy 2",
)
NO_ENDS = Rule(
    "FAC-92",
    "When somebody says no, or a representative does on whose yes theirs rests, or their yes ends "
    "in any other way, a meeting that they attend stops, in the commit that notes it.",
    "Cross-service policy 3; consent model: under 16, child assent and representative; hub "
    "guarantee: no activity without live consent",
)
LEARNT_LATE = Rule(
    "FAC-93",
    "A withdrawal that was made before an activity was cleared, and learnt after it, is a high "
    "concern for safety: of anybody whose consent it needed, whether they attended or not.",
    "Cross-service policy 3",
)
CLOSURE_ENDS = Rule(
    "FAC-94",
    "When a case is closed, its meetings are cancelled or stopped, and letters do not go out.",
    "Cross-service policy 6",
)

RULES = (ALWAYS_NOTED, LOSS_ENDS, NO_ENDS, LEARNT_LATE, CLOSURE_ENDS)
