"""What the way to the models costs: the time of a request to architectures that do nothing.

    python benchmarks/routing.py [--requests 20000]

The texts have 100 bytes to 1 MB, up to five complaints of the parser and up to 18 candidates. Every request is analysed
and scored against three architectures; both that could propose something are asked and abstain, and the third judges
the candidates. Prints the median and the 99th percentile, of the time that passes and of that in which this process has
a processor, which other programs do not lengthen; the exit status is 1 where the latter's percentile is above 5 ms.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import TypeVar

from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict
from thea_hook.ml.orchestrator import MLOrchestrator
from thea_hook.ml.registry import ArchitectureRegistry, Capability, Role, affinity_of
from thea_hook.ml.router import request_of
from thea_hook.ml.tasks import Candidate, Request

MOST_MILLISECONDS = 5.0
BATCH = 20

BOTH = Role.PROPOSER | Role.SCORER

T = TypeVar("T")


class Abstains:
    """Has nothing to add."""

    def solve(self, request: Request) -> Sequence[Candidate]:
        return request.candidates


class Judges:
    """Finds all candidates equally good."""

    def solve(self, request: Request) -> Sequence[Candidate]:
        return [candidate.with_evidence(mamba=-1.0) for candidate in request.candidates]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    count: int = parser.parse_args().requests
    orchestrator = _orchestrator()
    requests = [_request(random.Random(seed)) for seed in range(10 * BATCH)]
    batches = [requests[start : start + BATCH] for start in range(0, len(requests), BATCH)]
    worst: list[float] = []
    for name, clock in (("passed", time.perf_counter), ("processor", time.process_time)):
        alone = _milliseconds(clock, orchestrator.handle, requests, count)
        together = [took / BATCH for took in _milliseconds(clock, orchestrator.handle_all, batches, count // BATCH)]
        for title, times in (("a request alone", alone), (f"one of {BATCH} in a batch", together)):
            percentiles = quantiles(times, n=100)
            print(
                f"{name:9}  {title:20}  median {percentiles[49]:.3f} ms, 99 % {percentiles[98]:.3f} ms, of {len(times)}"
            )
            worst.append(percentiles[98])
    return 1 if max(worst[2:]) > MOST_MILLISECONDS else 0


def _orchestrator() -> MLOrchestrator:
    registry = ArchitectureRegistry()
    registry.register("trm", Capability(BOTH, affinity_of("trm"), seconds=0.2, context=8_000), Abstains)
    registry.register("rlm", Capability(Role.PROPOSER, affinity_of("rlm"), seconds=0.6), Abstains)
    registry.register("mamba", Capability(Role.SCORER, affinity_of("mamba"), seconds=0.2), Judges)
    return MLOrchestrator(registry)


def _request(chance: random.Random) -> Request:
    size = int(10 ** chance.uniform(2, 6))
    places = sorted(chance.randrange(size) for _ in range(chance.randrange(6)))
    problems = tuple(SyntaxProblem(Span(place, place + 1), "Unexpected token") for place in places)
    candidates = [Candidate(b"%d" % number, "ml:tagger") for number in range(chance.randrange(19))]
    text = SourceFile("a.js", b"x" * size, "javascript")
    return request_of(text, Verdict(Answer.BROKEN, problems, "oxlint"), candidates)


def _milliseconds(
    clock: Callable[[], float], answer: Callable[[T], object], questions: Sequence[T], count: int
) -> list[float]:
    """How long each of so many answers took; the questions are asked in turn."""
    times = []
    for number in range(count):
        question = questions[number % len(questions)]
        began = clock()
        answer(question)
        times.append((clock() - began) * 1000)
    return times


if __name__ == "__main__":
    raise SystemExit(main())
