"""The ways to resolve merge conflicts that were committed, for want of the person who knows which one is right."""

from __future__ import annotations

import math
from collections.abc import Iterator

from thea_hook.core.source import Span
from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Seed
from thea_hook.ml.vocabulary import Action, Tag
from thea_hook.syntax.repairs.conflicts import Conflict, find_conflicts

# Roughly how often the next version of a file was this one, of the conflicts that the train and valid splits have from
# histories. What is missing to one is text that is neither side.
SHARES = {b"ours": 0.32, b"theirs": 0.25, b"both": 0.06}


def resolutions(text: bytes) -> Iterator[Seed]:
    """The text with all of its conflicts resolved in one way, for each way; nothing where there is no conflict."""
    conflicts = list(find_conflicts(text))
    if conflicts:
        for side, share in SHARES.items():
            step = Step(0, Tag(Action.RESOLVE, side))
            yield Seed(_resolved(text, conflicts, side), (step,), math.log(share))


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
