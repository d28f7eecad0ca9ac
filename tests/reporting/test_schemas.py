"""Every format keeps to its schema, and to the rules its reader has beside, on a report that is hostile throughout."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile_reports import PATHS, big_report
from jsonschema import ValidationError
from report_samples import empty_reports, finding_at, fixed_report, many_findings, render, result_of, small_report
from schemas import OURS, check, json_schema, official, values_of
from test_github_format import parse_commands
from test_json_formats import ERROR, FINDING, REPORT
from test_server_formats import parse_azure
from xmlschema import XMLSchemaValidationError

from thea_hook.core.finding import Edit, Finding, Severity
from thea_hook.core.patch import apply_edits
from thea_hook.core.report import FileResult, Report
from thea_hook.core.source import BOM, SourceFile, Span
from thea_hook.reporting import sarif
from thea_hook.reporting.located import source_of

REPORTS = {
    "big": big_report(),
    "small": small_report(),
    "fixed": fixed_report(),
    "nothing": empty_reports()[0],
    "clean": empty_reports()[1],
}
SCHEMAS = {
    "sarif": "sarif.json",
    "gitlab": "gitlab.json",
    "rdjson": "rdjson.json",
    "junit": "junit.xsd",
    "checkstyle": "checkstyle.xsd",
}

FILES = [result for result in big_report().results if result.error is None]
"""The files of the big report that have findings."""


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> Report:
    return REPORTS[request.param]


@pytest.mark.parametrize("format_name", SCHEMAS)
def test_reports_fit_the_schema(format_name: str, report: Report) -> None:
    check(OURS / SCHEMAS[format_name], render(format_name, report))


@pytest.mark.parametrize("format_name", ["sarif", "rdjson", "rdjsonl", "gitlab", "junit"])
def test_reports_fit_the_official_schemas(format_name: str, report: Report) -> None:
    schemas = official(format_name)
    if not schemas:
        pytest.skip(f"REPORT_SCHEMAS names no folder with the official schema of {format_name}")
    output = render(format_name, report)
    for schema in schemas:
        if schema.suffix == ".xsd":
            check(schema, output)
        elif format_name in ("rdjsonl", "gitlab"):  # a schema of one item
            lines = json.loads(output) if format_name == "gitlab" else values_of(format_name, output)
            for item in lines:
                json_schema(schema).validate(item)
        else:
            check(schema, output)


@pytest.mark.parametrize(
    "format_name,old,new",
    [
        ("sarif", '"startLine": 2', '"startLine": 0'),
        ("sarif", '"replacements": [', '"replacements": [], "x": ['),
        ("gitlab", '"severity": "major"', '"severity": "error"'),
        ("gitlab", '"path": "src', '"path": "./src'),
        ("rdjson", '"column": 1}', '"column": 0}'),
        ("junit", 'type="error"', ""),
        ("junit", 'time="0"', 'time="0" line="2"'),
        ("checkstyle", 'severity="warning"', 'severity="warn"'),
        ("checkstyle", 'line="2"', ""),
    ],
)
def test_the_schemas_refuse_what_is_wrong(format_name: str, old: str, new: str) -> None:
    output = render(format_name, small_report())
    assert old in output
    with pytest.raises((ValidationError, XMLSchemaValidationError)):
        check(OURS / SCHEMAS[format_name], output.replace(old, new))


def test_json_keeps_its_contract() -> None:
    REPORT.validate(json.loads(render("json", big_report())))
    lines = values_of("json-lines", render("json-lines", big_report()))
    errors = [line for line in lines if "stage" in line]
    assert len(errors) == len(big_report().errors)
    assert len(lines) - len(errors) == big_report().findings
    for line in lines:
        (REPORT.evolve(schema=ERROR if "stage" in line else FINDING)).validate(line)


# ------------------------------------------------------------------ positions


def last_places(source: SourceFile) -> dict[int, int]:
    """Line -> the column behind its last character, as each format for servers counts them."""
    return {
        number: source.position(source.line_starts[number - 1] + len(source.line(number))).column
        for number in range(1, len(source.line_starts) + 1)
    }


def test_every_position_of_sarif_lies_in_its_file() -> None:
    (run,) = json.loads(render("sarif", big_report()))["runs"]
    results = iter(run["results"])
    for file in FILES:
        last = last_places(source_of(file))
        for _, result in zip(file.findings, results, strict=False):
            changes = [change for fix in result.get("fixes", ()) for change in fix["artifactChanges"]]
            regions = [
                *(
                    place["physicalLocation"]["region"]
                    for place in [*result["locations"], *result.get("relatedLocations", ())]
                ),
                *(replacement["deletedRegion"] for change in changes for replacement in change["replacements"]),
            ]
            for region in regions:
                assert region["startColumn"] <= last[region["startLine"]] + 2  # a line break has up to two characters
                assert region["endColumn"] <= last[region["endLine"]] + 2
                start, end = ((region[f"{edge}Line"], region[f"{edge}Column"]) for edge in ("start", "end"))
                assert start <= end


def in_order(file: FileResult) -> list[Finding]:
    """The findings of a file as reports list them."""
    return sorted(file.findings, key=lambda finding: finding.sort_key)


def test_rdjson_suggestions_applied_by_lines_and_bytes_give_the_fixed_text() -> None:
    items = iter(json.loads(render("rdjson", big_report()))["diagnostics"])
    applied = 0
    for file in FILES:
        text = source_of(file).text
        starts = [0, *(match.end() for match in re.finditer(b"\n", text))]
        for finding, item in zip(in_order(file), items, strict=False):
            for suggestion in item.get("suggestions", ()):
                edges = [suggestion["range"][edge] for edge in ("start", "end")]
                start, end = (starts[edge["line"] - 1] + edge["column"] - 1 for edge in edges)
                assert finding.fix is not None
                fixed = text[:start] + suggestion["text"].encode() + text[end:]
                assert fixed == apply_edits(text, finding.fix.edits)
                applied += 1
    assert applied > 300


def offset_of(source: SourceFile, line: int, column: int) -> int:
    """The byte that a line and a column of code points name, found by counting."""
    start = source.line_starts[line - 1]
    if line == 1 and source.text.startswith(BOM):
        start = len(BOM)
    return start + len(source.text[start:].decode()[: column - 1].encode())


def test_sarif_fixes_applied_by_lines_and_code_points_give_the_fixed_text() -> None:
    (run,) = json.loads(render("sarif", big_report()))["runs"]
    results = iter(run["results"])
    applied = 0
    for file in FILES:
        source = source_of(file)
        for finding, result in zip(in_order(file), results, strict=False):
            if "fixes" not in result or b"\xff" in source.text:  # columns of what is no UTF-8 are anyone's guess
                continue
            edits = []
            for replacement in result["fixes"][0]["artifactChanges"][0]["replacements"]:
                region, content = replacement["deletedRegion"], replacement["insertedContent"]
                text = content["text"].encode() if "text" in content else b64decode(content["binary"])
                start = offset_of(source, region["startLine"], region["startColumn"])
                end = offset_of(source, region["endLine"], region["endColumn"])
                edits.append(Edit(Span(start, end), text))
            assert finding.fix is not None
            expected = [behind_the_mark(source, edit) for edit in finding.fix.edits]
            assert apply_edits(source.text, edits) == apply_edits(source.text, expected)
            applied += 1
    assert applied > 300


def behind_the_mark(source: SourceFile, edit: Edit) -> Edit:
    """A byte order mark has no column: what would come before it comes behind it."""
    least = len(BOM) if source.text.startswith(BOM) else 0
    return Edit(Span(max(edit.span.start, least), max(edit.span.end, least)), edit.text)


# ------------------------------------------------------------------ what readers ask for beside the schema


def github_objections(log: Any) -> list[str]:
    """What GitHub's code scanning refuses or drops (docs: "SARIF support for code scanning")."""
    (run,) = log["runs"]
    found = []
    compressed = len(gzip.compress(json.dumps(log).encode()))
    limits = [
        ("bytes compressed", compressed, 10 * 2**20),
        ("runs", len(log["runs"]), 20),
        ("results", len(run["results"]), 25_000),
        ("rules", len(run["tool"]["driver"]["rules"]), 25_000),
        *(("tags", len(rule["properties"]["tags"]), 20) for rule in run["tool"]["driver"]["rules"]),
        *(("locations", len(result["locations"]), 1_000) for result in run["results"]),
        *(("related locations", len(result.get("relatedLocations", ())), 1_000) for result in run["results"]),
    ]
    found += [f"{number} {what}" for what, number, most in limits if number > most]
    for rule in run["tool"]["driver"]["rules"]:
        for key in ("shortDescription", "fullDescription"):
            if len(rule.get(key, {"text": ""})["text"]) > 1_024:
                found.append(f"{key} of {rule['id']} is too long")
    for result in run["results"]:
        found += _objections_to(result, [rule["id"] for rule in run["tool"]["driver"]["rules"]])
    names = [(result["ruleId"], json.dumps(result["partialFingerprints"])) for result in run["results"]]
    if len(set(names)) != len(names):
        found.append("fingerprints are not unique")
    return found


def _objections_to(result: Any, rules: list[str]) -> list[str]:
    found = []
    if not result["locations"]:
        found.append("no location")
    if rules[result["ruleIndex"]] != result["ruleId"]:
        found.append(f"ruleIndex of {result['ruleId']}")
    if "fixes" in result and not all(fix["artifactChanges"] for fix in result["fixes"]):
        found.append("a fix without changes")
    for place in result["locations"]:
        artifact = place["physicalLocation"]["artifactLocation"]
        if "uriBaseId" in artifact and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", artifact["uri"]):
            found.append(f"{artifact['uri']} is not relative")
        if not re.fullmatch(r"(?:[A-Za-z0-9._~/:-]|%[0-9A-F]{2})+", artifact["uri"]):
            found.append(f"{artifact['uri']} is no uri")
    return found


def test_sarif_meets_githubs_rules(report: Report) -> None:
    assert github_objections(json.loads(render("sarif", report))) == []


def test_sarif_leaves_out_what_github_has_no_room_for_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sarif.MOST_RESULTS, sarif.MOST_LOCATIONS) == (25_000, 1_000)
    monkeypatch.setattr(sarif, "MOST_RESULTS", 25)
    (run,) = json.loads(render("sarif", Report((many_findings(15, Severity.WARNING), many_findings(16)))))["runs"]
    levels = [result["level"] for result in run["results"]]
    assert (levels.count("error"), levels.count("warning")) == (16, 9)
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("6 findings are left out")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_names_each_related_place_once_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "var a; var b; var c;"
    finding = finding_at(text, "var")._replace(related=(Span(7, 10), Span(7, 10), Span(14, 17), Span(0, 3)))
    monkeypatch.setattr(sarif, "MOST_LOCATIONS", 2)
    (run,) = json.loads(render("sarif", Report((result_of("a.js", text, finding),))))["runs"]
    places = run["results"][0]["relatedLocations"]
    assert [place["physicalLocation"]["region"]["startColumn"] for place in places] == [8, 15]


def test_gitlab_fingerprints_are_unique(report: Report) -> None:
    names = [issue["fingerprint"] for issue in json.loads(render("gitlab", report))]
    assert len(set(names)) == len(names) == report.findings + len(report.errors)


def strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a JSON value, each with the key it stands under."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, key)
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize("format_name", ["gitlab", "sarif", "rdjson", "rdjsonl"])
def test_json_for_servers_has_nothing_that_they_cannot_store(format_name: str) -> None:
    output = render(format_name, big_report())
    assert output.isascii()
    for key, text in strings(values_of(format_name, output)):
        text.encode()  # fails on a lone surrogate
        assert "\x00" not in text or (key == "text" and "Plain." in text)  # but what a fix writes is what it writes


def test_no_line_of_rdjsonl_is_longer_than_reviewdog_reads() -> None:
    lines = render("rdjsonl", big_report()).split("\n")
    assert max(map(len, lines)) < 64 * 1024
    whole = json.loads(render("rdjson", big_report()))["diagnostics"]
    assert len(lines) - 1 == len(whole)
    differing = [(json.loads(line), item) for line, item in zip(lines, whole, strict=False) if json.loads(line) != item]
    assert [sorted(item.keys() - line.keys()) for line, item in differing] == [[], ["suggestions"]]
    cut = differing[0][0]["message"]
    assert cut.endswith("🎉x…")
    assert len(cut) == 4_001


def test_github_commands_are_whole_and_within_the_runners_bounds() -> None:
    output = render("github", big_report())
    commands = parse_commands(output)
    assert len(commands) == output.count("\n")  # no line is anything but a command, none is two
    kinds = [kind for kind, _, _ in commands]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"error": 9, "warning": 9, "notice": 10}
    for _, properties, _ in commands:
        assert properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}


def test_azure_commands_are_whole() -> None:
    lines = render("azure", big_report()).removesuffix("\n").split("\n")
    assert len(lines) == big_report().findings + len(big_report().errors)
    for line in lines:
        properties, _ = parse_azure(line)
        assert properties["type"] in ("error", "warning")
        assert properties.keys() <= {"type", "sourcepath", "linenumber", "columnnumber", "code"}


def test_xml_reports_have_every_finding() -> None:
    junit = ElementTree.fromstring(render("junit", big_report()).encode())
    assert len(list(junit.iter("failure"))) == big_report().findings
    assert len(list(junit.iter("error"))) == len(PATHS)
    checkstyle = ElementTree.fromstring(render("checkstyle", big_report()).encode())
    assert len(list(checkstyle.iter("error"))) == big_report().findings + len(PATHS)


def test_the_paths_of_junit_and_checkstyle_are_those_of_the_files() -> None:
    text = "var a;"
    report = Report((result_of("a & <b>.js", text, finding_at(text, "var")),))
    for format_name, names in (("junit", "testsuite"), ("checkstyle", "file")):
        root = ElementTree.fromstring(render(format_name, report, prefix="web").encode())
        assert [found.get("name") for found in root.iter(names)] == ["web/a & <b>.js"]
