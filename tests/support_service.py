"""Services as processes of their own, each set as a test wants it, on engines of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from kernel import tls
from rjhub import child
from rjhub.child import Running, Spec, free_port
from rjhub.folder import Folder
from rjhub.hubfile import HubFile
from rjhub.plan import Plan, choose_ports, write_hub_file
from tests.engines import chosen
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_metrics import Samples, samples_of


def refused(answer: httpx.Response) -> bool:
    """Whether it is a 503 that says when to come back."""
    kind = answer.headers["content-type"]
    return (answer.status_code, kind) == (503, "application/problem+json") and (
        int(answer.headers["retry-after"]) > 0
    )


@dataclass
class Process:
    """A service that was started."""

    url: str
    running: Running
    output: Path

    @property
    def said(self) -> str:
        """All that it has written so far, on standard output and error."""
        return self.output.read_text()

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.running.process.poll()

    async def ended(self, within: float = 45) -> int:
        """Wait until it has ended; its exit code."""
        code = await eventually(lambda: [self.code] if self.code is not None else [], within)
        return code[0]

    async def ready(self) -> None:
        """Wait until it says that it is ready."""
        await eventually(lambda: self._says("ready"), 60)

    async def live(self) -> None:
        """Wait until it answers."""
        await eventually(lambda: self._says("live"), 60)

    async def health(self, which: str = "ready") -> httpx.Response:
        """What it says of itself."""
        return await self._get(f"/health/{which}")

    async def wrong(self) -> dict[str, str]:
        """What does not work, and what it says of it; nothing while it is ready."""
        health = await self.health()
        if health.is_success:
            return {}
        assert refused(health), health.text
        return {one["field"]: one["right"] for one in health.json()["errors"]}

    async def metrics(self) -> Samples:
        """All that it tells Prometheus; it waits for what gives no answer, but not long."""
        return samples_of((await self._get("/metrics")).text)

    async def _get(self, path: str) -> httpx.Response:
        verify = tls.may_be_spoken([self.url])
        async with httpx.AsyncClient(timeout=10, verify=verify) as http:
            return await http.get(f"{self.url}{path}")

    async def _says(self, which: str) -> bool:
        if self.code is not None:
            raise RuntimeError(f"ended with {self.code}: {self.said}")
        try:
            answer = await self.health(which)
        except httpx.TransportError:
            return False
        assert answer.is_success, answer.text
        return True


@dataclass
class Site:
    """Where services run; `mongod` and `broker` are started and ended by name.

    `beneath` is for what runs below the services, such as the loader of their libraries.
    """

    folder: Folder
    plan: Plan
    file: HubFile
    running: dict[str, Running] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    beneath: Mapping[str, str] = field(default_factory=dict)

    def begin(self, engine: str) -> Running:
        """Start an engine, on what it kept; the broker gets its topics, where it kept nothing."""
        spec: Spec = getattr(self.plan, engine)
        self.running[engine] = chosen.start(spec, self.folder.log(engine))
        if engine == "broker":
            with_topics(spec.url)
        return self.running[engine]

    def start(self, name: str, **settings: object) -> Process:
        """Start a service; `http_port=8101` sets RJHUB_HTTP_PORT, and None leaves it out."""
        return self._start(self._spec(name), settings)

    def replica(self, name: str, **settings: object) -> Process:
        """One more process of a service, on a port of its own."""
        return self.start(name, http_port=free_port(), **settings)

    def release(self, name: str, module: str) -> Process:
        """A process of a service as another release has it, on a port of its own."""
        argv = [sys.executable, "-m", module]
        other = replace(self._spec(name), argv=lambda: argv)
        return self._start(other, {"http_port": free_port()})

    def _spec(self, name: str) -> Spec:
        (spec,) = (one for one in self.plan.services if one.name == name)
        return spec

    def _start(self, spec: Spec, settings: Mapping[str, object]) -> Process:
        changed = {f"RJHUB_{key}".upper(): value for key, value in settings.items()}
        given = {**spec.env, **self.beneath, **changed}
        env = {key: str(value) for key, value in given.items() if value is not None}
        output = self.folder.log(f"{spec.name}-{len(self.processes)}")
        running = child.spawn(replace(spec, env=env), output)
        url = f"http://127.0.0.1:{env.get('RJHUB_HTTP_PORT')}"
        self.processes.append(Process(url, running, output))
        return self.processes[-1]

    def file_with(self, **services: Process) -> HubFile:
        """The hub file, with these processes as its services."""
        urls = {name: one.url for name, one in services.items()}
        return self.file.model_copy(update={"services": self.file.services | urls})

    def end(self) -> None:
        """End everything at once."""
        for one in [*(one.running for one in self.processes), *self.running.values()]:
            one.kill()


@contextmanager
def site(path: Path, *engines: str) -> Iterator[Site]:
    """A place with these engines running; all that was started there is ended."""
    folder = Folder(path)
    (path / "log").mkdir(parents=True)
    ports = choose_ports(folder)
    found = Site(folder, chosen.plan_of(folder, ports), write_hub_file(folder, ports))
    try:
        for engine in engines:
            found.begin(engine)
        yield found
    finally:
        found.end()


@contextmanager
def away(place: Site, engine: str) -> Iterator[None]:
    """Without this engine; it comes back with what it kept, for the tests after this one too."""
    place.running[engine].kill()
    try:
        yield
    finally:
        place.begin(engine)
