"""What ``--show-routing`` prints."""

from __future__ import annotations

from report_samples import finding_at, result_of

from thea_hook.core.report import FileResult, Report
from thea_hook.core.routing import Attempt, Outcome, Routing
from thea_hook.reporting.routing import routing_lines


def test_every_attempt_has_a_line_and_what_came_of_them_another() -> None:
    found = Routing(
        "code_repair: one error",
        (
            Attempt("trm", Outcome.FAILED, "trm.onnx: cannot be read"),
            Attempt("rlm", Outcome.ANSWERED, "proposed 2", 1.2345),
        ),
        "ml:rlm",
    )
    nothing = Routing("iterative_refinement: two errors", (Attempt("trm", Outcome.ABSTAINED, "nothing to add", 0.01),))
    report = Report((FileResult("a.js", routing=(found, nothing)), FileResult("b.js")))
    assert list(routing_lines(report)) == [
        "a.js: code_repair: one error",
        "  trm failed: trm.onnx: cannot be read",
        "  rlm answered in 1,234 ms: proposed 2",
        "  the repair of ml:rlm",
        "a.js: iterative_refinement: two errors",
        "  trm abstained in 10 ms: nothing to add",
        "  no repair",
    ]


def test_broken_files_from_the_cache_are_named_and_others_are_not() -> None:
    text = "f(a;\n"
    broken = finding_at(text, ";", rule="syntax-error")._replace(category="syntax")
    results = (
        result_of("a.js", text, broken)._replace(cached=True),
        result_of("b.js", text, finding_at(text, "a"))._replace(cached=True),
        result_of("c.js", text, broken),
    )
    assert list(routing_lines(Report(results))) == [
        "a.js: its result is from the cache, and no model was asked; --no-cache asks again"
    ]
