"""A step of a run: the findings of other linters, and what mends them, added to the results of our own engines.

Other linters see each file as it would be after our own fixes. Where fixes are asked for, theirs are made in passes
until a pass makes none, each pass as a whole verified by the linter whose findings it mends. About what is left then a
teacher may be asked, if there is one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.checking import lines_to_region, visible
from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.patch import Patch, apply_edits
from thea_hook.core.report import FileResult, Pass
from thea_hook.core.routing import Routing
from thea_hook.core.source import SourceFile, Span
from thea_hook.fixer import shift
from thea_hook.languages.difference import edits_between
from thea_hook.others.base import Linter
from thea_hook.others.findings import PARSE_ERROR, Answer, Reported
from thea_hook.others.linters import linter_named
from thea_hook.others.names import our_name
from thea_hook.others.refusals import judged
from thea_hook.others.repair import Candidate, candidates, is_same_place
from thea_hook.others.reports import read_reports
from thea_hook.others.undeclared.remedies import Projects
from thea_hook.others.verify import Baseline, Key, Search, apart, ask, edits_of, look, mend, right_ones
from thea_hook.settings import Settings

if TYPE_CHECKING:
    from thea_hook.teacher.teacher import Teacher

MAX_PASSES = 10
"""As in ESLint: more passes than this go in a circle."""

CATEGORY = "linter"


class Subject(NamedTuple):
    """A file that other linters are asked about.

    ``result`` is what our own engines made of it; ``least`` the lowest grade of fix to make, None for none. ``lines``
    are those that count, in the text as it came in; ``before`` is what a fix is written over.
    """

    file: SourceFile
    settings: Settings
    result: FileResult
    least: Applicability | None
    lines: Sequence[tuple[int, int]] | None
    before: bytes
    baseline: frozenset[str]


class _State(NamedTuple):
    """A subject on its way: the text so far, what others found in it last, and what was mended."""

    file: SourceFile
    found: tuple[Finding, ...] = ()
    passes: tuple[Pass, ...] = ()
    routing: tuple[Routing, ...] = ()

    def after(self, made: Sequence[Candidate], found: Sequence[Finding], fixed: tuple[Finding, ...]) -> _State:
        """With candidates made for what a linter found last. What others said still counts, moved along."""
        edits = edits_of(made)
        changed = self.file._replace(text=apply_edits(self.file.text, edits))
        others = (finding for finding in self.found if finding not in found)
        moved = tuple(finding._replace(span=shift(finding.span, edits), fix=None) for finding in others)
        return self._replace(file=changed, found=moved, passes=(*self.passes, Pass(self.file, tuple(found), fixed)))


class _Look(NamedTuple):
    """What a linter says about a text, what mends each of its findings, and which of that to make now."""

    answer: Answer
    mended: tuple[Candidate | None, ...]
    made: tuple[Candidate, ...]


def consult(
    names: Sequence[str],
    reports: Sequence[str],
    subjects: Sequence[Subject],
    cwd: str | None = None,
    teacher: Teacher | None = None,
) -> list[FileResult]:
    """The results with what the named linters, and the report files, say. Raises LinterError and UsageError."""
    cwd = cwd or os.getcwd()
    linters = [linter_named(name, cwd) for name in dict.fromkeys(names)]
    projects = Projects()
    states = {subject.file.path: _State(_text_of(subject)) for subject in subjects if _can_be_asked(subject)}
    asked = {subject.file.path: subject for subject in subjects if subject.file.path in states}
    reported, tools = read_reports(reports, {path: subject.file for path, subject in asked.items()}, cwd)
    keys = {name: _keys([one for one in reported if one.tool == name], asked) for name in tools}
    for linter in linters:
        states |= _with_linter(linter, asked, states, keys.get(linter.name), projects)
    for linter in linters:
        if teacher is None:
            break
        taught = _with_teacher(linter, asked, states, teacher)
        changed = {path: state for path, state in taught.items() if state.file != states[path].file}
        # what the linter can do about the changed texts is done as before
        states |= taught | _with_linter(linter, asked, changed, keys.get(linter.name), projects)
    for one in reported:
        if one.tool not in names:
            state = states[one.path]
            if state.file.text == asked[one.path].file.text:
                states[one.path] = state._replace(found=(*state.found, _unverified(one, state.file)))
    return [_result(subject, states.get(subject.file.path)) for subject in subjects]


def _can_be_asked(subject: Subject) -> bool:
    """Whether there is a text that another program can be given: a readable file of UTF-8."""
    if subject.result.error is not None or subject.result.skipped:
        return False
    try:
        subject.file.text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text_of(subject: Subject) -> SourceFile:
    """The file after our own fixes."""
    result = subject.result
    return result.source if result.patch is not None and result.source is not None else subject.file


def _keys(heard: Sequence[Reported], subjects: Mapping[str, Subject]) -> dict[str, frozenset[Key]]:
    """What a report says, in a form that its own linter's present findings can be compared with."""
    keys: dict[str, frozenset[Key]] = {}
    for path, subject in subjects.items():
        keys[path] = frozenset(Baseline(subject.file, tuple(one for one in heard if one.path == path)).known)
    return keys


# ------------------------------------------------------------------ asking and mending


def _with_linter(
    linter: Linter,
    subjects: Mapping[str, Subject],
    states: Mapping[str, _State],
    only: Mapping[str, frozenset[Key]] | None,
    projects: Projects,
) -> dict[str, _State]:
    """The states after a linter: its findings, with what mends them, and the fixes that were asked for made."""
    done: dict[str, _State] = {}
    open_states = dict(states)
    for number in range(MAX_PASSES):
        is_last = number == MAX_PASSES - 1
        searches: dict[str, Search[_Look]] = {}
        for path, state in open_states.items():
            chosen = None if only is None else only[path]
            searches[path] = _pass(linter, state.file, subjects[path], chosen, projects, makes=not is_last)
        for path, seen in ask(linter, searches).items():
            state = open_states[path]
            findings = {
                reported: _finding(reported, mended, state.file)
                for reported, mended in zip(seen.answer, seen.mended, strict=True)
            }
            if not seen.made:
                done[path] = state._replace(found=(*state.found, *findings.values()))
                continue
            fixed = tuple(findings[candidate.reported] for candidate in seen.made)
            open_states[path] = state.after(seen.made, tuple(findings.values()), fixed)
        open_states = {path: state for path, state in open_states.items() if path not in done}
        if not open_states:
            break
    return done


def _pass(
    linter: Linter,
    file: SourceFile,
    subject: Subject,
    only: frozenset[Key] | None,
    projects: Projects,
    *,
    makes: bool,
) -> Search[_Look]:
    """One look of a linter at a text: its findings, and those of their repairs that it agrees with."""
    answer = yield from look(file)
    whole = Baseline(file, answer)
    region = _region(subject, file)
    wanted = tuple(one for one in answer if _is_wanted(one, whole, only, region))
    offered = candidates(file, wanted, subject.settings, linter.rewrites(file) if wanted else (), projects)
    least = subject.least if makes and _is_writable(subject) else None
    if least is not None:
        first = [tuple(one for one in some if _grade(one, file) >= least) for some in offered]
        found = yield from mend(file, answer, first)
        chosen = [candidate for _, candidate in apart((i, one) for i, one in enumerate(found) if one is not None)]
        made = yield from right_ones(whole, chosen)
        if made or first == offered:
            return _Look(wanted, tuple(found), tuple(made))
    mended = yield from mend(file, answer, offered)
    return _Look(wanted, tuple(mended), ())


def _with_teacher(
    linter: Linter, subjects: Mapping[str, Subject], states: Mapping[str, _State], teacher: Teacher
) -> dict[str, _State]:
    """The states of the files in which the linter found what nothing mends, after the teacher was asked about that.

    After everything else, so that no server, however slow, takes time from what mends without it.
    """
    source = f"with:{linter.name}"
    searches = {
        path: _lesson(linter, state, subjects[path], teacher)
        for path, state in states.items()
        if any(finding.source == source and finding.fix is None for finding in state.found)
    }
    return ask(linter, searches)


def _lesson(linter: Linter, state: _State, subject: Subject, teacher: Teacher) -> Search[_State]:
    """One look of a linter at what the teacher would do about those of its findings that nothing mends."""
    from thea_hook.others.counsel import proposals
    from thea_hook.teacher.advice import CONFIDENCE, grade

    answer = yield from look(state.file)
    left = _left(state, subject)
    findings = [one for one in answer if _as_finding(one, None) in left]
    offered, attempts = proposals(teacher, state.file, findings)
    right = [one for one in (yield from mend(state.file, answer, offered)) if one is not None]
    name = teacher.source if right else ""
    routing = Routing("the teacher is asked about what nothing mends", tuple(attempts), name)
    applicability = grade(subject.settings.confidence)
    taught = {
        _as_finding(one.reported, None): _as_finding(
            one.reported, Fix(one.title, one.edits, applicability, CONFIDENCE), teacher.source
        )
        for one in right
    }
    found = tuple(taught.get(finding, finding) for finding in state.found)
    state = state._replace(found=found, routing=(*state.routing, routing))
    if subject.least is None or applicability < subject.least or not _is_writable(subject):
        return state
    chosen = [candidate for _, candidate in apart(enumerate(right))]
    made = yield from right_ones(Baseline(state.file, answer), chosen)
    fixed = tuple(taught[_as_finding(candidate.reported, None)] for candidate in made)
    theirs = tuple(finding for finding in found if finding.rule_id.startswith(f"{linter.name}/"))
    return state.after(made, theirs, fixed) if made else state


def _left(state: _State, subject: Subject) -> set[Finding]:
    """What is shown without a fix. What does not parse the teacher was asked about before, as everybody was."""
    region = _region(subject, state.file)
    shown, _ = visible(state.file, state.found, region=region, baseline=subject.baseline)
    return {one for one in shown if one.fix is None and not one.rule_id.endswith(f"/{PARSE_ERROR}")}


def _is_wanted(reported: Reported, whole: Baseline, only: frozenset[Key] | None, region: Sequence[Span] | None) -> bool:
    if only is not None and whole.key(reported, reported.span.start) not in only:
        return False
    return region is None or any(span.start <= reported.span.start <= span.end for span in region)


def _is_writable(subject: Subject) -> bool:
    """Whether the text is that of the disk: a fix of a partially staged file would have to fit both of its texts."""
    return subject.before == subject.file.text


def _region(subject: Subject, file: SourceFile) -> list[Span] | None:
    if subject.lines is None:
        return None
    region = lines_to_region(subject.file, subject.lines)
    edits = edits_between(subject.file.text, file.text, file.language)
    return [shift(span, edits) for span in region]


# ------------------------------------------------------------------ as findings of ours


def _grade(candidate: Candidate, file: SourceFile) -> Applicability:
    """SAFE only where the linter calls it a fix and our own validation has nothing to say either."""
    is_safe = candidate.is_fix and judged(file, candidate).is_flawless
    return Applicability.SAFE if is_safe else Applicability.UNSAFE


def _finding(reported: Reported, candidate: Candidate | None, file: SourceFile) -> Finding:
    fix = None
    if candidate is not None:
        fix = Fix(candidate.title, candidate.edits, _grade(candidate, file))
    return _as_finding(reported, fix)


def _unverified(reported: Reported, file: SourceFile) -> Finding:
    """A finding of a report whose linter nobody asked us to run: what it proposes is shown, and never made."""
    first = next((one for one in reported.proposals if _fits(one.edits, file)), None)
    fix = None if first is None else Fix(first.title, first.edits, Applicability.DISPLAY)
    return _as_finding(reported, fix)


def _fits(edits: Sequence[Edit], file: SourceFile) -> bool:
    try:
        return apply_edits(file.text, edits) != file.text
    except ValueError:  # the report may be of an older text, or nonsense
        return False


def _as_finding(reported: Reported, fix: Fix | None, source: str = "") -> Finding:
    return Finding(
        f"{reported.tool}/{reported.rule}",
        CATEGORY,
        reported.span,
        reported.message,
        reported.severity,
        source=source or f"with:{reported.tool}",
        fix=fix,
    )


def _result(subject: Subject, state: _State | None) -> FileResult:
    """Our own result with the findings of others in it; what both say of a place is said once."""
    result = subject.result
    if state is None or not (state.found or state.passes or state.routing):
        return result
    ours: Sequence[Finding] = result.findings
    region = _region(subject, state.file)
    if state.passes:
        from thea_hook.checking import checker_for

        ours = visible(
            state.file,
            checker_for(subject.settings).check(state.file).findings,
            region=region,
            baseline=subject.baseline,
        )[0]
    theirs, hidden = visible(state.file, state.found, region=region, baseline=subject.baseline)
    if any(finding.category == "syntax" for finding in ours):  # we say where, and have a repair
        theirs = [finding for finding in theirs if not finding.rule_id.endswith(f"/{PARSE_ERROR}")]
    ours = [finding for finding in ours if not any(_says_the_same(state.file, finding, other) for other in theirs)]
    patch = result.patch
    if state.passes:
        patch = Patch(subject.file.path, subject.before, state.file.text)
    return result._replace(
        source=state.file,
        findings=tuple(sorted([*ours, *theirs], key=lambda finding: finding.sort_key)),
        fixed=(*result.fixed, *(finding for made in state.passes for finding in made.fixed)),
        passes=(*result.passes, *state.passes),
        routing=(*result.routing, *state.routing),
        patch=patch,
        baselined=result.baselined + hidden,
    )


def _says_the_same(file: SourceFile, ours: Finding, theirs: Finding) -> bool:
    tool, _, rule = theirs.rule_id.partition("/")
    return ours.rule_id == our_name(tool, rule) and is_same_place(file, ours.span, theirs.span)
