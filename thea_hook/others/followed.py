"""Candidates with the linter's own fixes of what they lead to made as well.

`let` for `var` is one that is to be `const`, which is what a second run of a linter is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import Reported
from thea_hook.others.repair import Candidate, small


def followed(
    candidates: Sequence[Candidate], edits: Sequence[Edit], changed: SourceFile, news: Sequence[Reported]
) -> dict[Candidate, Candidate]:
    """The candidates that a fix of what is new lies in, each with the one that has the fix in it.

    ``edits`` are those of all of them, in order, ``changed`` is the text with all made, and ``news`` what is new in it.
    """
    written = _written(edits)
    inside: dict[Edit, list[Edit]] = defaultdict(list)
    for fix in dict.fromkeys(small(_fix_of(reported), changed) for reported in news):
        homes = [next((one for one in written if _holds(written[one], edit.span)), None) for edit in fix]
        for home, (span, text) in zip(homes, fix, strict=True):
            if home is not None and None not in homes:
                start = written[home].start
                inside[home].append(Edit(Span(span.start - start, span.end - start), text))
    longer = {}
    for candidate in candidates:
        if not candidate.is_followed and any(edit in inside for edit in candidate.edits):
            with suppress(ValueError):  # two that overlap
                with_fixes = tuple(Edit(edit.span, apply_edits(edit.text, inside[edit])) for edit in candidate.edits)
                longer[candidate] = candidate._replace(edits=with_fixes, is_followed=True)
    return longer


def _written(edits: Sequence[Edit]) -> dict[Edit, Span]:
    """Where the text of each edit stands when all are made."""
    spans, shift = {}, 0
    for edit in edits:
        start = edit.span.start + shift
        spans[edit] = Span(start, start + len(edit.text))
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return spans


def _fix_of(reported: Reported) -> tuple[Edit, ...]:
    return next((one.edits for one in reported.proposals if one.is_fix), ())


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start < inner.end <= outer.end
