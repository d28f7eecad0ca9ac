"""``thea-lab validate``: whether changes of code are repairs, as far as parsers, our validation and a linter can say.

PATHS are unified diffs, those of ``generate-diffs`` for one, to the files that they name; a diff that was made already
is judged as well. With ``--before OLD``, the one path is the changed file. For each change the command says whether the
text parses before and after, what our validation has against it, with ``--with`` which findings of the linter go and
come, and with ``--teacher`` whether the teacher would do the same. Nothing is changed on disk. The exit code is 1 if
the new text does not parse, the validation refuses the change, or the linter finds something new.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

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
from thea_hook.others.linters import LINTERS, linter_named
from thea_hook.others.verify import Baseline, origin
from thea_hook.teacher.base import TeacherError
from thea_hook.teacher.lines import Shown, Unclear
from thea_hook.teacher.patches import applied_diff
from thea_hook.teacher.teacher import Teacher

_FILE = re.compile(r"(?m)^(?=--- [^\n]*\n\+\+\+ )")
_HUNK = re.compile(r"@@ -(\S+) \+(\S+) @@")
_SIGNS = {"+": "-", "-": "+"}


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
        print(f"{change.before.path}: {'good' if judgement.is_good else 'bad'}: {judgement}")
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
    """What a diff file says. Raises UsageError where it is none, or does not fit the files that it names."""
    try:
        parts = _FILE.split(_read(path).decode("utf-8"))[1:]
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is not UTF-8") from exc
    if not parts:
        raise UsageError(f"{path} is no unified diff")
    for part in parts:
        header, *lines = part.splitlines(keepends=True)[1:]
        name = header[4:].split("\t")[0].strip().strip('"').removeprefix("b/")
        yield _change(path, _source(Path(name)), [line for line in lines if line[0] in " +-@\\\n"])


def _change(path: Path, file: SourceFile, hunks: Sequence[str]) -> Change:
    """The change that the hunks make of the file; where the file has it already, that which led to it."""
    shown = Shown.of(file.text.decode("utf-8"))
    try:
        return Change(file, file._replace(text=applied_diff("".join(hunks), shown).encode()))
    except Unclear as exc:
        try:
            return Change(file._replace(text=applied_diff("".join(_reversed(hunks)), shown).encode()), file)
        except Unclear:
            raise UsageError(f"{path}: {file.path}: {exc}") from exc


def _reversed(hunks: Sequence[str]) -> Iterator[str]:
    for line in hunks:
        yield _HUNK.sub(r"@@ -\2 +\1 @@", line) if line[0] == "@" else _SIGNS.get(line[0], line[0]) + line[1:]


def _source(path: Path, text: bytes | None = None) -> SourceFile:
    language = language_of(str(path))
    if language is None:
        raise UsageError(f"{path} is not JavaScript or TypeScript")
    file = SourceFile(str(path), _read(path) if text is None else text, language)
    if not is_utf8(file.text):
        raise UsageError(f"{path} is not UTF-8")
    return file


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from exc


# ------------------------------------------------------------------ judging them


def judged(change: Change, linter: Linter | None = None, teacher: Teacher | None = None) -> Judgement:
    """What parsers, validation, the linter and the teacher say. Raises LinterError."""
    was, now = judge([change.before, change.after])
    judgement = Judgement(was.answer, now.answer, _refusal(change, was.answer))
    if linter is not None:
        judgement = _with_linter(judgement, change, linter)
    if teacher is not None and was.answer is Answer.BROKEN:
        judgement = judgement._replace(teacher=_teacher_says(change, was, teacher))
    return judgement


def _refusal(change: Change, was: Answer) -> Refusal | None:
    """Of a text that does not parse, more can be asked: that each of the edits is needed for it to parse."""
    if was is not Answer.BROKEN:
        return validate(change.before.text, change.edits, change.before.language)
    whole = Span(0, len(change.before.text))
    return next((one.refusal for one in verify(change.before, [change.edits], judge=judge, region=whole)), None)


def _with_linter(judgement: Judgement, change: Change, linter: Linter) -> Judgement:
    before, after = linter.lint([change.before, change.after])
    if before is None or after is None:  # it ignores the path
        return judgement
    base, edits = Baseline(change.before, before), change.edits
    found = Counter(base.key(one, origin(one.span.start, edits)) for one in after)
    gone, new = (sorted(key.rule for key in keys.elements()) for keys in (base.known - found, found - base.known))
    return judgement._replace(gone=tuple(gone), new=tuple(new))


def _teacher_says(change: Change, was: Verdict, teacher: Teacher) -> str:
    """Whether the teacher, who is not shown the change, would make the same; it has no say in whether it is good."""
    try:
        opinion = teacher.ask(Request(TaskType.CODE_REPAIR, change.before, was))
    except TeacherError as exc:
        return str(exc)
    if not opinion.candidates:
        return f"no usable answer: {opinion.refusals[-1]}"
    return "the same" if opinion.candidates[0].text == change.after.text else "another repair"
