"""``thea-hook``: from arguments to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING

from thea_hook.errors import TheaError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from thea_hook.baseline import Baseline
    from thea_hook.config import Configuration
    from thea_hook.core.report import Report
    from thea_hook.pipeline import Request
    from thea_hook.progress import Progress

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 clean, 1 findings, 2 wrong usage or our failure."""
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal that cannot show a character is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(sys.argv[1:] if argv is None else argv)
    except TheaError as exc:
        _complain(str(exc))
        return 2
    except KeyboardInterrupt:
        print("thea-hook: interrupted; every file is either as it was or completely fixed", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader (`| head`) has what it wanted; without this Python complains again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as exc:
        is_gone = isinstance(exc, FileNotFoundError) and exc.filename is None  # only os.getcwd names no file
        bug = f"internal error, please report it: {type(exc).__name__}: {exc}"
        _complain("the working folder does not exist any more" if is_gone else bug)
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
    if args.command == "server":
        from thea_hook.server.main import serve

        return serve()
    if args.command == "feedback":
        from thea_hook.feedback import give_feedback

        return give_feedback(args)
    if args.health_check:
        from thea_hook.health import health_check

        return health_check(sys.stdout)
    return _check(args)


def _check(args: Namespace) -> int:
    from thea_hook.core.finding import Severity
    from thea_hook.core.report import exit_code
    from thea_hook.workers import collect_garbage_less_often

    _refuse_contradictions(args)
    collect_garbage_less_often()
    configuration = _configuration(args)
    if args.show_settings:
        _show_settings(args, configuration)
        return 0
    _announce_teacher(args, configuration)
    if args.watch:
        return _watch(args)
    if args.write_baseline is not None or args.prune_baseline:
        return _write_baseline(args, configuration)
    return exit_code(
        _report(args, configuration),
        exit_zero=args.exit_zero,
        exit_non_zero_on_fix=args.exit_non_zero_on_fix,
        fix_only=args.fix_only,
        fail_level=Severity(args.fail_level),
    )


def _report(args: Namespace, configuration: Configuration) -> Report:
    """Check what the arguments name, and write what they want written about it."""
    from thea_hook.outputs import chosen_outputs, write

    outputs = chosen_outputs(args, configuration)
    baseline = _read_baseline(args)
    request = _request(args, configuration, baseline)
    remembers = configuration.project().memory
    report = _run(request, configuration)
    write(args, outputs, request, report, remembers=remembers)
    if remembers:
        _remember(request, report)
    if args.show_routing:
        from thea_hook.reporting.routing import routing_lines

        for line in routing_lines(report):
            _complain(line)
    _warn(args, report, baseline, configuration)
    return report


def _announce_teacher(args: Namespace, configuration: Configuration) -> None:
    """Say what may leave this machine, and where it goes: once, before anything does."""
    settings = configuration.project()
    if settings.teacher != "off":
        from thea_hook.teacher.load import announcement

        _complain(announcement(settings, asks_linters=bool(args.linters)))


def _remember(request: Request, report: Report) -> None:
    """Keep what the run did, and say so where that cannot be; it has no say in how the run ends."""
    from thea_hook.memory.recorder import remember_run

    if failure := remember_run(report, is_written=request.write and request.stdin is None):
        _complain(failure)


def _run(request: Request, configuration: Configuration) -> Report:
    from thea_hook.pipeline import run

    progress = _progress()
    try:
        return run(request, configuration, progress)
    finally:
        if progress is not None:
            progress.clear()


def _watch(args: Namespace) -> int:
    """Report again and again. Ends as shells say of what Ctrl-C has ended: nobody asked this run for a verdict."""
    from thea_hook.watch import Screen, Survey, survey_of, watch

    def survey() -> Survey:
        configuration = _configuration(args)
        paths = _paths(args) or (".",)
        return survey_of(paths, configuration, force_exclude=configuration.project().force_exclude)

    clears = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    watch(lambda: _report(args, _configuration(args)), survey, Screen(sys.stdout, sys.stderr, clears=clears))
    return INTERRUPTED


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
        stdin=None if args.stdin_filename is None else sys.stdin.buffer.read(),
        force_exclude=configuration.project().force_exclude,
        use_cache=not args.no_cache,
        workers=configuration.project().workers,
        baseline=baseline.fingerprints if baseline is not None and hides else frozenset(),
        linters=tuple(args.linters),
        reports=tuple(args.findings),
    )


def _refuse_contradictions(args: Namespace) -> None:
    named = [path for path in (*args.paths, *args.file, *args.directory, *args.workspace) if path != "-"]
    selections = [f"--{flag.replace('_', '-')}" for flag in ("staged", "since", "all_files") if getattr(args, flag)]
    if "-" in args.paths and args.stdin_filename is None:
        raise UsageError("reading standard input needs --stdin-filename, which says what language it is")
    if args.stdin_filename is not None:
        _check_stdin_name(args.stdin_filename)
        selections.append("--stdin-filename")
    if named and ("--all-files" in selections or "--stdin-filename" in selections):
        selections.append(named[0])
    if len(selections) > 1:
        raise UsageError(f"{selections[0]} and {selections[1]} name different files: give one of them")
    if args.changed_lines and not (args.staged or args.since):
        raise UsageError("--changed-lines needs a diff to look at: add --staged or --since REF")
    if args.prune_baseline and not args.baseline:
        raise UsageError("--prune-baseline needs --baseline FILE")
    if args.write_baseline is not None and args.baseline:
        raise UsageError("--write-baseline lists what --baseline would hide: give one of them")
    if args.changed_lines and (args.prune_baseline or args.write_baseline is not None):
        raise UsageError("a baseline is made of whole files: leave out --changed-lines")
    if args.watch:
        _refuse_to_watch(args)


def _refuse_to_watch(args: Namespace) -> None:
    for flag in ("staged", "since", "stdin_filename", "write_baseline", "prune_baseline"):
        if getattr(args, flag) not in (None, False):
            raise UsageError(f"--watch checks the files on disk again and again: leave out --{flag.replace('_', '-')}")


def _check_stdin_name(name: str) -> None:
    from thea_hook.core.source import language_of

    if language_of(name) is None:
        raise UsageError(f"--stdin-filename {name}: not a JavaScript or TypeScript file name")


def _paths(args: Namespace) -> tuple[str, ...]:
    if args.stdin_filename is not None:
        return (args.stdin_filename,)
    if args.all_files:
        from thea_hook.git import find_root

        return (find_root(os.getcwd()) or ".",)
    return (*args.paths, *args.file, *args.directory, *_workspaces(args))


def _workspaces(args: Namespace) -> tuple[str, ...]:
    if not args.workspace:
        return ()
    from thea_hook.workspaces import select

    return select(args.workspace, os.getcwd())


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
    from pathlib import Path

    from thea_hook.baseline import read

    return read(Path(args.baseline))


def _write_baseline(args: Namespace, configuration: Configuration) -> int:
    from pathlib import Path

    from thea_hook.baseline import DEFAULT_NAME, of_report

    baseline = _read_baseline(args)
    report = _run(_request(args, configuration, baseline), configuration)
    if args.prune_baseline and baseline is not None:
        path, kept = Path(args.baseline), baseline.pruned(report)
    else:
        path, kept = Path(args.write_baseline or args.baseline or DEFAULT_NAME), of_report(report)
    kept.write(path)
    print(f"{path}: {len(kept.fingerprints)} findings listed", file=sys.stderr)
    return 2 if report.errors else 0


# ------------------------------------------------------------------ what is no finding


def _warn(args: Namespace, report: Report, baseline: Baseline | None, configuration: Configuration) -> None:
    """What is no finding but must not go unsaid: settings without effect, a stale baseline, models without time, fixes
    taken back and, last, files that failed."""
    if configuration.ignored and not args.quiet:
        first, more = min(configuration.ignored), len(configuration.ignored) - 1
        also = f" ({more} more in nested files)" if more else ""
        _complain(f"{first} has no effect: it is decided for the whole run{also}")
    stale = 0 if baseline is None or args.changed_lines else baseline.stale(report)
    if stale and not args.quiet:
        _complain(f"{stale} entries of the baseline are fixed; drop them with --prune-baseline")
    late = sum(result.lacked_time for result in report.results)
    if late:
        files = "1 file was" if late == 1 else f"{late} files were"
        _complain(f"{files} not mended: the time of the models was over (budget: {configuration.project().budget})")
    for result in report.results:
        for finding, reason in result.refused:
            _complain(f"{result.path}: a fix of {finding.rule_id} was not made: {reason}")
    for error in report.errors:
        _complain(f"{error.path}: could not {error.stage}: {error.message}")


def _complain(message: str) -> None:
    """One line on standard error, whatever names are in it: a CI runner looks for commands there too."""
    from thea_hook.reporting.text import visible

    print(f"thea-hook: {visible(message)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
