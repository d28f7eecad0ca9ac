"""Fixes applied to one file until nothing more changes, each pass checked before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Applicability, Edit, Finding
from thea_hook.core.patch import apply_edits, select_edits
from thea_hook.core.report import Pass
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ParseTimeout

MAX_PASSES = 50
# A run-away fix doubles a file every pass; no honest one adds more than this to it.
GROWTH_FACTOR, GROWTH_FLOOR = 2, 1 << 16

Key = tuple[str, Span, tuple[Edit, ...]]
Check = Callable[[SourceFile, Sequence[Span] | None], Sequence[Finding]]
"""The visible findings of a text, where given only those that begin inside one of the spans."""


class Fixed(NamedTuple):
    """The text after all passes, what is left in it, the passes, and what was taken back with the reason."""

    file: SourceFile
    findings: tuple[Finding, ...]
    passes: tuple[Pass, ...]
    refused: tuple[tuple[Finding, str], ...]

    @property
    def applied(self) -> tuple[Finding, ...]:
        """What was done, in all passes."""
        return tuple(finding for one in self.passes for finding in one.fixed)


def fix_until_stable(
    file: SourceFile, check: Check, *, least: Applicability, region: Sequence[Span] | None = None
) -> Fixed:
    """Apply every fix of at least this grade, check again, and repeat until a pass changes nothing.

    A pass that would leave more syntax errors than it found is taken back and its fixes are tried one by one; the ones
    to blame are left out for good and named in ``refused``. Where the passes go in a circle or the text grows without
    end, the original comes back. Fixing the result again changes nothing.
    """
    original, original_region, seen = file, region, _Seen(file.text)
    passes: list[Pass] = []
    refused: dict[Key, tuple[Finding, str]] = {}
    findings = check(file, region)
    for _ in range(MAX_PASSES):
        candidates = [f for f in findings if _is_wanted(f, least) and _key(f) not in refused]
        chosen, _later = select_edits(candidates)
        mended, good, bad = _apply_without_damage(file, chosen)
        refused.update((_key(finding), (finding, "the result would not parse")) for finding in bad)
        if not chosen:
            break
        if not good:
            continue
        if reason := seen.refuses(mended.text):
            findings = check(original, original_region)
            return Fixed(original, tuple(findings), (), tuple((finding, reason) for finding in good))
        region = None if region is None else [shift(span, _edits(good)) for span in region]
        passes.append(Pass(file, tuple(findings), tuple(good)))
        file = mended
        findings = check(file, region)
    return Fixed(file, tuple(findings), tuple(passes), tuple(refused.values()))


def fix_both(
    staged: SourceFile, on_disk: bytes, check: Check, *, least: Applicability, region: Sequence[Span] | None = None
) -> tuple[Fixed, bytes]:
    """The fixes of a partially staged file: made to the work tree only where its text agrees with the index.

    A fix counts when it is found in both texts, at lines that are the same in both: a ``let`` that is never written in
    the index may be written in the work tree. Returns what the index would be with these fixes, with what is left to
    report there, and the new text of the work tree.
    """
    from thea_hook.staging import carry_changes, keep_common_fixes

    passes: list[Pass] = []
    refused: dict[Key, tuple[Finding, str]] = {}
    original, original_region, seen = staged, region, _Seen(staged.text)
    disk = SourceFile(staged.path, on_disk, staged.language)
    findings = check(staged, region)
    for _ in range(MAX_PASSES):
        fixable = [f for f in findings if _is_wanted(f, least) and _key(f) not in refused]
        there = check(disk, None) if fixable else ()
        chosen, _later = select_edits(keep_common_fixes(fixable, staged.text, disk.text, there))
        mended, good, bad = _apply_without_damage(staged, chosen)
        refused.update((_key(finding), (finding, "the result would not parse")) for finding in bad)
        if not chosen:
            break
        if not good:
            continue
        disk_text, left = carry_changes(staged.text, mended.text, disk.text)
        mended_disk = SourceFile(staged.path, disk_text, staged.language)
        if reason := seen.refuses(mended.text):
            findings = check(original, original_region)
            return Fixed(original, tuple(findings), (), tuple((finding, reason) for finding in good)), on_disk
        if left or syntax_errors(mended_disk) > syntax_errors(disk):
            refused.update((_key(f), (f, "it does not fit the unstaged changes")) for f in good)
            break
        region = None if region is None else [shift(span, _edits(good)) for span in region]
        passes.append(Pass(staged, tuple(findings), tuple(good)))
        staged, disk = mended, mended_disk
        findings = check(staged, region)
    return Fixed(staged, tuple(findings), tuple(passes), tuple(refused.values())), disk.text


class _Seen:
    """The texts that the passes have come through: a text that returns, or grows and grows, ends them."""

    def __init__(self, text: bytes) -> None:
        self._texts = {text}
        self._most = max(len(text) * GROWTH_FACTOR, len(text) + GROWTH_FLOOR)

    def refuses(self, text: bytes) -> str:
        """Why this text must not be the next, or an empty string."""
        if len(text) > self._most:
            return "the file would keep growing"
        if text in self._texts:
            return "another fix takes it back"
        self._texts.add(text)
        return ""


def _is_wanted(finding: Finding, least: Applicability) -> bool:
    return finding.fix is not None and finding.fix.applicability >= least


def _key(finding: Finding) -> Key:
    return finding.rule_id, finding.span, finding.fix.edits if finding.fix else ()


def _apply_without_damage(
    file: SourceFile, chosen: Sequence[Finding]
) -> tuple[SourceFile, list[Finding], list[Finding]]:
    """The file with the fixes in it, the fixes that went in, and the ones that would have broken it."""
    if not chosen:
        return file, [], []
    before = syntax_errors(file)
    mended = _with_fixes(file, chosen)
    if syntax_errors(mended) <= before:
        return mended, list(chosen), []
    good: list[Finding] = []
    bad: list[Finding] = []
    for finding in chosen:
        attempt = _with_fixes(file, [*good, finding])
        (good if syntax_errors(attempt) <= before else bad).append(finding)
    return _with_fixes(file, good), good, bad


def _with_fixes(file: SourceFile, findings: Sequence[Finding]) -> SourceFile:
    return SourceFile(file.path, apply_edits(file.text, _edits(findings)), file.language)


def _edits(findings: Sequence[Finding]) -> list[Edit]:
    return [edit for finding in findings if finding.fix for edit in finding.fix.edits]


def syntax_errors(file: SourceFile) -> int:
    """How many places of a file its grammar cannot read. The tree is the one that a check of the file uses."""
    from thea_hook.languages.grammars import module_of

    try:
        return len(module_of(file).errors)
    except ParseTimeout:
        return len(file.text) + 1


def shift(span: Span, edits: Sequence[Edit]) -> Span:
    """Where a span lies after the edits; it grows with an edit that begins inside it."""
    start, end = span
    for edit in edits:
        delta = len(edit.text) - (edit.span.end - edit.span.start)
        if edit.span.end <= span.start and edit.span != (span.start, span.start):
            start += delta
            end += delta
        elif edit.span.start <= span.end:
            end += delta
    return Span(start, max(start, end))
