"""What may be set for a hub of containers, in the environment or in `.env` beside the file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

PREFIX = "RJHUB_"


class StackSettings(BaseModel):
    """Nothing has to be set; what a service of its own may be told besides stands above."""

    http_publish: Annotated[
        str, Field(description="address and port at which the gateway is reached")
    ] = "127.0.0.1:8080"
    kafka_publish: Annotated[
        str, Field(description="address and port at which subscribers reach the broker")
    ] = "127.0.0.1:9094"
    kafka_address: Annotated[
        str, Field(description="the same as subscribers write it, which the broker tells them")
    ] = "127.0.0.1:9094"
    image: Annotated[str, Field(description="image of the services, if not built here")] = (
        "rjhub:local"
    )


def env_example() -> str:
    """The section of `.env.example` about containers."""
    return "\n".join([_HEAD, *map(_example, StackSettings.model_fields)])


_HEAD = """
# For docker compose alone: where it is reached, and what it runs. Of those above it passes on what
# docker-compose.yml names as ${RJHUB_…}, whose defaults stand there; the rest it sets by itself.
"""


def _example(name: str) -> str:
    described = StackSettings.model_fields[name]
    return f"# {described.description}\n# {PREFIX}{name.upper()}={described.default}\n"
