"""The files that a run is about: what is named, staged or changed, or comes on standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from thea_hook import git
from thea_hook.core.report import FileError
from thea_hook.core.source import SourceFile
from thea_hook.errors import FileAccessError
from thea_hook.files import Skip, as_source, discover, display_path, read_source
from thea_hook.paths import below

if TYPE_CHECKING:
    from thea_hook.config import Configuration
    from thea_hook.git import LineRanges
    from thea_hook.pipeline import Request


def find_files(
    request: Request, configuration: Configuration
) -> tuple[Iterable[SourceFile | Skip | FileError], Mapping[str, LineRanges] | None]:
    """The files to check, the ones left out, and which of their lines the diff touches, where there is one."""
    if request.stdin is not None:
        return [_standard_input(request.stdin, request, configuration)], None
    if request.staged or request.since is not None:
        return _changed_files(request, configuration)
    return _named_files(request, configuration), None


def _standard_input(text: bytes, request: Request, configuration: Configuration) -> SourceFile | Skip:
    path = display_path(request.paths[0])
    if request.force_exclude and configuration.excluded(path):
        return Skip(path, "excluded")
    return as_source(path, text, explicit=True, max_size=configuration.settings(path).max_file_size)


def _named_files(request: Request, configuration: Configuration) -> Iterator[SourceFile | Skip | FileError]:
    found = discover(
        request.paths or (".",),
        excluded=configuration.excluded,
        force_exclude=request.force_exclude,
        respect_gitignore=configuration.project().respect_gitignore,
    )
    yield from found.skipped
    yield from found.errors
    for path, explicit in found.candidates:
        yield _read(path, configuration, explicit=explicit)


def _read(path: str, configuration: Configuration, *, explicit: bool) -> SourceFile | Skip | FileError:
    try:
        return read_source(path, explicit=explicit, max_size=configuration.settings(path).max_file_size)
    except FileAccessError as exc:
        return FileError(path, "read", str(exc))


def _changed_files(
    request: Request, configuration: Configuration
) -> tuple[list[SourceFile | Skip | FileError], Mapping[str, LineRanges]]:
    """Staged files with the bytes of the index, or the files changed since a reference with those on disk."""
    root = git.work_tree(os.getcwd(), "--since" if request.since is not None else "--staged")
    texts: Mapping[str, bytes] | None = None
    if request.since is not None:
        changed = git.changed_since(root, request.since)
    else:
        entries = git.staged_files(root)
        texts = git.read_index(root, entries)
        changed = git.Changes([entry.path for entry in entries], git.staged_lines(root))
    files: list[SourceFile | Skip | FileError] = []
    for name in changed.files:
        path = _shown_path(root, name)
        if request.paths and not _is_below(path, request.paths):
            continue
        if configuration.excluded(path):
            files.append(Skip(path, "excluded"))
        elif texts is not None:
            files.append(as_source(path, texts[name], max_size=configuration.settings(path).max_file_size))
        elif os.path.islink(path):  # untracked; git names tracked ones itself
            files.append(Skip(path, "symbolic link"))
        elif not os.path.exists(path):  # outside of a sparse checkout
            files.append(Skip(path, "not checked out"))
        else:
            files.append(_read(path, configuration, explicit=False))
    return files, {_shown_path(root, name): lines for name, lines in changed.lines.items()}


def _shown_path(root: str, name: str) -> str:
    return display_path(os.path.join(root, name))


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(below(os.path.abspath(path), os.path.abspath(folder)) is not None for folder in folders)
