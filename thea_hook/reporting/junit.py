"""``junit``: a test suite for each file, a failed test for each finding, a passed one where there is none."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import FileResult, Report
from thea_hook.reporting.located import Located, located_in, repository_path
from thea_hook.reporting.markup import HEAD, element, escape
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    suites = "".join(_suite(result, options) for result in report.results)
    totals: dict[str, str | int] = {
        "name": "thea-hook",
        "tests": sum(_tests(result) for result in report.results),
        "failures": report.findings,
        "errors": len(report.errors),
    }
    out.write(encode(HEAD + element("testsuites", totals, suites)))


def _tests(result: FileResult) -> int:
    return max(1, len(result.findings) + (result.error is not None))


def _suite(result: FileResult, options: FormatOptions) -> str:
    path = repository_path(result.path, options.prefix)
    cases = [_failure(item, path) for item in located_in(result)]
    if result.error is not None:
        error = element("error", {"message": f"{result.error.stage} failed: {result.error.message}"}, indent="      ")
        cases.append(_case(f"thea-hook.{result.error.stage}", path, error))
    if not cases:
        cases.append(_case("thea-hook", path, ""))
    attributes: dict[str, str | int] = {
        "name": path,
        "package": "thea-hook",
        "tests": _tests(result),
        "failures": len(result.findings),
        "errors": int(result.error is not None),
    }
    return element("testsuite", attributes, "".join(cases), indent="  ")


def _failure(item: Located, path: str) -> str:
    finding = item.finding
    place = f"line {item.start.line}, column {item.start.column}"
    attributes = {"message": finding.message, "type": str(finding.severity)}
    failure = element("failure", attributes, escape(f"{place}: {finding.message}"), indent="      ")
    return _case(f"thea-hook.{finding.rule_id}", path, failure, line=item.start.line, column=item.start.column)


def _case(name: str, path: str, content: str, **place: int) -> str:
    return element("testcase", {"name": name, "classname": path, **place}, content, indent="    ")
