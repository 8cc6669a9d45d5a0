"""`rjhub` as it is, on the engines that the tests run on: `python -m tests.engines.hub up`."""

from __future__ import annotations

from inspect import unwrap

from rjhub import cli, supervisor
from tests.engines.chosen import plan_of

if __name__ == "__main__":
    for starts_a_hub in (supervisor.run, supervisor.running):
        (unwrap(starts_a_hub).__kwdefaults__ or {})["plan_of"] = plan_of
    cli.main()
