"""The repair of one file: search, verification, confidence, grade."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Fix
from thea_hook.core.routing import Attempt, Note, Outcome, Routing
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ModelError
from thea_hook.languages.difference import edits_between
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Verdict, judge
from thea_hook.ml.calibration import UNCALIBRATED, Calibration
from thea_hook.ml.conflicts import resolutions
from thea_hook.ml.remedies import remedies
from thea_hook.ml.repair import EFFORT, Effort, Repair, find_repairs
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import Tagger
from thea_hook.ml.verify import verify
from thea_hook.ml.vocabulary import CLASSES, TAGS, Action
from thea_hook.syntax.mender import Mended

if TYPE_CHECKING:
    from thea_hook.ml.manifest import Model
    from thea_hook.ml.session import Session

VERIFIED_AT_ONCE, MOST_VERIFIED = 6, 18
LAST_EFFORT = Effort(edits=8, beam=8, first=240, later=80, bytes=24 << 20)
"""For the one text in ten with which an ordinary search has no luck."""
MOST_LEXEMES = 40_000
"""Some 6,000 lines. Longer texts are made by programs, and every step of a search reads all of one."""
SOURCE = "ml:tagger"


class TaggerMender:
    """Repairs of files that do not parse, by the tagger. What comes of each is taken down with ``note``."""

    def __init__(self, tagger: Tagger, calibration: Calibration, note: Note | None = None) -> None:
        self._tagger = tagger
        self._calibration = calibration
        self._note = note

    @classmethod
    def of(cls, model: Model, session: Session, *, context_length: int, note: Note | None = None) -> TaggerMender:
        """The mender of a folder of weights: the network with its vocabulary and calibration. Raises ModelError."""
        if (model.config.get("classes"), model.config.get("tags")) != (CLASSES, len(TAGS)):
            raise ModelError(f"{model.network.path}: made for another vocabulary: use weights of the same release")
        subtokens = SubTokens(json.loads(model.file("subtokens").read()))
        calibration = UNCALIBRATED
        if "calibration" in model.files:
            calibration = Calibration.from_dict(json.loads(model.file("calibration").read()))
        return cls(Tagger(session, subtokens, context_length=context_length), calibration, note)

    def mend(self, file: SourceFile, verdict: Verdict, deadline: float = math.inf) -> Mended | None:
        """The likeliest repair that nothing speaks against; None where there is none. ``verdict`` is BROKEN.

        The search ends at the ``deadline``, a time of ``time.monotonic()``, with what it has found by then.
        """
        began = time.monotonic()
        mended = self._mended(file, verdict, deadline)
        ended = time.monotonic()
        if self._note is not None:
            attempt = _attempt(mended, ended - began, is_late=ended >= deadline)
            answer = "" if mended is None else mended.source
            self._note(Routing("the tagger is the only model asked for", (attempt,), answer, ended < deadline))
        return mended

    def _mended(self, file: SourceFile, verdict: Verdict, deadline: float) -> Mended | None:
        repairs = found_repairs(file, verdict, self._tagger, deadline)
        if not repairs:
            return None
        best = repairs[0]
        confidence = self._calibration.confidence(file.text, repairs)
        is_safe = verdict.is_certain and self._calibration.is_safe(file.text, repairs, confidence)
        grade = Applicability.SAFE if is_safe else Applicability.UNSAFE
        edits = tuple(edits_between(file.text, best.text, file.language))
        return Mended(Fix(title_of(best), edits, grade, round(confidence, 4)), SOURCE)


def _attempt(mended: Mended | None, seconds: float, *, is_late: bool) -> Attempt:
    """How the tagger fared."""
    if mended is None:
        reason = "found no text that parses and passes verification"
        return Attempt("tagger", Outcome.ABSTAINED, f"it {reason}{' in time' if is_late else ''}", seconds)
    return Attempt("tagger", Outcome.ANSWERED, f"{mended.fix.title}, {mended.fix.confidence:.0%} sure", seconds)


def found_repairs(file: SourceFile, verdict: Verdict, tagger: Tagger, deadline: float = math.inf) -> list[Repair]:
    """What a search finds before the deadline and verification lets pass, the likeliest for the tagger first."""
    if len(lex(file.text, file.language)) > MOST_LEXEMES:
        return []
    seeds = list(resolutions(file.text)) or list(remedies(file, verdict))
    for effort in (EFFORT, LAST_EFFORT):
        kept = verified(file, find_repairs(file, verdict, tagger, judge, replace(effort, deadline=deadline), seeds))
        if kept:
            return kept
    return []


def verified(file: SourceFile, repairs: Sequence[Repair]) -> list[Repair]:
    """Those of the first few repairs that pass verification, in their order; where none does, of the next few."""
    for start in range(0, min(len(repairs), MOST_VERIFIED), VERIFIED_AT_ONCE):
        some = repairs[start : start + VERIFIED_AT_ONCE]
        candidates = [tuple(edits_between(file.text, repair.text, file.language)) for repair in some]
        checked = verify(file, candidates, judge=judge, region=Span(0, len(file.text)), most=VERIFIED_AT_ONCE)
        refused = {candidate.edits for candidate in checked if candidate.refusal is not None}
        kept = [repair for repair, edits in zip(some, candidates, strict=True) if edits not in refused]
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


def title_of(repair: Repair) -> str:
    """What a repair does, in words: ``Insert `)`, delete a line``."""
    parts = []
    for action, text in dict.fromkeys(step.tag for step in repair.steps):
        parts.append(_TITLES[action].format(f"`{text.decode()}`" if text.strip() else "a blank"))
    title = ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
    return title[:1].upper() + title[1:]
