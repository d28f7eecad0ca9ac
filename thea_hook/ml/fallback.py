"""What happens when an architecture fails: another is asked, and one that keeps failing is not asked again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from thea_hook.errors import ModelError
from thea_hook.ml.registry import ArchitectureRegistry
from thea_hook.ml.tasks import Attempt, Candidate, Outcome, Request

MOST_IN_A_ROW = 3
"""An architecture that failed this often without an answer in between is given up."""
SHARE = 2 / 3
"""How much of the time left an architecture gets while others wait behind it."""


class Answer(NamedTuple):
    """The candidates of a request after an architecture was asked; those of the request where it failed."""

    candidates: tuple[Candidate, ...]
    attempt: Attempt


class FallbackHandler:
    """Asks architectures such that nothing they do wrong gets any further than the reason that is kept of it.

    One that cannot be made is not tried again: weights do not come back while the process lives. Only what may pass by
    itself, a lack of memory, is tried up to ``max_attempts`` times, with ``retry_delay`` seconds in between.
    """

    def __init__(
        self, *, max_attempts: int = 2, retry_delay: float = 0.05, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._max_attempts = max_attempts
        self._retry_delay = retry_delay
        self._sleep = sleep
        self._failures: dict[str, list[str]] = {}
        self._given_up: dict[str, Attempt] = {}

    def failures(self, name: str) -> tuple[str, ...]:
        """The reasons of an architecture's failures since it last came to an end, the latest last."""
        return tuple(self._failures.get(name, ()))

    def given_up(self, name: str) -> str:
        """Why an architecture is not asked any more; nothing where it still is."""
        return self._given_up[name].reason if name in self._given_up else ""

    def first_answer(
        self, names: Sequence[str], registry: ArchitectureRegistry, request: Request, *, others_wait: bool = False
    ) -> tuple[tuple[Candidate, ...], tuple[Attempt, ...]]:
        """The candidates after the first of the architectures that has an answer, and how it went with each asked."""
        attempts: list[Attempt] = []
        for place, name in enumerate(names, 1):
            are_more = others_wait or place < len(names)
            candidates, attempt = self.ask(name, registry, request, others_wait=are_more)
            attempts.append(attempt)
            if attempt.outcome is Outcome.ANSWERED:
                return candidates, tuple(attempts)
        return request.candidates, tuple(attempts)

    def ask(self, name: str, registry: ArchitectureRegistry, request: Request, *, others_wait: bool = False) -> Answer:
        """What one architecture makes of a request. Raises nothing but what is to end the program, such as Ctrl-C.

        It gets all of the time that is left, or a share of it where ``others_wait``.
        """
        began = time.monotonic()
        if name in self._given_up:
            return Answer(request.candidates, self._given_up[name])
        if began >= request.deadline:
            return Answer(request.candidates, Attempt(name, Outcome.SKIPPED, "no time was left"))
        if others_wait:
            request = request._replace(deadline=began + SHARE * (request.deadline - began))
        candidates = request.candidates
        try:
            candidates = self._solve(name, registry, request)
        except Exception as exc:  # whatever a model throws: the others, and the rest of the run, go on without it
            kind = exc.reason if isinstance(exc, ModelError) else ""
            outcome, reason = Outcome.SKIPPED if kind in ("absent", "deadline") else Outcome.FAILED, _in_words(exc)
            if kind != "deadline":  # which says nothing about how it will do with a shorter text, or more time
                self._remember(Attempt(name, outcome, reason), is_loaded=registry.is_loaded(name))
        else:
            self._failures.pop(name, None)
            outcome, reason = _outcome(request.candidates, candidates)
        ended = time.monotonic()
        attempt = Attempt(name, outcome, reason, ended - began, in_time=ended < request.deadline)
        registry.record(attempt)
        return Answer(candidates, attempt)

    def _solve(self, name: str, registry: ArchitectureRegistry, request: Request) -> tuple[Candidate, ...]:
        tries = 1
        while True:
            try:
                return merged(request.candidates, registry.solver(name).solve(request))
            except MemoryError:
                if tries >= self._max_attempts:
                    raise
            tries += 1
            self._sleep(self._retry_delay)

    def _remember(self, failed: Attempt, *, is_loaded: bool) -> None:
        failures = self._failures.setdefault(failed.architecture, [])
        failures.append(failed.reason)
        if not is_loaded:
            self._given_up[failed.architecture] = failed
        elif len(failures) >= MOST_IN_A_ROW:
            reason = f"it failed {len(failures)} times in a row, the last time so: {failed.reason}"
            self._given_up[failed.architecture] = failed._replace(reason=reason)


def merged(given: Sequence[Candidate], answer: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The given candidates in their order, with the evidence that the answer adds, and then the new ones of the answer.

    An architecture can neither remove a candidate nor change what others said about it. Raises ModelError for an answer
    that is none.
    """
    found = {candidate.text: candidate for candidate in given}
    for candidate in map(_sound, answer):
        known = found.get(candidate.text)
        if known is not None:
            candidate = known._replace(evidence={**candidate.evidence, **known.evidence})
        found[candidate.text] = candidate
    return tuple(found.values())


def _sound(candidate: object) -> Candidate:
    if not isinstance(candidate, Candidate) or not isinstance(candidate.text, bytes):
        raise ModelError(f"it answered with {type(candidate).__name__} where a candidate was due", "output")
    for name, figure in candidate.evidence.items():
        if not math.isfinite(figure):
            raise ModelError(f"its figure `{name}` is {figure}, which is no number to compare with", "output")
    return candidate


def _outcome(given: Sequence[Candidate], candidates: Sequence[Candidate]) -> tuple[Outcome, str]:
    new = len(candidates) - len(given)
    judged = sum(before.evidence != after.evidence for before, after in zip(given, candidates, strict=False))
    if not new and not judged:
        return Outcome.ABSTAINED, "it had nothing to add"
    parts = [f"proposed {new}"] * bool(new) + [f"judged {judged}"] * bool(judged)
    return Outcome.ANSWERED, " and ".join(parts)


def _in_words(exc: Exception) -> str:
    """What went wrong, as a person would like to read it."""
    if isinstance(exc, ModelError):
        return str(exc)
    if isinstance(exc, MemoryError):
        return "there was not enough memory"
    if isinstance(exc, TimeoutError):
        return "it took too long"
    return f"{type(exc).__name__}: {exc}"
