"""Unified diffs as models write them: with wrong line counts and numbers, without headers, or with the context torn.

``unidiff`` reads a diff whose counts are right, so the counts are put right first; where the hunks belong is found by
their lines, and their numbers only choose among equals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from thea_hook.teacher.base import INSTALL, TeacherError
from thea_hook.teacher.lines import Shown, Unclear

_HUNK = re.compile(r"^@@(?:[ \t]*-(\d+)(?:,\d+)?[ \t]+\+(\d+)(?:,\d+)?)?[^\n]*$")
_MARKS = frozenset(" +-\\")
_PREAMBLE = ("--- ", "+++ ", "diff ", "index ", "new ", "old ", "deleted ", "similarity ", "rename ")


def looks_like_diff(text: str) -> bool:
    """Whether a text is more likely a diff than code."""
    lines = text.splitlines()
    return any(line.startswith("@@") for line in lines) or (
        any(line.startswith("--- ") for line in lines) and any(line.startswith("+++ ") for line in lines)
    )


def applied_diff(text: str, shown: Shown) -> str:
    """The lines with a diff applied to them. Raises Unclear where it is none, or does not fit."""
    changes = []
    for hunk in _hunks(text):
        source = [line.value.rstrip("\r\n") for line in hunk if line.is_context or line.is_removed]
        target = [line.value.rstrip("\r\n") for line in hunk if line.is_context or line.is_added]
        if source == target:
            continue
        changes.append(shown.replacement("\n".join(source), "\n".join(target), hunk.source_start or None))
    if not changes:
        raise Unclear("the answer is a diff that changes nothing")
    return shown.with_changes(changes)


def _hunks(text: str) -> list[Any]:
    """The hunks of the one file that a diff is about."""
    try:
        from unidiff.errors import UnidiffParseError
        from unidiff.patch import PatchSet
    except ImportError as exc:
        raise TeacherError(f"the teacher needs a package that is not installed: {INSTALL}", "package") from exc
    try:
        patches = PatchSet(_counted(text.splitlines()))
    except (UnidiffParseError, ValueError, IndexError) as exc:
        raise Unclear("the answer is a diff that nobody can read") from exc
    if len(patches) > 1:
        raise Unclear("the answer is a diff of several files")
    return [hunk for patch in patches for hunk in patch]


def _counted(lines: Sequence[str]) -> str:
    """The diff with one header and with hunk headers that say how many lines there are.

    Its names are of no importance: what it is applied to are the lines that were shown. A second pair of them is kept,
    for it means a second file.
    """
    out: list[str] = []
    hunk: list[str] = []
    head: re.Match[str] | None = None
    names = 0

    def end_hunk() -> None:
        if hunk:
            out.append(_header(head, hunk))
            out.extend(hunk)
            hunk.clear()

    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("--- ") and following.startswith("+++ "):
            end_hunk()
            names += 1
            out += [f"--- a/{names}", f"+++ b/{names}"]
            head = None
        elif line.startswith("@@"):
            end_hunk()
            head = _HUNK.match(line)
        elif head is None and not hunk and (not line.strip() or line.startswith(_PREAMBLE)):
            continue
        else:
            hunk.append(line if line[:1] in _MARKS else f" {line}")
    end_hunk()
    return "\n".join(out if names else ["--- a/1", "+++ b/1", *out]) + "\n"


def _header(head: re.Match[str] | None, hunk: list[str]) -> str:
    while hunk and not hunk[-1].strip():
        hunk.pop()  # the end of the answer, not a blank line of the file
    old = sum(line[0] in " -" for line in hunk)
    new = sum(line[0] in " +" for line in hunk)
    start = int(head[1]) if head and head[1] else 0
    return f"@@ -{start},{old} +{start},{new} @@"
