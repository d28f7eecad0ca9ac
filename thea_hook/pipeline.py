"""A run, from what the user names to a report. This is the only file that knows the order of the steps.

index | changed files | paths | standard input        find_files
  -> from the cache, if nothing changed                 check_files
  -> parsed, checked by every engine                    check_file
  -> fixed until stable, in memory                      fix_file
  -> what is left broken shown to the teacher           taught    (only where one is configured)
  -> other linters asked, and their findings mended     consult   (only under --with and --findings)
  -> written, each file whole or not at all             write_file
  -> Report                                             run
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.checking import Checked, checker_for, decode, encode, lines_to_region, visible
from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.patch import Patch
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import SourceFile, Span, utf8
from thea_hook.errors import FileAccessError, ParseTimeout, TheaError
from thea_hook.files import Skip, count_reasons, write_atomic
from thea_hook.inputs import find_files
from thea_hook.trust import with_head_in_mind

if TYPE_CHECKING:
    from thea_hook.cache import Cache
    from thea_hook.config import Configuration
    from thea_hook.git import LineRanges
    from thea_hook.progress import Progress
    from thea_hook.settings import Settings
    from thea_hook.teacher.advice import Adviser
    from thea_hook.workers import Answer


class Request(NamedTuple):
    """What to check and what to do about it, as the command line says; all else is configuration.

    ``fix`` is the lowest grade of fix to apply, None for none. ``write`` is False where the fixes are only shown.
    ``linters`` and ``reports`` name other linters to ask, and report files of theirs; no configuration file can.
    ``paths`` names the files and folders to check, none meaning this one; with ``staged`` or ``since`` it limits what
    the diff names. ``stdin`` is the text of the one path.
    """

    paths: tuple[str, ...] = ()
    fix: Applicability | None = None
    write: bool = True
    staged: bool = False
    since: str | None = None
    changed_lines: bool = False
    stdin: bytes | None = None
    force_exclude: bool = False
    use_cache: bool = True
    workers: int = 1
    baseline: frozenset[str] = frozenset()
    linters: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    @property
    def asks_others(self) -> bool:
        return bool(self.linters or self.reports)


class Task(NamedTuple):
    """One file to check: its bytes, its settings, and which of its lines count (all of them for None).

    ``on_disk`` is what a fix is written over: the file's own text, or for a staged file that of the work tree (None
    where the work tree has no such file: then nothing is fixed).
    """

    file: SourceFile
    settings: Settings
    fix: Applicability | None
    lines: LineRanges | None
    baseline: frozenset[str]
    on_disk: bytes | None


def run(request: Request, configuration: Configuration, progress: Progress | None = None) -> Report:
    """Check, and where asked fix, everything the request names. Raises TheaError for what makes a run impossible."""
    files, changed = find_files(request, configuration)
    skipped: list[Skip] = []
    results: list[FileResult] = []
    tasks: list[Task] = []
    for file in files:
        if isinstance(file, Skip):
            skipped.append(file)
        elif isinstance(file, FileError):
            results.append(FileResult(file.path, error=file))
        else:
            lines = changed.get(file.path, ()) if changed is not None and request.changed_lines else None
            settings = configuration.settings(file.path)
            on_disk = _bytes_on_disk(file.path) if request.staged else file.text
            fix = None if on_disk is None else request.fix
            tasks.append(Task(file, settings, fix, lines, request.baseline, on_disk))
    adviser = _adviser(configuration.project())
    with spending(configuration.project()):
        if request.asks_others:  # they see the text after our fixes, so nothing is written before they have
            found = check_files(tasks, request._replace(write=False), configuration, progress, adviser)
            results += _ask_others(tasks, list(found), request, adviser)
        else:
            results += check_files(tasks, request, configuration, progress, adviser)
    skipped += [Skip(result.path, result.skipped) for result in results if result.skipped]
    results.sort(key=lambda result: result.path)
    return Report(tuple(results), count_reasons(skipped), wrote=request.write, changed_lines=changed)


def _adviser(settings: Settings) -> Adviser | None:
    """The teacher of the run, one for all of it: it may be asked so often and no more."""
    if settings.teacher == "off":
        return None
    from thea_hook.teacher.load import adviser_for

    return adviser_for(settings)


def _ask_others(
    tasks: Sequence[Task], results: Sequence[FileResult], request: Request, adviser: Adviser | None
) -> Iterator[FileResult]:
    """The results with what other linters say, and their fixes and ours written where that is asked for."""
    from thea_hook.others.consult import Subject, consult

    by_path = {result.path: result for result in results}
    subjects = [
        Subject(
            task.file,
            task.settings,
            by_path[task.file.path],
            task.fix,
            task.lines,
            task.file.text if task.on_disk is None else task.on_disk,
            task.baseline,
        )
        for task in tasks
    ]
    teacher = None if adviser is None else adviser.teacher
    for result in consult(request.linters, request.reports, subjects, teacher=teacher):
        if result.patch is not None and request.write and request.stdin is None:
            result = write_file(result, by_path[result.path]._replace(patch=None, fixed=(), passes=()))
        yield result


def spending(settings: Settings) -> AbstractContextManager[None]:
    """A run whose models may take the time that the settings give them."""
    if settings.budget is None:
        return nullcontext()
    from thea_hook.budget import allowance, spending

    return spending(allowance(settings.budget))


def _bytes_on_disk(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


# ------------------------------------------------------------------ check and fix


def check_files(
    tasks: Sequence[Task],
    request: Request,
    configuration: Configuration,
    progress: Progress | None = None,
    adviser: Adviser | None = None,
) -> Iterator[FileResult]:
    """A result for each task, in no order: from the cache, else from this process or, for many files, from several.

    Fixed files are written here, as they come: what an interruption leaves is whole.
    """
    cache = _open_cache(configuration) if request.use_cache and request.stdin is None else None
    answers = _answers(tasks, cache, request.workers, progress)
    if adviser is not None:
        from thea_hook.teaching import taught

        answers = taught(answers, adviser, cache)
    for task, (result, checked) in answers:
        if result.patch is not None and checked is not None and request.write and request.stdin is None:
            result = write_file(result, result_of(task, checked))
        yield result
    if cache is not None:
        cache.flush()


def _answers(
    tasks: Sequence[Task], cache: Cache | None, workers: int, progress: Progress | None
) -> Iterator[tuple[Task, Answer]]:
    """What the cache knows, then what the engines find and fix in everything else."""
    from thea_hook.workers import map_files

    missing: list[Task] = []
    for task in tasks:
        known = recall(cache, cache_key(task))
        if known is None or has_work(known, task):
            missing.append(task)
        else:
            yield task, (result_of(task, known, cached=True), known)
    for task, (result, checked) in map_files(process, missing, workers, progress):
        if cache is not None and checked is not None and checked.is_final:
            cache.put(cache_key(task), encode(checked))
        yield task, (result, checked)


def process(task: Task) -> Answer:
    """The result for one file, and what was found before any fix, for the cache.

    Whatever goes wrong here becomes the error of this file: one file's trouble never hides the others. What is wrong
    with the configuration or a rule (TheaError) is wrong for all of them, and goes up.
    """
    from thea_hook.languages.grammars import module_of

    try:
        checked = check_file(task)
        if module_of(task.file).is_too_deep:
            return result_of(task, checked)._replace(skipped="nested too deeply"), None
        if has_work(checked, task):
            return fix_file(task, with_head_in_mind(task.file, checked)), checked
        return result_of(task, checked), checked
    except ParseTimeout:
        return FileResult(task.file.path, skipped="too broken to parse"), None
    except TheaError:
        raise
    except Exception as exc:
        error = FileError(task.file.path, "check", f"internal error, please report it: {type(exc).__name__}: {exc}")
    return FileResult(task.file.path, error=error), None


def check_file(task: Task) -> Checked:
    """Everything the engines find in the file."""
    return checker_for(task.settings).check(task.file)


def fix_file(
    task: Task, checked: Checked, more: Callable[[SourceFile, Checked], Checked] = lambda _, found: found
) -> FileResult:
    """The file fixed in memory: the patch, what it removed, and what is left.

    ``more`` adds to what the engines find in the texts that the fixes lead to.
    """
    from thea_hook.fixer import fix_both, fix_until_stable

    checker = checker_for(task.settings)
    assert task.fix is not None

    routing = list(checked.routing)

    def check(file: SourceFile, region: Sequence[Span] | None) -> Sequence[Finding]:
        found = checked if file is task.file else more(file, checker.check(file))
        if found is not checked:
            routing.extend(found.routing)
        return visible(file, found.findings, region=region, baseline=task.baseline)[0]

    region = None if task.lines is None else lines_to_region(task.file, task.lines)
    _, baselined = visible(task.file, checked.findings, region=region, baseline=task.baseline)
    before = task.file.text if task.on_disk is None else task.on_disk
    if before == task.file.text:
        fixed = fix_until_stable(task.file, check, least=task.fix, region=region)
        after = fixed.file.text
    else:
        fixed, after = fix_both(task.file, before, check, least=task.fix, region=region)
    patch = None if before == after else Patch(task.file.path, before, after)
    return FileResult(
        task.file.path,
        source=fixed.file if fixed.findings or patch else None,
        findings=fixed.findings,
        fixed=fixed.applied,
        passes=fixed.passes,
        patch=patch,
        refused=fixed.refused,
        suppressed=checked.suppressed,
        baselined=baselined,
        routing=tuple(routing),
    )


def has_work(checked: Checked, task: Task) -> bool:
    """Whether some finding has a fix that this run applies."""
    return task.fix is not None and any(
        finding.fix is not None and finding.fix.applicability >= task.fix for finding in checked.findings
    )


def result_of(task: Task, checked: Checked, *, cached: bool = False) -> FileResult:
    """The result for a file that is left as it is."""
    region = None if task.lines is None else lines_to_region(task.file, task.lines)
    shown, baselined = visible(task.file, checked.findings, region=region, baseline=task.baseline)
    return FileResult(
        task.file.path,
        source=task.file if shown else None,
        findings=tuple(shown),
        cached=cached,
        suppressed=checked.suppressed,
        baselined=baselined,
        routing=checked.routing,
    )


# ------------------------------------------------------------------ the cache


def _open_cache(configuration: Configuration) -> Cache:
    from thea_hook.cache import Cache, cache_folder
    from thea_hook.ml.load import weights_version
    from thea_hook.version import code_version, second_parser_version

    project = configuration.project()
    version = f"{code_version()} {second_parser_version()} {weights_version(project)}"
    return Cache.open(project.cache_dir or cache_folder(), project.root, version)


def cache_key(task: Task, adviser: str = "") -> bytes:
    """Where the cache has what is found in the file; with an adviser, what it adds is there, too."""
    from thea_hook.cache import digest

    # the file's name decides its language and whether it is a module or a script
    parts = (task.settings.digest, utf8(task.file.path), task.file.text)
    return digest(*parts, adviser.encode()) if adviser else digest(*parts)


def recall(cache: Cache | None, key: bytes) -> Checked | None:
    """What the cache has under the key."""
    payload = None if cache is None else cache.get(key)
    return None if payload is None else decode(payload)


# ------------------------------------------------------------------ writing


def write_file(result: FileResult, unfixed: FileResult) -> FileResult:
    """The fixed text on disk; where that fails, the result without fixes and the reason."""
    assert result.patch is not None
    try:
        write_atomic(result.path, result.patch.after, result.patch.before)
    except FileAccessError as exc:
        return unfixed._replace(error=FileError(result.path, "write", str(exc)))
    return result
