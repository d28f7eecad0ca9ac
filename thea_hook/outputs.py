"""What is written of a report, and where: on the screen, into files, to a caller that gave the text itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from thea_hook import __version__
from thea_hook.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from thea_hook.config import Configuration
    from thea_hook.core.report import Report
    from thea_hook.pipeline import Request
    from thea_hook.reporting import FormatOptions, RuleInfo
    from thea_hook.reporting.output import OutputSpec


def chosen_outputs(args: Namespace, configuration: Configuration) -> tuple[OutputSpec, ...]:
    """What is written where; asked before anything is checked, so that a misspelt format changes no file."""
    from thea_hook.reporting.output import default_outputs, parse_formats

    chosen = args.output_format or (("diff",) if args.diff else configuration.project().output_format)
    outputs = parse_formats(chosen) if chosen else default_outputs(os.environ, terminal=sys.stdout.isatty())
    written = [spec.path for spec in outputs if spec.path is not None]
    if args.watch and written:
        raise UsageError(f"--watch reports on the screen: leave out {written[0]}")
    return outputs


def write(args: Namespace, outputs: Sequence[OutputSpec], request: Request, report: Report, *, remembers: bool) -> None:
    """The report in every form that is wanted. Text from standard input goes back mended, the report beside it."""
    from thea_hook.reporting.output import write_reports

    options = _format_options(args, is_default=[spec.format for spec in outputs] == ["full"])
    options = options._replace(fingerprints=remembers)
    shown = _without_findings(report) if args.fix_only else report
    out = sys.stdout.buffer
    if request.stdin is not None and request.fix is not None and request.write:
        patches = [result.patch.after for result in report.results if result.patch is not None]
        out.write(patches[0] if patches else request.stdin)
        out.flush()
        out = sys.stderr.buffer
    if args.statistics:
        from thea_hook.reporting import statistics

        on_screen = [spec.format for spec in outputs if spec.path is None]
        write = statistics.write_json if "json" in on_screen else statistics.write_text
        write(shown, out, options)
        outputs = [spec for spec in outputs if spec.path is not None]
    write_reports(shown, outputs, options, out)
    out.flush()


def _without_findings(report: Report) -> Report:
    return report._replace(results=tuple(result._replace(findings=()) for result in report.results))


def _format_options(args: Namespace, *, is_default: bool) -> FormatOptions:
    from thea_hook.reporting import FormatOptions

    return FormatOptions(
        version=__version__,
        colour=_colour(args),
        unsafe_fixes=args.unsafe_fixes,
        show_fixes=True,
        closing=not args.quiet,
        rule=_rule_info,
        prefix="" if is_default else _prefix(),
        source_url=_source_url(os.environ),
        routing=args.show_routing,
    )


def _prefix() -> str:
    """The way from the repository's root to this folder: only the formats that a server reads ask for it."""
    from thea_hook.git import find_root

    root = find_root(os.getcwd())
    way = "." if root is None else os.path.relpath(os.getcwd(), root)
    return "" if way == "." else f"{way.replace(os.sep, '/')}/"


def _source_url(environ: Mapping[str, str]) -> str:
    """Where GitHub or GitLab shows the files of the commit that a job runs for."""
    github = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/blob/{GITHUB_SHA}/"
    gitlab = "{CI_PROJECT_URL}/-/blob/{CI_COMMIT_SHA}/"
    for address in (github, gitlab):
        try:
            return address.format_map(environ)
        except KeyError:  # Woodpecker has GitLab's CI_COMMIT_SHA and none of the others
            continue
    return ""


def _colour(args: Namespace) -> bool:
    """NO_COLOR and FORCE_COLOR as no-color.org and force-color.org say; a flag outranks both."""
    if args.color != "auto":
        return bool(args.color == "always")
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _rule_info(rule_id: str) -> RuleInfo | None:
    from thea_hook.reporting import RuleInfo
    from thea_hook.ruleset.loader import load

    rule = load().get(rule_id)
    return None if rule is None else RuleInfo(rule.summary, rule.why)
