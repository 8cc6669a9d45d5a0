"""Keeps one child running: started, started again when it dies, ended when told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from rjhub.child import NotReady, Running, Spec, ended_how, spawn, wait_until_ready
from rjhub.folder import tail

Say = Callable[[str], None]
LIVES_LONG = 5.0
LONGEST_PAUSE = 30.0


class Keeper:
    """One child and the thread that keeps it.

    `spawned` learns of each process at once; `on_ready` runs each time the child is ready, and
    what it returns is said with a new start.
    """

    def __init__(  # each is a seam of its own
        self,
        spec: Spec,
        log: Path,
        say: Say,
        *,
        spawned: Callable[[str, int], None] = lambda _name, _pid: None,
        on_ready: Callable[[], str] = lambda: "",
        pause: float = 0.5,
    ) -> None:
        self.spec = spec
        self.first: Future[None] = Future()
        self._log, self._say = log, say
        self._spawned, self._on_ready = spawned, on_ready
        self._pause = pause
        self._lock = threading.Lock()
        self._running: Running | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=spec.name, daemon=True)

    @property
    def pid(self) -> int | None:
        return self._running.process.pid if self._running else None

    def start(self) -> None:
        """Begin; `first` is done once the child is ready, or says why it never was."""
        self._thread.start()

    def stop(self, timeout: float = 10) -> None:
        """End the child and do not start it again; returns when it is gone."""
        with self._lock:
            self._ending.set()
            running = self._running
        if running:
            running.stop(timeout)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _keep(self) -> None:
        try:
            self._run_first()
        except BaseException as failed:  # noqa: BLE001  whatever it is, the starter must hear it
            self.first.set_exception(failed)
            return
        self.first.set_result(None)
        failures = 0
        while not self._ending.is_set():
            try:
                failures = self._run_again(failures)
            except Exception as wrong:  # noqa: BLE001  nobody else would start it again
                failures += 1
                self._say(f"{self.spec.name} could not be started again: {wrong}")

    def _run_first(self) -> None:
        running = self._spawn()
        if running is None:
            raise NotReady(f"{self.spec.name} was told to end before it started")
        try:
            wait_until_ready(self.spec, running)
            self._on_ready()
        except NotReady as failed:
            running.kill()
            raise NotReady(self._with_tail(f"{failed}.")) from None

    def _run_again(self, failures: int) -> int:
        """Wait for the end of the child and start it anew; return how often it ended early."""
        since = time.monotonic()
        how = self._wait()
        if self._ending.is_set():
            return 0
        failures = 0 if time.monotonic() - since > LIVES_LONG else failures + 1
        self._back_off(how, failures)
        if self._spawn():
            self._settle(how)
        return failures

    def _wait(self) -> str:
        if self._running is None:
            return ""
        return ended_how(self._running.process.wait())

    def _back_off(self, how: str, failures: int) -> None:
        if failures < 2:
            return
        pause = min(LONGEST_PAUSE, self._pause * 2 ** (failures - 2))
        self._say(
            self._with_tail(
                f"{self.spec.name} keeps ending ({failures} times, now {how}); "
                f"next try in {pause:g} s."
            )
        )
        self._ending.wait(pause)

    def _spawn(self) -> Running | None:
        with self._lock:
            if self._ending.is_set():
                return None
            self._running = running = spawn(self.spec, self._log)
            try:
                self._spawned(self.spec.name, running.process.pid)
            except BaseException:
                running.kill()  # after a crash of ours nobody would know of it
                raise
            return running

    def _settle(self, how: str) -> None:
        """See a child that was started again become ready, and say so in one line."""
        running = self._running
        try:
            if running is None:
                return
            wait_until_ready(self.spec, running)
            more = self._on_ready()
        except Exception as failed:  # noqa: BLE001  its end is seen, and said, by the next wait
            if not self._ending.is_set() and running and running.process.poll() is None:
                self._say(self._with_tail(f"{self.spec.name} runs again, but: {failed}."))
            return
        self._say(f"{self.spec.name} ended {how}; started again on {self.spec.url}{more}")

    def _with_tail(self, words: str) -> str:
        last = tail(self._log)
        return f"{words} The end of {self._log}:\n{last}" if last else words
