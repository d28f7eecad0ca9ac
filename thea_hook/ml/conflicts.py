"""The ways to resolve merge conflicts that were committed, for want of the person who knows which one is right."""

from __future__ import annotations

import math
from collections.abc import Iterator

from thea_hook.core.source import Span
from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Seed
from thea_hook.ml.vocabulary import Action, Tag
from thea_hook.syntax.repairs.conflicts import Conflict, find_conflicts

# How often the next version of a file was this one, of the 146 conflicts that the train and valid splits have from
# histories. The side with more lines is the one that has the newer work in it; of two as long, ours is kept oftener.
# What is missing to one is text that is neither side.
LONGER, SHORTER, BOTH = 0.43, 0.24, 0.14


def resolutions(text: bytes) -> Iterator[Seed]:
    """The text with all of its conflicts resolved in one way, for each way; nothing where there is no conflict."""
    conflicts = list(find_conflicts(text))
    if conflicts:
        for side, share in _shares(text, conflicts).items():
            step = Step(0, Tag(Action.RESOLVE, side))
            yield Seed(_resolved(text, conflicts, side), (step,), math.log(share))


def _shares(text: bytes, conflicts: list[Conflict]) -> dict[bytes, float]:
    lines = [
        sum(text.count(b"\n", *side) for side in sides)
        for sides in zip(*((conflict.ours, conflict.theirs) for conflict in conflicts), strict=True)
    ]
    ours, theirs = (LONGER, SHORTER) if lines[0] >= lines[1] else (SHORTER, LONGER)
    return {b"ours": ours, b"theirs": theirs, b"both": BOTH}


def _resolved(text: bytes, conflicts: list[Conflict], side: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for conflict in conflicts:
        pieces.append(text[position : conflict.span.start])
        kept: list[Span] = [conflict.ours] if side == b"ours" else [conflict.theirs]
        if side == b"both":
            kept = [conflict.ours, conflict.theirs]
        pieces += [text[part.start : part.end] for part in kept]
        position = conflict.span.end
    return b"".join((*pieces, text[position:]))
