"""What the corpus is made of: pinned sources, their licences, and the split that each belongs to."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from thea_hook.errors import TheaError
from thea_hook.lab.corpus.store import SPLITS, Split

DEFAULT = Path(__file__).with_name("manifest.toml")

PERMISSIVE = frozenset("MIT Apache-2.0 BSD-2-Clause BSD-3-Clause ISC 0BSD CC0-1.0 Unlicense MIT-0".split())
"""SPDX names of the licences under which text may be learned from; anything else is refused when the file loads."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[\w-]+/[\w.-]+")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[\w.]+)?")


class ManifestError(TheaError):
    """The manifest says something that it may not say."""


class Source(NamedTuple):
    """A repository or package, pinned."""

    name: str
    kind: Literal["git", "npm"]
    pin: str
    """The commit or the version."""
    licence: str
    split: Split
    exclude: tuple[str, ...] = ()
    """Patterns in the meaning of a .gitignore file."""


class History(NamedTuple):
    """A repository of which nothing but the mistakes in its history are learned from: it needs no pin."""

    name: str
    licence: str
    split: Split = "train"


class Manifest(NamedTuple):
    """The sources, and the names that may not be among them."""

    sources: tuple[Source, ...]
    histories: tuple[History, ...] = ()
    held_out: frozenset[str] = frozenset()
    """Repositories, in small letters, on which the product is judged: nothing may be learned from them."""
    exclude: tuple[str, ...] = ()
    """Patterns that hold for every source: copies of held-out libraries inside other repositories."""

    def split_of(self, repository: str) -> Split | None:
        """The split that a repository belongs to, or None where it is not a source."""
        return next((one.split for one in self._named() if one.name.lower() == repository.lower()), None)

    def splits_of_owner(self, owner: str) -> set[Split]:
        """The splits that the repositories of an owner belong to."""
        return {one.split for one in self._named() if one.name.lower().startswith(f"{owner.lower()}/")}

    def _named(self) -> tuple[Source | History, ...]:
        return (*self.sources, *self.histories)


def load(path: Path = DEFAULT) -> Manifest:
    """The manifest in a file. Whatever is wrong with it is an error that names the source."""
    table = tomllib.loads(path.read_text("utf-8"))
    held_out = frozenset(name.lower() for name in table.get("held_out", ()))
    sources = tuple(_source(row, held_out) for row in table["source"])
    histories = tuple(
        _history(name, licence, held_out)
        for licence, names in sorted(table.get("histories", {}).items())
        for name in names
    )
    _refuse_repeated((*sources, *histories))
    _refuse_divided(Manifest(sources), histories)
    return Manifest(sources, histories, held_out, tuple(table.get("exclude", ())))


def _source(row: dict[str, Any], held_out: frozenset[str]) -> Source:
    kind: Literal["git", "npm"] = "git" if "repository" in row else "npm"
    name = row["repository"] if kind == "git" else row["package"]
    pin = row["commit"] if kind == "git" else row["version"]
    _refuse_unfit(name, row["licence"], held_out)
    for is_wrong, what in (
        (row["split"] not in SPLITS, f"there is no split {row['split']!r}"),
        (not (_COMMIT if kind == "git" else _VERSION).fullmatch(pin), f"{pin!r} pins nothing"),
    ):
        if is_wrong:
            raise ManifestError(f"{name}: {what}")
    return Source(name, kind, pin, row["licence"], row["split"], tuple(row.get("exclude", ())))


def _history(name: str, licence: str, held_out: frozenset[str]) -> History:
    if not _REPOSITORY.fullmatch(name):
        raise ManifestError(f"{name}: no repository is called so")
    _refuse_unfit(name, licence, held_out)
    return History(name, licence)


def _refuse_unfit(name: str, licence: str, held_out: frozenset[str]) -> None:
    if licence not in PERMISSIVE:
        raise ManifestError(f"{name}: the licence {licence!r} is not a permissive one")
    if is_held_out(name, held_out):
        raise ManifestError(f"{name}: it is held out for judging")


def is_held_out(name: str, held_out: frozenset[str]) -> bool:
    """Whether nothing may be learned from a repository or package. ``owner/*`` holds out all that an owner has.

    A package is held out where a held-out repository bears its name, or an owner of one its scope.
    """
    owner, _, bare = name.lower().removeprefix("@").rpartition("/")
    if "/" in name and not name.startswith("@"):
        return f"{owner}/{bare}" in held_out or f"{owner}/*" in held_out
    return any(held.startswith(f"{owner}/") or held.endswith(f"/{bare}") for held in held_out)


def _refuse_repeated(sources: Iterable[Source | History]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.name.lower() in seen:
            raise ManifestError(f"{source.name}: named twice")
        seen.add(source.name.lower())


def _refuse_divided(sources: Manifest, histories: Iterable[History]) -> None:
    """What one owner has resembles itself: it may not be learned from while some of it judges."""
    for history in histories:
        elsewhere = sources.splits_of_owner(history.name.partition("/")[0]) - {history.split}
        if elsewhere:
            raise ManifestError(f"{history.name}: its owner has sources in the split {min(elsewhere)!r}")
