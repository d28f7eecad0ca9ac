"""The syntax errors in the history of one repository: versions that do not parse, each with the next, which does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.source import Language, SourceFile, language_of
from thea_hook.globs import Globs
from thea_hook.lab.corpus import filters, versions
from thea_hook.lab.corpus.breakages import Breakage
from thea_hook.lab.corpus.repairs import shared_share
from thea_hook.lab.corpus.versions import Change
from thea_hook.languages.oracle import Answer, Verdict, judge

LARGEST_BYTES = 120_000
SMALLEST_BYTES = 20
MOST_CHANGES = 6_000
"""Changes looked at in one repository; of a longer history, those of some of its files."""
FILES_PER_QUESTION = 1_000
LONGEST_RUN = 5
"""A file that does not parse for more versions than these is no mistake, but in a language that the parser lacks."""
DIALECT_SHARE, DIALECT_VERSIONS = 0.25, 40
"""Of the versions with one ending, the share that does not parse where they are in such a language, and how many
versions it takes to say so."""
SMALLEST_SHARED = 0.35
"""The lexemes of the longer version that both must share: what shares less was written anew, not repaired."""

# Broken on purpose, or filled in before a parser reads them.
NOT_WRITTEN_TO_PARSE = tuple("template/ templates/ stubs/ skeleton/ schematics/ blueprints/ generators/".split())
_TEMPLATE = re.compile(
    rb"<%|%>|\{%|%\}|<\?(?:php|=|xml)|(?<![=({,\[])\{\{\{?[#/>!^]?\s*[\w.]+(?:\s+[\w.]+)*\s*\}\}|\A\s*<!DOCTYPE"
)
_FLOW = re.compile(
    rb"@flow\b|\w\s*:\s?\?\w|\bimport\s+typeof\b|\bdeclare\s+(?:type|opaque|export)\b|\{\|[^|]"
    rb"|^(?:export\s+)?opaque\s+type\b|^import\s+type\b|^(?:export\s+)?type\s+\w+(?:<[^>\n]*>)?\s*=",
    re.MULTILINE,
)
# What TypeScript's parser reads without an error, for its checker to report, and Babel read for years.
_LATE_ERROR = re.compile(
    r"may not have a trailing comma|required parameter cannot follow|Invalid regular expression|in ambient contexts"
    r"|must only be assigned a non-empty"
)


def mine(
    name: str, repository: Path, excluded: Globs, counts: Counter[str], most: int = MOST_CHANGES
) -> list[Breakage]:
    """The pairs of one repository, oldest first; ``counts`` learns what was looked at and why pairs were dropped."""
    found = versions.sample(
        (change for change in versions.changes(repository) if not excluded.matches(change.path)), most
    )
    broken, asked = _broken({_Version(change.old, change.path) for change in found}, repository)
    counts["changes"] += len(found)
    counts["versions"] += asked.total()
    counts["broken versions"] += len(broken)
    dialects = _dialects(asked, broken)
    candidates, next_texts = _ends_of_runs(found, broken, repository)
    pairs = []
    for change, run in candidates:
        version = _Version(change.old, change.path)
        pair = Breakage(
            name,
            change.path,
            version.language,
            broken[version],
            next_texts[change.new, version.language],
            change.commit,
        )
        why = "a dialect" if version.ending in dialects else _unfit(pair, run)
        counts[f"dropped: {why}" if why else "pairs"] += 1
        if not why:
            pairs.append(pair)
    return _without_other_readings(pairs, counts)


def _is_mistake(verdict: Verdict) -> bool:
    """Whether the second parser found an error that is not one of those that other parsers leave to later checks."""
    return (
        verdict.is_certain
        and verdict.answer is Answer.BROKEN
        and not all(_LATE_ERROR.search(problem.message) for problem in verdict.problems)
    )


class _Version(NamedTuple):
    """What a file said, and what it was called: the name decides how it is read."""

    content: str
    path: str

    @property
    def ending(self) -> str:
        return self.path[self.path.rindex(".") :].lower()

    @property
    def language(self) -> Language:
        language = language_of(self.path)
        assert language is not None
        return language


def _broken(wanted: set[_Version], repository: Path) -> tuple[dict[_Version, bytes], Counter[str]]:
    """The text of each version that does not parse; and how many versions of each ending were asked about."""
    by_content: dict[str, dict[Language, list[_Version]]] = {}
    for version in sorted(wanted):
        by_content.setdefault(version.content, {}).setdefault(version.language, []).append(version)
    texts = (
        (group, text)
        for content, text in versions.contents(repository, by_content, LARGEST_BYTES)
        if len(text) >= SMALLEST_BYTES and filters.rejects_text(text) is None
        for group in by_content[content].values()
    )
    broken: dict[_Version, bytes] = {}
    asked: Counter[str] = Counter()
    while batch := list(islice(texts, FILES_PER_QUESTION)):
        verdicts = judge([SourceFile(group[0].path, text, group[0].language) for group, text in batch])
        for (group, text), verdict in zip(batch, verdicts, strict=True):
            asked.update(version.ending for version in group)
            if _is_mistake(verdict):
                broken.update((version, text) for version in group)
    return broken, asked


def _dialects(asked: Counter[str], broken: Iterable[_Version]) -> set[str]:
    """The endings under which the repository keeps another language: Flow, a proposal, templates."""
    count = Counter(version.ending for version in broken)
    return {
        ending
        for ending, versions_asked in asked.items()
        if versions_asked >= DIALECT_VERSIONS and count[ending] > DIALECT_SHARE * versions_asked
    }


def _ends_of_runs(
    found: Sequence[Change], broken: dict[_Version, bytes], repository: Path
) -> tuple[list[tuple[Change, int]], dict[tuple[str, Language], bytes]]:
    """Each change that made a broken version parse, with the number of versions it was broken for; and their texts."""
    runs: dict[_Version, int] = {}
    ends = []
    for change in found:
        old, new = _Version(change.old, change.path), _Version(change.new, change.path)
        if old in broken:
            run = runs.setdefault(old, 1)
            if new in broken:
                runs[new] = max(runs.get(new, 1), run + 1)
            else:
                ends.append((change, run))
    names = {change.new for change, _ in ends}
    texts = dict(versions.contents(repository, sorted(names), LARGEST_BYTES))
    files = {
        (change.new, language_of(change.path)): SourceFile(change.path, texts[change.new], language)
        for change, _ in ends
        if change.new in texts and (language := language_of(change.path))
    }
    verdicts = dict(zip(files, judge(list(files.values())), strict=True))
    parsing = {
        (content, language): files[content, language].text
        for (content, language), verdict in verdicts.items()
        if language and verdict.answer is Answer.PARSES and verdict.is_certain
    }
    return [(change, run) for change, run in ends if (change.new, language_of(change.path)) in parsing], parsing


def _unfit(pair: Breakage, run: int) -> str | None:
    """Why a pair shows no mistake and its repair, or None."""
    if run > LONGEST_RUN:
        return "broken for long"
    if filters.rejects_text(pair.after) is not None:
        return "later version is no source"
    if _TEMPLATE.search(pair.before) or _TEMPLATE.search(pair.after):
        return "a template"
    if pair.language == "javascript" and (_FLOW.search(pair.before) or _FLOW.search(pair.after)):
        return "Flow"
    if shared_share(pair.before, pair.after, pair.language) < SMALLEST_SHARED:
        return "written anew"
    return None


def _without_other_readings(pairs: Sequence[Breakage], counts: Counter[str]) -> list[Breakage]:
    """The pairs without the JavaScript files that parse as TypeScript: they have types, not errors."""
    javascript = [pair for pair in pairs if pair.language == "javascript"]
    verdicts = judge([SourceFile("x.tsx", pair.before, "tsx") for pair in javascript])
    typed = {pair for pair, verdict in zip(javascript, verdicts, strict=True) if verdict.answer is not Answer.BROKEN}
    counts["dropped: types in JavaScript"] += len(typed)
    counts["pairs"] -= len(typed)
    return [pair for pair in pairs if pair not in typed]
