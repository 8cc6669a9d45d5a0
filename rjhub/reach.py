"""Which hub a command is about: that of a folder on this machine, or one behind a gateway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from contracts.fields import Role
from kernel import tls
from rjhub.addresses import SERVICES
from rjhub.child import HubError
from rjhub.gateway import behind_gateway
from rjhub.hubfile import Reach, read_hub_file, where_to_look
from rjhub.options import TOKEN
from rjhub.organisations import HUB

Json = dict[str, Any]

IS_IT_ONE = "Is this the address of a hub?"


class NoAnswer(HubError):
    """A service did not answer as it should."""

    exit_code = 13


def reach(folder: Path, against: str | None, key: Path | None) -> Reach:
    """How the services are called; raises NoHub, NoKey."""
    if against is None:
        return read_hub_file(folder)
    if token := os.environ.get(TOKEN):
        return _with_token(against, token)
    return behind_gateway(against, key)


def _with_token(against: str, token: str) -> Reach:
    """Whatever role is asked for, it is the one that the token has."""
    services = {name: f"{against.rstrip('/')}/{name}" for name in SERVICES}
    return Reach(services=services, tokens={HUB: dict.fromkeys([*Role], token)})


def asking(hub: Reach, timeout: float = 60) -> Asking:
    """Asks this hub, waiting so many seconds for each answer."""
    verify = tls.may_be_spoken(hub.services.values())
    return Asking(hub, httpx.Client(timeout=timeout, verify=verify))


@dataclass
class Asking:
    """Asks the services of a hub, one after the other."""

    hub: Reach
    http: httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, service: str, path: str, role: str = "operations", **query: str) -> Json:
        """What a service answers to a GET; raises NoHub, NoAnswer, of it NotThere or NotAllowed."""
        return self.call(service, "GET", path, role, query=query)

    def call(
        self,
        service: str,
        method: str,
        path: str,
        role: str = "operations",
        *,
        query: dict[str, str] | None = None,
        body: dict[str, str] | None = None,
    ) -> Json:
        """What a service answers; raises NoHub, NoAnswer, and of it NotThere or NotAllowed."""
        if service not in self.hub.services:
            raise NoAnswer(f"{service} is none of the services {', '.join(self.hub.services)}.")
        url, headers = self.hub.services[service] + path, self.hub.headers(role)
        try:
            answer = self.http.request(method, url, headers=headers, params=query, json=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as wrong:
            why = str(wrong).rstrip(".")
            raise NoAnswer(f"{service}: {url} cannot be asked: {why}. {IS_IT_ONE}") from None
        except httpx.HTTPError as wrong:
            said = f"{service} does not answer: {type(wrong).__name__}."
            raise NoAnswer(f"{said} {self._what_to_do(service)}") from None
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(f"{service}: nothing at {path}: {_detail(answer)}")
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise NotAllowed(f"{service}: {_detail(answer)}")
        if answer.is_error:
            raise NoAnswer(f"{service}: {answer.status_code}: {_detail(answer)}")
        return _said(service, url, answer)

    def _what_to_do(self, service: str) -> str:
        folder = self.hub.folder
        return where_to_look(folder, service) if folder else "Does the hub run?"

    def parked(self, *, records: bool = False) -> Iterator[Json]:
        """What is parked in every service; one without read models has nothing that could be."""
        for service in self.hub.services:
            try:
                yield from self._parked(service, records=str(records).lower())
            except NotThere:
                continue

    def _parked(self, service: str, **where: str) -> Iterator[Json]:
        found = self.ask(service, "/parked", **where)
        yield from ({"service": service, **item} for item in found["items"])
        if following := found.get("next"):
            yield from self._parked(service, **{**where, "cursor": following})


class NotThere(NoAnswer):
    """There is nothing at an address, or nothing for the caller."""


class NotAllowed(NoAnswer):
    """The token's role may not ask this."""


def _said(service: str, url: str, answer: httpx.Response) -> Json:
    """The object that every service answers with; another server may say anything."""
    try:
        found = answer.json() if answer.is_success else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        words = f"{url} answers {_came(answer)}, not as a service does. {IS_IT_ONE}"
        raise NoAnswer(f"{service}: {words}")
    return found


def _came(answer: httpx.Response) -> str:
    if to := answer.headers.get("Location"):
        return f"{answer.status_code}, which leads to {to}"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    return f"{answer.status_code} {kind}".rstrip()


def _detail(answer: httpx.Response) -> str:
    """What a problem says, and of each field what would be right."""
    try:
        problem = answer.json()
        fields = [f"{one['field']}: {one['right']}" for one in problem.get("errors", ())]
        return "; ".join(fields) or str(problem["detail"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return answer.text[:200]
