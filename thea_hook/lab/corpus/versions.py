"""Versions of files in the history of a git repository: which changed into which, and what they say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.source import LANGUAGES

_CHANGE = re.compile(rb":100(?:644|755) 100(?:644|755) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) M\t([^\"\n].*)")
_LOG = (
    *("-c", "core.quotePath=false", "-c", "diff.renames=false", "-c", "core.commitGraph=true"),
    *("log", "--all", "--no-merges", "--topo-order", "--reverse", "--format=%H"),
    *("--raw", "--no-abbrev", "--diff-filter=M", "--", *(f":(glob,icase)**/*{ending}" for ending in LANGUAGES)),
)


class Change(NamedTuple):
    """A commit that changed a file, and the names git has for its content before and after."""

    commit: str
    path: str
    old: str
    new: str


def changes(repository: Path) -> Iterator[Change]:
    """Every change of a JavaScript or TypeScript file on any branch, a commit after those it is based on.

    Merges are left out: what a merge broke, a conflict left in the text for one, is the old version of a later commit.
    """
    commit = ""
    with subprocess.Popen(["git", f"--git-dir={repository}", *_LOG], stdout=subprocess.PIPE) as log:
        assert log.stdout is not None
        for line in log.stdout:
            if not line.startswith(b":"):
                commit = line.strip().decode() or commit
            elif change := _CHANGE.fullmatch(line.rstrip(b"\n")):
                old, new, path = change.groups()
                yield Change(commit, path.decode("utf-8", "replace"), old.decode(), new.decode())


def sample(found: Iterable[Change], most: int) -> list[Change]:
    """At most so many changes, in their order. A path is taken with its whole history or not at all."""
    found = list(found)
    by_path: dict[str, int] = {}
    for change in found:
        by_path[change.path] = by_path.get(change.path, 0) + 1
    left = most
    taken = set()
    for path in sorted(by_path, key=lambda path: blake2b(path.encode(), digest_size=8).digest()):
        if by_path[path] <= left:
            taken.add(path)
            left -= by_path[path]
    return [change for change in found if change.path in taken]


def contents(repository: Path, names: Iterable[str], largest: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each content, but for those that are larger, or that an incomplete clone lacks."""
    command = ["git", f"--git-dir={repository}", "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as objects:
        assert objects.stdin is not None
        assert objects.stdout is not None
        for name in names:
            objects.stdin.write(name.encode() + b"\n")
            objects.stdin.flush()
            header = objects.stdout.readline().split()
            if len(header) == 3 and header[1] == b"blob":
                text = objects.stdout.read(int(header[2]) + 1)[:-1]
                if len(text) <= largest:
                    yield name, text
        objects.stdin.close()
