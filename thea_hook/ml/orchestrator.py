"""The second opinion on texts that do not parse: who is asked in what order, and what comes of it.

First those on the path propose candidates, or a fallback where they fail; then the scorers judge them all. What comes
out are candidates and never an edit: whoever asked verifies each of them like any other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from thea_hook.ml.fallback import FallbackHandler
from thea_hook.ml.registry import ArchitectureRegistry
from thea_hook.ml.router import TaskRouter
from thea_hook.ml.tasks import Attempt, Candidate, Outcome, Request, Response, RoutingDecision

Answers = tuple[tuple[Candidate, ...], tuple[Attempt, ...]]
"""The candidates there are by now, and how it went with each architecture that was asked for them."""


class MLOrchestrator:
    """Answers requests with the architectures of a registry. It raises nothing, and loses no candidate it was given."""

    def __init__(self, registry: ArchitectureRegistry, fallback: FallbackHandler | None = None) -> None:
        self._registry = registry
        self._router = TaskRouter(registry)
        self._fallback = fallback or FallbackHandler()

    def handle(self, request: Request) -> Response:
        """The candidates after everybody who could be asked was."""
        return self._answer(request, self._router.route(request))

    def handle_all(self, requests: Sequence[Request]) -> list[Response]:
        """A response for each request, in their order.

        Those that go to the same architecture are answered one after the other, which loads it once and finds its
        weights and caches warm.
        """
        decisions = [self._router.route(request) for request in requests]
        by_architecture = sorted(range(len(requests)), key=lambda index: decisions[index].primary)
        answers = {index: self._answer(requests[index], decisions[index]) for index in by_architecture}
        return [answers[index] for index in range(len(requests))]

    def _answer(self, request: Request, decision: RoutingDecision) -> Response:
        began = time.monotonic()
        candidates, proposals = self._proposed(request, decision)
        asked = {attempt.architecture for attempt in proposals}
        scorers = [name for name in decision.scorers if name not in asked]
        candidates, judgements = self._judged(request._replace(candidates=candidates), scorers)
        return Response(candidates, decision, (*proposals, *judgements), time.monotonic() - began)

    def _proposed(self, request: Request, decision: RoutingDecision) -> Answers:
        """The candidates after everybody on the path was asked, each seeing what those before it found; where none of
        them has an answer, after the first fallback that has one."""
        candidates, attempts = self._one_by_one(request, decision.path, others_wait=bool(decision.scorers))
        if any(attempt.outcome is Outcome.ANSWERED for attempt in attempts):
            return candidates, attempts
        candidates, more = self._fallback.first_answer(
            decision.fallbacks, self._registry, request, others_wait=bool(decision.scorers)
        )
        return candidates, (*attempts, *more)

    def _judged(self, request: Request, scorers: Sequence[str]) -> Answers:
        """The candidates with what every scorer says of them, each of which adds a figure of its own."""
        if request.candidates:
            return self._one_by_one(request, scorers)
        reason = "there was no candidate to judge"
        return (), tuple(Attempt(name, Outcome.SKIPPED, reason) for name in scorers)

    def _one_by_one(self, request: Request, names: Sequence[str], *, others_wait: bool = False) -> Answers:
        attempts: list[Attempt] = []
        for place, name in enumerate(names, 1):
            are_more = others_wait or place < len(names)
            candidates, attempt = self._fallback.ask(name, self._registry, request, others_wait=are_more)
            request = request._replace(candidates=candidates)
            attempts.append(attempt)
        return request.candidates, tuple(attempts)
