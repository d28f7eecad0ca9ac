from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from report_samples import (
    HOSTILE,
    empty_reports,
    finding_at,
    fixed_report,
    hostile_report,
    render,
    result_of,
    small_report,
)

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.patch import apply_edits
from thea_hook.core.report import FileResult, Report
from thea_hook.core.routing import Attempt, Outcome, Routing
from thea_hook.core.source import Span

COUNT = {"type": "integer", "minimum": 0}
PLACE = {"type": "integer", "minimum": 1}
TEXT = {"type": "string"}
RANGE = {"line": PLACE, "column": PLACE, "end_line": PLACE, "end_column": PLACE, "start_byte": COUNT, "end_byte": COUNT}


def exactly(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


COUNTS = {"type": "object", "additionalProperties": COUNT}
FIX = exactly(
    {
        "title": TEXT,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "applicability": {"enum": ["safe", "unsafe", "display"]},
        "edits": {"type": "array", "items": exactly({"start_byte": COUNT, "end_byte": COUNT, "text": TEXT})},
        "diff": {"type": ["string", "null"]},
    }
)
FINDING = exactly(
    {
        "path": TEXT,
        "rule": TEXT,
        "category": TEXT,
        "severity": {"enum": ["error", "warning", "info"]},
        "message": TEXT,
        **RANGE,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "source": TEXT,
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "fix": {"anyOf": [{"type": "null"}, FIX]},
        "related": {"type": "array", "items": exactly(RANGE)},
    }
)
FILE = exactly(
    {
        "path": TEXT,
        "findings": COUNT,
        "fixed": COUNT,
        "changed": {"type": "boolean"},
        "suppressed": COUNT,
        "baselined": COUNT,
        "cached": {"type": "boolean"},
    }
)
ATTEMPT = exactly(
    {
        "architecture": TEXT,
        "outcome": {"enum": ["answered", "abstained", "failed", "skipped"]},
        "reason": TEXT,
        "seconds": {"type": "number", "minimum": 0},
    }
)
ROUTING = Draft202012Validator(
    exactly(
        {
            "reason": TEXT,
            "answer": {"type": ["string", "null"]},
            "in_time": {"type": "boolean"},
            "attempts": {"type": "array", "items": ATTEMPT},
        }
    )
)
ERROR = exactly({"path": TEXT, "stage": TEXT, "message": TEXT})
STATS = exactly(
    {
        "files": COUNT,
        "cached": COUNT,
        "errors": COUNT,
        "findings": COUNTS,
        "fixable": exactly({"safe": COUNT, "unsafe": COUNT, "display": COUNT}),
        "fixed": COUNT,
        "fixed_by_rule": COUNTS,
        "skipped": COUNTS,
        "suppressed": COUNT,
        "baselined": COUNT,
    }
)
REPORT = Draft202012Validator(
    exactly(
        {
            "version": TEXT,
            "schema": {"const": 1},
            "files": {"type": "array", "items": FILE},
            "findings": {"type": "array", "items": FINDING},
            "errors": {"type": "array", "items": ERROR},
            "stats": STATS,
        }
    )
)


@pytest.mark.parametrize("report", [small_report(), hostile_report(), fixed_report(), *empty_reports()])
def test_every_report_keeps_the_contract(report: Report) -> None:
    REPORT.validate(json.loads(render("json", report)))


def test_a_finding_has_these_values() -> None:
    source = small_report().results[0].source
    assert source is not None
    name = fingerprints(source, sorted(small_report().results[0].findings, key=lambda found: found.sort_key))[0]
    assert json.loads(render("json", small_report()))["findings"][0] == {
        "path": "src/a.js",
        "rule": "no-var",
        "category": "style",
        "severity": "error",
        "message": "Unexpected `var`.",
        "line": 2,
        "column": 1,
        "end_line": 2,
        "end_column": 4,
        "start_byte": 9,
        "end_byte": 12,
        "confidence": 1.0,
        "source": "rules",
        "fingerprint": name,
        "fix": {
            "title": "Replace with `let`.",
            "applicability": "safe",
            "confidence": 1.0,
            "edits": [{"start_byte": 9, "end_byte": 12, "text": "let"}],
            "diff": "--- a/src/a.js\n+++ b/src/a.js\n@@ -1,5 +1,5 @@\n // first\n-var x = 1;\n+let x = 1;\n"
            " if (x) {\n \tdebugger;\n }\n",
        },
        "related": [],
    }


def test_counts_add_up() -> None:
    results = (*small_report().results, *fixed_report().results, FileResult("c.js", cached=True, suppressed=2))
    value = json.loads(render("json", Report(results, skipped={"ignored": 2})))
    assert value["stats"] == {
        "files": 5,
        "cached": 1,
        "errors": 1,
        "findings": {"no-debugger": 1, "no-var": 1},
        "fixable": {"safe": 1, "unsafe": 1, "display": 0},
        "fixed": 1,
        "fixed_by_rule": {"no-var": 1},
        "skipped": {"ignored": 2},
        "suppressed": 2,
        "baselined": 0,
    }
    assert value["errors"] == [{"path": "broken.js", "stage": "read", "message": "permission denied"}]


def test_related_places_have_positions() -> None:
    text = "let a;\nlet a;\n"
    finding = Finding("no-redeclare", "correctness", Span(11, 12), "again", related=(Span(4, 5),))
    (found,) = json.loads(render("json", Report((result_of("a.js", text, finding),))))["findings"]
    assert found["related"] == [
        {"line": 1, "column": 5, "end_line": 1, "end_column": 6, "start_byte": 4, "end_byte": 5}
    ]


def test_edits_made_from_the_json_give_the_fixed_text() -> None:
    text = "'🎉'; var é = 1;\r\n"
    report = Report((result_of("a.js", text, finding_at(text, "var é", fix="let ü")),))
    (found,) = json.loads(render("json", report))["findings"]
    edits = [Edit(Span(edit["start_byte"], edit["end_byte"]), edit["text"].encode()) for edit in found["fix"]["edits"]]
    assert apply_edits(text.encode(), edits).decode() == "'🎉'; let ü = 1;\r\n"


def test_hostile_text_comes_back_and_takes_one_line() -> None:
    lines = render("json-lines", hostile_report()).splitlines()
    assert len(lines) == 3
    first, second, error = map(json.loads, lines)
    assert first["message"] == second["message"] == error["message"] == HOSTILE
    assert first["fix"]["title"] == HOSTILE
    assert "rule" not in error
    assert error["stage"] == "read"


def test_json_lines_are_the_findings_of_json_and_then_the_errors() -> None:
    value = json.loads(render("json", small_report()))
    lines = [json.loads(line) for line in render("json-lines", small_report()).splitlines()]
    assert lines == value["findings"] + value["errors"]


def test_the_diff_of_a_fix_in_a_minified_line_is_left_out() -> None:
    text = "x;" * 100_000 + "var a;"
    report = Report((result_of("a.js", text, finding_at(text, "var", fix="let")),))
    (found,) = json.loads(render("json", report))["findings"]
    assert found["fix"]["diff"] is None
    assert found["fix"]["edits"] == [{"start_byte": 200_000, "end_byte": 200_003, "text": "let"}]


def test_a_fix_without_edits_is_written() -> None:
    finding = Finding("no-var", "style", Span(0, 3), "m", fix=Fix("think again", (), Applicability.DISPLAY))
    (found,) = json.loads(render("json", Report((result_of("a.js", "var a;", finding),))))["findings"]
    assert found["fix"] == {
        "title": "think again",
        "applicability": "display",
        "confidence": 1.0,
        "edits": [],
        "diff": "",
    }


def test_the_documented_example_keeps_the_contract() -> None:
    page = Path(__file__).parents[2] / "docs" / "output-formats.md"
    example = page.read_text("utf-8").partition("```json\n")[2].partition("```")[0]
    REPORT.validate(json.loads(example))


ROUTED = Routing(
    "code_repair: a text of 5 bytes",
    (
        Attempt("trm", Outcome.FAILED, HOSTILE, 0.0123456),
        Attempt("rlm", Outcome.ANSWERED, "proposed 1", 0.5),
        Attempt("mamba", Outcome.SKIPPED, "no time was left"),
    ),
    "ml:rlm",
    in_time=False,
)


def test_a_file_says_whom_it_was_given_to_where_that_is_asked_for() -> None:
    report = Report((result_of("a.js", "f(a;\n")._replace(routing=(ROUTED,)), FileResult("b.js")))
    first, second = json.loads(render("json", report, routing=True))["files"]
    ROUTING.validate(first["routing"][0])
    assert first["routing"][0]["attempts"][0] == {
        "architecture": "trm",
        "outcome": "failed",
        "reason": HOSTILE,
        "seconds": 0.0123,
    }
    assert (first["routing"][0]["answer"], first["routing"][0]["in_time"]) == ("ml:rlm", False)
    assert second["routing"] == []


def test_two_runs_write_the_same_report_where_nobody_asks_for_the_routing() -> None:
    report = Report((result_of("a.js", "f(a;\n")._replace(routing=(ROUTED,)),))
    assert "routing" not in json.loads(render("json", report))["files"][0]


def test_a_result_from_the_cache_says_nothing_of_models() -> None:
    report = Report((FileResult("a.js", cached=True),))
    assert json.loads(render("json", report, routing=True))["files"][0]["routing"] is None
