from __future__ import annotations

import subprocess
import time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from unidiff import PatchSet

from thea_hook.core.diff import changes, edits_diff, line_breaks, split_lines, unified_diff
from thea_hook.core.finding import Edit
from thea_hook.core.patch import Patch, apply_edits
from thea_hook.core.source import Span

# Everything that some tool takes for a line break, and little else, so that equal lines are common.
PIECES = [b"a", b"b", b"\r", b"\n", b"\r\n", b"\n\n", "\u2028".encode(), "\u0085".encode(), b"\f", b"\v", b"\x1c", b" "]
PIECES += [b"\\", b"-", b"+", b"@@ -1 +1 @@", b"--- a/x", b"\x00", b"\xff", b"\\ No newline at end of file", b"\t"]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join) | st.binary(max_size=60)
LINES = [b"\n", b"x\n", b"y\n", b"z\r\n", b"\x0c\n", b"}\n"]
files = st.builds(lambda lines, end: b"".join(lines) + end, st.lists(st.sampled_from(LINES), max_size=60), texts)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    text = draw(files | texts)
    offsets = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(offsets[::2], offsets[1::2], strict=False)
    return text, [Edit(Span(start, end), draw(texts)) for start, end in pairs]


def apply_parsed(diff: bytes, before: bytes) -> bytes:
    """What the diff makes of ``before``, read by unidiff; every byte becomes one character on the way."""
    if not diff:
        return before
    (file,) = PatchSet(StringIO(diff.decode("latin-1"), newline="\n"))
    old = split_lines(before)
    new: list[bytes] = []
    position = 0
    for hunk in file:
        assert hunk.is_valid()
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        new += old[position:start]
        assert len(new) == (hunk.target_start - 1 if hunk.target_length else hunk.target_start)
        removed: list[bytes] = []
        added: list[bytes] = []
        last: list[list[bytes]] = []
        for line in hunk:
            value = line.value.encode("latin-1")
            if line.line_type == "\\":
                for side in last:
                    side[-1] = side[-1].removesuffix(b"\n")
                continue
            last = [side for side, marks in ((removed, " -"), (added, " +")) if line.line_type in marks]
            for side in last:
                side.append(value)
        assert removed == old[start : start + hunk.source_length]
        new += added
        position = start + hunk.source_length
    return b"".join(new + old[position:])


@given(files | texts, files | texts, st.integers(0, 4))
@example(b"", b"a", 3)
@example(b"a", b"", 3)
@example(b"a", b"a\n", 3)
@example(b"a\r\nb", b"a\nb\r\n", 3)
@example("a\u2028b\fc\n".encode(), "a\u2028B\fc\n".encode(), 3)
@settings(max_examples=400, deadline=None)
def test_the_parsed_diff_applied_gives_the_text_after(before: bytes, after: bytes, context: int) -> None:
    assert apply_parsed(unified_diff("a.js", before, after, context=context), before) == after


@given(edited(), st.integers(0, 4))
@settings(max_examples=400, deadline=None)
def test_a_diff_made_from_edits_gives_the_edited_text(case: tuple[bytes, list[Edit]], context: int) -> None:
    text, edits = case
    after = apply_edits(text, edits)
    diff = edits_diff("a.js", text, edits, breaks=line_breaks(text), context=context)
    assert apply_parsed(diff, text) == after
    assert bool(diff) == (after != text)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    git(root, "config", "core.autocrlf", "false")
    git(root, "config", "apply.whitespace", "nowarn")
    return root


def git(root: Path, *arguments: str, stdin: bytes = b"") -> None:
    done = subprocess.run(["git", *arguments], cwd=root, input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr


@given(files | texts, files | texts)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_git_applies_the_diff(repository: Path, before: bytes, after: bytes) -> None:
    diff = unified_diff("dir/a b.js", before, after)
    path = repository / "dir" / "a b.js"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before)
    if diff:
        git(repository, "apply", "--check", "-", stdin=diff)
        git(repository, "apply", "-", stdin=diff)
    assert path.read_bytes() == after


@given(edited())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_git_applies_a_diff_made_from_edits(repository: Path, case: tuple[bytes, list[Edit]]) -> None:
    text, edits = case
    diff = edits_diff("edited.js", text, edits)
    path = repository / "edited.js"
    path.write_bytes(text)
    if diff:
        git(repository, "apply", "-", stdin=diff)
    assert path.read_bytes() == apply_edits(text, edits)


PATHS = [
    "plain.js",
    "with space.js",
    "a b/x b/c d.js",
    'quote".js',
    "apostrophe'.js",
    "back\\slash.js",
    "tab\t.js",
    "line\nbreak.js",
    "bell\x07 and \x7f.js",
    "grüße 日本 🎉.js",
    "percent%20.js",
    "a -> b.js",
    "-dash.js",
]


@pytest.mark.parametrize("path", PATHS)
def test_git_and_unidiff_find_the_file_whatever_its_name(repository: Path, path: str) -> None:
    file = repository / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"var a;\n")
    diff = unified_diff(path, b"var a;\n", b"let a;\n")
    git(repository, "apply", "-", stdin=diff)
    assert file.read_bytes() == b"let a;\n"
    (parsed,) = PatchSet(StringIO(diff.decode("latin-1"), newline="\n"))
    assert (parsed.added, parsed.removed) == (1, 1)
    assert parsed.is_modified_file


def test_the_header_quotes_names_as_git_does() -> None:
    assert unified_diff("ä.js", b"1\n", b"2\n").startswith(
        b'--- "a/\\303\\244.js"\n+++ "b/\\303\\244.js"\n@@ -1 +1 @@\n'
    )
    assert unified_diff("a b.js", b"1\n", b"2\n").startswith(b"--- a/a b.js\t\n+++ b/a b.js\t\n")


def test_a_file_made_empty_stays(repository: Path) -> None:
    (repository / "emptied.js").write_bytes(b"debugger;\n")
    git(repository, "apply", "-", stdin=unified_diff("emptied.js", b"debugger;\n", b""))
    assert (repository / "emptied.js").read_bytes() == b""


def test_a_diff_reads_as_people_expect() -> None:
    before = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten"
    after = before.replace(b"two", b"2").replace(b"ten", b"10")
    assert Patch("n.js", before, after).unified_diff(context=1) == (
        b"--- a/n.js\n+++ b/n.js\n"
        b"@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
        b"@@ -9,2 +9,2 @@\n nine\n-ten\n\\ No newline at end of file\n+10\n\\ No newline at end of file\n"
    )


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("a.js", b"x\n", b"x\n") == b""
    assert edits_diff("a.js", b"x\n", [Edit(Span(0, 1), b"x")]) == b""
    assert edits_diff("a.js", b"x\n", []) == b""


def test_git_applies_a_deletion_among_equal_lines(repository: Path) -> None:
    text = b"a\n" * 100 + b"z\n"
    (repository / "equal.js").write_bytes(text)
    git(repository, "apply", "-", stdin=edits_diff("equal.js", text, [Edit(Span(40, 42), b"")]))
    assert (repository / "equal.js").read_bytes() == b"a\n" * 99 + b"z\n"


def test_moved_lines_are_matched_by_what_is_unique() -> None:
    before = [b"f\n", b"}\n", b"\n", b"g\n", b"}\n", b"\n", b"h\n", b"}\n"]
    after = [b"f\n", b"}\n", b"\n", b"new\n", b"}\n", b"\n", b"g\n", b"}\n", b"\n", b"h\n", b"}\n"]
    assert sum(change.old_end - change.old_start for change in changes(before, after)) == 0


LARGE = {
    "scattered": (b"".join(b"let v%d = %d;\n" % (i, i) for i in range(60_000)), b"5;\n", b"five;\n"),
    "without unique lines": (b"a\nb\n" * 260_000, b"a\nb\na\nb\na\n", b"b\nc\na\n"),
    "one line": (b"x=1;" * 260_000, b"1;x=1;x=1;", b"2;"),
    "blank lines": (b"\n" * 1_000_000 + b"x", b"\n" * 700, b"\n\n"),
}


@pytest.mark.parametrize("case", LARGE)
def test_a_large_file_is_quick(case: str) -> None:
    before, old, new = LARGE[case]
    after = before.replace(old, new)
    began = time.process_time()
    diff = unified_diff("large.js", before, after)
    assert time.process_time() - began < 10
    assert apply_parsed(diff, before) == after
