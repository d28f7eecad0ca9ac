"""What may mend a finding of another linter: candidates, the most trusted first. Nothing here is believed yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Applicability, Edit, Finding
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.difference import edits_between
from thea_hook.others.base import Rewrite
from thea_hook.others.constants import with_constants
from thea_hook.others.findings import Answer, Proposal, Reported
from thea_hook.others.kept_values import TITLE, kept_value
from thea_hook.others.names import UNUSED, is_about_undeclared, our_name

if TYPE_CHECKING:
    from thea_hook.others.undeclared.remedies import Projects
    from thea_hook.others.undeclared.uses import Way
    from thea_hook.settings import Settings


class Candidate(NamedTuple):
    """Edits that may mend a finding. ``is_fix`` where the linter itself calls them a fix."""

    reported: Reported
    title: str
    edits: tuple[Edit, ...]
    is_fix: bool = False
    is_followed: bool = False
    """Whether it has the linter's fixes of what it led to in it."""
    is_ours: bool = False
    """Whether it is what our rule of that name does."""
    is_entry: bool = False
    """Whether it adds a line or an entry of its own, so that others may be added at the same place."""
    is_declaration: bool = False
    """Whether a comment is all that it changes: one that says what the project provides."""

    @property
    def start(self) -> int:
        return self.edits[0].span.start

    @property
    def end(self) -> int:
        return max(edit.span.end for edit in self.edits)


def candidates(
    file: SourceFile,
    answer: Answer,
    settings: Settings,
    rewrites: Sequence[Rewrite] = (),
    projects: Projects | None = None,
) -> list[tuple[Candidate, ...]]:
    """For each finding what may mend it: the linter's fix, what our rule of that name does, what the project says about
    a name that nothing declares, the linter's suggestions.

    What does not parse is mended by our own engines, before another linter sees it.
    Ours goes before a suggestion because it is meant to be the likely way out; a suggestion is one of several.
    """
    ours = _our_findings(file, settings) if answer else ()
    ways = _of_project(file, answer, projects)
    rewritten = [(one, edits_between(file.text, one.text, file.language)) for one in rewrites]
    found = []
    for reported in answer:
        parts = [_part_of(reported, one, edits, file) for one, edits in rewritten]
        found.append(tuple(_distinct(_candidates(reported, (*reported.proposals, *parts), file, ours, ways, settings))))
    return found


def _of_project(file: SourceFile, answer: Answer, projects: Projects | None) -> Mapping[Reported, tuple[Way, ...]]:
    """What other files of the project know about the names that nothing declares."""
    if projects is None or not any(is_about_undeclared(one.tool, one.rule) for one in answer):
        return {}
    from thea_hook.others.undeclared.remedies import ways_out

    return ways_out(file, answer, projects)


def _part_of(reported: Reported, rewrite: Rewrite, edits: Sequence[Edit], file: SourceFile) -> Proposal:
    """What a linter that mended the whole text did on the lines of one finding."""
    first, last = (file.position(offset).line for offset in reported.span)
    near = [edit for edit in edits if first <= file.position(edit.span.start).line <= last]
    return Proposal(rewrite.title, tuple(near), rewrite.is_fix)


def _candidates(
    reported: Reported,
    proposals: Sequence[Proposal],
    file: SourceFile,
    ours: Sequence[Finding],
    ways: Mapping[Reported, Sequence[Way]],
    settings: Settings,
) -> Iterator[Candidate]:
    own = [Candidate(reported, one.title, small(one.edits, file), one.is_fix) for one in proposals]
    yield from (candidate for candidate in own if candidate.is_fix)
    wanted = our_name(reported.tool, reported.rule)
    same = [one for one in ours if one.rule_id == wanted and is_same_place(file, reported.span, one.span)]
    if wanted == "no-unused-vars" and not same:
        return  # without a plugin ESLint does not see what JSX uses, and suggests to remove it
    for finding in sorted(same, key=lambda finding: abs(finding.span.start - reported.span.start)):
        if finding.fix is not None and finding.fix.applicability > Applicability.DISPLAY:
            yield Candidate(reported, finding.fix.title, finding.fix.edits, is_ours=True)
            if wanted == "no-var":
                edits = with_constants(file, finding.span, finding.fix.edits, settings)
                yield Candidate(reported, finding.fix.title, edits, is_ours=True)
    if wanted in UNUSED:
        yield Candidate(reported, TITLE, kept_value(file, reported.span))
    for way in ways.get(reported, ()):
        yield Candidate(reported, way.title, way.edits, is_entry=way.is_entry, is_declaration=way.is_declaration)
    yield from (candidate for candidate in own if not candidate.is_fix)


def is_same_place(file: SourceFile, one: Span, other: Span) -> bool:
    """Whether two linters mean the same: one may point at a comparison where the other points at its operator."""
    if one.start == other.start:
        return True
    inside = one.start <= other.start and other.end <= one.end
    around = other.start <= one.start and one.end <= other.end
    return (inside or around) and file.position(other.start).line == file.position(one.start).line


def _our_findings(file: SourceFile, settings: Settings) -> Sequence[Finding]:
    """All that our rules find, asked for or not: the other linter decides what is a finding."""
    from thea_hook.checking import checker_for

    everything = settings._replace(
        select=("all",), extend_select=(), ignore=(), extend_ignore=(), fixable=("all",), unfixable=()
    )
    return checker_for(everything).check(file).findings


def small(edits: Sequence[Edit], file: SourceFile) -> tuple[Edit, ...]:
    """The edits in order, each without what it leaves as it is: ESLint joins those of a fix, with all between them."""
    return tuple(
        Edit(Span(edit.span.start + span.start, edit.span.start + span.end), written)
        for edit in sorted(edits)
        for span, written in edits_between(file.text[slice(*edit.span)], edit.text, file.language)
    )


def _distinct(found: Iterator[Candidate]) -> Iterator[Candidate]:
    seen: set[tuple[Edit, ...]] = set()
    for candidate in found:
        if candidate.edits and candidate.edits not in seen:
            seen.add(candidate.edits)
            yield candidate
