"""Our translation of .gitignore patterns, held against git itself."""

from __future__ import annotations

import subprocess

import pytest
from git_repository import Repository
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thea_hook.globs import Globs, read_ignore_file

PATHS = [
    "a.js", "b.min.js", "src/a.js", "src/a.test.ts", "src/deep/a.test.ts", "dist/a.js", "src/dist/a.js", "src/build",
    "node_modules/x/index.js", "src/node_modules/y.js", "[a].js", "a]b.js", "x-y.js", "!important.js", "#note.js",
    "foo/bar/baz/a.js", "foo/baz/a.js", "star*.js", "a b.js", "trailing ", "A.js",
]  # fmt: skip
PATTERNS = [
    "*.js", "a.js", "/a.js", "src/", "src/*", "src/**", "**/a.test.ts", "**/dist", "dist/", "dist", "/dist/**",
    "foo/**/a.js", "foo/*/baz", "foo/**/", "**", "*", "?.js", "[ab].js", "[!a].js", "[^a].js", "[a-c].min.js",
    "[[:alpha:]].js", "[]-]*.js", "\\[a\\].js", "[a].js", "\\!important.js", "\\#note.js", "star\\*.js", "*.min.*",
    "src/build/", "src/build", "a b.js", "trailing\\ ", "a]b.js", "**/node_modules/**", "x[+--]y.js",
    "*a*.*s", "f*o/*/a.*s", "*[a-z]*.*t*.?s", "**/*s*/**/*.t*", "**/**/deep/**/a.js", "src/**/**/*.js",
    "foo/**/b*z/*a*",
    "[z-a].js", "***.js", "a**.js", "src/**/a.js", "/**/a.js", "**/src/**/*.ts", "[", "[a", "",
]  # fmt: skip


def ignored_by_git(repository: Repository, patterns: list[str]) -> set[str]:
    repository.write(".gitignore", "".join(f"{pattern}\n" for pattern in patterns))
    command = ("git", "check-ignore", "--no-index", "--stdin", "-z")
    names = "\0".join(PATHS).encode()
    done = subprocess.run(command, cwd=repository.folder, input=names, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {path.decode() for path in done.stdout.split(b"\0") if path}


def ignored_by_us(patterns: list[str]) -> set[str]:
    globs = read_ignore_file("".join(f"{pattern}\n" for pattern in patterns))
    return {path for path in PATHS if globs.matches(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_git_ignores(repository: Repository, pattern: str) -> None:
    assert ignored_by_us([pattern]) == ignored_by_git(repository, [pattern])


NEGATABLE = st.tuples(st.sampled_from(["", "!"]), st.sampled_from(PATTERNS)).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NEGATABLE, min_size=2, max_size=5))
def test_patterns_together_match_what_git_ignores(repository: Repository, patterns: list[str]) -> None:
    assert ignored_by_us(patterns) == ignored_by_git(repository, patterns)


def test_comments_and_blank_lines_of_an_ignore_file_are_no_patterns() -> None:
    globs = read_ignore_file("\ufeff# dist\n\n   \ndist\r\nlib   \n")
    assert [path for path in ("dist", "lib", "# dist", "   ", "src") if globs.matches(path)] == ["dist", "lib"]


def test_a_character_is_one_character_although_git_counts_its_bytes() -> None:
    assert Globs(["?.js"]).matches("é.js")
    assert Globs(["[é].js"]).matches("é.js")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("*a" * 30 + "*b", "a" * 60), ("**/a/" * 30 + "b", "a/" * 60), ("**/*a*/" * 30 + "b", "aa/" * 60)],
)
def test_a_pattern_of_many_wildcards_is_answered_for(pattern: str, path: str) -> None:
    globs, negated = Globs([pattern]), Globs(["!x", pattern])
    assert not globs.matches(f"{path}c")
    assert globs.matches(f"{path}b")
    assert negated.matches(f"{path}b")


def test_no_patterns_match_nothing() -> None:
    assert not Globs([]).matches("a.js")
