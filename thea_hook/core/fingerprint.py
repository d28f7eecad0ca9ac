"""Names for findings that survive edits elsewhere in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile


def fingerprints(source: SourceFile, findings: Sequence[Finding]) -> list[str]:
    """For each finding a hexadecimal name made of rule, path, the text of its line, and its index among equals.

    Line numbers have no part in it, nor has white space: code that moves, or is indented anew, keeps its names. Of
    several equal findings the first in the text has index 0, so when one goes only the last name goes with it.
    """
    keys = [_key(source, finding) for finding in findings]
    seen: Counter[tuple[str, bytes]] = Counter()
    names = [""] * len(findings)
    for index in sorted(range(len(findings)), key=lambda index: findings[index].sort_key):
        key = keys[index]
        rule, line = key
        parts = (b"thea-hook", _utf8(rule), _utf8(source.path), line, str(seen[key]).encode())
        names[index] = sha256(b"\0".join(parts)).hexdigest()
        seen[key] += 1
    return names


def _key(source: SourceFile, finding: Finding) -> tuple[str, bytes]:
    line = source.line(bisect_right(source.line_starts, finding.span.start))
    return finding.rule_id, b" ".join(line.split())


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
