"""``thea-lab train eslint``: what the project's own linter complains of becomes suggestions to learn from.

Each finding is mended as ``thea-hook --with`` does it: the linter's fixes and suggestions, our rules, the models for
what does not parse, and the teacher if one is configured. A repair counts if the linter, asked again about the text
with this repair alone, says that the finding is gone and that nothing new came. The records are kept in the memory,
with the lines around each repair and without secrets; no file is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.checking import checker_for
from thea_hook.config import Configuration
from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.files import discover, read_source
from thea_hook.memory.recorder import remember
from thea_hook.memory.records import Origin, Record, records_for
from thea_hook.others.base import Linter
from thea_hook.others.consult import CATEGORY
from thea_hook.others.counsel import proposals
from thea_hook.others.findings import Answer, Reported
from thea_hook.others.linters import linter_named
from thea_hook.others.repair import Candidate, candidates
from thea_hook.others.verify import Baseline, Search, ask, look, mend
from thea_hook.ruleset.selection import known_selectors
from thea_hook.settings import Settings
from thea_hook.teacher.advice import CONFIDENCE, Adviser
from thea_hook.teacher.base import BACKENDS
from thea_hook.teacher.load import announcement, teacher_settings
from thea_hook.teacher.teacher import Teacher

LINTERS = ("eslint", "tsc")
_SHOWN_RULES = 20


class Lessons(NamedTuple):
    """What a linter says about a text, each finding with the repair that it agreed to, if there is one."""

    file: SourceFile
    findings: tuple[Finding, ...]

    def records(self) -> Iterator[Record]:
        """The repairs as suggestions that the linter agreed to, though nobody applied them."""
        wanted = {number: Origin.LINTER for number, one in enumerate(self.findings) if one.fix is not None}
        yield from records_for(self.file, self.findings, wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, mend and remember; 0 when it is done, 1 where nothing could be kept."""
    options = _parser().parse_args(arguments)
    if options.output is not None:
        _see_that_it_can_be_written(options.output)
    configuration = configuration_of(options)
    teacher = teacher_of(configuration.project())
    files = list(_files(options.paths, configuration))
    linter = linter_named(options.linter, os.getcwd())
    searches = {file.path: learn(linter, file, configuration.settings(file.path), teacher) for file in files}
    lessons = list(ask(linter, searches).values())
    records = [record for lesson in lessons for record in lesson.records()]
    if options.output is None:
        failure = remember(records)
    else:
        failure = ""
        options.output.write_text(json.dumps([record.as_dict() for record in records], indent=2) + "\n", "utf-8")
    print(_text(lessons, records))
    if failure:
        print(f"thea-lab: {failure}", file=sys.stderr)
    return 1 if failure else 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train eslint", description=summary, epilog=rest)
    parser.add_argument("paths", nargs="+", metavar="PATHS", help="files and folders")
    parser.add_argument("--with", dest="linter", choices=LINTERS, default="eslint", help="default: eslint")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the records as JSON, not into the memory")
    add_teacher(parser)
    return parser


def _see_that_it_can_be_written(path: Path) -> None:
    """Before the linter is asked for minutes. Raises UsageError."""
    try:
        path.open("a").close()
    except OSError as exc:
        raise UsageError(f"{path}: cannot be written: {exc.strerror}") from exc


def add_teacher(parser: argparse.ArgumentParser) -> None:
    """The options of a command that may ask the teacher, and uses the models."""
    parser.add_argument("--models", metavar="NAMES", help="the models to use: none, tagger, ...")
    parser.add_argument("--teacher", choices=BACKENDS, help="whom to ask about what is left (default: nobody)")
    parser.add_argument("--teacher-url", metavar="URL")
    parser.add_argument("--teacher-model", metavar="NAME")


def configuration_of(options: argparse.Namespace) -> Configuration:
    """The configuration of the project, with what such options say."""
    named = {"teacher": options.teacher, "teacher-url": options.teacher_url, "teacher-model": options.teacher_model}
    flags: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    if options.models is not None:
        flags["models"] = options.models.replace(",", " ").split()
    return Configuration.load(os.getcwd(), flags=flags, known_rules=known_selectors)


def teacher_of(settings: Settings) -> Teacher | None:
    """The teacher that is configured, after saying what is sent to it. Raises TeacherError where it may not be used."""
    if settings.teacher == "off":
        return None
    print(f"thea-lab: {announcement(settings, asks_linters=True)}", file=sys.stderr)
    return Teacher(teacher_settings(settings)._replace(questions=0))


def _files(paths: Sequence[str], configuration: Configuration) -> Iterator[SourceFile]:
    found = discover(paths, excluded=configuration.excluded)
    if found.errors:
        raise UsageError(f"{found.errors[0].path}: {found.errors[0].message}")
    for path, explicit in found.candidates:
        file = read_source(path, explicit=explicit)
        if isinstance(file, SourceFile) and is_utf8(file.text):
            yield file


def is_utf8(text: bytes) -> bool:
    """Whether another program can be given the text."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ------------------------------------------------------------------ from findings to lessons


def learn(linter: Linter, file: SourceFile, settings: Settings, teacher: Teacher | None = None) -> Search[Lessons]:
    """What the linter finds in a text, each finding with a repair that passed when it was made alone."""
    answer = yield from look(file)
    repairs = _syntax_repairs(file, settings, teacher) if answer else []
    if repairs:
        offered = [tuple(Candidate(one, fix.title, fix.edits) for fix, _ in repairs) for one in answer]
    else:
        offered = candidates(file, answer, settings, linter.rewrites(file) if answer else ())
    chosen = yield from _alone(file, answer, (yield from mend(file, answer, offered)))
    taught: list[Candidate | None] = [None] * len(answer)
    if teacher is not None and not repairs:
        left = [index for index, mended in enumerate(chosen) if mended is None]
        wanted, _ = proposals(teacher, file, [answer[index] for index in left])
        heard = yield from _alone(file, answer, (yield from mend(file, answer, wanted)))
        for index, candidate in zip(left, heard, strict=True):
            taught[index] = candidate
    known = {fix.edits: (fix, source) for fix, source in repairs}
    findings = [
        _finding(reported, first, second, known, teacher)
        for reported, first, second in zip(answer, chosen, taught, strict=True)
    ]
    return Lessons(file, tuple(findings))


def _syntax_repairs(file: SourceFile, settings: Settings, teacher: Teacher | None) -> list[tuple[Fix, str]]:
    """What the models, and the teacher, do about a text that does not parse, and which of them it was."""
    findings = checker_for(settings._replace(select=("syntax",), extend_select=())).check(file).findings
    adviser = None if teacher is None else Adviser(teacher)
    if adviser is not None and adviser.is_wanted(file, findings):
        findings = adviser.advise(file, findings, settings.confidence).findings
    return [(one.fix, one.source) for one in findings if one.category == "syntax" and one.fix is not None]


def _alone(file: SourceFile, answer: Answer, mended: Sequence[Candidate | None]) -> Search[list[Candidate | None]]:
    """Those that are right without the others, with which they may have been tried: a record has one repair."""
    base = Baseline(file, answer)
    made = [one for one in mended if one is not None]
    answers = (yield [base.changed([one]) for one in made]) if made else ()
    right = {one for one, heard in zip(made, answers, strict=True) if base.accepts([one], heard)}
    return [one if one in right else None for one in mended]


def _finding(
    reported: Reported,
    mended: Candidate | None,
    taught: Candidate | None,
    known: dict[tuple[Edit, ...], tuple[Fix, str]],
    teacher: Teacher | None,
) -> Finding:
    fix, source = None, f"with:{reported.tool}"
    if mended is not None:
        is_theirs = any(one.title == mended.title for one in reported.proposals)
        like, source = known.get(mended.edits, (None, source if is_theirs else "rules"))
        fix = Fix(mended.title, mended.edits, Applicability.UNSAFE, like.confidence if like else 1.0)
    elif taught is not None and teacher is not None:
        fix, source = Fix(taught.title, taught.edits, Applicability.UNSAFE, CONFIDENCE), teacher.source
    rule = f"{reported.tool}/{reported.rule}"
    # a record of a text that does not parse is learned from only as a whole, as those of our own findings are
    category = "syntax" if mended is not None and mended.edits in known else CATEGORY
    return Finding(rule, category, reported.span, reported.message, reported.severity, source=source, fix=fix)


def _text(lessons: Iterable[Lessons], records: Sequence[Record]) -> str:
    findings = [finding for lesson in lessons for finding in lesson.findings]
    found = Counter(finding.rule_id for finding in findings)
    mended = Counter(finding.rule_id for finding in findings if finding.fix is not None)
    lines = [f"{sum(mended.values())} of {len(findings)} findings mended, {len(records)} records"]
    lines += [f"  {rule}: {mended[rule]} of {count}" for rule, count in found.most_common(_SHOWN_RULES)]
    return "\n".join(lines)
