"""The repair of one file: search, verification, confidence, grade; and whom to ask where that is not enough."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Fix
from thea_hook.core.routing import Attempt, Note, Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.difference import edits_between
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Verdict, judge
from thea_hook.ml.calibration import UNCALIBRATED, Calibration, Proposal
from thea_hook.ml.conflicts import resolutions
from thea_hook.ml.evidence import TAGGER_SOURCE
from thea_hook.ml.remedies import remedies
from thea_hook.ml.repair import EFFORT, Effort, Repair, find_repairs
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import MOST_LEXEMES, Tagger
from thea_hook.ml.verify import verified
from thea_hook.ml.vocabulary import CLASSES, TAGS, Action
from thea_hook.syntax.mender import Mended

if TYPE_CHECKING:
    from thea_hook.ml.controller import RunConfidence
    from thea_hook.ml.manifest import Model
    from thea_hook.ml.second_opinion import Opinion, SecondOpinion
    from thea_hook.ml.session import Session

LAST_EFFORT = Effort(edits=8, beam=8, first=240, later=80, bytes=24 << 20)
"""For the one text in ten with which an ordinary search has no luck."""
LONGEST_OPINION = 10.0
"""Seconds after which a second opinion ends with what it has, whatever the budget: ordinary files take one or two."""


class TaggerMender:
    """Repairs of files that do not parse: by the tagger, and where it is not sure, with a second opinion.

    What comes of each is taken down with ``note``. With a ``run``, the repairs before have a say in how sure one is.
    """

    def __init__(
        self,
        tagger: Tagger,
        calibration: Calibration,
        note: Note | None = None,
        second_opinion: SecondOpinion | None = None,
        run: RunConfidence | None = None,
    ) -> None:
        self._tagger = tagger
        self._calibration = calibration
        self._note = note
        self._second_opinion = second_opinion
        self._run = run

    def mend(self, file: SourceFile, verdict: Verdict, deadline: float = math.inf) -> Mended | None:
        """The likeliest repair that nothing speaks against; None where there is none. ``verdict`` is BROKEN.

        The search ends at the ``deadline``, a time of ``time.monotonic()``, with what it has found by then.
        """
        began = time.monotonic()
        repairs = found_repairs(file, verdict, self._tagger, deadline)
        first = self._first_choice(file, verdict, repairs)
        ended = time.monotonic()
        attempts = [_attempt(first, ended - began, is_late=ended >= deadline)]
        if first is not None and self._run is not None:
            first, attempt = _in_run(first, self._run.confidence(file, verdict, repairs, first.fix.confidence))
            attempts.append(attempt)
        if ended >= deadline:
            return self._noted(first, Routing("the tagger is asked first", tuple(attempts), in_time=False))
        if self._second_opinion is None:
            return self._noted(first, Routing("the tagger is the only model asked for", tuple(attempts)))
        if first is not None and _is_sure(first, self._second_opinion):
            return self._noted(first, Routing("the tagger is sure enough", tuple(attempts)))
        deadline = min(deadline, ended + LONGEST_OPINION)
        opinion = self._second_opinion.ask(file, verdict, repairs, deadline)
        chosen = _chosen(file, opinion, first)
        attempts += opinion.response.attempts
        in_time = time.monotonic() < deadline and all(attempt.in_time for attempt in attempts)
        routing = Routing(
            opinion.response.decision.reason, tuple(attempts), in_time=in_time, by_itself=opinion.by_itself
        )
        return self._noted(chosen, routing)

    def _noted(self, mended: Mended | None, routing: Routing) -> Mended | None:
        if self._note is not None:
            answer = "" if mended is None else mended.source
            self._note(routing._replace(answer=answer, by_itself=routing.by_itself and self._run is None))
        return mended

    def _first_choice(self, file: SourceFile, verdict: Verdict, repairs: Sequence[Repair]) -> Mended | None:
        """What the tagger alone would have."""
        if not repairs:
            return None
        confidence = self._calibration.confidence(file.text, repairs)
        is_safe = verdict.is_certain and self._calibration.is_safe(file.text, repairs, confidence)
        grade = Applicability.SAFE if is_safe else Applicability.UNSAFE
        return _mended(file, repairs[0], confidence, grade, TAGGER_SOURCE)


def _is_sure(first: Mended, second_opinion: SecondOpinion) -> bool:
    """Whether nobody else has to be asked: what is SAFE is of a class that was measured to be right."""
    return first.fix.applicability is Applicability.SAFE or first.fix.confidence >= second_opinion.sure_from


def load_tagger(model: Model, session: Session, *, context_length: int) -> tuple[Tagger, Calibration]:
    """The tagger of a folder of weights: the network with its vocabulary, and its calibration. Raises ModelError."""
    if (model.config.get("classes"), model.config.get("tags")) != (CLASSES, len(TAGS)):
        raise ModelError(f"{model.network.path}: made for another vocabulary: use weights of the same release")
    subtokens = SubTokens(json.loads(model.file("subtokens").read()))
    calibration = UNCALIBRATED
    if "calibration" in model.files:
        calibration = Calibration.from_dict(json.loads(model.file("calibration").read()))
    return Tagger(session, subtokens, context_length=context_length), calibration


def _mended(file: SourceFile, repair: Proposal, confidence: float, grade: Applicability, source: str) -> Mended:
    edits = tuple(edits_between(file.text, repair.text, file.language))
    return Mended(Fix(title_of(repair), edits, grade, round(confidence, 4)), source)


def _chosen(file: SourceFile, opinion: Opinion, first: Mended | None) -> Mended | None:
    """The likeliest candidate; where nobody could say anything, what the tagger would have.

    It is never SAFE: only what the tagger alone is sure of was measured to be.
    """
    if not opinion.judged:
        return first
    (text, source, steps, _), probability = opinion.judged[0]
    return _mended(file, Repair(text, steps, 0.0), probability, Applicability.UNSAFE, source)


def _attempt(mended: Mended | None, seconds: float, *, is_late: bool) -> Attempt:
    """How the tagger fared."""
    if mended is None:
        reason = "found no text that parses and passes verification"
        return Attempt("tagger", Outcome.ABSTAINED, f"it {reason}{' in time' if is_late else ''}", seconds)
    return Attempt("tagger", Outcome.ANSWERED, f"{mended.fix.title}, {mended.fix.confidence:.0%} sure", seconds)


def _in_run(first: Mended, confidence: float) -> tuple[Mended, Attempt]:
    """The tagger's choice with the confidence that the run so far gives it, and how that came about."""
    reason = f"{first.fix.confidence:.0%} sure by itself, {confidence:.0%} in this run"
    fix = first.fix._replace(confidence=round(confidence, 4))
    return first._replace(fix=fix), Attempt("liquid", Outcome.ANSWERED, reason)


def found_repairs(file: SourceFile, verdict: Verdict, tagger: Tagger, deadline: float = math.inf) -> list[Repair]:
    """What a search finds before the deadline and verification lets pass, the likeliest for the tagger first."""
    if len(lex(file.text, file.language)) > MOST_LEXEMES:
        return []
    seeds = list(resolutions(file.text)) or list(remedies(file, verdict))
    for effort in (EFFORT, LAST_EFFORT):
        found = find_repairs(file, verdict, tagger, judge, replace(effort, deadline=deadline), seeds)
        kept = verified(file, found, deadline=deadline)
        if kept:
            return kept
    return []


_TITLES = {
    Action.OTHER: "end a token where it should end",
    Action.DELETE: "delete a token",
    Action.DELETE_LINE: "delete a line",
    Action.DELETE_REST: "delete the rest of a line",
    Action.MERGE: "join two tokens",
    Action.COMMENT_LINE: "make a line a comment",
    Action.CLOSE_TAG: "close an element",
    Action.RENAME_TAG: "rename a closing tag",
    Action.INSERT: "insert {}",
    Action.CLOSE: "insert {}",
    Action.REPLACE: "write {} instead",
    Action.SPLIT: "insert {}",
    Action.BREAK_LINE: "begin a new line",
    Action.ESCAPE: "escape a quote",
    Action.RESOLVE: "keep {} of the conflict",
}


def title_of(repair: Proposal) -> str:
    """What a repair does, in words: ``Insert `)`, delete a line``; no tag says what a language model has written."""
    parts = []
    for action, text in dict.fromkeys(step.tag for step in repair.steps):
        parts.append(_TITLES[action].format(f"`{text.decode()}`" if text.strip() else "a blank"))
    if not parts:
        return "Write what is missing"
    title = ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
    return title[:1].upper() + title[1:]
