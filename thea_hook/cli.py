"""``thea-hook``: from arguments to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from thea_hook import __version__
from thea_hook.errors import TheaError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from thea_hook.baseline import Baseline
    from thea_hook.config import Configuration
    from thea_hook.core.report import Report
    from thea_hook.core.source import SourceFile
    from thea_hook.pipeline import Request
    from thea_hook.progress import Progress
    from thea_hook.reporting import FormatOptions, RuleInfo

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 clean, 1 findings, 2 wrong usage or our failure."""
    try:
        return _dispatch(sys.argv[1:] if argv is None else argv)
    except TheaError as exc:
        print(f"thea-hook: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("thea-hook: interrupted; every file is either as it was or completely fixed", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader (`| head`) has what it wanted; without this Python complains again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as exc:
        print(f"thea-hook: internal error, please report it: {type(exc).__name__}: {exc}", file=sys.stderr)
        if os.environ.get("THEA_TRACEBACK"):
            raise
        return 2


def _dispatch(argv: Sequence[str]) -> int:
    from thea_hook.arguments import parse

    args = parse(argv)
    if args.command == "rules":
        from thea_hook.catalogue_text import rules_as_json, rules_as_text

        print(rules_as_json() if args.output_format == "json" else rules_as_text())
        return 0
    if args.command == "explain":
        from thea_hook.catalogue_text import explain

        print(explain(args.rule))
        return 0
    if args.health_check:
        from thea_hook.health import health_check

        return health_check(sys.stdout)
    return _check(args)


def _check(args: Namespace) -> int:
    from thea_hook.core.report import exit_code
    from thea_hook.pipeline import run

    configuration = _configuration(args)
    if args.show_settings:
        _show_settings(args, configuration)
        return 0
    baseline = _read_baseline(args)
    request = _request(args, configuration, baseline)
    progress = _progress()
    try:
        report = run(request, configuration, progress)
    finally:
        if progress is not None:
            progress.clear()
    if args.write_baseline is not None or args.prune_baseline:
        return _write_baseline(args, report, baseline)
    _write_reports(args, configuration, request, report)
    _warn(args, report, baseline)
    return exit_code(
        report,
        exit_zero=args.exit_zero,
        exit_non_zero_on_fix=args.exit_non_zero_on_fix,
        fix_only=args.fix_only,
    )


def _configuration(args: Namespace) -> Configuration:
    from thea_hook.arguments import settings_from
    from thea_hook.config import Configuration
    from thea_hook.ruleset.selection import known_selectors

    return Configuration.load(
        os.getcwd(),
        config_file=args.config,
        isolated=args.isolated,
        flags=settings_from(args),
        known_rules=known_selectors,
    )


def _show_settings(args: Namespace, configuration: Configuration) -> None:
    import json

    path = next(iter([*args.paths, *args.file]), None)
    settings = configuration.project() if path is None else configuration.settings(path)
    print(json.dumps(settings.as_dict(), indent=2, ensure_ascii=False))


# ------------------------------------------------------------------ what to do


def _request(args: Namespace, configuration: Configuration, baseline: Baseline | None) -> Request:
    from thea_hook.core.finding import Applicability
    from thea_hook.pipeline import Request

    _refuse_contradictions(args)
    fixes = args.fix or args.fix_only or args.diff
    least = Applicability.UNSAFE if args.unsafe_fixes else Applicability.SAFE
    hides = baseline is not None and not args.prune_baseline
    return Request(
        paths=_paths(args),
        fix=least if fixes else None,
        write=not args.diff,
        staged=args.staged,
        since=args.since,
        changed_lines=args.changed_lines,
        stdin=_stdin(args),
        force_exclude=configuration.project().force_exclude,
        use_cache=not args.no_cache,
        workers=configuration.project().workers or os.cpu_count() or 1,
        baseline=baseline.fingerprints if baseline is not None and hides else frozenset(),
    )


def _refuse_contradictions(args: Namespace) -> None:
    selections = [flag for flag in ("staged", "since", "all_files", "stdin_filename") if getattr(args, flag)]
    if len(selections) > 1:
        first, second = (f"--{flag.replace('_', '-')}" for flag in selections[:2])
        raise UsageError(f"{first} and {second} name different files: give one of them")
    if args.changed_lines and not (args.staged or args.since):
        raise UsageError("--changed-lines needs a diff to look at: add --staged or --since REF")
    if args.prune_baseline and not args.baseline:
        raise UsageError("--prune-baseline needs --baseline FILE")
    if args.confidence is not None and not 0 <= args.confidence <= 1:
        raise UsageError("--confidence is a number from 0 to 1")


def _paths(args: Namespace) -> tuple[str, ...]:
    named = (*args.paths, *args.file, *args.directory)
    if args.all_files:
        from thea_hook.git import find_root

        return (os.path.relpath(find_root(os.getcwd()) or "."),)
    return tuple(path for path in named if path != "-") or (".",)


def _stdin(args: Namespace) -> SourceFile | None:
    from thea_hook.core.source import SourceFile, language_of

    if "-" not in args.paths and args.stdin_filename is None:
        return None
    if len(args.paths) > 1 or args.file or args.directory:
        raise UsageError("standard input is checked alone: give no other paths")
    if args.stdin_filename is None:
        raise UsageError("reading standard input needs --stdin-filename, which says what language it is")
    language = language_of(args.stdin_filename)
    if language is None:
        raise UsageError(f"--stdin-filename {args.stdin_filename}: not a JavaScript or TypeScript file name")
    return SourceFile(args.stdin_filename, sys.stdin.buffer.read(), language)


def _progress() -> Progress | None:
    # asked of the terminal before the module is loaded: in a hook it never is
    if not sys.stderr.isatty():
        return None
    from thea_hook.progress import Progress, is_wanted

    return Progress(sys.stderr) if is_wanted(sys.stderr) else None


# ------------------------------------------------------------------ baseline


def _read_baseline(args: Namespace) -> Baseline | None:
    if args.baseline is None:
        return None
    from thea_hook.baseline import read

    return read(Path(args.baseline))


def _write_baseline(args: Namespace, report: Report, baseline: Baseline | None) -> int:
    from thea_hook.baseline import DEFAULT_NAME, of_report

    if args.prune_baseline and baseline is not None:
        path, kept = Path(args.baseline), baseline.pruned(report)
    else:
        path, kept = Path(args.write_baseline or args.baseline or DEFAULT_NAME), of_report(report)
    kept.write(path)
    print(f"{path}: {len(kept.fingerprints)} findings listed", file=sys.stderr)
    return 2 if report.errors else 0


# ------------------------------------------------------------------ reports


def _write_reports(args: Namespace, configuration: Configuration, request: Request, report: Report) -> None:
    from thea_hook.reporting import writer
    from thea_hook.reporting.output import parse_formats, write_reports

    options = _format_options(args)
    shown = _without_findings(report) if args.fix_only else report
    if request.stdin is not None and request.fix is not None and request.write:
        patch = report.results[0].patch
        sys.stdout.buffer.write(request.stdin.text if patch is None else patch.after)
        sys.stdout.buffer.flush()
        writer("full")(shown, sys.stderr.buffer, options)
        return
    default = ("diff",) if args.diff else configuration.project().output_format or ("full",)
    if args.statistics:
        from thea_hook.reporting import statistics

        write = statistics.write_json if "json" in (args.output_format or ()) else statistics.write_text
        write(shown, sys.stdout.buffer, options)
    else:
        write_reports(shown, parse_formats(args.output_format or default), options, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _without_findings(report: Report) -> Report:
    from dataclasses import replace

    return replace(report, results=tuple(replace(result, findings=()) for result in report.results))


def _format_options(args: Namespace) -> FormatOptions:
    from thea_hook.reporting import FormatOptions

    return FormatOptions(
        version=__version__,
        colour=_colour(args),
        unsafe_fixes=args.unsafe_fixes,
        show_fixes=not args.quiet,
        rule=_rule_info,
        prefix=_prefix(args),
    )


def _prefix(args: Namespace) -> str:
    """The way from the repository's root to this folder: only the formats that a server reads ask for it."""
    if not args.output_format:
        return ""
    from thea_hook.git import find_root

    root = find_root(os.getcwd())
    way = "." if root is None else os.path.relpath(os.getcwd(), root)
    return "" if way == "." else f"{way.replace(os.sep, '/')}/"


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


def _warn(args: Namespace, report: Report, baseline: Baseline | None) -> None:
    """What is no finding but must not go unsaid: files that failed, fixes that were not made, a stale baseline."""
    for error in report.errors:
        print(f"thea-hook: {error.path}: could not {error.stage}: {error.message}", file=sys.stderr)
    for result in report.results:
        for finding, reason in result.patch.skipped if result.patch is not None else ():
            print(f"thea-hook: {result.path}: a fix of {finding.rule_id} was not made: {reason}", file=sys.stderr)
    stale = baseline.stale(report) if baseline is not None else 0
    if stale and not args.quiet:
        print(f"thea-hook: {stale} entries of the baseline are fixed; drop them with --prune-baseline", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
