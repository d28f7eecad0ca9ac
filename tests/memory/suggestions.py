"""Records and findings, short enough to be read in a test."""

from __future__ import annotations

from thea_hook.core.diff import unified_diff
from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.report import FileResult
from thea_hook.core.source import SourceFile, Span
from thea_hook.memory.records import Origin, Record, Vote


def record(
    number: int = 1,
    *,
    rule: str = "no-var",
    after: str = "let",
    vote: Vote = Vote.NONE,
    origin: Origin = Origin.APPLIED,
    fingerprint: str = "",
) -> Record:
    """A record of its own for each number; the same number and another ``after`` is another fix of the same code."""
    context = f"var v{number} = 1;\n"
    diff = unified_diff("a.js", context.encode(), context.replace("var", after).encode()).decode()
    return Record(
        error="Use `let`.",
        file="a.js",
        line=1,
        context=context,
        correct_diff=diff,
        timestamp=f"2024-01-01T00:00:{number % 60:02}+00:00",
        rule=rule,
        source="rules",
        confidence=1.0,
        fingerprint=fingerprint or f"{number:064x}",
        vote=vote,
        origin=origin,
    )


def replaced(text: bytes, old: bytes, new: bytes, *, source: str = "rules", path: str = "a.js") -> FileResult:
    """A file in which something is found, and the fix is to write something else."""
    start = text.index(old)
    span = Span(start, start + len(old))
    fix = Fix("Write it", (Edit(span, new),), Applicability.SAFE, 0.75)
    finding = Finding("no-var", "style", span, "Do not write that.", source=source, fix=fix)
    return FileResult(path, SourceFile(path, text, "javascript"), (finding,))
