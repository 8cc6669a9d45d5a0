"""`rjhub` as it is, on the engines that the tests run on: `python -m tests.engines.hub up`."""

from __future__ import annotations

from rjhub import cli, supervisor
from tests.engines.chosen import plan_of

if __name__ == "__main__":
    (supervisor.run.__kwdefaults__ or {})["plan_of"] = plan_of
    cli.main()
