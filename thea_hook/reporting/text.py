"""What the formats for people share: safe text, colours, marks and the closing lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from thea_hook.core.finding import Applicability, Finding, Fix, Severity
from thea_hook.core.report import FileError, Report
from thea_hook.reporting.options import FormatOptions

# Controls could drive the terminal, bidirectional controls reorder the line, separators break it; surrogates stand
# for bytes of file names that are not UTF-8. The zero-width joiner stays: emoji are made with it.
DECEPTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
# The runners of GitHub and Azure read `##[add-mask]x` and `##vso[task.complete]` as commands wherever they stand.
_UNSAFE_IN_A_LOG = re.compile(rf"{DECEPTIVE.pattern}|(?<=##)\[|(?<=##)v(?=so\[)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

BOLD, RED, GREEN, YELLOW, BLUE, CYAN, DIM = "1", "31", "32", "33", "34", "36", "2"
SEVERITY_COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: BLUE}


class Style(NamedTuple):
    """Paints text for a terminal, or leaves it alone."""

    colour: bool

    def __call__(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and text else text


def visible(text: str) -> str:
    """The text on one line, with all that could deceive a reader, a terminal or a CI runner written as an escape."""
    return _UNSAFE_IN_A_LOG.sub(escaped, text)


def shown_path(path: str) -> str:
    """The path for the start of a line: one that begins like a command of a CI runner gets ``./`` before it."""
    safe = visible(path)
    return f"./{safe}" if safe.lstrip().startswith(("::", "##")) else safe


def escaped(match: re.Match[str]) -> str:
    """The escape for a character that was found."""
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def encode(text: str) -> bytes:
    """UTF-8; a lone surrogate, which no encoding has, becomes an escape."""
    return text.encode("utf-8", "backslashreplace")


def will_fix(finding: Finding, unsafe_fixes: bool) -> bool:
    """Whether ``--fix``, with ``--unsafe-fixes`` where that was given, would mend this."""
    least = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    return finding.fix is not None and finding.fix.applicability >= least


def sureness(fix: Fix) -> str:
    """How sure a model is of its fix; nothing for a fix that is right by rule."""
    return "" if fix.confidence >= 1 else f" ({fix.confidence:.0%} sure)"


def mark(finding: Finding, options: FormatOptions) -> str:
    """`` [*]`` behind what ``--fix`` mends."""
    return " [*]" if will_fix(finding, options.unsafe_fixes) else ""


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def error_line(error: FileError) -> str:
    """One line about a file that could not be handled."""
    return f"{shown_path(error.path)}: {visible(error.stage)} failed: {visible(error.message)}"


def write_closing(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    """Write what comes after the findings: the files that could not be handled, and the summary."""
    for line in (*map(error_line, report.errors), *summary(report, options)):
        out.write(encode(f"{line}\n"))


def summary(report: Report, options: FormatOptions) -> Iterator[str]:
    """The closing lines: what was fixed, what is left, what could be fixed, what was not looked at."""
    if not options.closing:
        return
    style = Style(options.colour)
    if options.show_fixes:
        yield from _fixed_list(report)
    changed = [result for result in report.results if result.fixed]
    if changed:
        verb = "Fixed" if report.wrote else "Would fix"
        yield style(f"{verb} {count(report.fixed, 'problem')} in {count(len(changed), 'file')}.", GREEN)
    findings = [finding for result in report.results for finding in result.findings]
    if findings:
        files = sum(1 for result in report.results if result.findings)
        by_severity = Counter(finding.severity for finding in findings)
        parts = ", ".join(count(by_severity[s], str(s)) for s in Severity if by_severity[s])
        yield style(f"Found {count(len(findings), 'problem')} ({parts}) in {count(files, 'file')}.", BOLD)
        yield from _hint(findings, options)
    elif not report.errors:
        left = " left" if changed else ""
        files_checked = count(len(report.results), "file")
        yield f"No problems{left} in {files_checked}." if report.results else "No files to check."
    if report.errors:
        yield style(f"{count(len(report.errors), 'file')} could not be checked.", RED)
    yield from _hidden(report)


def _hint(findings: Iterable[Finding], options: FormatOptions) -> Iterator[str]:
    grades = Counter(finding.fix.applicability for finding in findings if finding.fix is not None)
    safe, unsafe = grades[Applicability.SAFE], grades[Applicability.UNSAFE]
    if options.unsafe_fixes:
        safe, unsafe = safe + unsafe, 0
    if safe:
        more = f" ({unsafe:,} more with `--unsafe-fixes`)" if unsafe else ""
        yield f"[*] {safe:,} fixable with `--fix`{more}."
    elif unsafe:
        yield f"No safe fixes ({unsafe:,} available with `--fix --unsafe-fixes`)."


def _fixed_list(report: Report) -> Iterator[str]:
    for result in report.results:
        if result.fixed:
            yield f"{shown_path(result.path)}:"
            for rule, number in sorted(Counter(finding.rule_id for finding in result.fixed).items()):
                yield f"  {number} × {visible(rule)}"


def _hidden(report: Report) -> Iterator[str]:
    if report.skipped:
        reasons = _reasons(report.skipped)
        yield f"Skipped {count(sum(report.skipped.values()), 'file')}: {reasons}."
    hidden = {
        "suppressed": sum(result.suppressed for result in report.results),
        "in the baseline": sum(result.baselined for result in report.results),
    }
    if any(hidden.values()):
        yield f"Not shown: {_reasons(hidden)}."


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {visible(reason)}" for reason, number in counts.items() if number)
