"""``markdown``: a page for people, as the summary of a GitHub job or a comment on a merge request.

What happened, which rules spoke most, the findings with links to their lines, the fixes as one diff, and how to apply
them. Long lists are cut and say so: GitHub drops a summary beyond 1 MiB, and nobody reads one of half that size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from urllib.parse import quote

from thea_hook.core.diff import unified_diff
from thea_hook.core.finding import Finding, Severity
from thea_hook.core.patch import apply_edits, select_edits
from thea_hook.core.report import FileResult, Report
from thea_hook.reporting.located import Located, is_absolute, located, repository_path, urgency
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import count, encode, summary, sureness, visible, will_fix

MOST_RULES = 10
MOST_FINDINGS = 50
MOST_ERRORS = 10
MOST_DIFF_LINES = 300
OPEN_FINDINGS, OPEN_DIFF_LINES = 10, 40
"""Up to here a list is open from the start."""
MOST_IN_A_LINE = 300
"""Characters of a message, a path, or a line of the diff: what is longer belongs to a minified file."""

ICONS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}

# As references they are text wherever they stand: in a table, between HTML tags, or as the first of a line.
_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&@$:]")


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    items = sorted(located(report), key=lambda item: urgency(item, report.changed_lines))
    out.write(encode(f"## {_headline(report)}\n\n"))
    for block in (
        _closing(report, options),
        _errors(report, options),
        _rules(items, options),
        _findings(items, options),
        _diff(report, options),
        _advice(report, options),
    ):
        text = "".join(f"{line}\n" for line in block)
        out.write(encode(f"{text}\n" if text else ""))


def _headline(report: Report) -> str:
    if report.errors:
        return f"❌ thea-hook could not check {count(len(report.errors), 'file')}"
    if report.findings:
        return f"thea-hook found {count(report.findings, 'problem')}"
    if not report.results:
        return "✅ thea-hook had no files to check"
    verb = "fixed" if report.wrote else "would fix"
    return f"✅ thea-hook {verb} everything" if report.fixed else "✅ thea-hook found nothing to complain about"


def _closing(report: Report, options: FormatOptions) -> Iterator[str]:
    """The closing lines of the other formats for people."""
    for line in summary(report, options._replace(colour=False, show_fixes=False)):
        yield f"- {_prose(line.removeprefix('[*] '))}"


def _errors(report: Report, options: FormatOptions) -> Iterator[str]:
    if not report.errors:
        return
    yield "| Not checked | Why |\n|---|---|"
    for error in report.errors[:MOST_ERRORS]:
        yield f"| {_code(repository_path(error.path, options.prefix))} | {_prose(error.message)} |"
    yield from _rest(len(report.errors) - MOST_ERRORS, "file")


def _rules(items: Sequence[Located], options: FormatOptions) -> Iterator[str]:
    groups: dict[str, list[Finding]] = {}
    for item in items:
        groups.setdefault(item.finding.rule_id, []).append(item.finding)
    if not groups:
        return
    yield "| Rule | Problems | Fixable | What it asks for |\n|---|---:|---:|---|"
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    for rule, findings in ranked[:MOST_RULES]:
        info = options.rule(rule)
        fixable = sum(will_fix(finding, options.unsafe_fixes) for finding in findings)
        yield f"| {_code(rule)} | {len(findings):,} | {fixable or ''} | {_prose(info.summary) if info else ''} |"
    yield from _rest(len(ranked) - MOST_RULES, "rule")


def _findings(items: Sequence[Located], options: FormatOptions) -> Iterator[str]:
    if not items:
        return
    yield _details(_number_shown(len(items), MOST_FINDINGS, "problem"), is_open=len(items) <= OPEN_FINDINGS)
    yield "| | Place | Problem | Rule |\n|---|---|---|---|"
    for item in items[:MOST_FINDINGS]:
        finding = item.finding
        problem = f"{_prose(finding.message)}{_remedy(finding, options)}"
        yield f"| {ICONS[finding.severity]} | {_place(item, options)} | {problem} | {_code(finding.rule_id)} |"
    yield "\n</details>"


def _remedy(finding: Finding, options: FormatOptions) -> str:
    """A mark for what is part of the diff; other fixes are suggestions, in words."""
    if finding.fix is None:
        return ""
    if will_fix(finding, options.unsafe_fixes):
        return " 🔧"
    return f"<br>💡 {_prose(finding.fix.title)}{sureness(finding.fix)}"


def _place(item: Located, options: FormatOptions) -> str:
    path = repository_path(item.path, options.prefix)
    shown = _code(f"{path}:{item.start.line}:{item.start.column}")
    if not options.source_url or is_absolute(path) or len(path) > MOST_IN_A_LINE:
        return shown
    address = quote(path.encode("utf-8", "surrogateescape"))
    return f"[{shown}]({options.source_url}{address}#L{item.start.line})"


def _diff(report: Report, options: FormatOptions) -> Iterator[str]:
    diffs = [(result, diff) for result in report.results if (diff := _diff_of(result, options))]
    if not diffs:
        return
    lines = [_diff_line(line) for _, diff in diffs for line in diff.split(b"\n")[:-1]]
    verb = "What was fixed" if report.wrote and report.fixed else "The fixes as a diff"
    shown = lines[:MOST_DIFF_LINES]
    fence = "`" * (1 + max(2, *(len(run) for line in shown for run in re.findall("`+", line) or [""])))
    yield _details(f"{verb}: {count(len(diffs), 'file')}", is_open=len(lines) <= OPEN_DIFF_LINES)
    yield f"{fence}diff"
    yield from shown
    yield fence
    if len(lines) > MOST_DIFF_LINES:
        yield f"\n{len(lines) - MOST_DIFF_LINES:,} more lines are not shown."
    yield "\n</details>"


def _diff_of(result: FileResult, options: FormatOptions) -> bytes:
    """What was changed, and where nothing was, what the fixes of the findings would change."""
    path = repository_path(result.path, options.prefix)
    if result.patch is not None:
        return unified_diff(path, result.patch.before, result.patch.after)
    if result.source is None:
        return b""
    fixable = [finding for finding in result.findings if will_fix(finding, options.unsafe_fixes)]
    chosen, _ = select_edits(fixable)
    before = result.source.text
    after = apply_edits(before, (edit for finding in chosen if finding.fix is not None for edit in finding.fix.edits))
    return unified_diff(path, before, after)


def _diff_line(line: bytes) -> str:
    """A line of a diff to look at, without its carriage return, nor what is too long of it."""
    text = _cut(line.removesuffix(b"\r").decode("utf-8", "backslashreplace"))
    return "\t".join(map(visible, text.split("\t")))


def _advice(report: Report, options: FormatOptions) -> Iterator[str]:
    """How to get the fixes."""
    findings = [finding for result in report.results for finding in result.findings]
    if not report.fixed and not any(will_fix(finding, options.unsafe_fixes) for finding in findings):
        return
    unsafe = " --unsafe-fixes" if options.unsafe_fixes else ""
    where = f" in {_code(options.prefix)}" if options.prefix else ""
    yield f"To have the fixes, run this{where}, or hand the diff to `git apply`:\n"
    yield f"```sh\nuvx thea-hook@{options.version} --fix{unsafe}\n```"


def _details(title: str, *, is_open: bool) -> str:
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>\n"


def _number_shown(number: int, most: int, noun: str) -> str:
    return f"{count(number, noun)}, the first {most} of them" if number > most else count(number, noun)


def _rest(number: int, noun: str) -> Iterator[str]:
    if number > 0:
        yield f"\nand {count(number, noun)} more"


def _prose(text: str) -> str:
    """A message, with what it has between back-ticks as code."""
    parts = _cut(text).split("`")
    if len(parts) % 2 == 0:  # the last back-tick has no partner
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(_code(part) if index % 2 else _text(part) for index, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_text(_cut(text))}</code>"


def _text(text: str) -> str:
    """Text that is nothing but text, whatever it holds."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", visible(text))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_IN_A_LINE else f"{text[:MOST_IN_A_LINE]}…"
