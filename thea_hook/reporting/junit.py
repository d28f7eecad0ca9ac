"""``junit``: a test suite for each file, a failed test for each finding, a passed one where there is none.

JUnit has no schema of its own. What is written here fits both that tools check against: that of Apache Ant, which wants
every element and attribute below, and that of Jenkins, which takes no others.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import BinaryIO

from thea_hook.core.report import FileResult, Report
from thea_hook.reporting.located import Located, located_in, repository_path
from thea_hook.reporting.markup import HEAD, element, escape
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    suites = (_suite(number, result, now, options) for number, result in enumerate(report.results))
    out.write(encode(HEAD + element("testsuites", {}, "".join(suites))))


def _suite(number: int, result: FileResult, now: str, options: FormatOptions) -> str:
    path = repository_path(result.path, options.prefix)
    cases = [_failure(item, path) for item in located_in(result)]
    if result.error is not None:
        attributes = {"type": result.error.stage, "message": f"{result.error.stage} failed: {result.error.message}"}
        cases.append(_case(f"thea-hook.{result.error.stage}", path, element("error", attributes, indent="      ")))
    if not cases:
        cases.append(_case("thea-hook", path, ""))
    suite: dict[str, str | int] = {
        "id": number,
        "name": path,
        "package": "thea-hook",
        "timestamp": now,
        "hostname": "localhost",  # what Ant writes where it does not matter
        "tests": len(cases),
        "failures": len(result.findings),
        "errors": int(result.error is not None),
        "time": 0,
    }
    parts = [
        element("properties", {}, indent="    "),
        *cases,
        element("system-out", {}, indent="    "),
        element("system-err", {}, indent="    "),
    ]
    return element("testsuite", suite, "".join(parts), indent="  ")


def _failure(item: Located, path: str) -> str:
    finding = item.finding
    place = f"line {item.start.line}, column {item.start.column}"
    attributes = {"type": str(finding.severity), "message": finding.message}
    failure = element("failure", attributes, escape(f"{place}: {finding.message}"), indent="      ")
    return _case(f"thea-hook.{finding.rule_id}", path, failure)


def _case(name: str, path: str, content: str) -> str:
    return element("testcase", {"name": name, "classname": path, "time": 0}, content, indent="    ")
