"""The decomposer: a text with several mistakes is taken apart, each mended alone, and the best of all put together.

A search over whole texts keeps few of the many combinations of what could be done about each of several mistakes. Here
every region has alternatives of its own, ranked while nothing else is wrong with the text; combinations come from the
likeliest on, and the parser judges each as a whole. What comes out is taken apart again where it is another text than
the one that it began with.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.errors import ModelError
from thea_hook.languages.difference import edits_between
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import UNKNOWN, Answer, Judge, Verdict, judge
from thea_hook.ml.conflicts import resolutions
from thea_hook.ml.edits import Step
from thea_hook.ml.evidence import TAGGER
from thea_hook.ml.gaps import line_of
from thea_hook.ml.merging import Alternative, Merged, merged
from thea_hook.ml.regions import Part, broken_parts, changed_parts, touching
from thea_hook.ml.remedies import remedies
from thea_hook.ml.repair import Effort, Repair, find_repairs
from thea_hook.ml.tagger import Broken, Suggestion, Tagger
from thea_hook.ml.tasks import Candidate, Request, Solver, TaskType
from thea_hook.ml.vocabulary import Action

SOURCE, SOURCE_OF_WRITER = "ml:rlm", "ml:mamba"
"""Who a candidate is from: put together of tags alone, or with something that a language model wrote."""
REGIONS = "regions"

BYTES = 48 << 20
"""How much text the parser reads at most for one request."""
NARROW = Effort(edits=4, beam=3, first=60, later=30, bytes=4 << 20)
"""For a region that a repair is known of: as a rule it has one mistake."""
PART = Effort(edits=8, beam=8, first=160, later=60, bytes=8 << 20)
"""For a region of which nothing is known but that it does not parse."""
WIDE = Effort(edits=12, beam=24, first=240, later=60, bytes=32 << 20)
"""For a text that cannot be taken apart, if it has no more than ``MOST_BYTES``: every step reads all of it."""
MOST_BYTES = 64 << 10
DEPTH = 2
"""How often a text is taken apart by what was put together."""
MERGED, PROPOSED = 40, 12
"""How many combinations the parser is asked about, and how many of those that parse are proposed."""
UNCERTAIN = math.log(0.05)
"""Where the likeliest alternative is less likely than that, no tag may express what is right."""
WRITTEN = math.log(0.1)
"""Log-probability that a span has to be written there."""
WEIGHTS = {TAGGER: 1.0, "trm": 0.5, "mamba": 0.25}
"""How much what a model says of an alternative counts in the ranking of a region."""


class Writer(Protocol):
    """A language model that fills in what is missing between two pieces of text."""

    def complete(self, prefix: bytes, suffix: bytes, language: Language) -> Sequence[tuple[bytes, float]]:
        """Texts that could stand there, with their log-probabilities, the likeliest first. Raises ModelError."""
        ...


class Decomposer:
    """Candidates for texts with several mistakes, or too many for one search.

    ``refiner`` and ``scorer`` take part in the ranking of a region's alternatives; ``refiner`` proposes some as well,
    and so does ``writer`` where tags may not express the repair. One that fails is passed over.
    """

    def __init__(
        self,
        tagger: Tagger,
        judge: Judge = judge,
        refiner: Solver | None = None,
        scorer: Solver | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._tagger = tagger
        self._judge = judge
        self._opinions = [solver for solver in (refiner, scorer) if solver is not None]
        self._writer = writer

    def solve(self, request: Request) -> list[Candidate]:
        """The candidates of the request, and texts put together that are not among them, the likeliest first.

        ``regions`` is how many places a candidate mends. ``tagger`` is the sum of the log-probabilities of the regions,
        shifted such that the candidate it began with keeps the figure that it came with: a repair is likelier where
        its mistake stands alone, and figures of one name must be comparable.
        """
        task = _Task(request.file, request.deadline, _Meter(self._judge, BYTES, request.deadline))
        known = {candidate.text for candidate in request.candidates}
        new: dict[bytes, Candidate] = {}
        for _, candidate in sorted(self._found(task, request), key=lambda found: -found.score):
            if candidate.text not in known:
                new.setdefault(candidate.text, candidate)
        return [*map(task.counted, request.candidates), *map(task.counted, [*new.values()][:PROPOSED])]

    def _found(self, task: _Task, request: Request) -> list[_Found]:
        if request.candidates:
            return self._refined(task, request.candidates[0], DEPTH)
        begun = self._from_parts(task) or self._from_whole(task, request.verdict)
        return [*begun, *self._refined(task, begun[0].candidate, DEPTH)] if begun else []

    # ------------------------------------------------------------------ with a repair to begin with

    def _refined(self, task: _Task, begun: Candidate, depth: int) -> list[_Found]:
        """What another look at each region of a repair leads to, while all others are mended as in that repair."""
        groups = task.groups(begun.text)
        if len(groups) == 1 and self._writer is None:
            return []  # nothing but the search that led here
        regions, before = [], 0.0
        for group, part in zip(groups, changed_parts(task.file, groups, task.judge), strict=True):
            alternatives = self._alternatives(task, part, NARROW)
            as_begun = part.with_edits(group)
            known = next((one for one in alternatives if part.with_edits(one.edits) == as_begun), None)
            if known is None:
                known = _last(group, alternatives)
                alternatives.append(known)
            regions.append(alternatives)
            before += known.tagger or 0.0
        shift = begun.evidence.get(TAGGER, 0.0) - before
        found = [_found(one, shift) for one in merged(task.file, regions, task.judge, MERGED)]
        if depth > 1 and found and found[0].candidate.text != begun.text and not task.is_over:
            found += self._refined(task, found[0].candidate, depth - 1)
        return found

    # ------------------------------------------------------------------ with none

    def _from_parts(self, task: _Task) -> list[_Found]:
        """The regions of whole lines, each mended alone; nothing where there is one only, or one cannot be mended."""
        regions = []
        for part in broken_parts(task.file, task.judge):
            regions.append(self._alternatives(task, part, PART))
            if not regions[-1] or task.is_over:
                return []
        return [_found(one) for one in merged(task.file, regions, task.judge, MERGED)]

    def _from_whole(self, task: _Task, verdict: Verdict) -> list[_Found]:
        if len(task.file.text) > MOST_BYTES:
            return []
        repairs = self._search(task, task.file, verdict, WIDE)
        return [_Found(repair.score, _of_search(repair)) for repair in repairs]

    # ------------------------------------------------------------------ one region

    def _alternatives(self, task: _Task, part: Part, effort: Effort) -> list[Alternative]:
        """What can be done about a region, the likeliest first; nothing where the text of the part parses."""
        verdict = task.judge([part.file])[0]
        if verdict.answer is not Answer.BROKEN:
            return []
        candidates = [_of_search(repair) for repair in self._search(task, part.file, verdict, effort)]
        request = Request(TaskType.CODE_REPAIR, part.file, verdict, tuple(candidates), task.deadline)
        found = [_alternative(part, one) for one in self._judged(request)]
        if self._writer is not None and not task.is_over:
            is_certain = bool(candidates) and candidates[0].evidence[TAGGER] > UNCERTAIN
            found += self._written(task, part, verdict, self._writer, is_certain=is_certain)
        return sorted((one for one in found if one is not None), key=lambda one: -one.score)

    def _search(self, task: _Task, file: SourceFile, verdict: Verdict, effort: Effort) -> list[Repair]:
        seeds = list(resolutions(file.text)) or list(remedies(file, verdict))
        return find_repairs(file, verdict, self._tagger, task.judge, replace(effort, deadline=task.deadline), seeds)

    def _judged(self, request: Request) -> tuple[Candidate, ...]:
        """The candidates for a region with what the other models say of them, and those that they add."""
        for solver in self._opinions:
            try:
                request = request._replace(candidates=tuple(solver.solve(request)))
            except ModelError:
                continue
        return request.candidates

    def _written(
        self, task: _Task, part: Part, verdict: Verdict, writer: Writer, *, is_certain: bool
    ) -> list[Alternative]:
        """What a language model writes; nothing where the tagger is certain of a tag that says what to do."""
        text, language = part.file.text, part.file.language
        lexemes = lex(text, language)
        suggestions = self._tagger.suggest([Broken(lexemes, verdict.problems)], 1)[0]
        if is_certain and suggestions and suggestions[0].step.tag.action is not Action.OTHER:
            return []
        edits: dict[Edit, float] = {}
        for hole in _holes(lexemes, verdict, suggestions):
            try:
                written = writer.complete(text[: hole.start], text[hole.end :], language)
            except ModelError:
                return []
            edits.update((Edit(hole, words), score) for words, score in written)
        verdicts = task.judge([part.file._replace(text=apply_edits(text, [edit])) for edit in edits]) if edits else []
        found = []
        for (edit, score), answer in zip(edits.items(), verdicts, strict=True):
            moved = part.on_whole([edit])
            if answer.answer is Answer.PARSES and moved is not None:
                found.append(Alternative(moved, WRITTEN + score, is_written=True))
        return found


class _Found(NamedTuple):
    """A candidate, and what it is ranked by among all that were found."""

    score: float
    candidate: Candidate


class _Task(NamedTuple):
    """A text, until when to work on it, and the parser with what it may still read."""

    file: SourceFile
    deadline: float
    judge: Judge

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def groups(self, text: bytes) -> list[tuple[Edit, ...]]:
        """The edits that lead to another text, in groups far enough apart to be made one by one."""
        return touching(self.file.text, edits_between(self.file.text, text, self.file.language))

    def counted(self, candidate: Candidate) -> Candidate:
        return candidate.with_evidence(**{REGIONS: float(len(self.groups(candidate.text)))})


class _Meter:
    """A judge that knows nothing of what is beyond its budget, or asked after the deadline."""

    def __init__(self, judge: Judge, size: int, deadline: float) -> None:
        self._judge, self._left, self._deadline = judge, size, deadline

    def __call__(self, files: Sequence[SourceFile]) -> list[Verdict]:
        if time.monotonic() >= self._deadline:
            return [UNKNOWN] * len(files)
        asked = 0
        while asked < len(files) and len(files[asked].text) <= self._left:
            self._left -= len(files[asked].text)
            asked += 1
        answers = self._judge(files[:asked]) if asked else []
        return [*answers, *[UNKNOWN] * (len(files) - asked)]


def _alternative(part: Part, candidate: Candidate) -> Alternative | None:
    """A candidate for a part as what can be done about its region; None where it touches what others mend."""
    edits = part.on_whole(edits_between(part.file.text, candidate.text, part.file.language))
    if edits is None:
        return None
    figures = candidate.evidence
    score = sum(WEIGHTS[name] * value for name, value in figures.items() if name in WEIGHTS)
    if TAGGER not in figures:
        score += UNCERTAIN
    before = len(lex(part.file.text[: part.start], part.file.language))
    shift = len(lex(part.whole.text[: part.region.start], part.whole.language)) - before
    steps = tuple(Step(step.place + shift, step.tag) for step in candidate.steps)
    return Alternative(edits, score, figures.get(TAGGER), steps)


def _of_search(repair: Repair) -> Candidate:
    return Candidate(repair.text, SOURCE, repair.steps, {TAGGER: repair.score})


def _found(one: Merged, shift: float = 0.0) -> _Found:
    """A combination as a candidate. The last region is mended first: so the places of the others' steps stay."""
    ordered = sorted(one.chosen, key=lambda alternative: alternative.edits, reverse=True)
    source = SOURCE_OF_WRITER if any(each.is_written for each in ordered) else SOURCE
    evidence = {} if one.tagger is None else {TAGGER: min(0.0, one.tagger + shift)}
    steps = tuple(step for each in ordered for step in each.steps)
    return _Found(one.score + shift, Candidate(one.text, source, steps, evidence))


def _last(group: tuple[Edit, ...], alternatives: Sequence[Alternative]) -> Alternative:
    """What a repair does about a region where a search of its own finds only other ways: behind all of them, but none
    of them makes a text likelier than that repair."""
    score = min((one.score for one in alternatives), default=1.0) - 1
    return Alternative(group, score, max((one.tagger for one in alternatives if one.tagger is not None), default=0.0))


def _holes(lexemes: Lexemes, verdict: Verdict, suggestions: Sequence[Suggestion]) -> list[Span]:
    """Where something may be missing: before the lexeme at which the parser stumbles; before the one that the tagger
    would change, at the end of its line, and in place of the line from there on."""
    if not len(lexemes):
        return []
    problem = bisect_left(lexemes.ends, verdict.problems[0].span.start + 1) if verdict.problems else 0
    place = suggestions[0].step.place if suggestions else problem
    ends = [lexemes.ends[index - 1] if index else 0 for index in (problem, place)]
    holes = [Span(end, end) for end in ends]
    if place < len(lexemes):
        end = lexemes.ends[line_of(lexemes, place)[1]]
        holes += [Span(end, end), Span(lexemes.starts[place], end)]
    return list(dict.fromkeys(holes))
