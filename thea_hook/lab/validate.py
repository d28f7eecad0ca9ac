"""``thea-lab validate``: whether changes of code are repairs, as far as parsers, our validation and a linter can say.

PATHS are unified diffs to the files that they name; a diff that was made already is judged as well, such as one of
``generate-diffs`` whose repair is exact, since it leads to the file. With ``--before OLD``, the one path is the changed
file. For each change the command says whether the text parses before and after, what our validation has against it,
with ``--with`` which findings of the linter go and come, and with ``--teacher`` whether the teacher, asked about what
is wrong, would do the same. Nothing is changed on disk. The exit code is 1 if the new text does not parse, the
validation refuses the change, or the linter finds something new.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.diff_reader import FileDiff, patched, read_diff
from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile, Span, language_of
from thea_hook.errors import UsageError
from thea_hook.lab.training.eslint import add_teacher, configuration_of, is_utf8, teacher_of
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ml.semantic import Refusal, validate
from thea_hook.ml.tasks import Request, TaskType
from thea_hook.ml.verify import verify
from thea_hook.others.base import Linter
from thea_hook.others.counsel import opinion_about
from thea_hook.others.findings import Answer as Reports
from thea_hook.others.linters import LINTERS, linter_named
from thea_hook.others.verify import Baseline, Key, origin
from thea_hook.reporting.text import visible
from thea_hook.teacher.base import TeacherError
from thea_hook.teacher.teacher import Teacher


class Change(NamedTuple):
    """A file before and after."""

    before: SourceFile
    after: SourceFile

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edits_between(self.before.text, self.after.text, self.before.language))


class Judgement(NamedTuple):
    """What there is to say about a change; ``gone`` and ``new`` are rules, None where no linter looked."""

    was: Answer
    now: Answer
    refusal: Refusal | None
    gone: tuple[str, ...] | None = None
    new: tuple[str, ...] | None = None
    teacher: str = ""

    @property
    def is_good(self) -> bool:
        return self.now is not Answer.BROKEN and self.refusal is None and not self.new

    def __str__(self) -> str:
        parts = [f"{self.was.value} before, {self.now.value} after"]
        parts.append(f"validation: {self.refusal.value if self.refusal else 'no objection'}")
        if self.gone is not None and self.new is not None:
            parts.append(f"linter: gone {', '.join(self.gone) or 'nothing'}; new {', '.join(self.new) or 'nothing'}")
        return "; ".join([*parts, *([f"teacher: {self.teacher}"] if self.teacher else [])])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each change; 0 where nothing speaks against any, else 1."""
    options = _parser().parse_args(arguments)
    teacher = teacher_of(configuration_of(options).project())
    linter = linter_named(options.linter, os.getcwd()) if options.linter else None
    if options.before is None:
        changes = [change for path in options.paths for change in changes_of(path)]
    elif len(options.paths) == 1:
        changes = [Change(_source(options.paths[0], _read(options.before)), _source(options.paths[0]))]
    else:
        raise UsageError("--before takes one path, that of the changed file")
    judgements = [judged(change, linter, teacher) for change in changes]
    for change, judgement in zip(changes, judgements, strict=True):
        print(visible(f"{change.before.path}: {'good' if judgement.is_good else 'bad'}: {judgement}"))
    return 0 if all(judgement.is_good for judgement in judgements) else 1


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab validate", description=summary, epilog=rest)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATHS", help="unified diffs")
    parser.add_argument("--before", type=Path, metavar="OLD", help="the text before; the path is then that after")
    parser.add_argument("--with", dest="linter", choices=tuple(LINTERS), help="ask the project's own linter")
    add_teacher(parser)
    return parser


# ------------------------------------------------------------------ reading changes


def changes_of(path: Path) -> Iterator[Change]:
    """What a diff file says of each file of ours, a new or a deleted one being a change from or to nothing. Raises
    UsageError where it is no diff, or does not fit the files that it names."""
    text = _read(path)
    try:
        files = read_diff(text)
    except ValueError as exc:
        raise UsageError(f"{path}: {exc}") from exc
    if text and not files:
        raise UsageError(f"{path} is no unified diff")
    if not text:
        print(visible(f"{path}: not judged: it changes nothing"))
    for file in files:
        name = file.new or file.old
        if name is None or language_of(name) is None:
            print(visible(f"{name}: not judged: not JavaScript or TypeScript"))
        else:
            yield _change(path, file, name)


def _change(path: Path, file: FileDiff, name: str) -> Change:
    """The change that the hunks make; where the files have it already, that which led to it."""
    before = _text(file.old)
    if before is not None and (after := patched(before, file.hunks)) is not None:
        return Change(_source(Path(name), before), _source(Path(name), after))
    after = _text(file.new)
    if after is not None and (before := patched(after, [hunk.reverse for hunk in file.hunks])) is not None:
        return Change(_source(Path(name), before), _source(Path(name), after))
    raise UsageError(visible(f"{path}: {name}: the diff does not fit"))


def _text(name: str | None) -> bytes | None:
    """What is in a file, nothing being in none; None where it is not there."""
    if name is None:
        return b""
    return _read(Path(name)) if Path(name).exists() else None


def _source(path: Path, text: bytes | None = None) -> SourceFile:
    language = language_of(str(path))
    if language is None:
        raise UsageError(f"{path} is not JavaScript or TypeScript")
    file = SourceFile(str(path), _read(path) if text is None else text, language)
    if not is_utf8(file.text):
        raise UsageError(visible(f"{path} is not UTF-8"))
    return file


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UsageError(visible(f"cannot read {path}: {exc.strerror}")) from exc


# ------------------------------------------------------------------ judging them


def judged(change: Change, linter: Linter | None = None, teacher: Teacher | None = None) -> Judgement:
    """What parsers, validation, the linter and the teacher say. Raises LinterError."""
    was, now = judge([change.before, change.after])
    judgement = Judgement(was.answer, now.answer, _refusal(change, was.answer))
    heard = None if linter is None else _heard(change, linter)
    if heard is not None:
        gone, new = (tuple(sorted(one.rule for one in some)) for some in heard)
        judgement = judgement._replace(gone=gone, new=new)
    if teacher is not None:
        judgement = judgement._replace(teacher=_teacher_says(change, was, heard[0] if heard else (), teacher))
    return judgement


def _refusal(change: Change, was: Answer) -> Refusal | None:
    """Of a text that does not parse, more can be asked: that each of the edits is needed for it to parse."""
    if was is not Answer.BROKEN:
        return validate(change.before.text, change.edits, change.before.language)
    whole = Span(0, len(change.before.text))
    return next((one.refusal for one in verify(change.before, [change.edits], judge=judge, region=whole)), None)


def _heard(change: Change, linter: Linter) -> tuple[Reports, Reports] | None:
    """The findings of the linter that go with the change, and those that come; None where it ignores the path."""
    before, after = linter.lint([change.before, change.after])
    if before is None or after is None:
        return None
    base, edits = Baseline(change.before, before), change.edits
    old = [base.key(one, one.span.start) for one in before]
    new = [base.key(one, origin(one.span.start, edits)) for one in after]
    return _without(before, old, Counter(new)), _without(after, new, Counter(old))


def _without(findings: Reports, keys: Sequence[Key], others: Counter[Key]) -> Reports:
    """The findings that the others have no equal of, each of which is the equal of one."""
    left = []
    for finding, key in zip(findings, keys, strict=True):
        if others[key] > 0:
            others[key] -= 1
        else:
            left.append(finding)
    return tuple(left)


def _teacher_says(change: Change, was: Verdict, gone: Reports, teacher: Teacher) -> str:
    """Whether the teacher, who is shown what is wrong and not the change, would make the same; it has no say in whether
    it is good. Where nobody can tell it what is wrong, there is nothing to ask."""
    file = change.before
    try:
        if was.answer is Answer.BROKEN:
            opinion = teacher.ask(Request(TaskType.CODE_REPAIR, file, was))
        elif gone:
            opinion = opinion_about(teacher, file, gone)
        else:
            return "not asked, as nothing is known to be wrong with the text"
    except TeacherError as exc:
        return str(exc)
    if not opinion.candidates:
        return f"no usable answer: {opinion.refusals[-1]}"
    return "the same" if opinion.candidates[0].text == change.after.text else "another repair"
