"""Settings of a service, from the environment alone; an unknown or wrong one stops the start."""

from __future__ import annotations

import difflib
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

from pydantic import (
    AfterValidator,
    DirectoryPath,
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict, SettingsError

from kernel.kafka.settings import KafkaSettings

PREFIX = "RJHUB_"
EXIT_CODE = 2
SHORTEST_SECRET = 32


class WrongSettings(Exception):
    """Each line names a variable, what is wrong with it and what would be right."""


def _mongodb_address(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("is no mongodb:// address")
    return url


class Settings(KafkaSettings):
    """What a service needs to run; the description of each field says what would be right."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    mongo_url: Annotated[
        SecretStr,
        AfterValidator(_mongodb_address),
        Field(
            description="mongodb:// address of a replica set, with its credentials; "
            "or leave it out and set RJHUB_MONGO_URL_FILE"
        ),
    ]
    mongo_url_file: Annotated[
        FilePath | None, Field(description="file that holds the mongodb:// address")
    ] = None
    http_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65535, description="port to listen on, 1 to 65535")]
    hub_org: Annotated[
        UUID, Field(description="uuid of the hub organisation, which sees all cases")
    ]
    token_issuer: Annotated[str, Field(min_length=1, description="`iss` of accepted tokens")]
    token_audience: Annotated[str, Field(min_length=1, description="`aud` of accepted tokens")]
    token_key_file: Annotated[
        FilePath | None,
        Field(
            description="file with the issuer's public keys, a JWKS document; "
            "or set RJHUB_TOKEN_JWKS_URL"
        ),
    ] = None
    token_jwks_url: Annotated[
        HttpUrl | None,
        Field(
            description="https:// address of the issuer's JWKS document; "
            "or set RJHUB_TOKEN_KEY_FILE"
        ),
    ] = None
    secrets_dir: Annotated[
        DirectoryPath,
        Field(description=f"folder with this service's key files, {SHORTEST_SECRET} random bytes"),
    ]
    dev: Annotated[
        bool,
        Field(description="1 turns on the development clock and tokens; never in production"),
    ] = False
    database_prefix: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9_]{1,24}$",
            description="prefix of database names: 1 to 24 of a-z, 0-9 and _",
        ),
    ] = "rj"
    service_urls: Annotated[
        dict[str, HttpUrl],
        Field(description='JSON, service to address: {"consent": "http://127.0.0.1:8102"}'),
    ] = {}
    lease_seconds: Annotated[
        float, Field(ge=1, le=60, description="how long a relay lease lasts unrenewed, 1 to 60")
    ] = 6
    session_timeout_ms: Annotated[
        int, Field(ge=1000, le=60000, description="Kafka group session timeout, 1000 to 60000")
    ] = 6000
    idle_fetch_ms: Annotated[
        int,
        Field(
            ge=100,
            le=5000,
            description="how long a fetch waits at the broker after ten quiet seconds, 100 to 5000",
        ),
    ] = 3000
    read_model_driver: Annotated[
        Literal["motor", "pymongo"],
        Field(description="client of the read models: motor, or PyMongo's own, its successor"),
    ] = "motor"
    log_level: Annotated[
        str,
        Field(pattern=r"^(debug|info|warning|error)$", description="debug, info, warning, error"),
    ] = "info"
    crash_at: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z_]+:\d+$",
            description="fault tests only, with RJHUB_DEV=1: a crash point and its nth time, "
            "after_send:3",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _address_from_file(cls, given: dict[str, Any]) -> dict[str, Any]:
        path = given.get("mongo_url_file")
        if path is None or not Path(path).is_file():
            return given
        if "mongo_url" in given:
            raise ValueError("set only one of RJHUB_MONGO_URL and RJHUB_MONGO_URL_FILE")
        return {**given, "mongo_url": Path(path).read_text().strip()}

    @field_validator("dev", mode="before")
    @classmethod
    def _plain_switch(cls, given: object) -> object:
        if isinstance(given, str) and given not in {"0", "1"}:
            raise ValueError("is neither 0 nor 1")
        return given

    @model_validator(mode="after")
    def _belongs_together(self) -> Settings:
        if (self.token_key_file is None) == (self.token_jwks_url is None):
            raise ValueError("set exactly one of RJHUB_TOKEN_KEY_FILE and RJHUB_TOKEN_JWKS_URL")
        if self.token_jwks_url and self.token_jwks_url.scheme != "https" and not self.dev:
            raise ValueError("RJHUB_TOKEN_JWKS_URL: must be https:// unless RJHUB_DEV=1")
        if self.crash_at and not self.dev:
            raise ValueError("RJHUB_CRASH_AT: works only with RJHUB_DEV=1")
        return self

    def key(self, name: str) -> bytes:
        """32 bytes made of a key file of the secrets folder; raises WrongSettings."""
        path = self.secrets_dir / name
        try:
            found = path.read_bytes()
        except OSError as wrong:
            raise WrongSettings(f"{PREFIX}SECRETS_DIR: {path}: {wrong.strerror}; {_MAKE}") from None
        if len(found) < SHORTEST_SECRET or len(set(found)) < SHORTEST_SECRET // 4:
            raise WrongSettings(f"{PREFIX}SECRETS_DIR: {path}: is too short or plain; {_MAKE}")
        return sha256(found).digest()


_MAKE = f"right is a file of at least {SHORTEST_SECRET} random bytes: head -c 32 /dev/urandom"


def load() -> Settings:
    """Read the settings; raises WrongSettings that names every wrong or unknown variable."""
    problems = [_unknown(name) for name in sorted(os.environ) if _is_unknown(name)]
    try:
        settings = Settings()
    except ValidationError as wrong:
        problems += [_line(str(one["loc"][0]) if one["loc"] else "", one) for one in wrong.errors()]
    except SettingsError as wrong:
        problems += [_not_json(str(wrong))]
    else:
        if not problems:
            return settings
    raise WrongSettings("\n".join(problems))


def load_or_exit() -> Settings:
    """Read the settings, or say on standard error what is wrong with them and exit with 2."""
    try:
        return load()
    except WrongSettings as wrong:
        stop(wrong)


def stop(wrong: WrongSettings) -> NoReturn:
    """End the process because of its settings: the reasons on standard error, exit code 2."""
    print(wrong, file=sys.stderr)  # noqa: T201  this early there is no log
    raise SystemExit(EXIT_CODE)


def env_example() -> str:
    """The text of `.env.example`: every variable, what is right for it, and its default."""
    return "\n".join([_HEAD, *(_example(*one) for one in Settings.model_fields.items())])


_HEAD = """\
# Settings of a service. Made from kernel/settings.py by `rjhub env-example`; do not edit.
# A service refuses to start with an unknown or a wrong one, and says what would be right.
"""


def _example(name: str, field: FieldInfo) -> str:
    variable = f"{_variable(name)}="
    if field.is_required():
        return f"# {field.description}\n{variable}\n"
    shown = "0" if field.default is False else field.default or ""
    return f"# {field.description}\n# {variable}{shown}\n"


def _variable(field: str) -> str:
    return f"{PREFIX}{field}".upper()


def _known() -> list[str]:
    return sorted(map(_variable, Settings.model_fields))


def _is_unknown(name: str) -> bool:
    return name.startswith(PREFIX) and name not in _known()


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, _known(), n=1)
    meant = f"did you mean {close[0]}?" if close else f"known are {', '.join(_known())}"
    return f"{name}: is not a setting; {meant}"


def _line(field: str, error: Any) -> str:
    known = Settings.model_fields.get(field)
    wrong = str(error["msg"]).removeprefix("Value error, ")
    if known is None:
        return wrong
    if error["type"] == "missing":
        wrong = "is missing"
    return f"{_variable(field)}: {wrong}; right is: {known.description}"


def _not_json(message: str) -> str:
    field = next((one for one in Settings.model_fields if f'"{one}"' in message), "")
    return _line(field, {"type": "json", "msg": "is not JSON"})
