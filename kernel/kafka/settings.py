"""Settings that say where the log is and how it is reached; what does not fit stops the start."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FilePath, model_validator
from pydantic_settings import BaseSettings

from kernel.kafka.access import BROKERS, Options, brokers, by_password


def _names_brokers(value: str) -> str:
    brokers(value)
    return value


def _holds_a_certificate(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError(f"{path} holds no certificate that can be read") from None
    return path


def _holds_a_password(path: Path) -> Path:
    try:
        found = path.read_text().strip()
    except (OSError, ValueError):
        found = ""
    if not found:
        raise ValueError(f"{path} holds no password that can be read")
    return path


class KafkaSettings(BaseSettings):
    """Where the log is, and who reads and writes it."""

    kafka: Annotated[
        str,
        AfterValidator(_names_brokers),
        Field(description=BROKERS),
    ]
    kafka_security: Annotated[
        Literal["plaintext", "sasl_ssl"],
        Field(description="how they are reached: plaintext, or sasl_ssl: TLS and SCRAM-SHA-512"),
    ] = "plaintext"
    kafka_user: Annotated[
        str | None, Field(description="with sasl_ssl: the name by which the brokers know us")
    ] = None
    kafka_password_file: Annotated[
        Annotated[FilePath, AfterValidator(_holds_a_password)] | None,
        Field(description="with sasl_ssl: file that holds the password of that user"),
    ] = None
    kafka_ca_file: Annotated[
        Annotated[FilePath, AfterValidator(_holds_a_certificate)] | None,
        Field(
            description="with sasl_ssl: PEM file of the authority that signed the brokers' "
            "certificates; those of the system if left out"
        ),
    ] = None

    @model_validator(mode="after")
    def _fits_the_security(self) -> Self:
        if self.kafka_security == "sasl_ssl":
            self._must_be_set("kafka_user", "kafka_password_file")
        else:
            self._must_not_be_set("kafka_user", "kafka_password_file", "kafka_ca_file")
        return self

    def kafka_options(self) -> Options:
        """What the Kafka clients are told of it."""
        if self.kafka_user is None or self.kafka_password_file is None:
            return {}
        password = self.kafka_password_file.read_text().strip()
        return by_password(self.kafka_user, password, self.kafka_ca_file)

    def _must_be_set(self, *fields: str) -> None:
        for one in fields:
            if getattr(self, one) is None:
                right = type(self).model_fields[one].description
                raise ValueError(f"RJHUB_{one.upper()}: is missing; right is, {right}")

    def _must_not_be_set(self, *fields: str) -> None:
        for one in fields:
            if getattr(self, one) is not None:
                raise ValueError(
                    f"RJHUB_{one.upper()}: is for RJHUB_KAFKA_SECURITY=sasl_ssl alone; set that "
                    "too, or leave this out"
                )
