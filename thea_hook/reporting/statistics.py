"""``--statistics``: how often each rule spoke, instead of where."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import BinaryIO

from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.report import Report
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import BOLD, CYAN, Style, encode, error_line, summary, visible, will_fix


def write_text(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    """A table, most frequent first: count, ``[*]`` where ``--fix`` mends all of them, ``[-]`` where some, rule."""
    style = Style(options.colour)
    groups = _groups(report)
    width = max((len(str(len(findings))) for findings in groups.values()), default=1)
    fixable = {
        rule: sum(will_fix(finding, options.unsafe_fixes) for finding in findings) for rule, findings in groups.items()
    }
    for rule, findings in groups.items():
        number = len(findings)
        mark = "[*]" if fixable[rule] == number else "[-]" if fixable[rule] else "   "
        out.write(encode(f"{style(f'{number:>{width}}', BOLD)}  {style(mark, CYAN)} {visible(rule)}\n"))
    if any(0 < fixable[rule] < len(findings) for rule, findings in groups.items()):
        out.write(b"[-] some of them fixable with `--fix`\n")
    for error in report.errors:
        out.write(encode(f"{error_line(error)}\n"))
    for line in summary(report, options):
        out.write(encode(f"{line}\n"))


def write_json(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    """An array in the order of the table: ``{rule, category, severity, count, fixable: {safe, unsafe, display}}``."""
    rows = [
        {
            "rule": rule,
            "category": findings[0].category,
            "severity": str(findings[0].severity),
            "count": len(findings),
            "fixable": {str(grade): _with_fix(findings, grade) for grade in sorted(Applicability, reverse=True)},
        }
        for rule, findings in _groups(report).items()
    ]
    out.write(("[" + ",".join(f"\n{dumps(row)}" for row in rows) + "\n]\n").encode() if rows else b"[]\n")


def _groups(report: Report) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for result in report.results:
        for finding in result.findings:
            groups.setdefault(finding.rule_id, []).append(finding)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def _with_fix(findings: Sequence[Finding], grade: Applicability) -> int:
    return sum(finding.fix is not None and finding.fix.applicability == grade for finding in findings)
