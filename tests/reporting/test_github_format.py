from __future__ import annotations

from report_samples import HOSTILE, finding_at, hostile_report, many_findings, render, result_of, small_report

from thea_hook.core.finding import Severity
from thea_hook.core.report import Report

Annotation = tuple[str, dict[str, str], str]


def parse_commands(output: str) -> list[Annotation]:
    """What the runner makes of a step's output: a port of its command parser and of its unescaping."""
    found = []
    for line in output.split("\n"):
        text = line.strip()
        if not text.startswith("::") or (end := text.find("::", 2)) < 0:
            continue
        name, _, pairs = text[2:end].partition(" ")
        properties = {}
        for pair in filter(None, pairs.split(",")):
            key, _, value = pair.partition("=")
            for escaped, character in [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]:
                value = value.replace(escaped, character)
            properties[key] = value
        message = text[end + 2 :].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        found.append((name, properties, message))
    return found


def annotations(report: Report, **options: str) -> list[Annotation]:
    return parse_commands(render("github", report, **options))


def test_a_small_report_gives_these_commands() -> None:
    assert render("github", small_report()) == (
        "::error file=broken.js,title=thea-hook (read failed)::permission denied\n"
        "::error file=src/a.js,line=2,endLine=2,col=1,endColumn=4,title=thea-hook (no-var)::"
        "no-var: Unexpected `var`.\n"
        "::warning file=src/a.js,line=4,endLine=4,col=2,endColumn=11,title=thea-hook (no-debugger)::"
        "no-debugger: A `debugger` statement.\n"
    )


def test_hostile_text_comes_back_as_it_was() -> None:
    report = hostile_report()
    output = render("github", report)
    assert output.count("\n") == 3
    found = parse_commands(output)
    assert [name for name, _, _ in found] == ["error"] * 3
    seen_path = report.results[0].path.encode("utf-8", "backslashreplace").decode()
    assert {properties["file"] for _, properties, _ in found} == {seen_path}
    message = HOSTILE.encode("utf-8", "backslashreplace").decode()
    assert [text for _, _, text in found] == [message, f"no-var: {message}", f"no-var: {message}"]


def test_percent_signs_survive_although_they_look_like_escapes() -> None:
    text = "var a;"
    result = result_of("100%25,a:b.js", text, finding_at(text, "var", message="50%0A %25 %3A"))
    ((_, properties, message),) = annotations(Report((result,)))
    assert properties["file"] == "100%25,a:b.js"
    assert message == "no-var: 50%0A %25 %3A"


def test_no_kind_has_more_than_ten_and_a_notice_counts_the_rest() -> None:
    results = (many_findings(25), many_findings(9, Severity.WARNING), many_findings(12, Severity.INFO))
    found = annotations(Report(results))
    kinds = [kind for kind, _, _ in found]
    assert (kinds.count("error"), kinds.count("warning"), kinds.count("notice")) == (9, 9, 10)
    assert found[-1][2].startswith("16 more errors and 3 more notices not shown here")


def test_nine_of_a_kind_need_no_notice() -> None:
    assert len(annotations(Report((many_findings(9),)))) == 9


def test_lines_of_the_diff_come_first_then_errors() -> None:
    report = Report((many_findings(30, Severity.ERROR), many_findings(30, Severity.WARNING)))
    report = report._replace(changed_lines={"error.js": ((21, 22), (28, 28)), "warning.js": ((30, 40),)})
    found = [(kind, int(properties.get("line", 0))) for kind, properties, _ in annotations(report)]
    assert found[:5] == [("error", 21), ("error", 22), ("error", 28), ("warning", 30), ("error", 1)]


def test_columns_are_left_out_where_the_runner_would_drop_them() -> None:
    text = "f(\n1);"
    ((_, properties, _),) = annotations(Report((result_of("a.js", text, finding_at(text, "(\n1)")),)))
    assert properties == {"file": "a.js", "line": "1", "endLine": "2", "title": "thea-hook (no-var)"}


def test_paths_start_at_the_root_of_the_repository() -> None:
    found = annotations(small_report(), prefix="packages/web")
    assert {properties["file"] for _, properties, _ in found} == {
        "packages/web/src/a.js",
        "packages/web/broken.js",
    }
