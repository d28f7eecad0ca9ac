#!/usr/bin/env python3
"""How large the HTML report is, how long it takes to write, and how a browser copes with it.

    html_report.py [--findings N ...] [--keep FOLDER]

The findings are spread evenly over made-up files of 200 lines, 50 in each, three of four with a fix; or all lie on one
line, as in minified code. CPU seconds are those of writing. Where selenium, chromium and chromedriver are installed,
the browser's milliseconds follow: until the page can be used, and until a filter and the other grouping are painted.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.report import FileResult, Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting import FormatOptions, writer

PER_FILE = 50
STEPS = {
    "filter": "document.querySelector('[data-facet=severity] button')?.click()",
    "all": "document.querySelector('#clear').click()",
    "by rule": "document.querySelector('#group [value=rule]').click()",
}
PAINTED = """
const done = arguments[0], began = performance.now();
{step};
requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
"""
USABLE = "return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--keep", type=Path, help="leave the pages in this folder")
    args = parser.parse_args()
    print("| findings | place | MB | MB compressed | CPU s | usable ms | " + " | ".join(f"{name} ms" for name in STEPS))
    with tempfile.TemporaryDirectory() as folder:
        for number in args.findings:
            for place, report in (("files", spread(number)), ("one line", minified(number))):
                page = (args.keep or Path(folder)) / f"{number}-{place.replace(' ', '-')}.html"
                size, compressed, seconds = written(report, page)
                figures = " | ".join(f"{milliseconds:,.0f}" for milliseconds in in_a_browser(page))
                print(f"| {number:,} | {place} | {size:.1f} | {compressed:.2f} | {seconds:.2f} | {figures}")


def spread(number: int) -> Report:
    """A code base of several packages."""
    results = []
    for at in range(0, number, PER_FILE):
        lines = [f"  const value{n} = compute(argument{n}, {{ option: {n} }}); // line {n}\n" for n in range(200)]
        starts = [sum(map(len, lines[: 4 * n + 2])) + 2 for n in range(min(PER_FILE, number - at))]
        path = f"packages/package{at % 7}/src/module{at}.ts"
        findings = tuple(_finding(n, Span(start, start + 5)) for n, start in enumerate(starts))
        results.append(FileResult(path, SourceFile(path, "".join(lines).encode(), "typescript"), findings))
    return Report(tuple(results))


def minified(number: int) -> Report:
    """A file of one line."""
    source = SourceFile("dist/app.min.js", b"const x=f(y);" * number, "javascript")
    return Report(
        (FileResult(source.path, source, tuple(_finding(n, Span(13 * n, 13 * n + 5)) for n in range(number))),)
    )


def _finding(number: int, span: Span) -> Finding:
    fix = Fix("Use `let`", (Edit(span, b"let"),), list(Applicability)[number % 3]) if number % 4 else None
    message = f"The name `value{number}` is never used after this line."
    category = ("style", "suspicious", "correctness")[number % 3]
    return Finding(f"rule-{number % 17}", category, span, message, list(Severity)[number % 3], fix=fix)


def written(report: Report, page: Path) -> tuple[float, float, float]:
    """Megabytes, megabytes compressed, CPU seconds."""
    out = BytesIO()
    began = time.process_time()
    writer("html")(report, out, FormatOptions(version="0"))
    seconds = time.process_time() - began
    page.write_bytes(out.getvalue())
    return len(out.getvalue()) / 1e6, len(gzip.compress(out.getvalue())) / 1e6, seconds


def in_a_browser(page: Path) -> Iterator[float]:
    """Milliseconds until the page can be used, and for each of the steps."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    try:
        from selenium.webdriver import Chrome, ChromeOptions
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        return
    if chromium is None or driver is None:
        return
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ):
        options.add_argument(flag)
    with Chrome(options=options, service=Service(driver)) as browser:
        browser.get(page.absolute().as_uri())
        yield browser.execute_script(USABLE)
        for step in STEPS.values():
            yield browser.execute_async_script(PAINTED.replace("{step}", step))


if __name__ == "__main__":
    main()
