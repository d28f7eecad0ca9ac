"""What git knows: the staged files and their bytes, what changed since a reference, which files it tracks.

``root`` is the folder that :func:`find_root` gave; paths are relative to it, with forward slashes, undecodable bytes
kept as surrogates. Nothing here writes: not the index, not the work tree, and no lock is taken.

Bytes of the index and bytes of the work tree are two things. The index holds what ``git add`` made of a file: LF line
ends under ``core.autocrlf`` or a ``text`` attribute, and the output of a clean filter. So edits found in staged bytes
are carried to the work tree line by line (:mod:`thea_hook.staging`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from thea_hook.core.source import LANGUAGES, language_of
from thea_hook.errors import GitError, did_you_mean
from thea_hook.paths import upwards

LineRanges = tuple[tuple[int, int], ...]
"""Ranges of lines as git counts them: from 1, both ends inclusive, a line ends at LF only."""

END_OF_FILE = 2**31 - 1
"""Last line of the range that covers all of a file: an untracked file is new from end to end."""

# Any depth, any case: a repository made on Windows may hold INDEX.JS.
_SOURCES = ("--", *(f":(top,glob,icase)**/*{ending}" for ending in LANGUAGES))
_REGULAR_MODES = (b"100644", b"100755")
# Not compiled here: most runs import this module only to look for `.git`.
_HUNK = rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@"
_ESCAPE = rb"(?s)\\([0-7]{3}|.)"
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}

# A user's settings must not change what a diff looks like; each of these options has a configuration key.
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--ignore-submodules", "-O/dev/null")
_RAW = (*_DIFF, "--raw", "-z", "--no-abbrev", "--no-renames")
_LINES = (
    *_DIFF, "-U0", "--inter-hunk-context=0", "--text", "-M", "-l1000", "--diff-algorithm=myers", "--indent-heuristic",
    "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip

# A clone brings files that can make one of its folders look like a bare repository, whose settings name programs: git,
# run in there, would start them.
_SETTINGS = ("-c", "core.quotePath=false", "-c", "safe.bareRepository=explicit")

# Variables that would change how our own commands read paths or print diffs.
_INTERFERING = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
                "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")  # fmt: skip
# Variables that tie git to one repository; git sets them for its hooks.
_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


class Changes(NamedTuple):
    """Source files that changed, in order of path, and their lines that were added or edited.

    A line next to a deletion did not change, so a file that only lost lines has none.
    """

    files: list[str]
    lines: dict[str, LineRanges]


class IndexEntry(NamedTuple):
    """A regular file in the index: symbolic links, submodules and unmerged paths never appear."""

    path: str
    blob: str
    mode: str


def find_root(folder: str) -> str | None:
    """The top folder of the work tree that holds ``folder``, or None outside of any."""
    current = os.path.abspath(folder)
    work_tree = os.environ.get("GIT_WORK_TREE")
    if work_tree and f"{current}{os.sep}".startswith(f"{os.path.abspath(work_tree)}{os.sep}"):
        return os.path.abspath(work_tree)
    # Walking up costs microseconds where starting git costs milliseconds. In a linked work tree or a submodule,
    # `.git` is a file.
    return next((above for above in upwards(current) if os.path.exists(os.path.join(above, ".git"))), None)


def work_tree(folder: str, purpose: str) -> str:
    """Like :func:`find_root`. Raises GitError, saying what needed it and what there is instead, where there is none."""
    root = find_root(folder)
    if root is not None:
        return root
    is_bare = ("-c", "safe.bareRepository=all", "rev-parse", "--is-bare-repository")
    if _git(folder, *is_bare, allowed=(0, 128)).strip() == b"true":
        raise GitError(f"{purpose} needs files, and a bare repository has none: run it in a clone or a work tree")
    raise GitError(f"{purpose} needs a git repository, and this folder is not in one")


def staged_files(root: str) -> list[IndexEntry]:
    """The JavaScript and TypeScript files that the next commit adds or changes, in order of path."""
    return sorted(_raw_entries(_git(root, *_RAW, "--cached", *_SOURCES)))


def read_index(root: str, entries: Iterable[IndexEntry]) -> dict[str, bytes]:
    """Path -> staged bytes, from one ``git cat-file --batch``."""
    entries = list(entries)
    if not entries:
        return {}
    request = "".join(f"{entry.blob}\n" for entry in entries).encode()
    reply = _git(root, "cat-file", "--batch", stdin=request)
    contents: dict[str, bytes] = {}
    position = 0
    for entry in entries:
        end_of_header = reply.index(b"\n", position)
        header = reply[position:end_of_header].split()
        if len(header) != 3:
            raise GitError(f"git has no object {entry.blob} for {entry.path}: is the clone incomplete?")
        start = end_of_header + 1
        position = start + int(header[2])
        contents[entry.path] = reply[start:position]
        position += 1  # the line feed after each object
    return contents


def committed(path: str) -> bytes | None:
    """What HEAD has under a path; None outside of a repository, before its first commit, or for a file new to it."""
    folder, name = os.path.split(os.path.abspath(path))
    root = find_root(folder)
    if root is None:
        return None
    try:
        return _git(root, "cat-file", "blob", f"HEAD:./{name}", cwd=folder)
    except GitError:
        return None


def tracked_files(root: str) -> list[str]:
    """The source files in the index, in order of path."""
    return sorted({os.fsdecode(path) for path in _git(root, "ls-files", "-z", *_SOURCES).split(b"\0") if path})


def untracked_files(root: str) -> list[str]:
    """The source files that git neither tracks nor ignores."""
    listing = _git(root, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")
    return sorted(path for path in map(os.fsdecode, listing) if language_of(path))


def staged_lines(root: str) -> dict[str, LineRanges]:
    """Path -> lines that the next commit adds or edits."""
    return _parse_line_ranges(_git(root, *_LINES, "--cached", *_SOURCES))


def changed_since(root: str, since: str) -> Changes:
    """How the work tree differs from the merge base of ``since`` and HEAD; untracked files are new from end to end."""
    base = merge_base(root, since)
    untracked = untracked_files(root)
    entries = _raw_entries(_git(root, *_RAW, base, *_SOURCES))
    lines = _parse_line_ranges(_git(root, *_LINES, base, *_SOURCES))
    lines.update((path, ((1, END_OF_FILE),)) for path in untracked)
    return Changes(sorted({*(entry.path for entry in entries), *untracked}), lines)


def list_files(folder: str) -> list[str]:
    """Tracked files and untracked files that git does not ignore, below ``folder`` and relative to it.

    A path that ends in ``/`` is a repository of its own that git does not look into.
    """
    root = find_root(folder) or folder
    listing = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=folder)
    return sorted({os.fsdecode(path) for path in listing.split(b"\0") if path})


def merge_base(root: str, since: str) -> str:
    """The commit where HEAD and ``since`` parted. Raises GitError, saying what to do, where there is none."""
    commit = _find_commit(root, since)
    if commit is None:
        raise GitError(_why_unknown(root, since))
    if _find_commit(root, "HEAD") is None:
        raise GitError(_NO_COMMIT)
    base = _git(root, "merge-base", commit, "HEAD", allowed=(0, 1)).decode().strip()
    if base:
        return base
    if _is_shallow(root):
        raise GitError(f"no common ancestor of `{since}` and HEAD in this shallow clone. {_how_to_deepen()}")
    raise GitError(f"`{since}` and HEAD have no common ancestor: name a commit of this branch's own history")


_NO_COMMIT = "this branch has no commit yet, so nothing is to be compared: use --staged, or name files and folders"


def _find_commit(root: str, reference: str) -> str | None:
    """The id of the commit that a reference names."""
    if reference.startswith("-") or ".." in reference:  # an option, a range
        return None
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}", allowed=(0, 1, 128))
    return found.decode().strip() or None


def _why_unknown(root: str, reference: str) -> str:
    """What to say where git knows no such commit: the likeliest mistake, and what mends it."""
    if not reference:
        return "--since was given an empty reference: is the variable that holds it set?"
    if not reference.strip("0") and len(reference) >= 40:
        return (
            f"git knows no commit `{reference}`: CI systems send zeros for a branch that is new. "
            "Compare with the branch it will be merged into, such as `origin/main`"
        )
    if ".." in reference:
        return f"`{reference}` is a range: give the one commit to compare with, `{reference.partition('..')[0]}`"
    names = _git(root, "for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").split("\n")
    if names == [""] and reference == "HEAD":
        return _NO_COMMIT
    said = f"git knows no commit `{reference}`."
    same_branch = [name for name in names if name.endswith(f"/{reference}")]
    hint = f" Did you mean `{same_branch[0]}`?" if same_branch else did_you_mean(reference, filter(None, names))
    if hint:
        return said + hint
    if _is_shallow(root):
        return f"{said} This is a shallow clone. {_how_to_deepen()}"
    remote, _, branch = reference.partition("/")
    if branch and remote in _git(root, "remote").decode("utf-8", "replace").split():
        return f"{said} Fetch it: `git fetch {remote} {branch}`"
    return said


def _how_to_deepen() -> str:
    """The remedy for a clone without history, in the words of the CI system that made it."""
    for variable, remedy in _DEPTHS.items():
        if os.environ.get(variable):
            return f"Fetch all of the history: {remedy}"
    return (
        "Fetch more history: `git fetch --unshallow`, or `git fetch --deepen=100` as often as it takes; in CI, "
        "`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` on GitLab"
    )


_DEPTHS = {
    "GITHUB_ACTIONS": "give actions/checkout `fetch-depth: 0`",
    "GITLAB_CI": "give the job the variable `GIT_DEPTH: 0`",
    "TF_BUILD": "give the checkout step `fetchDepth: 0`",
    "BITBUCKET_BUILD_NUMBER": "set `clone: {depth: full}` in bitbucket-pipelines.yml",
}


def _is_shallow(root: str) -> bool:
    return _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _raw_records(output: bytes) -> Iterator[tuple[list[bytes], bytes]]:
    """The fields and the path of each record of ``git diff --raw -z --no-renames``."""
    parts = iter(output.split(b"\0"))
    for meta, path in zip(parts, parts, strict=False):  # the last, empty part has no partner
        yield meta.lstrip(b":").split(b" "), path


def _raw_entries(output: bytes) -> Iterator[IndexEntry]:
    for (_, mode, _, blob, _), path in _raw_records(output):
        if mode in _REGULAR_MODES:  # a deleted or unmerged path has mode 000000
            yield IndexEntry(os.fsdecode(path), blob.decode(), mode.decode())


def _parse_line_ranges(diff: bytes) -> dict[str, LineRanges]:
    """New-file line ranges by path from a diff without context lines."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    current: list[tuple[int, int]] = []
    to_skip = 0  # lines of the hunk still to come: an added line may itself read `+++ b/x`
    for line in diff.split(b"\n"):
        if to_skip and line[:1] in (b"+", b"-"):
            to_skip -= 1
        elif line.startswith(b"+++ "):
            current = ranges.setdefault(_header_path(line[4:]), [])
        elif hunk := re.match(_HUNK, line):
            removed, start, added = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            to_skip = removed + added
            if added:
                current.append((start, start + added - 1))
    return {path: tuple(found) for path, found in ranges.items() if found}


def _header_path(name: bytes) -> str:
    """The path in a ``+++`` header: C-quoted where it holds odd bytes, ended by a tab where it holds a space."""
    if name.startswith(b'"'):
        name = re.sub(_ESCAPE, _unescape, name[1 : name.rindex(b'"')])
    return os.fsdecode(name.removesuffix(b"\t").removeprefix(b"b/"))


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)


def _git(
    root: str, *arguments: str, stdin: bytes = b"", allowed: tuple[int, ...] = (0,), cwd: str | None = None
) -> bytes:
    """What a git command prints. Raises GitError with git's own words where it fails."""
    import subprocess  # 4 ms: a run that names its files never needs it

    command = ("git", *_SETTINGS, *arguments)
    try:
        done = subprocess.run(command, cwd=cwd or root, input=stdin, capture_output=True, env=_environment(root))
    except FileNotFoundError as exc:
        raise GitError("git is not installed, or not on the PATH") from exc
    except OSError as exc:
        raise GitError(f"git could not be started: {exc}") from exc
    if done.returncode not in allowed:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"`git {arguments[0]}` failed in {root}: {words or f'exit code {done.returncode}'}")
    return done.stdout


def _environment(root: str) -> Mapping[str, str]:
    """The variables for our git commands.

    Inside a hook, git says by variables which repository and which index it means: ``git commit -a`` commits a
    temporary index. They hold for the repository of the working folder only, and paths in them may be relative to it.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _INTERFERING}
    environment["GIT_OPTIONAL_LOCKS"] = "0"  # git holds index.lock while a hook runs
    here = find_root(os.getcwd())
    if here is None or not os.path.samefile(here, root):
        for name in _REPOSITORY:
            environment.pop(name, None)
        return environment
    if environment.get("GIT_INDEX_FILE"):
        environment["GIT_INDEX_FILE"] = os.path.join(root, environment["GIT_INDEX_FILE"])
    if environment.get("GIT_DIR"):
        # With GIT_DIR alone, git takes the working folder for the top of the work tree.
        environment["GIT_DIR"] = os.path.abspath(environment["GIT_DIR"])
        environment["GIT_WORK_TREE"] = root
    return environment
