"""The HTML report as a person meets it: in a real browser, with a mouse, a keyboard, a link, a theme, on paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, JavascriptException, Keys, started
from html_page import PAYLOADS, hostile_report, visible
from report_samples import finding_at, fixed_report, render, result_of, small_report

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.report import Report
from thea_hook.core.source import Span

# Of axe-core's impacts the two that keep people out.
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports written once: nobody changes them."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {"mixed": mixed_report(), "hostile": hostile_report(), "large": large_report(), "clean": Report()}
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(render("html", report, show_fixes=True), "utf-8")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture
def mixed(browser: Browser, pages: dict[str, Path]) -> Iterator[Browser]:
    """The browser with a small report of every kind of finding. Afterwards nothing must have been complained about."""
    browser.media()
    browser.size(1280, 900)
    browser.open(pages["mixed"])
    browser.complaints()
    yield browser
    assert browser.run("return [seen.violations, seen.errors]") == [[], []]
    assert browser.complaints() == []


def mixed_report() -> Report:
    """Three packages; findings of all severities and grades, near one another and far apart; changed lines."""
    text = "".join(f"const name{line} = call(value{line});\n" for line in range(1, 41))
    near = [
        finding_at(text, "name1 ", rule="no-var", fix="x1 ", severity=Severity.ERROR),
        finding_at(text, "name2 ", rule="no-unused", message="Unused.", severity=Severity.WARNING),
        finding_at(text, "name30 ", rule="no-unused", message="Unused.", severity=Severity.INFO, fix="x",
                   applicability=Applicability.DISPLAY, confidence=0.5),
    ]  # fmt: skip
    far = finding_at(
        text, "value20", rule="eqeqeq", message="Use `===`.", fix="v", applicability=Applicability.UNSAFE
    )._replace(category="correctness", source="ml:tagger")
    results = (
        result_of("packages/web/src/a.ts", text, *near),
        result_of("packages/web/test/b.ts", text, far),
        result_of("packages/api/c.ts", text, *near[:2]),
        *small_report().results,
        *fixed_report().results,
    )
    return Report(results, skipped={"ignored": 2}, changed_lines={"packages/web/src/a.ts": ((25, 40),)})


def large_report() -> Report:
    """Five thousand findings in a hundred files."""
    text = "".join(f"  const value{line} = compute(argument{line});\n" for line in range(200))
    spans = [Span(match, match + 5) for match in range(2, len(text), len(text) // 50)][:50]
    findings = [
        Finding(f"rule-{at % 17}", "style", span, f"Finding {at}.", [*Severity][at % 3],
                fix=Fix("t", (Edit(span, b"let"),), Applicability.SAFE))
        for at, span in enumerate(spans)
    ]  # fmt: skip
    return Report(tuple(result_of(f"packages/p{n % 7}/module{n}.ts", text, *findings) for n in range(100)))


def status(browser: Browser) -> str:
    return browser.text("#status")


def facet(name: str, value: str) -> str:
    """A selector for the button of that value, which has an attribute for the purpose: its text has a number too."""
    return f'[data-facet="{name}"] button[value="{value}"]'


def numbers(browser: Browser, name: str) -> dict[str, int]:
    """What the buttons of a filter say they would leave."""
    script = "return [...document.querySelectorAll(arguments[0])].map((b) => [b.value, Number(b.dataset.count)])"
    return dict(browser.run(script, f'[data-facet="{name}"] button'))


def shown(browser: Browser) -> list[str]:
    """The rules of the findings that are shown, in order."""
    script = "return [...document.querySelectorAll('#by-file .finding')].filter((e) => e.checkVisibility())"
    return [str(rule) for rule in browser.run(f"{script}.map((e) => e.dataset.rule)")]


# ------------------------------------------------------------------ filters


def test_a_severity_hides_the_others_and_counts(mixed: Browser) -> None:
    assert status(mixed) == "8 problems in 4 files"
    assert numbers(mixed, "severity") == {"error": 4, "warning": 3, "info": 1}
    mixed.click(facet("severity", "warning"))
    assert status(mixed) == "3 of 8 problems in 3 files"
    assert shown(mixed) == ["no-unused", "no-unused", "no-debugger"]
    assert numbers(mixed, "severity") == {"error": 4, "warning": 3, "info": 1}  # what each would leave
    assert numbers(mixed, "rule") == {"no-var": 0, "no-unused": 2, "eqeqeq": 0, "no-debugger": 1}
    mixed.click(facet("severity", "info"))
    assert status(mixed) == "4 of 8 problems in 3 files"
    mixed.click(facet("severity", "warning"))
    mixed.click(facet("severity", "info"))
    assert status(mixed) == "8 problems in 4 files"


@pytest.mark.parametrize(
    "name,value,rules",
    [
        ("fix", "safe", ["no-var", "no-var", "no-var"]),
        ("fix", "unsafe", ["eqeqeq", "no-debugger"]),
        ("fix", "display", ["no-unused"]),
        ("fix", "none", ["no-unused", "no-unused"]),
        ("category", "correctness", ["eqeqeq"]),
        ("rule", "no-debugger", ["no-debugger"]),
    ],
)
def test_each_filter_leaves_what_it_says(mixed: Browser, name: str, value: str, rules: list[str]) -> None:
    mixed.click(facet(name, value))
    assert shown(mixed) == rules
    assert numbers(mixed, name)[value] == len(rules)


def test_filters_work_together(mixed: Browser) -> None:
    mixed.click(facet("rule", "no-unused"))
    mixed.click(facet("fix", "none"))
    mixed.run("folder.value = 'packages/web/'; folder.dispatchEvent(new Event('input', {bubbles: true}))")
    wait_for(mixed, "1 of 8 problems in 1 file")
    assert numbers(mixed, "fix") == {"safe": 0, "unsafe": 0, "display": 1, "none": 1}


def test_a_folder_is_a_package_and_counts(mixed: Browser) -> None:
    options = mixed.run("return [...folder.options].map((option) => option.text)")
    assert options == [
        "all (8)", "packages/ (6)", "packages/api/ (2)", "packages/web/ (4)", "packages/web/src/ (3)",
        "packages/web/test/ (1)", "src/ (2)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "field,words,expected",
    [
        ("#search", "unused", "3 of 8 problems in 2 files"),
        ("#search", "UNUSED api", "1 of 8 problems in 1 file"),
        ("#search", "eqeqeq", "1 of 8 problems in 1 file"),
        ("#search", "nowhere", "0 of 8 problems in 0 files"),
        ("#file", "web/src", "3 of 8 problems in 1 file"),
    ],
)
def test_words_are_searched_in_messages_rules_and_paths(mixed: Browser, field: str, words: str, expected: str) -> None:
    mixed.type(field, words)
    wait_for(mixed, expected)
    assert mixed.count("#nothing") == (expected[0] == "0")


def wait_for(browser: Browser, expected: str) -> None:
    """Until the status says so: typing is answered when it pauses."""
    script = """
    const [expected, done] = arguments;
    const end = performance.now() + 10000;
    const look = () => {
      if (status.innerText === expected || performance.now() > end) done(status.innerText);
      else setTimeout(look, 20);
    };
    const status = document.querySelector("#status");
    look();
    """
    assert browser.driver.execute_async_script(script, expected) == expected


def test_changed_lines_can_be_looked_at_alone(mixed: Browser) -> None:
    mixed.click("#changed")
    wait_for(mixed, "1 of 8 problems in 1 file")
    assert shown(mixed) == ["no-unused"]


def test_the_counts_of_a_file_follow_the_filters(mixed: Browser) -> None:
    assert mixed.text(".file summary").split("\n")[1:] == ["1 error", "1 warning", "1 info"]
    mixed.click(facet("severity", "warning"))
    assert mixed.text(".file summary").split("\n")[1:] == ["1 warning"]


def test_code_that_only_hidden_findings_need_is_hidden(mixed: Browser) -> None:
    frame = "[...document.querySelector('.frame').querySelectorAll('pre:not(.diff) > code')]"
    lines = f"return {frame}.filter((line) => line.checkVisibility()).map((line) => line.dataset.n)"
    marks = "return [...document.querySelector('.frame').querySelectorAll('mark')].map((mark) => mark.className)"
    assert mixed.run(lines) == ["1", "2", "3", "4"]
    assert mixed.run(marks) == ["error", "warning"]
    mixed.click(facet("rule", "no-var"))
    assert mixed.run(lines) == ["1", "2", "3"]
    assert mixed.run(marks) == ["error", "warning off"]
    mixed.click("#clear")
    assert mixed.run(lines) == ["1", "2", "3", "4"]
    assert mixed.run(marks) == ["error", "warning"]


def test_clearing_the_filters_brings_everything_back(mixed: Browser) -> None:
    mixed.click(facet("rule", "no-var"))
    mixed.type("#search", "api")
    wait_for(mixed, "1 of 8 problems in 1 file")
    mixed.click("#clear")
    assert status(mixed) == "8 problems in 4 files"
    assert mixed.run("return search.value") == ""
    assert len(shown(mixed)) == 8


# ------------------------------------------------------------------ views and links


def test_findings_can_be_grouped_by_rule(mixed: Browser) -> None:
    mixed.click('#group [value="rule"]')
    headings = "return [...document.querySelectorAll('#by-rule h2')].map((e) => e.innerText)"
    assert mixed.run(headings) == ["no-unused", "no-var", "eqeqeq", "no-debugger"]
    assert mixed.count("#by-file") == 0
    assert mixed.count(".row") == 8
    mixed.click("#by-rule .row summary")
    mixed.wait(50)
    assert mixed.count("#by-rule .frame article") == 1
    assert mixed.text("#by-rule .frame .message") == "Unused."
    mixed.click(facet("rule", "eqeqeq"))
    assert mixed.run(headings) == ["eqeqeq"]
    ids = mixed.run("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_a_link_leads_to_its_finding_whatever_hides_it(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["large"])
    name = browser.run("return document.querySelectorAll('.finding')[4321].id")
    browser.open(pages["large"], f"#{name}")
    assert is_reached(browser, name)
    browser.open(pages["large"])
    browser.click(facet("severity", "info"))
    browser.click('#group [value="rule"]')
    browser.run("location.hash = arguments[0]", name)
    assert is_reached(browser, name)
    assert status(browser) == "5,000 problems in 100 files"


def is_reached(browser: Browser, name: str) -> bool:
    """Whether the finding has the focus and lies in sight, once the page has settled."""
    script = """
    const done = arguments[1], finding = document.getElementById(arguments[0]);
    setTimeout(() => {
      const box = finding.getBoundingClientRect();
      done(document.activeElement === finding && box.top >= 0 && box.bottom <= innerHeight && box.height > 0);
    }, 500);
    """
    return bool(browser.driver.execute_async_script(script, name))


def test_an_unknown_link_does_no_harm(browser: Browser, pages: dict[str, Path]) -> None:
    for fragment in ("#nowhere", "#%", "#%3Cscript%3E", "#status"):
        browser.open(pages["mixed"], fragment)
        assert status(browser) == "8 problems in 4 files"
        assert browser.run("return seen.errors") == []


def test_files_can_be_folded(mixed: Browser) -> None:
    mixed.click("#fold")
    assert shown(mixed) == []
    mixed.click("#fold")
    assert len(shown(mixed)) == 8


def test_five_thousand_findings_are_read_and_filtered(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["large"])
    assert status(browser) == "5,000 problems in 100 files"
    browser.click(facet("rule", "rule-16"))
    assert status(browser) == "200 of 5,000 problems in 100 files"
    browser.click('#group [value="rule"]')
    assert browser.run("return document.querySelectorAll('#by-rule .row').length") in (0, 200)
    assert pages["large"].stat().st_size < 5_000 * 1_500


# ------------------------------------------------------------------ keyboard


def test_the_keyboard_reaches_everything(mixed: Browser) -> None:
    body = mixed.driver.find_element("css selector", "body")
    body.send_keys("/")
    assert mixed.run("return document.activeElement.id") == "search"
    mixed.press("j")  # typed, not obeyed
    assert mixed.run("return search.value") == "j"
    mixed.press(Keys.ESCAPE)
    assert mixed.run("return search.value") == ""
    mixed.run("document.activeElement.blur()")
    visited = []
    for key in "jjjkj":
        mixed.press(key)
        visited.append(mixed.run("return document.activeElement.querySelector('.where a').innerText"))
    assert visited == ["1:7", "2:7", "30:7", "2:7", "30:7"]
    mixed.press("g")
    assert mixed.count("#by-rule") == 1


def test_single_keys_can_be_switched_off_for_good(mixed: Browser, pages: dict[str, Path]) -> None:
    mixed.click("#shortcuts")
    mixed.driver.find_element("css selector", "body").send_keys("/")
    assert mixed.run("return document.activeElement.id") != "search"
    assert mixed.run("return localStorage.getItem('thea-hook-keys')") == "off"
    with mixed.remembering("thea-hook-keys", "off"):
        mixed.open(pages["mixed"])
        assert mixed.run("return shortcuts.checked") is False


def test_every_control_can_be_tabbed_to_and_shows_it(mixed: Browser) -> None:
    body = mixed.driver.find_element("css selector", "body")
    seen = []
    for _ in range(14):
        (body if not seen else mixed.driver.switch_to.active_element).send_keys(Keys.TAB)
        style = "const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]"
        assert mixed.run(style) == ["solid", "2px"]
        seen.append(mixed.run("const e = document.activeElement; return e.id || e.value || e.className"))
    assert seen[:6] == ["skip", "auto", "light", "dark", "search", "error"]


# ------------------------------------------------------------------ themes, sizes, paper


def test_the_theme_follows_the_system_until_somebody_chooses(mixed: Browser, pages: dict[str, Path]) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    light = mixed.run(background)
    mixed.media(theme="dark")
    dark = mixed.run(background)
    assert light != dark
    mixed.click('#theme [value="light"]')
    assert mixed.run(background) == light
    assert mixed.run("return localStorage.getItem('thea-hook-theme')") == "light"
    mixed.click('#theme [value="auto"]')
    assert mixed.run(background) == dark
    with mixed.remembering("thea-hook-theme", "light"):
        mixed.open(pages["mixed"])
        assert mixed.run(background) == light
        assert mixed.text('#theme [aria-pressed="true"]') == "Light"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_contrast_of_all_text_is_that_of_level_aa(mixed: Browser, theme: str) -> None:
    mixed.media(theme=theme)
    for click in ("", facet("severity", "error"), facet("rule", "no-unused"), "#clear", '#group [value="rule"]'):
        if click:
            mixed.click(click)
        mixed.run("for (const details of document.querySelectorAll('details')) details.open = true")
        mixed.wait(50)
        ratios = mixed.contrasts()
        assert len(ratios) > 20
        assert [(what, round(ratio, 2)) for what, ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_no_width_needs_scrolling_sideways(mixed: Browser, width: int) -> None:
    mixed.size(width, 800)
    assert mixed.run("return document.documentElement.scrollWidth") <= width


def test_paper_has_the_findings_and_no_controls(mixed: Browser) -> None:
    mixed.media(theme="dark", kind="print")
    assert mixed.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert [mixed.count(selector) for selector in ("#filters", ".toolbar", "#theme", "#keys")] == [0, 0, 0, 0]
    assert len(shown(mixed)) == 8
    mixed.click("#fold")
    mixed.run("dispatchEvent(new Event('beforeprint'))")
    assert len(shown(mixed)) == 8


# ------------------------------------------------------------------ safety


def test_a_hostile_report_runs_no_script_and_asks_for_nothing(browser: Browser, pages: dict[str, Path]) -> None:
    browser.media()
    browser.complaints()
    browser.requests()
    browser.open(pages["hostile"])
    browser.click('#group [value="rule"]')
    browser.run("for (const details of document.querySelectorAll('details')) details.open = true")
    browser.wait(200)
    browser.click('#group [value="file"]')
    browser.type("#search", "<script>")
    browser.wait(200)
    assert browser.run("return [typeof broken, seen.violations, seen.errors]") == ["undefined", [], []]
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith(("about:", "data:image/svg+xml"))] == [
        pages["hostile"].as_uri()
    ]
    assert browser.run("return document.scripts.length") == 1


def test_the_browser_reads_of_a_hostile_report_what_was_written(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["hostile"])
    messages = browser.run("return [...document.querySelectorAll('.message')].map((e) => e.textContent)")
    expected = [visible(payload).replace("`", "") for payload in PAYLOADS]
    assert {message.replace("`", "") for message in messages} == set(expected)
    assert len(messages) == hostile_report().findings
    assert browser.run("return document.body.querySelectorAll('iframe, base, meta, svg, img, style').length") == 0


def test_the_policy_stops_what_a_hole_would_let_in(browser: Browser, pages: dict[str, Path]) -> None:
    """The second net: even an element that got into the page could neither run nor load anything."""
    browser.open(pages["mixed"])
    for attempt in (
        "script.textContent = 'broken = 1'",
        "b.innerHTML = '<b>'",
        "b.setAttribute('onclick', 'broken = 1')",
    ):
        with pytest.raises(JavascriptException, match="This document requires 'Trusted"):
            browser.run(f"const script = document.createElement('script'), b = document.createElement('b'); {attempt}")
    browser.run(
        "const image = document.createElement('img'); image.src = 'https://example.org/'; document.body.append(image)"
    )
    browser.wait(100)
    assert {"img-src", "require-trusted-types-for"} <= set(browser.run("return seen.violations"))


def test_without_script_every_finding_can_be_read(browser: Browser, pages: dict[str, Path]) -> None:
    browser.scripts(on=False)
    try:
        browser.open(pages["mixed"])
        assert browser.count("#by-file .finding") == 8
        assert browser.count(".diff") >= 6
        assert [browser.count(selector) for selector in ("#filters", ".toolbar", "#theme", "#keys")] == [0, 0, 0, 0]
        name = browser.run("return document.querySelectorAll('.finding')[7].id")
        browser.open(pages["mixed"], f"#{name}")
        assert browser.run("return document.querySelector(':target').id") == name
    finally:
        browser.scripts(on=True)


def test_a_clean_report_has_nothing_to_filter(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["clean"])
    assert browser.text("h1") == "No files to check"
    assert browser.count("#filters") == browser.count(".toolbar") == 0
    assert browser.run("return [seen.violations, seen.errors]") == [[], []]


@pytest.mark.skipif("AXE" not in os.environ, reason="needs axe-core: npm install axe-core, AXE=.../axe.min.js")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("grouping", ["file", "rule"])
def test_axe_finds_no_serious_barrier(mixed: Browser, theme: str, grouping: str) -> None:
    mixed.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    try:
        mixed.driver.refresh()
        mixed.media(theme=theme)
        mixed.click(f'#group [value="{grouping}"]')
        mixed.run("for (const details of document.querySelectorAll('details')) details.open = true")
        mixed.run(Path(os.environ["AXE"]).read_text("utf-8"))
        results = mixed.driver.execute_async_script("axe.run().then(arguments[0])")
        grave = [violation for violation in results["violations"] if violation["impact"] in GRAVE]
        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in grave] == []
        assert len(results["passes"]) > 20
    finally:
        mixed.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})


def test_the_samples_are_as_large_as_they_say() -> None:
    assert large_report().findings == 5_000
    assert hostile_report().findings > 1_000
