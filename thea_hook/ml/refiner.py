"""The refiner: a tiny recursive network that says all edits of a text at once, and thinks again until it is sure.

Two graphs belong to it: ``trm-encoder`` reads a window once, and ``trm`` is one iteration, which runs again and again
on its own states. How often is decided here, window by window.
"""

from __future__ import annotations

import json
import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import Answer, Judge, Verdict, judge
from thea_hook.ml.edit_sets import Beliefs, applied, likeliest_sets, score_of
from thea_hook.ml.edits import Step
from thea_hook.ml.features import Rows, encode
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import MARGIN, MOST_LEXEMES, WINDOW, Broken, Floats, batch_of, log_softmax, window_starts
from thea_hook.ml.tasks import Candidate, Request
from thea_hook.ml.vocabulary import CLASSES, TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from numpy.typing import NDArray

    from thea_hook.ml.manifest import Manifest
    from thea_hook.ml.session import Resources

    class Network(Protocol):
        """A trained network. Raises ``ModelError`` where it cannot answer."""

        def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> dict[str, Floats]: ...


ENCODER, ITERATION = "trm-encoder", "trm"
"""The names of the two graphs in a manifest."""
SOURCE = "ml:trm"
SETS, PROPOSED = 24, 8
"""How many sets of edits are tried, and how many texts that parse are proposed."""
ROUNDS = 3
"""How often a text that still does not parse is read again, with what the parser says then."""
UNSEEN = -12.0
"""Log-probability of an edit where no window was read."""


class Refiner:
    """Candidates for a text that does not parse, from repeated readings of it, and what it thinks of those of others.

    ``iterations`` is how often a window is thought over at most; one whose answer is right with a probability above
    ``halt_at`` is done before.
    """

    def __init__(
        self,
        encoder: Network,
        iteration: Network,
        subtokens: SubTokens,
        *,
        context_length: int = 8192,
        iterations: int = 8,
        halt_at: float = 0.95,
        judge: Judge = judge,
    ) -> None:
        self._encoder, self._iteration, self._subtokens = encoder, iteration, subtokens
        self._context_length = context_length
        self._iterations, self._halt_at = iterations, halt_at
        self._judge = judge

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        backend: str,
        resources: Resources,
        *,
        context_length: int,
        iterations: int = 8,
        judge: Judge = judge,
    ) -> Refiner:
        """The refiner of a folder of weights. Raises ModelError, with the reason ``absent`` where it has none."""
        from thea_hook.ml.session import Session

        for name in (ENCODER, ITERATION):
            if name not in manifest.models:
                raise ModelError(f"{manifest.folder} has no model `{name}`", "absent")
        encoder, iteration = manifest.model(ENCODER), manifest.model(ITERATION)
        for model in (encoder, iteration):
            if (model.config.get("classes"), model.config.get("tags")) != (CLASSES, len(TAGS)):
                raise ModelError(f"{model.network.path}: made for another vocabulary: use weights of the same release")
        return cls(
            Session(encoder, backend, resources),
            Session(iteration, backend, resources),
            SubTokens(json.loads(encoder.file("subtokens").read())),
            context_length=context_length,
            iterations=iterations,
            judge=judge,
        )

    def solve(self, request: Request) -> list[Candidate]:
        """The candidates of the request with its evidence, and its own texts that parse, the likeliest first.

        ``trm`` is the log-probability of the edits of a candidate, all of them and no others; ``trm_halt`` that its
        own answer is right. Nothing is said of a text with more than ``MOST_LEXEMES``. Raises ModelError.
        """
        lexemes = lex(request.file.text, request.file.language)
        if len(lexemes) > MOST_LEXEMES:  # beliefs take 1.5 kB for each of them, and nearly all would be unseen
            return list(request.candidates)
        reading = self._read(Broken(lexemes, request.verdict.problems), request.deadline)
        known = {candidate.text for candidate in request.candidates}
        own = [each for each in self._proposed(request, lexemes, reading) if each.text not in known]

        def with_evidence(candidate: Candidate) -> Candidate:
            score = score_of(reading.beliefs, lexemes, candidate.text, request.file.language)
            return candidate.with_evidence(trm=score, trm_halt=reading.halt)

        judged = sorted(map(with_evidence, own), key=lambda candidate: -candidate.evidence["trm"])
        return [*map(with_evidence, request.candidates), *judged[:PROPOSED]]

    def _proposed(self, request: Request, lexemes: Lexemes, reading: _Reading) -> list[Candidate]:
        """Texts that parse; where the likeliest set does not lead to one, it is read again, up to ``ROUNDS`` times."""
        found: dict[bytes, Candidate] = {}
        draft = _Draft(request.file, (), lexemes)
        for turn in range(1, ROUNDS + 1):
            drafts = _drafts(draft, reading)
            verdicts = self._judge([each.file for each in drafts]) if drafts else []
            unfinished = None
            for each, verdict in zip(drafts, verdicts, strict=True):
                if verdict.answer is Answer.PARSES:
                    found.setdefault(each.file.text, Candidate(each.file.text, SOURCE, each.steps))
                elif verdict.answer is Answer.BROKEN and unfinished is None:
                    unfinished = each, verdict
            if found or unfinished is None or turn == ROUNDS or time.monotonic() > request.deadline:
                break
            draft = unfinished[0]
            reading = self._read(_again(draft, unfinished[1]), request.deadline)
        return list(found.values())

    def _read(self, text: Broken, deadline: float) -> _Reading:
        """What the network believes of every lexeme of a text after thinking about it."""
        rows = encode(text.lexemes, text.problems, self._subtokens)
        starts = window_starts(text, len(rows), self._context_length)
        answers = self._answers([rows[start : start + WINDOW] for start in starts], deadline)
        count = len(rows)
        leave, edit = np.zeros(count, np.float32), np.full(count, UNSEEN, np.float32)
        tags = np.full((count, len(TAGS)), -math.log(len(TAGS)), np.float32)
        for index, start in enumerate(starts):
            first = 0 if start == 0 else MARGIN
            last = count - start if start + WINDOW >= count else WINDOW - MARGIN
            inside, at = slice(first, last), slice(start + first, start + last)
            logits = answers.edit[index, inside]
            leave[at], edit[at] = -np.logaddexp(0, logits), -np.logaddexp(0, -logits)
            tags[at] = log_softmax(answers.tag[index, inside])
        return _Reading(Beliefs(leave, edit, tags), float(-np.logaddexp(0, -answers.halt).max()))

    def _answers(self, windows: Sequence[Rows], deadline: float) -> _Answers:
        """Of the answers on each window, until it halts or the time is over, the one that it was surest of."""
        if time.monotonic() > deadline:
            raise ModelError("no time was left to read the text", "deadline")
        begun = self._encoder.run({"features": batch_of(windows)})
        x, z = begun["x"], begun["z"]
        y = x.copy()
        answers = _Answers(
            np.zeros(x.shape[:2], np.float32),
            np.zeros((*x.shape[:2], len(TAGS)), np.float32),
            np.full(len(x), -np.inf, np.float32),
        )
        active = np.arange(len(x))
        for turn in range(self._iterations):
            if turn and time.monotonic() > deadline:
                break
            found = self._iteration.run({"x": x[active], "y": y[active], "z": z[active]})
            _store(answers, active, found)
            y[active], z[active] = found["next_y"], found["next_z"]
            active = active[answers.halt[active] <= _logit(self._halt_at)]
            if not len(active):
                break
        return answers


class _Reading(NamedTuple):
    beliefs: Beliefs
    halt: float
    """Log-probability that the answer on every window is right, by that on the worst one."""


class _Answers(NamedTuple):
    """Logits, as the network gives them: ``edit`` [w, l], ``tag`` [w, l, t], ``halt`` [w]."""

    edit: Floats
    tag: Floats
    halt: Floats


class _Draft(NamedTuple):
    file: SourceFile
    steps: tuple[Step, ...]
    lexemes: Lexemes
    """Of the text before the last steps."""


def _store(answers: _Answers, active: NDArray[np.int64], found: Mapping[str, Floats]) -> None:
    """Keep the new answers on windows of which the network is surer than of those that it had."""
    is_surer = found["halt"] > answers.halt[active]
    for name, target in answers._asdict().items():
        if found[name].shape != (len(active), *target.shape[1:]):
            raise ModelError(f"the output `{name}` of the model `{ITERATION}` has not the shape of its input", "output")
        target[active[is_surer]] = found[name][is_surer]


def _drafts(draft: _Draft, reading: _Reading) -> list[_Draft]:
    """The different texts that the likeliest sets of edits lead to, the likeliest first."""
    found: dict[bytes, _Draft] = {}
    lexemes = lex(draft.file.text, draft.file.language)
    for steps, _ in likeliest_sets(reading.beliefs, SETS):
        text = applied(lexemes, steps, draft.file.language)
        if text is not None and text != draft.file.text:
            found.setdefault(text, _Draft(draft.file._replace(text=text), (*draft.steps, *steps), lexemes))
    return list(found.values())


def _again(draft: _Draft, verdict: Verdict) -> Broken:
    """A draft with what the parser says of it, to be read where it was changed and where the parser stumbles now."""
    lexemes = lex(draft.file.text, draft.file.language)
    before = draft.lexemes
    places = [before.starts[step.place] for step in draft.steps[-1:] if step.place < len(before)]
    places += [problem.span.start for problem in verdict.problems[:1]]
    return Broken(lexemes, verdict.problems, tuple(bisect_left(lexemes.ends, place + 1) for place in places))


def _logit(probability: float) -> float:
    return math.log(probability) - math.log1p(-probability) if probability < 1 else math.inf
