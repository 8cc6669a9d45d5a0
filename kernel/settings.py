"""Settings of a service, from the environment alone; an unknown or wrong one stops the start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

from pydantic import Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RJHUB_"


class WrongSettings(Exception):
    """Each line names a variable, what is wrong with it and what would be right."""


class Settings(BaseSettings):
    """What a service needs to run; the description of each field says what would be right."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    mongo_url: Annotated[
        SecretStr, Field(description="mongodb:// address of a replica set, with its credentials")
    ]
    kafka: Annotated[
        str,
        Field(
            pattern=r"^[^,\s:]+:\d+(,[^,\s:]+:\d+)*$",
            description="host:port of one or more Kafka brokers, separated by commas",
        ),
    ]
    http_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65535, description="port to listen on, 1 to 65535")]
    hub_org: Annotated[UUID, Field(description="uuid of the hub organisation, which sees all cases")]
    token_issuer: Annotated[str, Field(min_length=1, description="`iss` of accepted tokens")]
    token_audience: Annotated[str, Field(min_length=1, description="`aud` of accepted tokens")]
    token_key_file: Annotated[
        Path | None, Field(description="file with the issuer's public keys, a JWKS document")
    ] = None
    token_jwks_url: Annotated[
        HttpUrl | None, Field(description="address of the issuer's JWKS document")
    ] = None
    secrets_dir: Annotated[
        Path, Field(description="folder with this service's secret key files")
    ]
    dev: Annotated[
        bool, Field(description="1 turns on the development clock and tokens; never in production")
    ] = False
    database_prefix: Annotated[
        str, Field(pattern=r"^[a-z0-9_]{1,24}$", description="prefix of database names")
    ] = "rj"
    service_urls: Annotated[
        dict[str, HttpUrl], Field(description='JSON, service to address: {"consent": "http://…"}')
    ] = {}
    lease_seconds: Annotated[
        float, Field(ge=1, le=60, description="how long a relay lease lasts unrenewed, 1 to 60")
    ] = 6
    session_timeout_ms: Annotated[
        int, Field(ge=1000, le=60000, description="Kafka group session timeout, 1000 to 60000")
    ] = 6000
    log_level: Annotated[
        str, Field(pattern=r"^(debug|info|warning|error)$", description="debug, info, warning, error")
    ] = "info"
    crash_at: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z_]+:\d+$",
            description="fault tests only, with dev: a crash point and its nth time, after_send:3",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_key_source(self) -> Settings:
        if (self.token_key_file is None) == (self.token_jwks_url is None):
            raise ValueError("set exactly one of RJHUB_TOKEN_KEY_FILE and RJHUB_TOKEN_JWKS_URL")
        if self.crash_at and not self.dev:
            raise ValueError("RJHUB_CRASH_AT works only with RJHUB_DEV=1")
        return self


def load() -> Settings:
    """Read the settings; raises WrongSettings that names every wrong or unknown variable."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    problems = [f"{name}: is not a setting; known are {', '.join(sorted(known))}" for name in unknown]
    try:
        settings = Settings()  # type: ignore[call-arg]  # the environment gives the fields
    except ValidationError as wrong:
        raise WrongSettings("\n".join(problems + _explain(wrong))) from None
    if problems:
        raise WrongSettings("\n".join(problems))
    return settings


def _explain(wrong: ValidationError) -> list[str]:
    return [_line(".".join(map(str, one["loc"])), one["msg"]) for one in wrong.errors()]


def _line(field: str, message: str) -> str:
    name = field.split(".", 1)[0]
    known = Settings.model_fields.get(name)
    right = f"; right is: {known.description}" if known else ""
    return f"{PREFIX}{name.upper()}: {message}{right}" if known else message
