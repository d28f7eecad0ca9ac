from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from report_samples import (
    HOSTILE,
    empty_reports,
    finding_at,
    hostile_report,
    many_findings,
    render,
    result_of,
    small_report,
)

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.report import Report
from thea_hook.core.source import Span

REPORTS = [small_report(), hostile_report(), *empty_reports(), Report((many_findings(12),))]


def gitlab_names(text: str, *marked: str) -> list[str]:
    report = Report((result_of("a.js", text, *(finding_at(text, part) for part in marked)),))
    return [issue["fingerprint"] for issue in json.loads(render("gitlab", report))]


def test_gitlab_fingerprints_survive_other_edits() -> None:
    before = gitlab_names("var a;\nf();\nvar b;\n", "var a", "var b")
    assert gitlab_names("// new line\n  var b;\nf();\nvar a;\n", "var a", "var b") == before[::-1]
    assert gitlab_names("var b;\n", "var b") == before[1:]


def test_gitlab_fingerprints_differ_between_folders_with_the_same_files() -> None:
    report = Report((result_of("a.js", "var a;", finding_at("var a;", "var")),))
    one, two = (json.loads(render("gitlab", report, prefix=prefix))[0] for prefix in ("one", "two"))
    assert (one["location"]["path"], two["location"]["path"]) == ("one/a.js", "two/a.js")
    assert one["fingerprint"] != two["fingerprint"]


def sarif_run(report: Report, **options: str) -> dict[str, Any]:
    (run,) = json.loads(render("sarif", report, **options))["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_carries_what_is_known_about_a_rule() -> None:
    debugger, var = sarif_run(small_report())["tool"]["driver"]["rules"]
    assert var["helpUri"] == "https://example.org/no-var"
    assert var["shortDescription"]["text"] == "Use `let` or `const`."
    assert var["fullDescription"]["text"] == "A `var` is seen in the whole function."
    assert "helpUri" not in debugger


def test_sarif_fixes_name_their_grade() -> None:
    safe, unsafe = (result["fixes"][0] for result in sarif_run(small_report())["results"])
    assert safe["properties"]["applicability"] == "safe"
    assert safe["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4},
            "insertedContent": {"text": "let"},
        }
    ]
    assert unsafe["properties"]["applicability"] == "unsafe"


def test_sarif_says_that_a_file_failed() -> None:
    (invocation,) = sarif_run(small_report())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "read failed: permission denied"


@pytest.mark.parametrize("path", ["a b/ä%🎉#?.js", "c:d.js", "../up.js", 'q"<>.js'])
def test_sarif_uris_are_relative_and_read_back(path: str) -> None:
    report = Report((result_of(path, "var a;", finding_at("var a;", "var")),))
    location = sarif_run(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uriBaseId"] == "%SRCROOT%"
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", location["uri"])
    assert unquote(location["uri"]) == path
    prefixed = sarif_run(report, prefix="pkg")["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(prefixed["uri"]) == (path[3:] if path.startswith("../") else f"pkg/{path}")


def test_sarif_uris_of_absolute_paths_are_file_uris() -> None:
    for path, uri in [("/x y/a.js", "file:///x%20y/a.js"), ("C:\\x\\a.js", "file:///C:/x/a.js")]:
        report = Report((result_of(path, "var a;", finding_at("var a;", "var")),))
        location = sarif_run(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert location == {"uri": uri}


def test_rdjson_makes_one_suggestion_of_many_edits() -> None:
    text = "🎉; var a = = 1;\n"
    start = text.encode().index(b"var")
    edits = (Edit(Span(start, start + 3), b"let"), Edit(Span(start + 8, start + 10), b""))
    finding = Finding("no-var", "style", Span(start, start + 3), "m", fix=Fix("t", edits, Applicability.SAFE))
    value = json.loads(render("rdjson", Report((result_of("a.js", text, finding),))))
    assert value["source"] == {"name": "thea-hook"}
    (diagnostic,) = value["diagnostics"]
    assert diagnostic["severity"] == "ERROR"
    assert diagnostic["code"] == {"value": "no-var", "url": "https://example.org/no-var"}
    assert diagnostic["suggestions"] == [
        {"range": {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 17}}, "text": "let a = "}
    ]


def test_rdjsonl_lines_are_the_diagnostics_of_rdjson() -> None:
    for report in REPORTS:
        lines = [json.loads(line) for line in render("rdjsonl", report).splitlines()]
        assert lines == json.loads(render("rdjson", report))["diagnostics"]


def parse_azure(line: str) -> tuple[dict[str, str], str]:
    """What Azure Pipelines makes of a logging command."""
    match = re.fullmatch(r"##vso\[task\.logissue ([^\]]*)\](.*)", line)
    assert match is not None
    pairs = dict(pair.split("=", 1) for pair in match[1].split(";") if pair)
    return {key: unescape_azure(value) for key, value in pairs.items()}, unescape_azure(match[2])


def unescape_azure(text: str) -> str:
    for escaped, character in [("%5D", "]"), ("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%AZP25", "%")]:
        text = text.replace(escaped, character)
    return text


def test_azure_commands_come_back_as_they_were() -> None:
    report = hostile_report()
    lines = render("azure", report).removesuffix("\n").split("\n")
    assert len(lines) == 3
    message = HOSTILE.encode("utf-8", "backslashreplace").decode()
    path = report.results[0].path.encode("utf-8", "backslashreplace").decode()
    for line in lines:
        properties, text = parse_azure(line)
        assert text == message
        assert properties["sourcepath"] == path


def test_azure_knows_only_errors_and_warnings() -> None:
    assert render("azure", small_report()) == (
        "##vso[task.logissue type=error;sourcepath=broken.js;code=read;]permission denied\n"
        "##vso[task.logissue type=error;sourcepath=src/a.js;linenumber=2;columnnumber=1;code=no-var;]"
        "Unexpected `var`.\n"
        "##vso[task.logissue type=warning;sourcepath=src/a.js;linenumber=4;columnnumber=2;code=no-debugger;]"
        "A `debugger` statement.\n"
    )
