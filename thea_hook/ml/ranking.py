"""The order of repairs that parse: what the tagger says of each, weighed with what they would do to the text.

A conditional logit model over the repairs of one text, fitted by ``thea-lab train ranking``. The tagger knows how
likely each edit is among mistakes that were made up; those that people make are others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.languages.difference import edits_between
from thea_hook.languages.lexemes import Kind, Lexemes, lex
from thea_hook.languages.oracle import Verdict
from thea_hook.ml.repair import Repair

_OPENERS = {b"(": b")", b"[": b"]", b"{": b"}"}
_CLOSERS = frozenset(_OPENERS.values())

FIGURES = (
    "score",
    "steps",
    "lines deleted",
    "known names deleted",
    "other words deleted",
    "marks deleted",
    "literals deleted",
    "comments written",
    "brackets written",
    "separators written",
    "operators written",
    "words written",
    "only space",
    "crooked brackets",
    "distance",
    "resolved",
)
"""What a repair is weighed by, in the order of ``figures_of``."""


class Ranking(NamedTuple):
    """The weight of each figure; without weights the tagger's order stays."""

    weights: Mapping[str, float]

    def order(self, file: SourceFile, verdict: Verdict, repairs: Sequence[Repair]) -> list[Repair]:
        """The repairs, the best first. Each keeps the score that the tagger gave it: confidence rests on that."""
        if not self.weights or not repairs:
            return list(repairs)
        weights = [self.weights[name] for name in FIGURES]
        values = [
            sum(weight * value for weight, value in zip(weights, figures, strict=True))
            for figures in figures_of(file, verdict, repairs)
        ]
        ranked = sorted(zip(values, repairs, strict=True), key=lambda item: -item[0])
        return [repair for _, repair in ranked]


UNRANKED = Ranking({})


def figures_of(file: SourceFile, verdict: Verdict, repairs: Sequence[Repair]) -> list[tuple[float, ...]]:
    """The FIGURES of each repair."""
    lexemes = lex(file.text, file.language)
    names = Counter(text for kind, text in zip(lexemes.kinds, lexemes.texts, strict=True) if kind == Kind.WORD)
    before = crooked_brackets(lexemes)
    return [_figures(file, verdict, repair, names, before) for repair in repairs]


def _figures(
    file: SourceFile, verdict: Verdict, repair: Repair, names: Counter[bytes], crooked: int
) -> tuple[float, ...]:
    edits = edits_between(file.text, repair.text, file.language)
    lost, written = Counter[str](), Counter[str]()
    lines = 0
    for (start, end), text in edits:
        gone = lex(file.text[start:end], file.language)
        come = lex(text, file.language)
        lines += file.text.count(b"\n", start, end)
        lost.update(_group(kind, piece, names) for kind, piece in zip(gone.kinds, gone.texts, strict=True))
        written.update(_group(kind, piece, names) for kind, piece in zip(come.kinds, come.texts, strict=True))
    error = verdict.problems[0].span.start if verdict.problems else 0
    first = edits[0].span.start if edits else error
    bent = crooked_brackets(lex(repair.text, file.language)) - crooked
    return (
        repair.score,
        float(len(repair.steps)),
        math.log1p(lines),
        math.log1p(lost["known"]),
        math.log1p(lost["word"]),
        math.log1p(lost["bracket"] + lost["separator"] + lost["operator"]),
        math.log1p(lost["literal"]),
        float(written["comment"]),
        math.log1p(written["bracket"]),
        math.log1p(written["separator"]),
        math.log1p(written["operator"]),
        math.log1p(written["known"] + written["word"]),
        float(not lost and not written),
        float(max(-3, min(3, bent))),
        math.log1p(abs(first - error)),
        float(any(step.tag.action.name == "RESOLVE" for step in repair.steps)),
    )


def _group(kind: int, text: bytes, names: Counter[bytes]) -> str:
    if kind == Kind.WORD:
        return "known" if names[text] > 1 else "word"
    if kind == Kind.COMMENT:
        return "comment"
    if kind not in (Kind.PUNCTUATION, Kind.OTHER):
        return "literal"
    if text in _OPENERS or text in _CLOSERS:
        return "bracket"
    return "separator" if text in (b",", b";", b":", b".") else "operator"


def crooked_brackets(lexemes: Lexemes) -> int:
    """How many brackets have no partner, or one on a line that is indented in another way."""
    stack: list[int] = []
    count = 0
    for index, text in enumerate(lexemes.texts):
        if text in _OPENERS:
            stack.append(index)
        elif text in _CLOSERS:
            if stack and _OPENERS[lexemes.texts[stack[-1]]] == text:
                opener = stack.pop()
                begins_line = bool(lexemes.newlines_before[index])
                count += begins_line and lexemes.indents[opener] != lexemes.indents[index]
            else:
                count += 1
    return count + len(stack)
