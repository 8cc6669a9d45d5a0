"""Simulation: services on their in-memory twins, in one thread, under a seed that decides all.

`SimLoop` runs tasks in an order that the seed chooses, on virtual time. A `World` has the log, the
databases and two replicas of each service on it; `Fate` lets them fail and die.
"""
