"""The HTML report as text: what is in it, and that nothing in it is anything but text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from command_line import CommandLine
from hostile_reports import big_report
from html_page import PAYLOADS, Element, hostile_report, parse, visible
from report_samples import (
    empty_reports,
    finding_at,
    fixed_report,
    many_findings,
    options,
    render,
    result_of,
    small_report,
)

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting import RuleInfo, writer
from thea_hook.reporting.text import DECEPTIVE

EXAMPLES = Path(__file__).parents[2] / "examples" / "shop"

TAGS = set(
    "html head meta title link style script body a header div h1 h2 h3 p button dl dt dd form label input select "
    "datalist fieldset legend main section article details summary span code pre mark b bdi i ul li small del ins "
    "footer kbd".split()
)


def page_of(*results: FileResult, **changes: object) -> Element:
    return parse(render("html", Report(results), **changes))


def page_of_one(text: str, *findings: Finding) -> Element:
    return page_of(result_of("src/a.js", text, *findings))


def in_order(result: FileResult) -> list[Finding]:
    return sorted(result.findings, key=lambda finding: finding.sort_key)


def code_of(page: Element) -> list[str]:
    """The lines of all frames, each with its number, and ``[...]`` around what is marked."""
    return [
        f"{line.attributes['data-n']} {_with_marks(line)}".rstrip("\n")
        for pre in page.all("pre")
        if "diff" not in pre.classes
        for line in pre.all("code")
    ]


def _with_marks(element: Element) -> str:
    parts = [child if isinstance(child, str) else _with_marks(child) for child in element.children]
    return f"[{''.join(parts)}]" if element.tag == "mark" else "".join(parts)


def diff_of(page: Element) -> list[str]:
    """The lines of all diffs as ``number sign text``, with ``[...]`` around what differs."""
    return [
        f"{line.attributes['data-n']} {''.join(_part(child) for child in line.children)}".rstrip("\n")
        for pre in page.all(".diff")
        for line in pre.walk()
        if line.tag in ("del", "ins")
    ]


def _part(child: Element | str) -> str:
    return child if isinstance(child, str) else f"[{child.text}]"


# ------------------------------------------------------------------ what is shown


def test_a_finding_stands_below_its_line_with_the_lines_around_it() -> None:
    page = parse(render("html", small_report()))
    assert code_of(page) == [
        "1 // first", "2 [var] x = 1;", "3 if (x) {", "4 \t[debugger;]", "5 }", "6 x == y;",
    ]  # fmt: skip
    first, second = page.all("article")
    assert [first.one("h3").text, second.one("h3").text] == [
        "error Unexpected `var`.".replace("`", ""),
        "warning A debugger statement.",
    ]
    assert first.one(".where").text == "2:1 no-var"
    assert second.one(".where").text == "4:2 no-debugger · 90% confident"
    frame = page.one(".frame")
    assert [child.tag for child in frame.children if isinstance(child, Element)] == [
        "pre", "article", "pre", "article", "pre",
    ]  # fmt: skip


def test_a_fix_is_a_diff_with_its_grade_in_which_the_changed_words_stand_out() -> None:
    page = parse(render("html", small_report()))
    assert [fix.text for fix in page.all(".fix")] == ["safe fix Replace with let.", "unsafe fix Replace with ``."]
    assert diff_of(page) == ["2 - [var] x = 1;", "2 + [let] x = 1;", "4 - \t[debugger;]", "4 + \t"]


@pytest.mark.parametrize("confidence,shown", [(1.0, "suggestion "), (0.46, "suggestion, 46% sure ")])
def test_a_suggestion_says_how_sure_it_is(confidence: float, shown: str) -> None:
    finding = finding_at("f(a b)", "b")
    fix = Fix("Insert a comma", (Edit(Span(3, 3), b","),), Applicability.DISPLAY, confidence)
    page = page_of_one("f(a b)", finding._replace(fix=fix))
    assert page.one(".fix").text == f"{shown}Insert a comma"
    assert diff_of(page) == ["1 - f(a b)", "1 + f(a[,] b)"]


def test_each_finding_has_its_fingerprint_for_an_address() -> None:
    report = small_report()
    page = parse(render("html", report, prefix="packages/web/"))
    (result, *_) = report.results
    assert result.source is not None
    names = fingerprints(result.source, in_order(result), "packages/web/src/a.js")
    assert [article.attributes["id"] for article in page.all("article")] == names
    assert [article.one(".where").all("a")[0].attributes["href"] for article in page.all("article")] == [
        f"#{name}" for name in names
    ]
    assert page.one(".file").attributes["data-path"] == "packages/web/src/a.js"


def test_the_head_counts_what_the_run_gave() -> None:
    results = (*small_report().results, *fixed_report().results)
    hidden = result_of("src/c.js", "x;\n")._replace(suppressed=3, baselined=4)
    page = parse(render("html", Report((*results, hidden), skipped={"ignored": 2, "too large": 1})))
    figures = {div.one("dt").text: [dd.text for dd in div.all("dd")] for div in page.one(".figures").all("div")}
    assert figures == {
        "Problems": ["2", "1 error, 1 warning"],
        "Fixable": ["2", "1 safe, 1 unsafe"],
        "Suggestions": ["0"],
        "Fixed": ["1"],
        "Not shown": ["7", "3 suppressed, 4 in the baseline"],
        "Files skipped": ["3", "2 ignored, 1 too large"],
        "Files failed": ["1"],
    }
    assert page.one("h1").text == "2 problems in 1 file"
    assert page.one(".title").all("p")[0].text == "thea-hook 1.2.3 · 5 files checked"
    assert page.one("title").text == "thea-hook: 2 problems in 1 file"


@pytest.mark.parametrize(
    "report,headline",
    [
        (Report(), "No files to check"),
        (Report((result_of("a.js", "x;\n"),)), "No problems in 1 file"),
        (Report((FileResult("a.js", error=FileError("a.js", "read", "gone")),)), "1 file could not be checked"),
    ],
)
def test_a_report_without_findings_says_so(report: Report, headline: str) -> None:
    page = parse(render("html", report))
    assert page.one("h1").text == headline
    assert not page.all("article")
    assert not page.all(".rules")


def test_what_was_fixed_is_a_diff() -> None:
    page = parse(render("html", fixed_report(), show_fixes=True))
    section = page.one(".fixed")
    assert section.one("h2").text == "Fixed"
    assert section.one("summary").text == "src/a b.js 1 × no-var"
    assert diff_of(section) == ["1 - [var] x;", "1 + [let] x;"]
    page = parse(render("html", fixed_report(wrote=False), show_fixes=True))
    assert page.one(".fixed").one("h2").text == "Would be fixed"
    assert not parse(render("html", fixed_report(), show_fixes=False)).all(".fixed")


def test_a_fix_that_was_taken_back_is_named() -> None:
    (result, *_) = small_report().results
    page = page_of(result._replace(refused=((result.findings[0], "it broke the file"),)), show_fixes=True)
    assert page.one(".fixed").one("p").text == "A fix of no-debugger was not made: it broke the file"


def test_a_file_that_failed_is_named_with_its_reason() -> None:
    page = parse(render("html", small_report(), prefix="web/"))
    assert page.one(".errors").one("li").text == "web/broken.js read failed: permission denied"


def test_a_rule_is_explained_once_and_its_findings_link_there() -> None:
    page = parse(render("html", Report((many_findings(3), *small_report().results))))
    first, second = page.one(".rules").all(".rule-info")
    assert first.text == "no-debugger styleNo debugger statements."
    assert second.text == "no-var styleUse let or const.A var is seen in the whole function.Read on"
    assert second.one("a").attributes["href"] == "https://example.org/no-var"
    assert {link.attributes["href"] for link in page.all(".rule")} == {
        f"#{first.attributes['id']}",
        f"#{second.attributes['id']}",
    }


@pytest.mark.parametrize(
    "url,links", [("javascript:alert(1)", 0), ("data:text/html,x", 0), ("//example.org", 0), ("https://example.org", 1)]
)
def test_the_address_of_a_rule_is_a_link_only_where_it_leads_to_the_web(url: str, links: int) -> None:
    out = BytesIO()
    rules = {"no-var": RuleInfo("Summary.", url=url)}
    writer("html")(Report((many_findings(1),)), out, options()._replace(rule=rules.get))
    assert len(parse(out.getvalue().decode()).one(".rules").all("a")) == links


def test_findings_on_changed_lines_are_marked_where_a_diff_was_checked() -> None:
    report = small_report()._replace(changed_lines={"src/a.js": ((4, 9),)})
    page = parse(render("html", report))
    assert ["data-changed" in article.attributes for article in page.all("article")] == [False, True]
    assert page.one(".title").all("p")[0].text.endswith("3 files checked, selected by a diff")


# ------------------------------------------------------------------ frames


def test_lines_that_several_findings_share_are_shown_once() -> None:
    page = page_of(many_findings(200))
    numbers = [line.split()[0] for line in code_of(page)]
    assert numbers == [str(number) for number in range(1, 201)]
    assert len(page.all("article")) == 200
    assert max(len(frame.all("article")) for frame in page.all(".frame")) <= 20  # or no browser could skip any


def test_findings_far_apart_have_frames_of_their_own() -> None:
    text = "".join(f"line{number};\n" for number in range(1, 31))
    page = page_of_one(text, finding_at(text, "line3"), finding_at(text, "line20"))
    assert [[line.split()[0] for line in code_of(frame)] for frame in page.all(".frame")] == [
        ["1", "2", "3", "4", "5"],
        ["18", "19", "20", "21", "22"],
    ]


def test_a_span_of_several_lines_is_marked_on_each_of_them() -> None:
    page = page_of_one("a(\n\tb,\n\n)\nc;\n", Finding("r", "style", Span(1, 9), "m"))
    assert code_of(page) == ["1 a[(]", "2 [\tb,]", "3 [ ]", "4 [)]", "5 c;"]
    assert page.one(".where").all("a")[0].text == "1:2 to line 4"


def test_a_span_that_ends_with_a_line_break_does_not_mark_the_next_line() -> None:
    page = page_of_one("a;\nb;\nc;\n", Finding("r", "style", Span(3, 6), "m"))
    assert code_of(page) == ["1 a;", "2 [b;]", "3 c;"]


def test_of_a_long_span_the_beginning_is_shown() -> None:
    text = "".join(f"line{number};\n" for number in range(1, 101))
    page = page_of_one(text, Finding("r", "style", Span(0, len(text)), "m"))
    assert [line.split()[0] for line in code_of(page)] == [str(number) for number in range(1, 10)]
    assert page.one(".where").all("a")[0].text == "1:1 to line 101"


def test_overlapping_marks_name_all_of_their_findings_and_take_the_worst_colour() -> None:
    outer = Finding("r", "style", Span(0, 9), "m", Severity.INFO)
    inner = Finding("r", "style", Span(3, 5), "m", Severity.ERROR)
    marks = page_of_one("abcdefghi\n", outer, inner).all("mark")
    assert [(mark.text, mark.attributes["data-f"], mark.classes) for mark in marks] == [
        ("abc", "0", ["info"]), ("de", "0 1", ["error"]), ("fghi", "0", ["info"]),
    ]  # fmt: skip


def test_marks_count_findings_through_all_files() -> None:
    page = page_of(result_of("a.js", "var x;\n", finding_at("var x;\n", "x")), many_findings(2))
    assert [mark.attributes["data-f"] for mark in page.all("mark")] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "text,span,line",
    [
        ("abc\n", Span(1, 1), "1 a[b]c"),
        ("abc\n", Span(3, 3), "1 abc[ ]"),
        ("abc", Span(3, 3), "1 abc[ ]"),
        ("", Span(0, 0), "1 [ ]"),
        ("\ufeffabc\n", Span(3, 4), "1 [a]bc"),
        ("é🎉x\n", Span(6, 7), "1 é🎉[x]"),
        ("a\r\n", Span(0, 1), "1 [a]"),
    ],
)
def test_a_place_is_marked_where_it_is(text: str, span: Span, line: str) -> None:
    assert code_of(page_of_one(text, Finding("r", "style", span, "m")))[0] == line


def test_a_line_that_no_screen_shows_whole_comes_in_pieces() -> None:
    text = "a" * 500 + "var" + "b" * 5_000 + "let" + "c" * 500
    page = page_of_one(text, finding_at(text, "var"), finding_at(text, "let"))
    lines = code_of(page)
    assert [len(line) for line in lines] == [166, 166]
    assert lines[0].startswith(f"1 …{'a' * 40}[var]bbb")
    assert lines[1].startswith(f"1 …{'b' * 40}[let]ccc")
    assert [child.tag for child in page.one(".frame").children if isinstance(child, Element)] == [
        "pre", "article", "pre", "article",
    ]  # fmt: skip


def test_a_long_line_without_findings_is_cut() -> None:
    text = f"var x;\n{'y' * 1_000}\n"
    assert code_of(page_of_one(text, finding_at(text, "var")))[1] == f"2 {'y' * 160}…"


def test_a_minified_file_is_not_repeated_for_each_finding() -> None:
    text = "var x;" * 500
    spans = [Span(at, at + 3) for at in range(0, len(text), 6)]
    fixes = [Fix("t", (Edit(span, b"let"),), Applicability.SAFE) for span in spans]
    findings = [Finding("no-var", "style", span, "m", fix=fix) for span, fix in zip(spans, fixes, strict=True)]
    page = render("html", Report((result_of("min.js", text, *findings),)))
    frames = [len(frame.all("article")) for frame in parse(page).all(".frame")]
    assert sum(frames) == 500
    assert max(frames) < 50  # or a browser would lay out all of them to show one
    assert len(page) < 500 * 1_000 + 40_000


def test_the_lines_of_a_long_diff_are_counted() -> None:
    text = "".join(f"a{number};\n" for number in range(100))
    finding = Finding("r", "style", Span(0, 1), "m")
    edits = (Edit(Span(0, len(text)), text.replace("a", "b").encode()),)
    page = page_of_one(text, finding._replace(fix=Fix("t", edits, Applicability.SAFE)))
    assert len(diff_of(page)) == 20
    assert page.one(".diff").text.endswith("… 180 more lines\n")


# ------------------------------------------------------------------ safety


@pytest.fixture(scope="module")
def hostile() -> str:
    return render("html", hostile_report(), show_fixes=True, prefix="<script>/")


@pytest.fixture(scope="module")
def hostile_page(hostile: str) -> Element:
    return parse(hostile)


def test_hostile_text_opens_no_element_and_no_attribute(hostile_page: Element) -> None:
    small = parse(render("html", small_report(), show_fixes=True))
    known = {(element.tag, name) for element in small.walk() for name in element.attributes}
    known |= {("article", "data-changed"), ("section", "class"), ("details", "class"), ("code", "class")}
    elements = [element for element in hostile_page.walk() if element.tag]
    assert {element.tag for element in elements} <= TAGS
    assert {(element.tag, name) for element in elements for name in element.attributes} <= known
    assert len(hostile_page.all("script")) == len(hostile_page.all("style")) == 1


def test_links_lead_to_places_of_the_page_or_to_the_web(hostile_page: Element) -> None:
    ids = [element.attributes["id"] for element in hostile_page.walk() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for link in hostile_page.all("a"):
        href = link.attributes["href"]
        assert href.removeprefix("#") in ids or href.startswith("https://")
    assert [element.attributes["href"][:20] for element in hostile_page.all("link")] == ["data:image/svg+xml,%"]
    assert not [element for element in hostile_page.walk() if {"src", "action", "srcdoc"} & set(element.attributes)]


def test_the_policy_admits_the_style_and_the_script_of_the_page_alone(hostile_page: Element) -> None:
    (meta,) = [m for m in hostile_page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in meta.attributes["content"].split(";"))
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        digest = sha256(hostile_page.one(tag).text.encode()).digest()
        assert policy[directive] == f"'sha256-{b64encode(digest).decode()}'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"


def test_the_script_takes_nothing_for_markup_or_for_code(hostile_page: Element) -> None:
    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(|XMLHttp|import\("
    assert not re.search(dangerous, hostile_page.one("script").text)
    assert not re.search(r"url\(|@import|expression", hostile_page.one("style").text)


def test_every_hostile_finding_is_there_word_for_word(hostile_page: Element) -> None:
    shown = [
        (article.one(".message").text, article.attributes["data-rule"], article.attributes["data-category"])
        for article in hostile_page.all("article")
    ]
    expected = [
        (visible(finding.message).replace("`", ""), visible(finding.rule_id), visible(finding.category))
        for result in hostile_report().results
        for finding in in_order(result)
    ]
    assert sorted((message.replace("`", ""), *others) for message, *others in shown) == sorted(expected)
    assert len(shown) > 1_000
    failed = [item.text for item in hostile_page.one(".errors").all("li")]
    plain = [visible(payload).replace("`", "") for payload in PAYLOADS]
    assert [payload in text.replace("`", "") for payload, text in zip(plain, failed, strict=True)] == [True] * len(
        plain
    )


def test_the_code_of_a_hostile_report_is_the_source(hostile_page: Element) -> None:
    compared = 0
    for file, result in zip(hostile_page.all(".file"), hostile_report().results, strict=False):
        assert result.source is not None
        for line in file.all("code"):
            if number := line.attributes.get("data-n"):
                original = result.source.line(int(number)).decode()
                expected = "\t".join(map(visible, original.split("\t")))
                assert line.text.rstrip("\n").strip("…") in f"{expected} "
                compared += 1
    assert compared > 1_000


def test_no_character_of_a_report_can_deceive(hostile: str) -> None:
    assert set(DECEPTIVE.findall(hostile)) == {"\n", "\t"}
    attributes = [value for element in parse(hostile).walk() for value in element.attributes.values()]
    assert not [value for value in attributes if DECEPTIVE.search(value)]


def test_what_the_source_holds_unseen_is_shown_in_a_frame_of_its_own() -> None:
    text = "x = '\u202e\x07\t';\n"
    page = page_of_one(text, finding_at(text, "x", message="a\x1bb\nc"))
    assert [escape.text for escape in page.one("pre").all("i")] == ["\\u202e", "\\x07"]
    assert [escape.text for escape in page.one(".message").all("i")] == ["\\x1b", "\\n"]
    assert "\t" in page.one("pre").text


def test_the_same_findings_give_the_same_bytes() -> None:
    report = small_report()
    other = report._replace(results=tuple(result._replace(cached=True) for result in report.results))
    assert render("html", report) == render("html", other)
    assert not re.search(r"\b20[2-9]\d-\d\d", render("html", report))


def test_every_report_is_well_formed() -> None:
    for report in [
        *empty_reports(),
        big_report(),
        small_report(),
        fixed_report(),
        Report((many_findings(2, Severity.INFO),)),
    ]:
        parse(render("html", report, show_fixes=True))


def test_no_other_format_imports_what_writes_the_page() -> None:
    code = "import sys; from thea_hook.reporting import FORMATS, writer; [writer(n) for n in FORMATS if n != 'html']; "
    code += "print([name for name in sys.modules if 'html' in name])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_the_page_has_a_language_a_title_and_landmarks() -> None:
    page = parse(render("html", small_report()))
    assert page.one("html").attributes["lang"] == "en"
    for tag in ("header", "main", "footer", "title", "h1"):
        assert page.one(tag).tag == tag
    assert page.one("form").attributes["role"] == "search"
    for element in page.all("section"):
        assert {"aria-label", "aria-labelledby"} & set(element.attributes), element.attributes
    fields = {element.attributes["id"] for element in page.walk() if element.tag in ("input", "select")}
    labelled = {label.attributes.get("for") for label in page.all("label")}
    inside = {e.attributes.get("id") for label in page.all("label") for e in label.walk() if e.tag == "input"}
    assert fields <= labelled | inside


def test_a_file_without_text_can_have_a_finding() -> None:
    source = SourceFile("a.js", b"", "javascript")
    page = page_of(FileResult("a.js", source, (Finding("r", "style", Span(0, 0), "m"),)))
    assert code_of(page) == ["1 [ ]"]


# ------------------------------------------------------------------ real code


def test_the_report_of_the_examples_has_what_the_other_formats_have(thea: CommandLine, tmp_path: Path) -> None:
    formats = ("html", "gitlab", "json")
    outputs = [f"--output-format={name}:{tmp_path / name}" for name in formats]
    assert thea("--isolated", "--models=none", *outputs, str(EXAMPLES)).code == 1
    page = parse((tmp_path / "html").read_text("utf-8"))
    findings = json.loads((tmp_path / "json").read_text())["findings"]
    names = [issue["fingerprint"] for issue in json.loads((tmp_path / "gitlab").read_text())]
    assert {article.attributes["id"] for article in page.all("article")} == set(names)
    assert sorted(link.text for link in page.all(".rule")) == sorted(finding["rule"] for finding in findings)
    assert len(page.all(".fix")) == sum(finding["fix"] is not None for finding in findings)
    assert {file.attributes["data-path"].rpartition("/")[2] for file in page.all(".file")} == {
        path.name for path in EXAMPLES.iterdir()
    }
    assert '14   if (typeof discount == ["undefind"]) {' in code_of(page)
