from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.lab.evaluation.baseline import ExhaustiveSearch, candidates_of, error_places, search_summary
from thea_hook.languages import oracle

needs_second_parser = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")


def broken(text: bytes) -> SourceFile:
    return SourceFile("a.js", text, "javascript")


@needs_second_parser
@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (b"f(a, b;\n", b"f(a, b);\n"),
        (b"const a = [1 2];\n", b"const a = [1, 2];\n"),
        (b"if (a)) b();\n", b"if (a) b();\n"),
    ],
)
def test_the_missing_or_superfluous_mark_is_among_the_repairs(text: bytes, mended: bytes) -> None:
    (outcome,) = ExhaustiveSearch().repair([broken(text)])
    assert outcome.found
    assert mended in outcome.accepted
    assert outcome.best == outcome.accepted[0]
    assert outcome.sure == text


@needs_second_parser
def test_a_text_that_parses_is_left_alone() -> None:
    (outcome,) = ExhaustiveSearch().repair([broken(b"f(a);\n")])
    assert outcome.best == b"f(a);\n"
    assert not outcome.found


@needs_second_parser
def test_the_limit_keeps_the_candidates_nearest_to_the_error() -> None:
    file = broken(b"a;\nf(b;\nc;\n")
    every = sorted(candidates_of(file, error_places(file), 2))
    (outcome,) = ExhaustiveSearch(limit=40).repair([file])
    (longer,) = ExhaustiveSearch().repair([file])
    assert len(every) > 40
    assert outcome.accepted == longer.accepted[: len(outcome.accepted)]


def test_only_lexemes_near_the_error_are_edited() -> None:
    file = broken(b"a;\n" * 20 + b"f(;\n" + b"b;\n" * 20)
    edits = [candidate.edit for candidate in candidates_of(file, [62], 1)]
    assert edits
    assert all(56 <= edit.span.start <= edit.span.end <= 68 for edit in edits)


def test_the_summary_counts_the_rank_of_the_exact_text() -> None:
    found = search_summary([3, 0, 1, 5], [0, -1, -1, 4])
    assert found["with a candidate that parses"] == 0.75
    assert found["exact text among them"] == 0.5
    assert found["exact text first, of those"] == 0.5
    assert found["exact text among the first five, of those"] == 1.0
    assert found["median candidates that parse"] == 3
