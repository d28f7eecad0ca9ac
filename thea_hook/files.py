"""Which files are checked, their bytes, and writing them back so that no file is ever half written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from thea_hook import git
from thea_hook.core.report import FileError
from thea_hook.core.source import SourceFile, language_of
from thea_hook.errors import FileAccessError, GitError, UsageError, did_you_mean
from thea_hook.globs import Globs, read_ignore_file
from thea_hook.paths import below

MAX_SIZE = 1 << 20
"""Files above 1 MiB are bundles, data or fixtures; Biome draws the line at the same size."""

# Below this size even a file that is one long line is checked: a snippet with an inlined image, a small data table.
_MINIFIED_SIZE = 10_000
_LONG_LINE = 2_000
_HEAD_LINES = 10

_GENERATED = re.compile(rb"^[ \t]*(?:(?://|/\*|\*|#).*)?(?:@generated\b|\bCode generated .*DO NOT EDIT)", re.MULTILINE)
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


class Skip(NamedTuple):
    """A file that is not checked, and why; the summary counts the reasons."""

    path: str
    reason: str


class Candidate(NamedTuple):
    """A file to read. ``explicit``: the user named it, so it is checked even if it looks generated or minified."""

    path: str
    explicit: bool


class Discovery(NamedTuple):
    """The files to check, in order of path, and those left out; ``errors`` are folders that cannot be listed."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[Skip, ...]
    errors: tuple[FileError, ...] = ()


def count_reasons(skipped: Iterable[Skip]) -> dict[str, int]:
    """Reason -> number of files, the most frequent first."""
    counts: dict[str, int] = {}
    for skip in skipped:
        counts[skip.reason] = counts.get(skip.reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def discover(
    paths: Sequence[str],
    *,
    excluded: Callable[[str], bool],
    force_exclude: bool = False,
    respect_gitignore: bool = True,
) -> Discovery:
    """The source files that ``paths``, files and folders, stand for.

    A file that is named is checked although it is excluded, unless ``force_exclude``: hooks name every file. Symbolic
    links are not followed below a folder, and a file is never reached through one. Raises UsageError where a path
    does not exist.
    """
    candidates: dict[str, Candidate] = {}
    skipped: dict[str, Skip] = {}
    walk = _Walk(excluded, respect_gitignore)
    for name in paths:
        path = display_path(name)
        if os.path.isdir(path):
            is_above = os.path.basename(path) == ".."  # then `../../packages/web/a.js` may be `a.js`
            for found in map(display_path, walk.files(path)) if is_above else walk.files(path):
                reason = _why_not(found, excluded)
                if reason is None:
                    candidates.setdefault(found, Candidate(found, explicit=False))
                elif language_of(found) and reason != "deleted":  # nobody expects the images of a folder to be checked
                    skipped[found] = Skip(found, reason)
            continue
        if not os.path.lexists(path):
            raise UsageError(f"no such file or folder: {path}.{_nearest_name(path)}")
        reason = _why_not(path, excluded if force_exclude else lambda _: False)
        if reason is None:
            candidates[path] = Candidate(path, explicit=not force_exclude)
        else:
            skipped[path] = Skip(path, reason)
    return Discovery(
        tuple(candidates[path] for path in sorted(candidates)),
        tuple(skipped[path] for path in sorted(skipped.keys() - candidates.keys())),
        tuple(walk.errors),
    )


def folders(path: str, *, excluded: Callable[[str], bool], respect_gitignore: bool = True) -> Iterator[str]:
    """The folder and all those below it in which a run may find a file, now or later; each before it is looked into."""
    return _Walk(excluded, respect_gitignore).folders(display_path(path))


def display_path(path: str) -> str:
    """The path as reports name it: relative to the working folder where it lies in the same repository or below, with
    forward slashes. A server that is shown the report has the repository elsewhere.
    """
    absolute, here = os.path.abspath(path), os.getcwd()
    if inside := below(absolute, here):
        return inside
    root = git.find_root(here)
    if root is not None and below(absolute, root):
        return os.path.relpath(absolute, here).replace(os.sep, "/")
    return absolute.replace(os.sep, "/")


def read_source(path: str, *, explicit: bool = False, max_size: int = MAX_SIZE) -> SourceFile | Skip:
    """The file, or why it is not checked. Raises FileAccessError where it cannot be read."""
    try:
        status = os.lstat(path)
        reason = _why_not_opened(status.st_mode) or ("too large" if status.st_size > max_size else None)
        if reason is not None:
            return Skip(path, reason)
        with open(path, "rb") as file:
            text = file.read(max_size + 1)
    except OSError as exc:
        raise FileAccessError(f"cannot read {path}: {exc.strerror}") from exc
    return as_source(path, text, explicit=explicit, max_size=max_size)


def as_source(path: str, text: bytes, *, explicit: bool = False, max_size: int = MAX_SIZE) -> SourceFile | Skip:
    """The verdict of :func:`read_source` on bytes that are at hand: from the index, from standard input."""
    language = language_of(path)
    if language is None:
        return Skip(path, "not JavaScript or TypeScript")
    if len(text) > max_size:
        return Skip(path, "too large")
    if not _is_text(text):
        return Skip(path, "binary")
    if text.startswith(_LFS_POINTER):
        return Skip(path, "Git LFS pointer")
    if not explicit and _is_generated(text):
        return Skip(path, "generated")
    if not explicit and _is_minified(text):
        return Skip(path, "minified")
    return SourceFile(path, text, language)


def write_atomic(path: str, data: bytes, expected: bytes) -> None:
    """Replace the content of a file that still holds ``expected``; mode bits and owner stay.

    At any moment, also after a kill or a full disk, the path holds all of the old bytes or all of the new ones. Raises
    FileAccessError where that cannot be done; the file is then as it was.
    """
    try:
        before = os.lstat(path)
        _refuse_to_write(path, before, expected)
        temporary = os.path.join(os.path.dirname(path), f".thea-hook-{os.urandom(8).hex()}.tmp")
        try:
            _write_synced(temporary, data, before)
            if _identity(os.lstat(path)) != _identity(before):
                raise FileAccessError(_changed(path))
            os.replace(temporary, path)
        except BaseException:  # Ctrl-C too must not leave the temporary file
            _remove_quietly(temporary)
            raise
    except OSError as exc:
        raise FileAccessError(f"cannot write {path}: {exc.strerror}; it is unchanged") from exc


def _refuse_to_write(path: str, status: os.stat_result, expected: bytes) -> None:
    """Raise FileAccessError where replacing the file would harm somebody's intent."""
    if not stat.S_ISREG(status.st_mode):
        raise FileAccessError(f"cannot write {path}: it is not a regular file")
    # A rename does not ask for permission on the file itself, and root has it always.
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise FileAccessError(f"cannot write {path}: it is read-only")
    with open(path, "rb") as file:
        if file.read(len(expected) + 1) != expected:
            raise FileAccessError(_changed(path))


def _write_synced(temporary: str, data: bytes, like: os.stat_result) -> None:
    """A new file with the data, on disk, with the mode and, where we may give it, the owner of ``like``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(temporary, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        if hasattr(os, "fchown") and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):  # somebody else's file in our folder: only root may give files away
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
        # After fchown, which clears the set-user-id bits. Without fsync a crash may leave the new name on an empty
        # file; syncing the folder as well would only say which of the two versions survives.
        os.chmod(temporary, stat.S_IMODE(like.st_mode))
        os.fsync(file.fileno())


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _changed(path: str) -> str:
    return f"cannot write {path}: it changed while it was being checked; run again"


def _remove_quietly(path: str) -> None:
    with suppress(OSError):  # it was never made, or is renamed already; the error that matters is on its way
        os.unlink(path)


def _is_text(text: bytes) -> bool:
    """Whether the bytes are UTF-8 without NUL. ``video.ts``, an MPEG stream, is not."""
    if b"\0" in text:
        return False
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_generated(text: bytes) -> bool:
    """Whether a comment in the first lines says so."""
    head = b"\n".join(text[:4096].split(b"\n", _HEAD_LINES)[:_HEAD_LINES])
    return _GENERATED.search(head) is not None


def _is_minified(text: bytes) -> bool:
    """Whether most of the bytes lie in lines that nobody wrote by hand."""
    if len(text) < _MINIFIED_SIZE:
        return False
    return 2 * sum(length for length in map(len, text.split(b"\n")) if length > _LONG_LINE) > len(text)


def _nearest_name(path: str) -> str:
    """A hint at the name in the same folder that was probably meant."""
    try:
        names = os.listdir(os.path.dirname(path) or os.curdir)
    except OSError:
        return ""
    return did_you_mean(os.path.basename(path), names)


def _why_not(path: str, excluded: Callable[[str], bool]) -> str | None:
    """Why the file is not read, or None."""
    if language_of(path) is None:
        return "not JavaScript or TypeScript"
    if excluded(path):
        return "excluded"
    try:
        return _why_not_opened(os.lstat(path).st_mode)
    except OSError:
        return "deleted"  # git still tracks it


def _why_not_opened(mode: int) -> str | None:
    """A link may lead out of the project, and a pipe never ends."""
    if stat.S_ISLNK(mode):
        return "symbolic link"
    return None if stat.S_ISREG(mode) else "not a regular file"


class _Walk:
    """Lists the files below folders, without those that git would ignore."""

    def __init__(self, excluded: Callable[[str], bool], respect_gitignore: bool) -> None:
        self._excluded = excluded
        self._respect_gitignore = respect_gitignore
        self._ignores: dict[str, Globs] = {}  # by absolute folder
        self.errors: list[FileError] = []

    def files(self, folder: str) -> Iterator[str]:
        """Paths of files, and of files that git tracks although they are deleted."""
        prefix = _prefix(folder)
        root = git.find_root(folder) if self._respect_gitignore else None
        if root is not None:
            try:
                listing = git.list_files(folder)
            except GitError:
                # No git in this container, or it does not trust the owner of the folder. The ignore files are there.
                self._read_gitignores_above(root, folder)
            else:
                yield from (prefix + name for name in listing)
                return
        yield from (path for path in self._entries(prefix) if not path.endswith("/"))

    def folders(self, folder: str) -> Iterator[str]:
        """The folder and those below it, empty ones too."""
        root = git.find_root(folder)
        if root is not None:
            self._read_gitignores_above(root, folder)
        yield folder
        yield from (path[:-1] for path in self._entries(_prefix(folder)) if path.endswith("/"))

    def _entries(self, prefix: str) -> Iterator[str]:
        """Paths of files, and with a slash at the end those of the folders that they are looked for in."""
        pending = [prefix]
        while pending:
            folder = pending.pop()
            absolute = os.path.abspath(folder)
            try:
                with os.scandir(absolute) as scan:
                    entries = list(scan)
            except OSError as exc:
                self.errors.append(FileError(display_path(absolute), "read", f"cannot read the folder: {exc.strerror}"))
                continue
            self._read_gitignore(absolute)
            for entry in entries:
                path = folder + entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if self._ignored(absolute, entry.name, is_folder):
                    continue
                if not is_folder:
                    yield path
                elif entry.name != ".git" and not self._excluded(path):
                    yield f"{path}/"
                    pending.append(f"{path}/")

    def _read_gitignores_above(self, root: str, folder: str) -> None:
        for parent in _folders_between(root, os.path.abspath(folder)):
            self._read_gitignore(parent)

    def _read_gitignore(self, folder: str) -> None:
        if self._respect_gitignore:
            with (
                suppress(OSError),
                open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file,
            ):
                self._ignores[folder] = read_ignore_file(file.read())

    def _ignored(self, folder: str, name: str, is_folder: bool) -> bool:
        """Whether the nearest .gitignore that speaks of the entry ignores it."""
        if self._ignores:
            inside = name
            while True:
                ignore = self._ignores.get(folder)
                verdict = ignore.verdict(inside, folder=is_folder) if ignore else None
                parent, part = os.path.split(folder)
                if verdict is not None or parent == folder:
                    return verdict is True
                folder, inside = parent, f"{part}/{inside}"
        return False


def _prefix(folder: str) -> str:
    """What comes before the names in a folder."""
    return "" if folder == os.curdir else f"{folder}/"


def _folders_between(top: str, folder: str) -> Iterator[str]:
    """The folders from ``top`` down to the parent of ``folder``."""
    inside = os.path.relpath(folder, top)
    current = top
    for part in inside.split(os.sep) if inside != os.curdir else ():
        yield current
        current = os.path.join(current, part)
