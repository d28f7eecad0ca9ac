"""What is kept of a suggestion, and what is not."""

from __future__ import annotations

import json

import pytest
from suggestions import record, replaced

from thea_hook.core.patch import Patch
from thea_hook.core.report import FileResult, Pass
from thea_hook.memory.records import (
    MOST_BYTES,
    MOST_OF_RECORD,
    Origin,
    Record,
    Vote,
    from_dict,
    mended_context,
    pairs_of,
    records_for,
    records_of,
)

SECRET = b"ghp_abcdefghij1234567890KLMNOPQRST"


def fixed(before: FileResult) -> FileResult:
    """The result after every fix was made."""
    assert before.source is not None
    made = Pass(before.source, before.findings, before.findings)
    patch = Patch(before.path, before.source.text, b"")
    return FileResult(before.path, fixed=before.findings, patch=patch, passes=(made,))


def only(before: FileResult) -> Record:
    assert before.source is not None
    (kept,) = records_for(before.source, before.findings, {0: Origin.APPLIED})
    return kept


def test_a_fix_that_was_applied_is_kept_with_its_code() -> None:
    before = replaced(b"\nf();\n\nvar x = 1;\n", b"var", b"let", source="ml:tagger")
    (kept,) = records_of(fixed(before), applied=True)
    assert kept.context == "var x = 1;\n"
    assert kept.correct_diff == "--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-var x = 1;\n+let x = 1;\n"
    assert (kept.line, kept.context_line, kept.source, kept.confidence) == (4, 4, "ml:tagger", 0.75)
    assert (kept.rule, kept.origin, kept.vote) == ("no-var", Origin.APPLIED, Vote.NONE)
    assert len(kept.fingerprint) == 64


@pytest.mark.parametrize("is_in_a_diff", [False, True])
def test_what_was_only_shown_is_not_kept_unless_the_teacher_proposed_it(is_in_a_diff: bool) -> None:
    before = replaced(b"var x = 1;\n", b"var", b"let")
    taught = replaced(b"var x = 1;\n", b"var", b"let", source="teacher:qwen3-coder:30b")
    shown, taught_shown = (fixed(before), fixed(taught)) if is_in_a_diff else (before, taught)
    assert list(records_of(shown, applied=False)) == []
    (kept,) = records_of(taught_shown, applied=False)
    assert (kept.origin, kept.source) == (Origin.TEACHER, "teacher:qwen3-coder:30b")


def test_the_fixes_of_a_later_pass_are_kept_with_the_text_that_the_one_before_left() -> None:
    first, second = replaced(b"var x = 1;\n", b"var", b"let"), replaced(b"let x = 1;\n", b"let", b"const")
    passes = (*fixed(first).passes, *fixed(second).passes)
    one, other = records_of(FileResult("a.js", passes=passes), applied=True)
    assert (one.context, mended_context(one)) == ("var x = 1;\n", b"let x = 1;\n")
    assert (other.context, mended_context(other)) == ("let x = 1;\n", b"const x = 1;\n")


def test_a_context_ends_where_another_statement_of_the_file_begins() -> None:
    text = b"const a = 1;\n\nfunction f() {\n  g();\n\n  var x = 1;\n}\n\nh();\n"
    kept = only(replaced(text, b"var", b"let"))
    assert kept.context == "function f() {\n  g();\n\n  var x = 1;\n}\n"
    assert (kept.line, kept.context_line) == (6, 3)


def test_a_short_file_that_does_not_parse_is_kept_as_a_whole() -> None:
    text = b"const a = 1;\n\nfunction f() {\n  g(;\n}\n\nh();\n"
    before = replaced(text, b"(;", b"();")
    broken = before._replace(findings=(before.findings[0]._replace(category="syntax"),))
    assert only(before).context == "function f() {\n  g(;\n}\n"
    assert only(broken).context == text.decode()


def test_a_line_of_a_bundle_is_not_kept() -> None:
    text = b"var x;" + b"f();" * MOST_BYTES
    before = replaced(text, b"var", b"let")
    assert before.source is not None
    assert list(records_for(before.source, before.findings, {0: Origin.APPLIED})) == []


def test_a_suggestion_that_is_long_in_all_is_not_kept() -> None:
    before = replaced(b"var x;\n", b"var", b"let")
    assert before.source is not None
    long = before.findings[0]._replace(message="m" * MOST_OF_RECORD)
    assert list(records_for(before.source, [long], {0: Origin.APPLIED})) == []
    assert only(replaced(b"f();\n" * 600, b"f();\n" * 600, b"g();\n" * 600)).size <= MOST_OF_RECORD
    anew = replaced(b"f();\n" * 1_600, b"f();\n" * 1_600, b"g();\n" * 1_600)
    assert anew.source is not None
    assert list(records_for(anew.source, anew.findings, {0: Origin.APPLIED})) == []


def test_the_lines_around_go_where_they_are_too_long() -> None:
    text = b"f(" + b"1, " * MOST_BYTES + b");\nvar x = 1;\n"
    assert only(replaced(text, b"var", b"let")).context == "var x = 1;\n"


def test_a_secret_is_a_placeholder_in_all_that_is_kept() -> None:
    kept = only(replaced(b"const token = '%s';\nvar x = 1; // %s\n" % (SECRET, SECRET), b"var", b"let"))
    assert SECRET.decode() not in json.dumps(kept.as_dict())
    assert kept.context == "const token = 'HIDDEN_1';\nvar x = 1; // HIDDEN_1\n"
    assert mended_context(kept) == b"const token = 'HIDDEN_1';\nlet x = 1; // HIDDEN_1\n"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("src/components/Chart2dView/LegendOfChart.js", "src/components/Chart2dView/LegendOfChart.js"),
        (f"src/{SECRET.decode()}/a.js", "src/HIDDEN_1/a.js"),
        ("src/AKIAIOSFODNN7EXAMPLE.js", "src/....js"),
        ("src/https://ada:p4ssw0rd@example.org/a.js", "src/https://...@example.org/a.js"),
        ("src/AbC0123/dEf4567+gHi/a.js", "src/HIDDEN_2/a.js"),
    ],
)
def test_a_path_is_kept_but_for_the_secrets_in_it(path: str, kept: str) -> None:
    text = b"var x = 1; // %s\nconst password = 'AbC0123/dEf4567+gHi';\n" % SECRET
    before = replaced(text, b"var", b"let", path=path)
    assert only(before).file == kept
    assert only(before).correct_diff.startswith(f"--- a/{kept}\n")


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (b"const token = '%s'\n" % SECRET, SECRET, b"nothing"),
        (b"const token = '%s'\n" % SECRET, SECRET[8:12], b""),
        (b"const token = x\n", b"x", b"'%s'" % SECRET),
    ],
)
def test_a_fix_of_a_secret_is_not_kept_at_all(text: bytes, old: bytes, new: bytes) -> None:
    before = replaced(text, old, new)
    assert before.source is not None
    assert list(records_for(before.source, before.findings, {0: Origin.APPLIED})) == []


def test_what_only_the_mended_text_shows_to_be_a_secret_is_not_kept() -> None:
    before = replaced(b"const password = hunter2-and-more';\n", b"= ", b"= '")
    assert before.source is not None
    kept = records_for(before.source, before.findings, {0: Origin.APPLIED})
    assert "hunter2" not in json.dumps([one.as_dict() for one in kept])


def test_text_that_is_not_utf8_is_not_kept() -> None:
    before = replaced(b"var x = '\xff';\n", b"var", b"let")
    assert before.source is not None
    assert list(records_for(before.source, before.findings, {0: Origin.APPLIED})) == []


def test_the_same_suggestion_for_the_same_code_has_one_name_wherever_it_stands() -> None:
    here = only(replaced(b"var x = 1;\n", b"var", b"let"))
    there = only(replaced(b"\nf();\n\nvar x = 1;\n", b"var", b"let", path="src/b.js"))
    other = only(replaced(b"var x = 1;\n", b"var", b"const"))
    assert here.key == there.key
    assert here.key != other.key


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (b"var x = 1;\n", b"var", b"let"),
        (b"var x = 1;", b"var", b"let"),
        (b"f();\nvar x = 1;", b";\nvar x = 1;", b"();"),
        (b"f();\nvar x = 1;\n", b"\nvar x = 1;\n", b""),
        (b"f()\nvar x = 1;", b"()", b"(\n)"),
        (b"f();\nvar x = 1;\ng();\n", b"var x = 1;\n", b""),
        (b"f();\r\nvar x = 1;\r\n", b"var", b"let"),
        (b"x\n" * 30 + b"var y", b"x\nx\nvar", b"z\nlet"),
    ],
)
def test_the_diff_applied_to_the_context_is_the_mended_context(text: bytes, old: bytes, new: bytes) -> None:
    kept = only(replaced(text, old, new))
    assert kept.context.encode() == text
    assert mended_context(kept) == text.replace(old, new, 1)


def test_a_diff_that_does_not_fit_its_context_is_refused() -> None:
    assert mended_context(record()._replace(context="let y;\n")) is None
    assert mended_context(record()._replace(context="")) is None


def test_a_record_comes_back_from_json_as_it_was() -> None:
    kept = record(vote=Vote.UP, origin=Origin.VOTED)
    assert from_dict(json.loads(json.dumps(kept.as_dict()))) == kept


def test_the_specified_fields_are_enough_for_a_record() -> None:
    names = ("error", "file", "line", "context", "correct_diff", "timestamp")
    plain = {name: value for name, value in record().as_dict().items() if name in names}
    assert from_dict(plain).key == record().key
    for name in names:
        with pytest.raises(ValueError, match=name):
            from_dict({other: value for other, value in plain.items() if other != name})


@pytest.mark.parametrize(
    "wrong", [{"line": 0}, {"line": True}, {"vote": "maybe"}, {"confidence": "high"}, {"context": 3}, {"origin": "me"}]
)
def test_a_record_with_a_wrong_value_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_dict({**record().as_dict(), **wrong})


def test_votes_on_the_same_error_make_pairs() -> None:
    good, bad = record(1, vote=Vote.UP), record(1, after="const", vote=Vote.DOWN)
    elsewhere = record(2, vote=Vote.DOWN)
    (pair,) = pairs_of([good, bad, elsewhere])
    assert (pair.chosen, pair.rejected) == (good.correct_diff, bad.correct_diff)
    assert "var v1 = 1;" in pair.prompt
    assert "no-var" in pair.prompt


def test_the_two_of_a_pair_name_one_file() -> None:
    """Else a model would learn to tell them by their headers."""
    good = only(replaced(b"var x;\n", b"var", b"let", path="a.js"))
    bad = only(replaced(b"var x;\n", b"var", b"const", path="src/b.js"))._replace(vote=Vote.DOWN)
    (pair,) = pairs_of([good, bad])
    assert pair.chosen.splitlines()[:2] == pair.rejected.splitlines()[:2] == ["--- a/a.js", "+++ b/a.js"]
    assert pair.rejected.endswith("-var x;\n+const x;\n")


def test_what_only_the_teacher_said_is_nobodys_preference() -> None:
    taught = record(1, origin=Origin.TEACHER)
    bad = record(1, after="const", vote=Vote.DOWN)
    assert list(pairs_of([taught, bad])) == []
    assert len(list(pairs_of([taught._replace(vote=Vote.UP), bad]))) == 1
    assert len(list(pairs_of([record(1), bad]))) == 1
