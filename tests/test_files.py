"""Which files are found, which are skipped and why, and how files are written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook.core.report import FileError
from thea_hook.core.source import SourceFile
from thea_hook.errors import FileAccessError, UsageError
from thea_hook.files import (
    Candidate,
    Discovery,
    Skip,
    as_source,
    count_reasons,
    discover,
    display_path,
    read_source,
    write_atomic,
)


def nothing(_: str) -> bool:
    """Nothing is excluded."""
    return False


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in no repository."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str, text: bytes = b"let a;\n") -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)


def found(discovery: Discovery) -> list[str]:
    return [candidate.path for candidate in discovery.candidates]


# ------------------------------------------------------------------ discovery


def test_a_folder_gives_its_source_files_in_order(folder: Path) -> None:
    write(folder, "b.ts", "a.js", "src/z.tsx", "src/deep/m.mjs", "README.md", "x.json")
    assert found(discover(["."], excluded=nothing)) == ["a.js", "b.ts", "src/deep/m.mjs", "src/z.tsx"]


def test_the_order_does_not_depend_on_how_files_are_named(folder: Path) -> None:
    write(folder, "b.ts", "a.js", "src/z.tsx")
    expected = found(discover(["."], excluded=nothing))
    assert (
        found(discover(["src", "b.ts", "./a.js", "a.js", str(folder / "b.ts"), "src/../src"], excluded=nothing))
        == expected
    )


def test_paths_are_shown_relative_to_the_working_folder(folder: Path) -> None:
    assert display_path(str(folder / "src" / "a.js")) == "src/a.js"
    assert display_path("./src/../a.js") == "a.js"
    assert display_path(str(folder)) == "."
    assert display_path(str(folder.parent / "a.js")) == str(folder.parent / "a.js")


def test_a_folder_elsewhere_keeps_its_absolute_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "src/a.js", "here/b.js")
    monkeypatch.chdir(folder / "here")
    assert found(discover(["../src"], excluded=nothing)) == [str(folder / "src/a.js")]


def test_a_folder_elsewhere_in_the_repository_is_shown_from_here(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository.folder, "web/a.js", "api/b.js", "c.js")
    monkeypatch.chdir(repository.folder / "web")
    assert found(discover([repository.root, "a.js"], excluded=nothing)) == ["../api/b.js", "../c.js", "a.js"]
    assert found(discover([str(repository.folder / "api")], excluded=nothing)) == ["../api/b.js"]


def test_git_ignored_files_are_left_out(repository: Repository) -> None:
    repository.write(".gitignore", "out/\n*.gen.js\n")
    for name in ("a.js", "out/b.js", "c.gen.js", "sub/d.js"):
        repository.write(name, "let a;\n")
    assert found(discover(["."], excluded=nothing)) == ["a.js", "sub/d.js"]
    assert found(discover(["sub"], excluded=nothing)) == ["sub/d.js"]
    everything = discover(["."], excluded=nothing, respect_gitignore=False)
    assert found(everything) == ["a.js", "c.gen.js", "out/b.js", "sub/d.js"]


def test_ignore_files_count_without_git_too(folder: Path) -> None:
    write(folder, "a.js", "out/b.js", "sub/c.js", "sub/keep.gen.js", "sub/d.gen.js", "sub/deep/out/e.js")
    (folder / ".gitignore").write_text("out/\n*.gen.js\n")
    (folder / "sub/.gitignore").write_text("!keep.gen.js\n/c.js\n")
    assert found(discover(["."], excluded=nothing)) == ["a.js", "sub/keep.gen.js"]


@pytest.mark.parametrize("named", [".", "sub", "sub/deep"])
def test_a_repository_is_searched_where_git_does_not_run(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    repository.write(".gitignore", "*.gen.js\n/sub/out\n")
    repository.write("sub/.gitignore", "local.js\n")
    for name in ("sub/deep/a.js", "sub/deep/b.gen.js", "sub/out/c.js", "sub/deep/local.js"):
        repository.write(name, "let a;\n")
    with_git = found(discover([named], excluded=nothing))
    monkeypatch.setenv("PATH", "")
    assert found(discover([named], excluded=nothing)) == with_git == ["sub/deep/a.js"]


def test_a_folder_that_cannot_be_listed_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "a.js", "closed/b.js")
    scan = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    discovery = discover(["."], excluded=nothing)
    assert found(discovery) == ["a.js"]
    assert discovery.errors == (FileError("closed", "read", "cannot read the folder: Permission denied"),)


def test_excluded_files_are_counted(repository: Repository) -> None:
    for name in ("src/a.js", "vendored/b.js", "vendored/c.js", "vendored/README.md"):
        repository.stage(name, "let a;\n")
    discovery = discover(["."], excluded=lambda path: path.startswith("vendored/"))
    assert found(discovery) == ["src/a.js"]
    assert count_reasons(discovery.skipped) == {"excluded": 2}


def test_a_named_file_is_checked_although_excluded_unless_forced(folder: Path) -> None:
    write(folder, "dist/a.js")
    assert discover(["dist/a.js"], excluded=lambda _: True).candidates == (Candidate("dist/a.js", explicit=True),)
    forced = discover(["dist/a.js"], excluded=lambda _: True, force_exclude=True)
    assert forced == Discovery((), (Skip("dist/a.js", "excluded"),))


def test_a_hook_that_names_every_file_still_skips_generated_ones(folder: Path) -> None:
    write(folder, "a.js")
    assert discover(["a.js"], excluded=nothing, force_exclude=True).candidates == (Candidate("a.js", explicit=False),)


def test_links_are_skipped_and_not_followed(folder: Path) -> None:
    write(folder, "real/a.js")
    os.symlink("real", folder / "linked")
    os.symlink("real/a.js", folder / "b.js")
    os.symlink("nowhere", folder / "broken.js")
    discovery = discover([".", "b.js"], excluded=nothing)
    assert found(discovery) == ["real/a.js"]
    assert count_reasons(discovery.skipped) == {"symbolic link": 2}


def test_links_that_git_tracks_are_skipped(repository: Repository) -> None:
    repository.stage("a.js", "let a;\n")
    os.symlink("a.js", repository.folder / "b.js")
    repository.git("add", "b.js")
    assert discover(["."], excluded=nothing).skipped == (Skip("b.js", "symbolic link"),)


def test_pipes_and_folders_with_a_source_name_are_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.js")
    write(folder, "folder.js/a.js")
    discovery = discover(["."], excluded=nothing)
    assert found(discovery) == ["folder.js/a.js"]
    assert discovery.skipped == (Skip("pipe.js", "not a regular file"),)


def test_a_named_file_of_another_language_is_skipped(folder: Path) -> None:
    write(folder, "style.css")
    assert discover(["style.css"], excluded=nothing).skipped == (Skip("style.css", "not JavaScript or TypeScript"),)


def test_files_that_git_tracks_but_are_deleted_are_no_matter(repository: Repository) -> None:
    repository.commit("a.js", "let a;\n")
    (repository.folder / "a.js").unlink()
    assert discover(["."], excluded=nothing) == Discovery((), ())


def test_a_repository_inside_another_is_not_entered(repository: Repository) -> None:
    Repository(repository.folder / "inner").commit("a.js", "let a;\n")
    assert discover(["."], excluded=nothing) == Discovery((), ())
    assert found(discover(["inner"], excluded=nothing)) == ["inner/a.js"]


def test_a_path_that_does_not_exist_names_its_neighbour(folder: Path) -> None:
    write(folder, "src/index.ts")
    with pytest.raises(UsageError, match=r"no such file or folder: src/indx\.ts\. Did you mean `index.ts`"):
        discover(["src/indx.ts"], excluded=nothing)
    with pytest.raises(UsageError, match=r"no such file or folder: other/a\.ts"):
        discover(["other/a.ts"], excluded=nothing)


def test_an_empty_list_is_nothing_and_never_the_whole_folder(folder: Path) -> None:
    write(folder, "a.js")
    assert discover([], excluded=nothing) == Discovery((), ())


def test_reasons_are_counted_the_most_frequent_first() -> None:
    skips = [Skip("a", "binary"), Skip("b", "generated"), Skip("c", "generated")]
    assert list(count_reasons(skips).items()) == [("generated", 2), ("binary", 1)]


# ------------------------------------------------------------------ reading

LONG_LINES = b"var a=1;" * 3_000 + b"\nlet b;\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"G@\x00\x10\x00" * 40, "binary"),
        (b"let a = '\xff';\n", "binary"),
        ("let a;\n".encode("utf-16"), "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
        (b"/**\n * @generated by a tool\n */\n", "generated"),
        (b"// @generated\n", "generated"),
        (b"#!/usr/bin/env node\n/* eslint-disable */\n// Code generated by gen. DO NOT EDIT.\n", "generated"),
        (LONG_LINES, "minified"),
        (b"x" * 1_000_000, "minified"),
    ],
)
def test_a_file_is_skipped_for_its_content(folder: Path, text: bytes, reason: str) -> None:
    write(folder, "a.ts", text=text)
    assert read_source("a.ts") == Skip("a.ts", reason)
    assert as_source("a.ts", text) == Skip("a.ts", reason)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xef\xbb\xbflet a;\r\n",
        b'const marker = "@generated";\n',
        b"let a;\n" * 12 + b"// @generated\n",
        b"// @generatedAt is read below\n",
        b"// regenerated by hand\n",
        b"const image = '" + b"A" * 9_000 + b"';\n",
        b"let readable = 1;\n" * 3_000 + b"const image = '" + b"A" * 20_000 + b"';\n",
    ],
)
def test_a_file_that_somebody_wrote_is_checked(folder: Path, text: bytes) -> None:
    write(folder, "a.ts", text=text)
    assert read_source("a.ts") == SourceFile("a.ts", text, "typescript")


@pytest.mark.parametrize("text", [b"// @generated\n", LONG_LINES])
def test_a_named_file_is_checked_although_it_looks_generated(folder: Path, text: bytes) -> None:
    write(folder, "a.js", text=text)
    assert read_source("a.js", explicit=True) == SourceFile("a.js", text, "javascript")


def test_a_named_file_is_skipped_where_it_is_binary_or_too_large(folder: Path) -> None:
    write(folder, "a.ts", text=b"\0")
    write(folder, "b.ts", text=b"x" * 101)
    assert read_source("a.ts", explicit=True) == Skip("a.ts", "binary")
    assert read_source("b.ts", explicit=True, max_size=100) == Skip("b.ts", "too large")
    assert as_source("b.ts", b"x" * 101, explicit=True, max_size=100) == Skip("b.ts", "too large")
    assert isinstance(read_source("b.ts", explicit=True, max_size=101), SourceFile)


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with open("huge.js", "wb") as file:
        file.truncate(200 << 20)  # a sparse file: 200 MiB of nothing
    assert read_source("huge.js") == Skip("huge.js", "too large")


def test_links_and_pipes_are_not_read_however_they_were_found(folder: Path) -> None:
    write(folder, "a.js")
    os.symlink("a.js", folder / "b.js")
    os.mkfifo(folder / "c.js")
    assert read_source("b.js", explicit=True) == Skip("b.js", "symbolic link")
    assert read_source("c.js", explicit=True) == Skip("c.js", "not a regular file")


def test_a_file_that_is_gone_says_so(folder: Path) -> None:
    with pytest.raises(FileAccessError, match=r"cannot read a\.js: No such file"):
        read_source("a.js")


# ------------------------------------------------------------------ writing


def test_a_write_replaces_the_bytes_and_keeps_the_mode(folder: Path) -> None:
    write(folder, "a.js")
    os.chmod("a.js", 0o754)
    write_atomic("a.js", b"\xef\xbb\xbfconst a;\r\n", b"let a;\n")
    assert (folder / "a.js").read_bytes() == b"\xef\xbb\xbfconst a;\r\n"
    assert os.stat("a.js").st_mode & 0o7777 == 0o754
    assert os.listdir(folder) == ["a.js"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_write_keeps_the_owner(folder: Path) -> None:
    write(folder, "a.js")
    os.chown("a.js", 1234, 5678)
    write_atomic("a.js", b"x", b"let a;\n")
    assert (os.stat("a.js").st_uid, os.stat("a.js").st_gid) == (1234, 5678)


def test_a_write_goes_to_a_file_with_the_longest_name(folder: Path) -> None:
    name = "a" * 252 + ".js"
    write(folder, name)
    write_atomic(name, b"x", b"let a;\n")
    assert (folder / name).read_bytes() == b"x"
