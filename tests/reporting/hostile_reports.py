"""A report of more than a thousand findings in which nothing is ordinary: every format has to stay valid on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import SourceFile, Span

PATHS = (
    "src/plain.js",
    "100%25 %0A%0D.js",
    "::error file=x::y.js",
    "##vso[task.setvariable variable=x]y.js",
    "##[add-mask]z.js",
    "line\nbreak\r\n.js",
    "quote\"'`<b>&amp;.js",
    "semi;colon,comma:colon=equals].js",
    "🎉/e\u0301/日本 語.tsx",
    "כתב/\u202eevil\u202c.ts",
    "control\x01\x07\x1b[31m\x7f\x85.js",
    "not utf-8 \udcff\udc80.js",
    "half of a pair \ud83c.js",
    "back\\slash\\path.js",
    "a:b/c:d.mjs",
    "../sibling package/up.js",
    "/absolute/with space.js",
    "C:\\Users\\Ada\\a.ts",
    " leading and trailing space .js ",
    "-dash.js",
    "[brackets](1){0}.js",
    "]]>--><!DOCTYPE.xml.js",
    "separators\u2028\u2029\ufeff.js",
    "not a character \ufffe\uffff.js",
    "|pipe|`code`|.js",
    "~tilde#fragment?query=1.js",
    f"{'deep/' * 40}file.js",
    f"{'long' * 60}.js",
)

TEXTS = (
    b"var a = 1;\nif (a == b) {\n\tdebugger;\n}\n",
    b"var a = 1;\r\nvar b = 2;\r\n",
    b"var a;\rvar b;\rvar c;",
    "\ufeffvar é = '🎉 e\u0301 \u202e';\nvar b;\n".encode(),
    "`\u2028\u2029`;\nvar x = '\u2028';\n".encode(),
    b"\xff\xfe not utf-8 \x80\nvar \xf0\x9f;\n",
    b"::add-mask::x\n##vso[task.complete]y\n]]><script>\x00\x01\x1b[2J\n",
    b"",
    b"\n\n\n",
    b"no last line break",
    b"x;" * 3_000,
)

MESSAGES = (
    "Plain.",
    "100% %25 %0A %3A %AZP25",
    "::error::x\n::add-mask::y\r\n##vso[task.setvariable]z ##[error]w",
    "\"double\" 'single' `tick` <b>&amp;</b> ]]> a;b],c|d \\ {0} [link](1)",
    "\x00\x01\x07\x08\x0b\x0c\x1b[31mred\x7f\x85\x9f",
    "\u2028\u2029\u202eכתב\u202c\u200b\ufeff\u2066x\u2069",
    "🎉 e\u0301 日本語 \U0010fffe",
    "lone \ud800 \udcff \udfff and \ufffe \uffff",
    " \t leading, trailing \n\n ",
)

LONG = "🎉x" * 20_000

RULES = ("no-var", "no-debugger", "eqeqeq", "syntax-error", "unknown-rule")
CONFIDENCES = (1.0, 0.123456789, 0.0)
FINDINGS_PER_FILE = 40


@cache
def big_report() -> Report:
    """At least a thousand findings and a failed file for each path."""
    texts, messages = cycle(TEXTS), cycle(MESSAGES)
    results = [_result(path, next(texts), messages) for path in PATHS]
    failed = [
        FileResult(path, error=FileError(path, stage, next(messages)))
        for path, stage in zip(PATHS, cycle(("read", "check", "fix", "write")), strict=False)
    ]
    changed = {PATHS[0]: ((1, 2),)}
    report = Report((*results, _of_great_length(), *failed), skipped={"ignored": 3}, changed_lines=changed)
    assert report.findings >= 1_000
    return report


def _result(path: str, text: bytes, messages: Iterator[str]) -> FileResult:
    findings = tuple(
        Finding(
            rule,
            "style",
            span,
            next(messages),
            severity,
            confidence,
            "ml:tagger" if confidence < 1 else "rules",
            fix,
            related=(span, Span(0, 0), span),
        )
        for span, fix, rule, severity, confidence in islice(
            zip(cycle(_spans(text)), cycle(_fixes(text)), cycle(RULES), cycle(Severity), cycle(CONFIDENCES)),
            FINDINGS_PER_FILE,
        )
    )  # fmt: skip
    return FileResult(path, SourceFile(path, text, "javascript"), findings)


def _of_great_length() -> FileResult:
    """A message and a fix that each exceed what some reader takes in one line."""
    text = b"var a;\n"
    span = Span(0, 3)
    fix = Fix(LONG, (Edit(span, LONG.encode()),), Applicability.SAFE)
    findings = (
        Finding("no-var", "style", span, LONG),
        Finding("no-var", "style", span, "A long fix.", fix=fix),
    )
    return FileResult("long.js", SourceFile("long.js", text, "javascript"), findings)


def _spans(text: bytes) -> list[Span]:
    """The whole text, its ends, a place inside, the middle, and the last character; empty ones among them."""
    end = len(text)
    middle = _boundary(text, end // 2)
    return [
        Span(0, end),
        Span(0, 0),
        Span(end, end),
        Span(middle, middle),
        Span(0, middle),
        Span(middle, end),
        Span(_boundary(text, max(end - 1, 0)), end),
    ]


def _fixes(text: bytes) -> list[Fix | None]:
    """Insertions at both ends, the text replaced and deleted, several edits, none at all."""
    end = len(text)
    middle = _boundary(text, end // 2)
    hostile = "".join(MESSAGES).encode("utf-8", "replace")
    return [
        None,
        Fix("Insert at the start", (Edit(Span(0, 0), b"let "),), Applicability.SAFE),
        Fix("Insert at the end", (Edit(Span(end, end), b"\n"),), Applicability.SAFE),
        Fix("Replace the text", (Edit(Span(0, end), hostile),), Applicability.UNSAFE, 0.75),
        Fix("Delete the text", (Edit(Span(0, end), b""),), Applicability.DISPLAY, 0.5),
        Fix(MESSAGES[2], (Edit(Span(0, 0), b"a"), Edit(Span(middle, end), b"\r\n\xff")), Applicability.SAFE),
        Fix("Do nothing", (), Applicability.DISPLAY),
    ]


def _boundary(text: bytes, offset: int) -> int:
    """The nearest offset at or before this one that does not cut a character in two."""
    while 0 < offset < len(text) and text[offset] & 0xC0 == 0x80:
        offset -= 1
    return offset
