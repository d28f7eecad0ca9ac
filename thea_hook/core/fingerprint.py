"""Names for findings that survive edits elsewhere in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile, utf8


def fingerprints(source: SourceFile, findings: Sequence[Finding], path: str | None = None) -> list[str]:
    """For each finding a hexadecimal name made of rule, path, the text of its line, and its index among equals.

    Line numbers have no part in it, nor has white space: code that moves, or is indented anew, keeps its names. Of
    several equal findings the first in the text has index 0, so when one goes only the last name goes with it.
    ``path`` stands in for that of the source, where a server knows the file by another one.
    """
    place = utf8(source.path if path is None else path)
    lines: dict[int, bytes] = {}
    seen: Counter[tuple[str, bytes]] = Counter()
    names = [""] * len(findings)
    for index in sorted(range(len(findings)), key=lambda index: findings[index].sort_key):
        finding = findings[index]
        number = bisect_right(source.line_starts, finding.span.start)
        line = lines.get(number) or lines.setdefault(number, _line_digest(source, number))
        key = (finding.rule_id, line)
        parts = (b"thea-hook", utf8(finding.rule_id), place, line, str(seen[key]).encode())
        names[index] = sha256(b"\0".join(parts)).hexdigest()
        seen[key] += 1
    return names


def _line_digest(source: SourceFile, number: int) -> bytes:
    """Made once a line: a minified file has thousands of findings on a line of a megabyte."""
    return sha256(b" ".join(source.line(number).split())).hexdigest().encode()
