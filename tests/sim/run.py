"""Many histories, on every core; the same seeds give the same histories, anywhere and always."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from time import perf_counter

from tests.sim.checker import check
from tests.sim.coverage import happened
from tests.sim.deck import CASES, deck_of
from tests.sim.history import SERVICES, live, silence

CHUNK = 10
GARBAGE = 50_000  # a history makes little that only a collector could free


@dataclass
class Summary:
    """What came of some histories."""

    histories: int = 0
    calls: int = 0
    acknowledged: int = 0
    findings: dict[int, list[str]] = field(default_factory=dict)
    traces: dict[int, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            self.histories + other.histories,
            self.calls + other.calls,
            self.acknowledged + other.acknowledged,
            self.findings | other.findings,
            self.traces | other.traces,
            self.seen + other.seen,
        )

    def lines(self) -> Iterator[str]:
        """What is wrong, how to see it again, and one line of numbers."""
        for seed, findings in sorted(self.findings.items()):
            yield f"seed {seed}: {len(findings)} findings; again: make sim N=1 SEED={seed}"
            yield from (f"  {one}" for one in findings[:10])
        yield "  ".join(f"{what} {times}" for what, times in sorted(self.seen.items()))
        yield (
            f"histories {self.histories}  calls {self.calls}  acknowledged {self.acknowledged}  "
            f"broken {len(self.findings)}"
        )


def one(seed: int) -> Summary:
    """Live one history and judge it."""
    evidence = live(seed)
    findings, answers = check(evidence), evidence.answers[evidence.dealt.answers :]
    return Summary(
        histories=1,
        calls=len(answers),
        acknowledged=sum(answer["outcome"] == "accepted" for answer in answers),
        findings={seed: findings} if findings else {},
        traces={seed: evidence.trace},
        seen=evidence.seen + happened(evidence),
    )


def some(seeds: Sequence[int]) -> Summary:
    """These histories, one after the other."""
    silence()
    gc.set_threshold(GARBAGE)
    return sum(map(one, seeds), Summary())


def many(count: int, seed: int) -> Summary:
    """So many histories from this seed on, on every core."""
    chunks = [range(at, min(at + CHUNK, seed + count)) for at in range(seed, seed + count, CHUNK)]
    if len(chunks) == 1:
        return some(chunks[0])
    for deck in range(len(CASES)):
        deck_of(deck, SERVICES)  # once, for all that are forked
    gc.freeze()  # no collection in a fork copies what all of them share
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        return sum(pool.map(some, chunks), Summary())


def main(arguments: Sequence[str]) -> int:
    """`python -m tests.sim <count> <first seed>`; 1 if anything was found."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Sets of texts are gone through in an order that differs from process to process.
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.sim", *arguments])  # noqa: S606
    count, seed = map(int, arguments)
    began = perf_counter()
    summary = many(count, seed)
    print(*summary.lines(), f"{perf_counter() - began:.1f} s from seed {seed}", sep="\n")
    last = seed + count - 1
    print(f"trace of seed {last}: {summary.traces[last]}")
    return 1 if summary.findings else 0
