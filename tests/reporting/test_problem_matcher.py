"""The problem matcher reads ``concise``, whatever the names and messages hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from hostile_reports import big_report
from report_samples import render, small_report

from thea_hook.core.report import Report
from thea_hook.reporting.located import located
from thea_hook.reporting.text import shown_path, visible

MATCHERS = json.loads((Path(__file__).parents[2] / "examples/github/problem-matcher.json").read_text("utf-8"))
COLOURS = re.compile("\x1b\\[[0-9;]*m")  # the runner takes them out before it matches


class Issue(NamedTuple):
    """An annotation that the runner makes of a line; what a matcher does not capture is empty."""

    owner: str
    file: str
    line: str = ""
    column: str = ""
    code: str = ""
    message: str = ""


def issues(log: str) -> list[Issue]:
    """What the runner makes of a log: for each line the first matcher that fits it."""
    found = []
    for line in log.split("\n"):
        for matcher in MATCHERS["problemMatcher"]:
            (pattern,) = matcher["pattern"]
            if match := re.search(pattern["regexp"], COLOURS.sub("", line), re.ASCII):
                captured = {key: match[group] for key, group in pattern.items() if key != "regexp"}
                found.append(Issue(matcher["owner"], **captured))
                break
    return found


def expected(report: Report) -> list[Issue]:
    """One issue for each finding and each file that failed."""
    findings = [
        Issue(
            "thea-hook", shown_path(item.path), str(item.start.line), str(item.start.column), item.finding.rule_id,
            visible(item.finding.message),
        )
        for item in located(report)
    ]  # fmt: skip
    failures = [
        Issue(
            "thea-hook-errors", shown_path(error.path), message=f"{error.stage} failed: {visible(error.message)}"
        )
        for error in report.errors
    ]  # fmt: skip
    return findings + failures


def test_every_line_of_a_finding_is_an_issue_and_no_other_is() -> None:
    for report in (small_report(), big_report()):
        assert issues(render("concise", report)) == expected(report)


def test_colours_and_marks_of_fixes_are_no_part_of_an_issue() -> None:
    coloured = render("concise", small_report(), colour=True)
    assert "\x1b" in coloured
    assert " [*]" in coloured
    assert issues(coloured) == expected(small_report())
    assert not [issue for issue in issues(coloured) if "[*]" in issue.message]


def test_each_pattern_names_a_group_for_what_an_annotation_needs() -> None:
    for matcher in MATCHERS["problemMatcher"]:
        (pattern,) = matcher["pattern"]
        assert {"file", "message"} <= pattern.keys()
        assert max(value for key, value in pattern.items() if key != "regexp") == re.compile(pattern["regexp"]).groups
