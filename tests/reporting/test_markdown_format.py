from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from command_line import CommandLine
from report_samples import (
    HOSTILE,
    finding_at,
    fixed_report,
    hostile_report,
    many_findings,
    render,
    result_of,
    small_report,
)

from thea_hook.core.finding import Applicability, Severity
from thea_hook.core.report import FileError, FileResult, Report


def test_a_small_report_reads_like_this() -> None:
    report = small_report()._replace(results=small_report().results[:2])
    page = render("markdown", report, source_url="https://git.example.org/x/blob/1/")
    assert page == (Path(__file__).parent / "small_report.md").read_text("utf-8")


@pytest.mark.parametrize(
    "report, headline",
    [
        (Report(), "✅ thea-hook had no files to check"),
        (Report((FileResult("a.js"),)), "✅ thea-hook found nothing to complain about"),
        (fixed_report(), "✅ thea-hook fixed everything"),
        (fixed_report(wrote=False), "✅ thea-hook would fix everything"),
        (small_report(), "❌ thea-hook could not check 1 file"),
        (Report((many_findings(1),)), "thea-hook found 1 problem"),
    ],
)
def test_the_headline_says_how_it_went(report: Report, headline: str) -> None:
    assert render("markdown", report).splitlines()[0] == f"## {headline}"


def test_what_was_fixed_is_shown_without_carriage_returns() -> None:
    text = render("markdown", fixed_report())
    assert "What was fixed: 1 file" in text
    assert "\n-var x;\n+let x;\n" in text


def test_files_that_were_not_checked_are_named_with_the_reason() -> None:
    assert "| <code>broken.js</code> | permission denied |" in render("markdown", small_report())


def test_lines_of_the_diff_come_first() -> None:
    text = "var a;\nvar b;\n"
    first, second = finding_at(text, "var a"), finding_at(text, "var b")
    report = Report((result_of("a.js", text, first, second),), changed_lines={"a.js": ((2, 2),)})
    assert re.findall("a.js&#58;([0-9])", render("markdown", report)) == ["2", "1"]


@pytest.mark.parametrize(
    "variables, address",
    [
        (
            {"GITHUB_SERVER_URL": "https://gh.example.org", "GITHUB_REPOSITORY": "a/b", "GITHUB_SHA": "12"},
            "](https://gh.example.org/a/b/blob/12/x.mjs#L1)",
        ),
        (
            {"CI_PROJECT_URL": "https://gl.example.org/a/b", "CI_COMMIT_SHA": "12"},
            "](https://gl.example.org/a/b/-/blob/12/x.mjs#L1)",
        ),
        ({"CI_COMMIT_SHA": "12", "GITHUB_SHA": "12"}, "| <code>x.mjs&#58;1&#58;1</code> |"),
    ],
)
def test_findings_link_to_where_the_server_shows_them(
    thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], address: str
) -> None:
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "CI_PROJECT_URL", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (project / "x.mjs").write_text("var a = 1;\nf(a);\n")
    assert address in thea("--output-format", "markdown", "--select", "no-var", "x.mjs").out


def test_a_suggestion_of_a_model_says_how_sure_it_is() -> None:
    found = finding_at("f(x;\n", ";", fix=");", applicability=Applicability.UNSAFE)
    assert found.fix is not None
    found = found._replace(fix=found.fix._replace(confidence=0.75))
    page = render("markdown", Report((result_of("a.js", "f(x;\n", found),)))
    assert "<br>💡 Replace with <code>);</code>. (75% sure) |" in page


def test_paths_start_at_the_root_of_the_repository() -> None:
    text = render("markdown", Report((many_findings(1),)), prefix="packages/a b/", source_url="https://x/")
    assert "(https://x/packages/a%20b/error.js#L1)" in text
    assert "--- a/packages/a b/error.js" in text
    assert "run this in <code>packages/a b/</code>" in text


def test_unsafe_fixes_are_shown_where_they_are_asked_for() -> None:
    text = render("markdown", small_report(), unsafe_fixes=True)
    assert "-\tdebugger;" in text
    assert "--fix --unsafe-fixes" in text


def test_long_lists_are_cut_and_say_so() -> None:
    text = "var x;\n" * 60
    findings = [finding_at(text, "var", rule=f"rule-{number}", fix="let") for number in range(60)]
    page = render("markdown", Report((result_of("a.js", text, *findings), *(many_findings(300) for _ in "ab"))))
    assert "<details><summary>660 problems, the first 50 of them" in page
    assert "and 51 rules more" in page
    assert re.search(r"\n\d+ more lines are not shown.", page)
    errors = tuple(FileResult(f"{n}.js", error=FileError(f"{n}.js", "read", "gone")) for n in range(12))
    assert "and 2 files more" in render("markdown", Report(errors))


def test_the_longest_page_fits_into_a_job_summary() -> None:
    line = "\u202e" * 400 + ";\n"
    text = "var\n" + line * 9
    path = "/".join(["\u202e|" * 60] * 10)
    findings = [finding_at(text, "var", rule="`|" * 300, message="`|\u202e" * 2000, fix=line * 500) for _ in range(60)]
    results = tuple(result_of(f"{path}{number}", text, *findings) for number in range(3))
    errors = tuple(FileResult(path, error=FileError(path, "read", "|\u202e" * 5000)) for _ in range(50))
    assert len(render("markdown", Report((*results, *errors))).encode()) < 1024 * 1024


class Tags(HTMLParser):
    """The elements of a page that the source could have brought in."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.seen.update(f"{tag} {name}" for name, _ in attrs)


def rendered(page: str) -> str:
    """The page as HTML, by the rules of GitHub's dialect."""
    markdown_it = pytest.importorskip("markdown_it")
    return str(markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(page))


def test_hostile_text_brings_no_markup() -> None:
    page = render("markdown", hostile_report(), source_url="https://x/")
    html = rendered(page)
    tags = Tags()
    tags.feed(html)
    assert tags.seen <= {
        "h2", "p", "ul", "li", "code", "code class", "table", "thead", "tbody", "tr", "th", "td", "th style",
        "td style", "br", "details", "details open", "summary", "pre", "a", "a href",
    }  # fmt: skip
    assert re.findall('href="(.)', html) == ["h"] * len(re.findall("<a ", html))
    assert html.count("<tr>") == 1 + 1 + 1 + 1 + 1 + 2  # three tables: an error, a rule, two findings


def test_hostile_text_is_read_as_it_was_written() -> None:
    text = "`a` **b** <b> [c](d) | ~~e~~ &amp; \\* :tada: @f #1 $x$ ![g](h) http://x.org"
    html = rendered(
        render("markdown", Report((result_of("a.js", "var x;\n", finding_at("var x", "var", message=text)),)))
    )
    cell = re.findall("<td>(.*?)</td>", html)[-2]
    shown = re.sub("</?code>", "`", cell).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown == text


def test_a_diff_cannot_end_its_block() -> None:
    text = "var a = `\n````\n```` `;\n"
    page = render("markdown", Report((result_of("a.js", text, finding_at(text, "var", fix="let")),)))
    assert page.count("\n`````diff\n") == 1
    assert page.count("\n`````\n") == 1


def test_controls_are_shown_as_escapes() -> None:
    page = render("markdown", hostile_report())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", page)
    assert HOSTILE[:4] in page


def test_severities_have_signs() -> None:
    page = render("markdown", Report(tuple(many_findings(1, severity) for severity in Severity)))
    assert re.findall(r"\| (\S+) \| <code>", page) == ["❌", "⚠️", "ℹ️"]
