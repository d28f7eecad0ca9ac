"""The files of a source of the manifest: read from a git repository or from an npm package."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.errors import TheaError
from thea_hook.lab.corpus.manifest import Source

GITHUB = "https://github.com"


class Entry(NamedTuple):
    """A file of a source, not read yet."""

    path: str
    size: int
    name: str
    """What git or the archive calls its content."""


Wanted = Callable[[Entry], bool]


class Unavailable(TheaError):
    """A source that is neither in the mirror nor to be had from where it was published."""


def files(source: Source, wanted: Wanted, mirror: Path | None, downloads: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file that is wanted, in the order of the paths."""
    try:
        if source.kind == "git":
            repository = _in_mirror(source, mirror) or _fetched(source, downloads)
            yield from _from_git(repository, source.pin, wanted)
        else:
            yield from _from_package(_packed(source, mirror, downloads), wanted)
    except Unavailable as error:
        raise Unavailable(f"{source.name}: {error}") from error


def _run(command: Sequence[str], *, cwd: Path | None = None) -> bytes:
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, check=True).stdout
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(error.stderr.decode("utf-8", "replace").strip() or str(error)) from error


# ------------------------------------------------------------------ git


def _in_mirror(source: Source, mirror: Path | None) -> Path | None:
    if mirror is None:
        return None
    flat = mirror / source.name.replace("/", "+")
    for folder in (flat / "repo" / ".git", flat / "repo", mirror / f"{source.name}.git"):
        if (folder / "HEAD").is_file():
            return folder
    return None


def _fetched(source: Source, downloads: Path) -> Path:
    """A repository with the pinned commit alone; one that is there from an earlier build is used again."""
    folder = downloads / f"{source.name}.git"
    git = ["git", f"--git-dir={folder}"]
    try:
        _run([*git, "cat-file", "-e", f"{source.pin}^{{commit}}"])
    except Unavailable:
        folder.mkdir(parents=True, exist_ok=True)
        _run([*git, "init", "--quiet", "--bare"])
        _run([*git, "fetch", "--quiet", "--depth", "1", f"{GITHUB}/{source.name}", source.pin])
    return folder


def _from_git(repository: Path, commit: str, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    git = ["git", f"--git-dir={repository}"]
    entries = [entry for entry in _tree(_run([*git, "ls-tree", "-r", "-l", "-z", commit])) if wanted(entry)]
    with subprocess.Popen([*git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as objects:
        assert objects.stdin is not None
        assert objects.stdout is not None
        for entry in entries:
            objects.stdin.write(entry.name.encode() + b"\n")
            objects.stdin.flush()
            size = int(objects.stdout.readline().split()[2])
            text = objects.stdout.read(size + 1)[:-1]
            yield entry.path, text
        objects.stdin.close()


def _tree(listing: bytes) -> Iterator[Entry]:
    """The regular files of `git ls-tree -r -l -z`: a link's content is a path, a submodule has none.

    A mirror may lack its largest files, for which git gives no size.
    """
    for row in listing.split(b"\0"):
        facts, _, path = row.partition(b"\t")
        mode, _, rest = facts.partition(b" ")
        if mode in (b"100644", b"100755"):
            _, name, size = rest.split()
            if size.isdigit():
                yield Entry(path.decode("utf-8", "replace"), int(size), name.decode())


# ------------------------------------------------------------------ npm


def _packed(source: Source, mirror: Path | None, downloads: Path) -> Path:
    archive = f"{source.name.removeprefix('@').replace('/', '-')}-{source.pin}.tgz"
    for folder in (mirror, downloads):
        if folder is not None and (folder / "npm" / archive).is_file():
            return folder / "npm" / archive
    target = downloads / "npm"
    target.mkdir(parents=True, exist_ok=True)
    _run(["npm", "pack", "--silent", "--ignore-scripts", f"{source.name}@{source.pin}"], cwd=target)
    return target / archive


def _from_package(archive: Path, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as package:
        members = {member.name.partition("/")[2]: member for member in package.getmembers() if member.isfile()}
        for path, member in sorted(members.items()):
            if wanted(Entry(path, member.size, member.name)):
                content = package.extractfile(member)
                assert content is not None
                yield path, content.read()
