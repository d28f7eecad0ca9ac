"""The page around the files: the figures of the run, what failed, what was fixed, and what the rules are about."""

from __future__ import annotations

import os
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from string import Template
from typing import NamedTuple

from thea_hook.core.finding import Applicability, Severity
from thea_hook.core.report import Report
from thea_hook.reporting.html.fixes import patch_diff
from thea_hook.reporting.html.markup import anchor, attribute, path, sentence, text
from thea_hook.reporting.located import repository_path
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import count

_HERE = os.path.dirname(os.path.abspath(__file__))
_FILES = "<!-- files -->\n"


def page(report: Report, options: FormatOptions) -> tuple[str, str]:
    """What comes before the files and what comes after them."""
    style, script = _asset("page.css"), _asset("page.js")
    filled = Template(_asset("page.html")).substitute(
        title=attribute(f"thea-hook: {_headline(report)}"),
        headline=text(_headline(report)),
        version=attribute(options.version),
        scope=text(_scope(report, options)),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        figures="".join(map(_figure, _figures(report))),
        errors="".join(_errors(report, options)),
        fixed="".join(_fixed(report, options)) if options.show_fixes else "",
        rules="".join(_rules(report, options)),
    )
    before, _, after = filled.partition(_FILES)
    return before, after


def _asset(name: str) -> str:
    with open(os.path.join(_HERE, name), encoding="utf-8") as file:
        return file.read()


def _hash(content: str) -> str:
    """The source expression by which a Content-Security-Policy admits an inline element of that content."""
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


# ------------------------------------------------------------------ the whole run


class Figure(NamedTuple):
    """A number at the head of the report, and what it is made of."""

    name: str
    number: int
    parts: Mapping[str, int] = {}


def _headline(report: Report) -> str:
    files = sum(1 for result in report.results if result.findings)
    if files:
        return f"{count(report.findings, 'problem')} in {count(files, 'file')}"
    if report.errors:
        return f"{count(len(report.errors), 'file')} could not be checked"
    return f"No problems in {count(len(report.results), 'file')}" if report.results else "No files to check"


def _scope(report: Report, options: FormatOptions) -> str:
    folder = f" in {options.prefix.rstrip('/')}" if options.prefix else ""
    diff = "" if report.changed_lines is None else ", selected by a diff"
    return f"{count(len(report.results), 'file')} checked{folder}{diff}"


def _figures(report: Report) -> Iterator[Figure]:
    findings = [finding for result in report.results for finding in result.findings]
    severities = Counter(str(finding.severity) for finding in findings)
    grades = Counter(finding.fix.applicability for finding in findings if finding.fix is not None)
    hidden = {
        "suppressed": sum(result.suppressed for result in report.results),
        "in the baseline": sum(result.baselined for result in report.results),
    }
    yield Figure("Problems", len(findings), {_plural(str(s), severities[s]): severities[s] for s in Severity})
    yield Figure(
        "Fixable",
        grades[Applicability.SAFE] + grades[Applicability.UNSAFE],
        {"safe": grades[Applicability.SAFE], "unsafe": grades[Applicability.UNSAFE]},
    )
    yield Figure("Suggestions", grades[Applicability.DISPLAY])
    yield Figure("Fixed" if report.wrote else "Would be fixed", report.fixed)
    yield Figure("Not shown", sum(hidden.values()), hidden)
    yield Figure("Files skipped", sum(report.skipped.values()), report.skipped)
    yield Figure("Files failed", len(report.errors))


def _plural(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"


def _figure(figure: Figure) -> str:
    parts = ", ".join(f"{number:,} {text(name)}" for name, number in figure.parts.items() if number)
    details = f'<dd class="parts">{parts}</dd>' if parts else ""
    kind = "" if figure.number else ' class="none"'
    return f"<div{kind}><dt>{figure.name}</dt><dd>{figure.number:,}</dd>{details}</div>\n"


def _errors(report: Report, options: FormatOptions) -> Iterator[str]:
    if not report.errors:
        return
    yield '<section class="errors" aria-labelledby="errors"><h2 id="errors">Could not be checked</h2>\n<ul>\n'
    for error in report.errors:
        place = path(repository_path(error.path, options.prefix))
        yield f'<li><span class="path">{place}</span> {text(error.stage)} failed: {sentence(error.message)}</li>\n'
    yield "</ul>\n</section>\n"


def _fixed(report: Report, options: FormatOptions) -> Iterator[str]:
    changed = [result for result in report.results if result.fixed or result.refused]
    if not changed:
        return
    yield '<section class="fixed" aria-labelledby="fixed"><h2 id="fixed">'
    yield f"{'Fixed' if report.wrote else 'Would be fixed'}</h2>\n"
    for result in changed:
        numbers = sorted(Counter(finding.rule_id for finding in result.fixed).items())
        rules = ", ".join(f"{number:,} × <code>{text(rule)}</code>" for rule, number in numbers)
        place = path(repository_path(result.path, options.prefix))
        yield f'<details><summary><span class="path">{place}</span> {rules}</summary>\n'
        for finding, reason in result.refused:
            yield f"<p>A fix of <code>{text(finding.rule_id)}</code> was not made: {text(reason)}</p>\n"
        yield f"{patch_diff(result.patch) if result.patch is not None else ''}</details>\n"
    yield "</section>\n"


def _rules(report: Report, options: FormatOptions) -> Iterator[str]:
    """What each rule is about; the findings link to it."""
    findings = {finding.rule_id: finding for result in report.results for finding in result.findings}
    if not findings:
        return
    yield '<section class="rules" aria-labelledby="rules"><h2 id="rules">Rules</h2>\n'
    for rule_id, finding in sorted(findings.items()):
        info = options.rule(rule_id)
        summary = f"<p>{sentence(info.summary)}</p>" if info is not None else ""
        why = f"<p>{sentence(info.why)}</p>" if info is not None and info.why else ""
        more = _link(info.url) if info is not None and info.url else ""
        heading = f"<h3>{text(rule_id)} <small>{text(finding.category)}</small></h3>"
        yield f'<div id="{anchor(rule_id)}" class="rule-info">{heading}{summary}{why}{more}</div>\n'
    yield "</section>\n"


def _link(url: str) -> str:
    """A link of the web; anything else that calls itself a URL could run."""
    if not url.startswith(("https://", "http://")):
        return ""
    return f'<p><a href="{attribute(url)}" rel="noopener noreferrer">Read on</a></p>'
