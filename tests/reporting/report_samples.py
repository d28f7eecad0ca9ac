"""Reports that the tests of all formats share."""

from __future__ import annotations

from io import BytesIO

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.patch import Patch
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting import FORMATS, FormatOptions, RuleInfo, writer

VERSION = "1.2.3"

RULES = {
    "no-var": RuleInfo("Use `let` or `const`.", "A `var` is seen in the whole function.", "https://example.org/no-var"),
    "no-debugger": RuleInfo("No `debugger` statements."),
}

HOSTILE = (
    "100% ::error::x\r\n::add-mask::y\n##vso[task.setvariable]z a;b],c \"q\" '<b>&amp;' `\\ \x1b[31m\x00\x07\x7f\x85"
    "\u2028\u202eכתב\u202c \ufeff 🎉 e\u0301 \udcff \ufffe ]]> |"
)


def options(**changes: object) -> FormatOptions:
    return FormatOptions(version=VERSION, rule=RULES.get, **changes)  # type: ignore[arg-type]


def render(format_name: str, report: Report, **changes: object) -> str:
    out = BytesIO()
    writer(format_name)(report, out, options(**changes))
    return out.getvalue().decode("utf-8")


def finding_at(
    text: str,
    marked: str,
    *,
    rule: str = "no-var",
    message: str = "Unexpected `var`.",
    severity: Severity = Severity.ERROR,
    fix: str | None = None,
    applicability: Applicability = Applicability.SAFE,
    confidence: float = 1.0,
) -> Finding:
    """A finding on the first place where ``marked`` stands; ``fix`` replaces it."""
    start = len(text[: text.index(marked)].encode())
    span = Span(start, start + len(marked.encode()))
    mended = Fix(f"Replace with `{fix}`.", (Edit(span, fix.encode()),), applicability) if fix is not None else None
    return Finding(rule, "style", span, message, severity, confidence, fix=mended)


def result_of(path: str, text: str, *findings: Finding) -> FileResult:
    return FileResult(path, SourceFile(path, text.encode(), "javascript"), findings)


SMALL_TEXT = "// first\nvar x = 1;\nif (x) {\n\tdebugger;\n}\nx == y;\n"


def small_report() -> Report:
    """Two findings in one file, one with a safe fix and one with an unsafe one; a clean file; one that failed."""
    findings = (
        finding_at(SMALL_TEXT, "debugger;", rule="no-debugger", message="A `debugger` statement.", fix="",
                   applicability=Applicability.UNSAFE, severity=Severity.WARNING, confidence=0.9),
        finding_at(SMALL_TEXT, "var", fix="let"),
    )  # fmt: skip
    failed = FileResult("broken.js", error=FileError("broken.js", "read", "permission denied"))
    return Report((result_of("src/a.js", SMALL_TEXT, *findings), result_of("src/b.js", "x;\n"), failed))


def fixed_report(*, wrote: bool = True) -> Report:
    """One file in which a fix was made and nothing is left."""
    patch = Patch("src/a b.js", b"var x;\r\n", b"let x;\r\n")
    source = SourceFile("src/a b.js", b"let x;\r\n", "javascript")
    result = FileResult("src/a b.js", source, fixed=(finding_at("var x;", "var", fix="let"),), patch=patch)
    return Report((result,), skipped={"ignored": 2, "too large": 1}, wrote=wrote)


def hostile_report() -> Report:
    """Hostile text in every place that can hold some."""
    text = f"{HOSTILE.encode('utf-8', 'replace').decode()}\n::stop-commands::x\nvar a;\n"
    fix = Fix(HOSTILE, (Edit(Span(0, 0), text.encode()),), Applicability.SAFE)
    findings = (Finding("no-var", "style", Span(0, 3), HOSTILE, fix=fix), finding_at(text, "var", message=HOSTILE))
    path = HOSTILE.replace("\x00", "").replace("/", "")
    failed = FileResult(path, error=FileError(path, "read", HOSTILE))
    return Report((result_of(path, text, *findings), failed))


def many_findings(number: int, severity: Severity = Severity.ERROR) -> FileResult:
    text = "var x;\n" * number
    findings = tuple(
        Finding("no-var", "style", Span(i * 7, i * 7 + 3), "m", severity,
                fix=Fix("t", (Edit(Span(i * 7, i * 7 + 3), b"let"),), Applicability.SAFE))
        for i in range(number)
    )  # fmt: skip
    return result_of(f"{severity}.js", text, *findings)


def empty_reports() -> list[Report]:
    return [Report(), Report((result_of("a.js", "x;\n"),))]


ALL_FORMATS = list(FORMATS)
