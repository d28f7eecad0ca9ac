"""Verification: what is left of the candidate repairs of a text once parsers, validator and scopes were asked.

Each stage only takes candidates away, the cheap ones first, and each of the parser's questions is one batch.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ParseTimeout
from thea_hook.languages.difference import edits_between
from thea_hook.languages.environments import globals_for
from thea_hook.languages.grammars import Module
from thea_hook.languages.lexemes import Kind
from thea_hook.languages.oracle import Answer, Judge, Verdict, judge, tree_sitter_verdict
from thea_hook.ml.change import Change
from thea_hook.ml.regions import touching
from thea_hook.ml.semantic import Refusal, objection, validate
from thea_hook.ml.vocabulary import KEYWORDS

__all__ = ["Checked", "Refusal", "is_known_gap", "unknown_names", "validate", "verified", "verify"]

NEAR = 200
"""How many bytes beside an edit tree-sitter's errors count against it."""

MOST_KEPT = 8
"""How many candidates are asked whether they need all of their edits: the first that all else let pass."""

_ENVIRONMENTS = ("es2024", "browser", "node", "commonjs")


class Checked(NamedTuple):
    """A candidate, the text that it leads to, and why it is refused; None where it is not."""

    edits: tuple[Edit, ...]
    text: bytes
    refusal: Refusal | None = None


def verify(
    file: SourceFile,
    candidates: Sequence[tuple[Edit, ...]],
    *,
    judge: Judge,
    region: Span,
    most: int = MOST_KEPT,
    deadline: float = math.inf,
) -> list[Checked]:
    """Every candidate in the given order, which is that of preference, with what speaks against it.

    ``region`` is the part of the text that may change. Of those that nothing speaks against, only the first ``most``
    are looked at to the end, and after the deadline, a time of ``time.monotonic()``, only the first; the others are
    left out.
    """
    checked = [_applied(file.text, edits, region) for edits in candidates]
    checked = _parsed(file, checked, judge)
    kept, result = 0, []
    for candidate in checked:
        if candidate.refusal is None:
            if kept == most or (kept and time.monotonic() >= deadline):
                continue
            candidate = candidate._replace(refusal=_meaning(file, candidate))
            kept += candidate.refusal is None
        result.append(candidate)
    return _needed(file, result, judge)


class Proposal(Protocol):
    """A text to have in place of another."""

    @property
    def text(self) -> bytes: ...


Proposed = TypeVar("Proposed", bound=Proposal)


def verified(
    file: SourceFile,
    proposals: Sequence[Proposed],
    *,
    at_once: int = 6,
    most: int = 18,
    deadline: float = math.inf,
) -> list[Proposed]:
    """Those of the first few texts that pass verification, in their order; where none does, of the next few.

    ``at_once`` is how many a few are, and ``most`` how many are looked at at all. After the ``deadline`` the first that
    passes has to do.
    """
    for start in range(0, min(len(proposals), most), at_once):
        some = proposals[start : start + at_once]
        candidates = [tuple(edits_between(file.text, one.text, file.language)) for one in some]
        checked = verify(file, candidates, judge=judge, region=Span(0, len(file.text)), most=at_once, deadline=deadline)
        passed = {candidate.edits for candidate in checked if candidate.refusal is None}
        kept = [one for one, edits in zip(some, candidates, strict=True) if edits in passed]
        if kept:
            return kept
    return []


def _applied(text: bytes, edits: tuple[Edit, ...], region: Span) -> Checked:
    if not all(region.start <= edit.span.start and edit.span.end <= region.end for edit in edits):
        return Checked(edits, text, Refusal.OUTSIDE_REGION)
    try:
        return Checked(edits, apply_edits(text, edits))
    except ValueError:
        return Checked(edits, text, Refusal.EDITS_CLASH)


def _parsed(file: SourceFile, checked: Sequence[Checked], judge: Judge) -> list[Checked]:
    """Those that the second parser reads. A text that it reads as it is needs no repair, whatever tree-sitter says."""
    asked = [candidate for candidate in checked if candidate.refusal is None]
    if not asked:
        return list(checked)
    verdicts = iter(judge([file, *(file._replace(text=candidate.text) for candidate in asked)]))
    is_broken = next(verdicts).answer is Answer.BROKEN
    return [
        candidate if candidate.refusal else candidate._replace(refusal=_of_parser(next(verdicts), is_broken=is_broken))
        for candidate in checked
    ]


def _of_parser(verdict: Verdict, *, is_broken: bool) -> Refusal | None:
    if not is_broken:
        return Refusal.NOTHING_TO_MEND
    return None if verdict.answer is Answer.PARSES else Refusal.STILL_BROKEN


def _meaning(file: SourceFile, candidate: Checked) -> Refusal | None:
    """What speaks against a candidate that the second parser reads; what tree-sitter does not get through is broken."""
    try:
        if _stumbles_at(candidate, tree_sitter_verdict(file._replace(text=candidate.text))):
            return Refusal.STILL_BROKEN
        change = Change(file.text, candidate.edits, file.language)
        refusal = objection(change)
        return Refusal.UNKNOWN_NAME if refusal is None and _unknown(change, file.path) else refusal
    except ParseTimeout:
        return Refusal.STILL_BROKEN


def _stumbles_at(candidate: Checked, verdict: Verdict) -> bool:
    """Whether tree-sitter stumbles where the candidate changed something. What it cannot read elsewhere, its grammar
    lacks: the second parser read it."""
    if verdict.answer is not Answer.BROKEN:
        return False
    shift = 0
    for (start, end), text in sorted(candidate.edits, key=lambda edit: edit.span):
        first, last = start + shift - NEAR, start + shift + len(text) + NEAR
        if any(problem.span.start <= last and first <= problem.span.end for problem in verdict.problems):
            return True
        shift += len(text) - (end - start)
    return False


def _needed(file: SourceFile, checked: list[Checked], judge: Judge) -> list[Checked]:
    """Those that the text does not parse without, change by change."""
    questions = [
        (index, file._replace(text=apply_edits(file.text, [edit for edit in candidate.edits if edit not in group])))
        for index, candidate in enumerate(checked)
        if candidate.refusal is None and len(candidate.edits) > 1
        for group in _apart(file.text, candidate.edits)
    ]
    if questions:
        verdicts = judge([question for _, question in questions])
        for (index, _), verdict in zip(questions, verdicts, strict=True):
            if verdict.answer is Answer.PARSES:
                checked[index] = checked[index]._replace(refusal=Refusal.NEEDLESS_EDIT)
    return checked


def _apart(text: bytes, edits: Sequence[Edit]) -> list[tuple[Edit, ...]]:
    """The edits in groups that could be made one by one; those of white space alone go with any and are left out."""
    groups = touching(text, [edit for edit in edits if (text[slice(*edit.span)] + edit.text).strip()])
    return groups if len(groups) > 1 else []


# ------------------------------------------------------------------ names


def unknown_names(file: SourceFile, edits: Sequence[Edit]) -> list[bytes]:
    """The names that a repair writes, and that nothing knows: not the file, no binding in scope, no environment."""
    return _unknown(Change(file.text, edits, file.language), file.path)


def _unknown(change: Change, path: str) -> list[bytes]:
    known = {*KEYWORDS, *(lexeme.text for lexeme in change.old if lexeme.kind is Kind.WORD)}
    known.update(b"".join(lexeme.text for lexeme in cut.old) for cut in change.cuts)  # `nam e` becomes `name`
    new = [change.new[index] for index in change.new_indices]
    unknown = [lexeme for lexeme in new if lexeme.kind is Kind.WORD and lexeme.text not in known]
    if not unknown:
        return []
    scopes = Module(SourceFile(path, change.after, change.language)).scopes
    bound = {definition.name.start_byte for variable in scopes.variables for definition in variable.definitions}
    environment = globals_for(_ENVIRONMENTS)
    bound.update(use.start for use in scopes.references if use.resolved is not None or use.name in environment)
    return [lexeme.text for lexeme in unknown if lexeme.start not in bound]


# ------------------------------------------------------------------ gaps


def is_known_gap(file: SourceFile, head_text: bytes, *, judge: Judge) -> bool:
    """Whether every error of the file is in its committed version, too: on a line that reads the same.

    What was committed with such an error worked for somebody: the parser does not know what is written there.
    """
    verdict, before = judge([file, file._replace(text=head_text)])
    if verdict.answer is not Answer.BROKEN or before.answer is not Answer.BROKEN:
        return False
    known = Counter(_error_lines(file._replace(text=head_text), before))
    return all(known[line] >= count for line, count in Counter(_error_lines(file, verdict)).items())


def _error_lines(file: SourceFile, verdict: Verdict) -> Iterator[tuple[bytes, str]]:
    for problem in verdict.problems:
        yield file.line(file.position(problem.span.start).line).strip(), problem.message
