"""The engines of `rjhub up`, from wheels."""

from __future__ import annotations

from rjhub import engines
from tests.engines.kind import Engines

ENGINES = Engines(engines.mongod, lambda _, port: engines.broker(port))
