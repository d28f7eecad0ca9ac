"""Which candidates a linter agrees with. The linter here is a function over texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.others import linters
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import Answer, Proposal, Reported
from thea_hook.others.linters import Remembering
from thea_hook.others.refusals import Refusal, refusal
from thea_hook.others.repair import Candidate
from thea_hook.others.verify import Baseline, apart, ask, mend, origin, right_ones


class Double:
    """Finds every match of its patterns, and remembers how many texts it was asked about in each run."""

    name = "double"

    def __init__(self, **patterns: str) -> None:
        self._patterns = {rule.replace("_", "-"): pattern for rule, pattern in patterns.items()}
        self.runs: list[int] = []

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        self.runs.append(len(files))
        return [self.findings(file) for file in files]

    def findings(self, file: SourceFile) -> Answer:
        return tuple(
            Reported(
                "double", rule, f"{rule} on line {file.position(match.start()).line}", file.path, Span(*match.span())
            )
            for rule, pattern in self._patterns.items()
            for match in re.finditer(pattern.encode(), file.text)
        )

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def source(text: str) -> SourceFile:
    return SourceFile("a.js", text.encode(), "javascript")


def replaced(linter: Double, file: SourceFile, *texts: str) -> list[tuple[Candidate, ...]]:
    """For each finding the replacements of its span."""
    return [
        tuple(Candidate(one, text, (Edit(one.span, text.encode()),)) for text in texts) for one in linter.findings(file)
    ]


def mended(linter: Double, file: SourceFile, *texts: str) -> list[str | None]:
    search = mend(file, linter.findings(file), replaced(linter, file, *texts))
    return [None if one is None else one.title for one in ask(linter, {"a.js": search})["a.js"]]


def test_a_candidate_is_kept_if_its_finding_goes() -> None:
    linter = Double(no_foo="foo")
    assert mended(linter, source("f(foo);\n"), "bar") == ["bar"]
    assert mended(linter, source("f(foo);\n"), "xfoo") == [None]


def test_a_candidate_that_brings_another_finding_is_not_kept() -> None:
    linter = Double(no_foo="foo", no_bar="bar")
    assert mended(linter, source("f(foo);\n"), "bar") == [None]
    assert mended(linter, source("f(foo);\n"), "bar", "baz") == ["baz"]


def test_an_old_finding_on_the_same_line_is_no_new_one() -> None:
    linter = Double(no_foo="foo", no_eval="eval")
    file = source("\n\nf(foo, eval(a), foo);\n")
    assert mended(linter, file, "bar") == ["bar", "bar", "bar"]
    found = ask(linter, {"a": right_ones(Baseline(file, linter.findings(file)), replaced(linter, file, "bar")[0])})["a"]
    assert [one.title for one in found] == ["bar"]


def test_a_line_that_moves_keeps_its_findings() -> None:
    linter = Double(no_foo="foo", no_eval="eval")
    file = source("f(foo);\neval(a);\n")
    candidates = replaced(linter, file, "\n\nbar\n\n")[0]
    assert ask(linter, {"a": right_ones(Baseline(file, linter.findings(file)), candidates)})["a"] == list(candidates)


def test_one_finding_more_of_a_known_kind_is_new() -> None:
    linter = Double(no_foo="foo")
    file = source("f(foo);\n")
    assert mended(linter, file, "foo, foo") == [None]


def test_the_bad_ones_among_many_are_found_by_halving() -> None:
    linter = Double(no_foo=r"foo\d*", no_bar="bar7$")
    file = source("".join(f"f(foo{number});\n" for number in range(64)))
    candidates = [
        Candidate(one, "", (Edit(one.span, b"bad foo" if one.span.start < 9 else b"bar"),))
        for one in linter.findings(file)
    ]
    kept = ask(linter, {"a": right_ones(Baseline(file, linter.findings(file)), candidates)})["a"]
    assert sorted(kept, key=lambda one: one.start) == candidates[1:]
    assert len(linter.runs) <= 9
    assert sum(linter.runs) < 20


def test_candidates_that_are_right_alone_and_wrong_together_are_not_all_kept() -> None:
    linter = Double(no_foo="foo", no_pair="a1[^z]*a1")
    file = source("f(foo);\ng(foo);\n")
    assert mended(linter, file, "a1") in (["a1", None], [None, "a1"])


def test_candidates_that_empty_a_block_together_are_not_all_kept() -> None:
    linter = Double(no_foo=r"foo\(\);")
    file = source("if (a) { foo(); foo(); }\n")
    candidates = [some[0] for some in replaced(linter, file, "")]
    kept = ask(linter, {"a": right_ones(Baseline(file, linter.findings(file)), candidates)})["a"]
    assert len(kept) == 1


class Fixing(Double):
    """Has a fix for one of its rules, with what stands behind it in its range: `const`."""

    def findings(self, file: SourceFile) -> Answer:
        return tuple(
            one._replace(proposals=(self._fix(file, one.span),)) if one.rule == "prefer-const" else one
            for one in super().findings(file)
        )

    def _fix(self, file: SourceFile, span: Span) -> Proposal:
        end = file.text.index(b"=", span.end)
        return Proposal("Fix", (Edit(Span(span.start, end), b"const" + file.text[span.end : end]),), True)


def test_what_a_candidate_leads_to_is_fixed_too_where_the_linter_can() -> None:
    linter = Fixing(no_var="var", prefer_const="let")
    file = source("var a = 1;\n")
    (found,) = ask(linter, {"a": mend(file, linter.findings(file), replaced(linter, file, "let"))})["a"]
    assert found is not None
    assert apply_edits(file.text, found.edits) == b"const a = 1;\n"


def test_many_that_lead_to_the_same_are_fixed_at_once() -> None:
    linter = Fixing(no_var="var", prefer_const="let(?! a7)")
    file = source("".join(f"var a{number} = 1;\n" for number in range(64)))
    found = ask(linter, {"a": mend(file, linter.findings(file), replaced(linter, file, "let"))})["a"]
    text = apply_edits(file.text, [edit for one in found if one is not None for edit in one.edits])
    assert text == file.text.replace(b"var", b"const").replace(b"const a7", b"let a7")
    assert linter.runs == [1, 1]


def test_files_are_asked_about_together() -> None:
    linter = Double(no_foo="foo")
    files = {f"{number}.js": source("f(foo);\n")._replace(path=f"{number}.js") for number in range(5)}
    searches = {path: mend(file, linter.findings(file), replaced(linter, file, "bar")) for path, file in files.items()}
    assert [one[0].title for one in ask(linter, searches).values() if one[0]] == ["bar"] * 5
    assert linter.runs == [5]


def test_no_text_is_asked_about_twice() -> None:
    linter = Double(no_foo="foo")
    remembering = Remembering(linter)
    files = [source("f(foo);\n"), source("f(bar);\n"), source("f(foo);\n")]
    assert [len(answer or ()) for answer in remembering.lint(files)] == [1, 0, 1]
    assert [len(answer or ()) for answer in remembering.lint([*files, source("foo(foo);\n")])] == [1, 0, 1, 2]
    assert linter.runs == [2, 1]
    renamed = files[0]._replace(path="b.js")
    assert remembering.lint([renamed]) == [linter.findings(renamed)]


def test_a_linter_that_is_asked_much_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linters, "MOST_REMEMBERED", 2)
    linter = Double(no_foo="foo")
    remembering = Remembering(linter)
    texts = [source(f"f({number}, foo);\n") for number in range(4)]
    assert [len(answer or ()) for answer in remembering.lint(texts)] == [1] * 4
    remembering.lint(texts[:1])
    remembering.lint(texts[-1:])
    assert linter.runs == [4, 1]


def test_a_text_that_the_linter_suddenly_ignores_is_not_mended() -> None:
    file = source("f(foo);\n")
    linter = Double(no_foo="foo")
    (candidate,) = replaced(linter, file, "bar")[0]
    assert not Baseline(file, linter.findings(file)).accepts([candidate], None)


@pytest.mark.parametrize(("offset", "before"), [(0, 0), (2, 2), (3, 2), (6, 2), (7, 4), (8, 5), (9, 6), (11, 8)])
def test_places_of_the_changed_text_are_traced_back(offset: int, before: int) -> None:
    edits = [Edit(Span(2, 4), b"12345")]
    assert origin(offset, edits) == before


# ------------------------------------------------------------------ what is never asked


def candidate(text: str, old: str, new: str, *, rule: str = "some-rule", is_fix: bool = False) -> Candidate:
    start = text.encode().index(old.encode())
    span = Span(start, start + len(old.encode()))
    return Candidate(Reported("eslint", rule, "", "a.ts", span), "", (Edit(span, new.encode()),), is_fix)


REFUSED: list[tuple[str, str, str, Refusal]] = [
    ("f(eval(a));\n", "f(", "// eslint-disable-next-line\nf(", Refusal.SUPPRESSION),
    ("let a: string = f();\n", ": string", ": any", Refusal.ANY_TYPE),
    ("let a = f();\n", "f()", "(f() as any)", Refusal.ANY_TYPE),
    ("f(1);\ng(2);\n", "f(1);", "// f(1);", Refusal.COMMENTED_OUT),
    ("f(1);\ng(2);\n", "f(1);", "if (false) { f(1); }", Refusal.NEVER_RUN),
]


@pytest.mark.parametrize("is_fix", [False, True])
@pytest.mark.parametrize(("text", "old", "new", "reason"), REFUSED)
def test_what_silences_a_linter_is_refused_even_as_its_own_fix(
    text: str, old: str, new: str, reason: Refusal, is_fix: bool
) -> None:
    file = SourceFile("a.ts", text.encode(), "typescript")
    assert refusal(file, candidate(text, old, new, is_fix=is_fix)) is reason


def test_deleted_code_is_refused_but_where_the_rule_is_about_code_that_nobody_needs() -> None:
    text = "const a = getAll(1);\nrun(b);\n"
    file = source(text)
    assert refusal(file, candidate(text, "const a = getAll(1);\n", "", rule="no-undef")) is Refusal.DELETED_CODE
    assert refusal(file, candidate(text, "const a = getAll(1);\n", "", rule="no-unused-vars")) is None
    assert refusal(file, candidate(text, "const a = getAll(1);\n", "", is_fix=True)) is None


def test_much_deleted_code_is_refused_whatever_the_rule() -> None:
    text = "function a() {\n" + "  run(b);\n" * 9 + "}\nrun(c);\n"
    long = candidate(text, text[: text.index("run(c)")], "", rule="no-unused-vars")
    assert refusal(source(text), long) is Refusal.DELETED_CODE


def test_a_candidate_that_breaks_the_text_is_refused() -> None:
    assert refusal(source("f(a);\n"), candidate("f(a);\n", "a)", "b", is_fix=True)) is Refusal.STILL_BROKEN


def edited(*places: int, text: str = "b") -> Candidate:
    reported = Reported("double", "some-rule", "", "a.js", Span(0, 1))
    return Candidate(reported, "", tuple(Edit(Span(place, place + len(text)), text.encode()) for place in places))


def test_one_candidate_may_stand_between_the_edits_of_another() -> None:
    assert [index for index, _ in apart(enumerate([edited(0, 9), edited(4), edited(9), edited(10)]))] == [1, 0]


def test_none_stands_between_edits_that_are_to_be_made_alone() -> None:
    alone = edited(0, 9)
    guarded = alone._replace(edits=(Edit(Span(0, 0), b""), alone.edits[1]))
    assert [index for index, _ in apart(enumerate([guarded, edited(4)]))] == [1]
