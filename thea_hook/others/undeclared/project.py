"""What the files of a project say about a name: who imports it, exports it, or provides it to scripts.

Texts are read once, when the first name is asked about: those that git lists, or that lie below a folder, up to limits.
A text is parsed only if an expression finds that it may have something to say. Nothing is run, no link is followed.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from thea_hook import git
from thea_hook.core.source import SourceFile, language_of
from thea_hook.errors import FileAccessError, GitError
from thea_hook.files import read_source
from thea_hook.languages.difference import common_length
from thea_hook.languages.words import occurrences
from thea_hook.others.undeclared.facts import Facts, Import, facts_of, module_or_none
from thea_hook.others.undeclared.loaded import loads, names_global, test_runner
from thea_hook.paths import below


class Limits(NamedTuple):
    """How much of a project is read, and how many of its files are parsed."""

    files: int = 5_000
    bytes: int = 30 << 20
    seconds: float = 10.0
    parsed: int = 2_000
    asked: int = 64
    """How many files are asked about one name, the nearest ones."""


LIMITS = Limits()

_PAGES = (".html", ".htm")
_SETTINGS = frozenset({
    "package.json", "bower.json", ".jshintrc", ".eslintrc", ".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml",
    ".eslintrc.js", ".eslintrc.cjs", "eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts",
    "karma.conf.js", "karma.conf.cjs", "karma.conf.ts",
})  # fmt: skip
_LARGEST = 1 << 20
"""Bytes of a page or a settings file."""


_OWN = (
    rb"\b(?:var|let|const|function|class|import)[\s*]+NAME(?![\w$])|,\s*NAME\s*=(?!=)|(?<![\w$.])NAME\s*=>"
    rb"|\bfunction\b[^()]{0,500}\([^()]{0,500}(?<![\w$.])NAME(?![\w$])|\([^()]{0,500}(?<![\w$.])NAME(?![\w$])[^()]{0,500}\)\s*=>"
    rb"|\bimport\b[^;'\"]{0,500}(?<![\w$.])NAME(?![\w$])[^;'\"]{0,500}\bfrom\b|\{[^{}]{0,500}(?<![\w$.])NAME(?![\w$])[^{}]{0,500}\}\s*="
)
"""Where a text declares a name, as a parameter too: then it is not parsed to see whether it does."""


class Said(NamedTuple):
    """A file, and what it says of a name."""

    path: str
    value: Import


class Project:
    """The texts of a project, and what is known of them so far. Paths are relative to ``root``, with slashes."""

    def __init__(self, root: str, limits: Limits = LIMITS) -> None:
        self.root = root
        self._limits = limits
        self._facts: dict[str, Facts | None] = {}
        self._free: dict[str, frozenset[str]] = {}
        self._mentions: dict[str, Sequence[str]] = {}
        self._hits: dict[tuple[str, re.Pattern[bytes]], Sequence[str]] = {}

    # ------------------------------------------------------------ asking

    def importers(self, name: str, but: str) -> list[Said]:
        """The nearest files that import something under this name."""
        pattern = re.compile(rb"\b(?:import|require)\b")
        found = [(path, facts.imports.get(name)) for path, facts in self._asked(name, but, pattern)]
        return [Said(path, value) for path, value in found if value is not None]

    def exporters(self, name: str, but: str) -> list[tuple[str, Facts]]:
        """The files that export something under this name."""
        pattern = re.compile(rb"\bexport\b[^;]*?\b%b(?![\w$])|\bexports\b" % re.escape(name.encode()))
        return [(path, facts) for path, facts in self._asked(name, but, pattern) if name in facts.exports]

    def declarers(self, name: str, but: str) -> list[str]:
        """The scripts that declare the name at their top, the nearest first."""
        word = re.escape(name.encode())
        pattern = re.compile(
            rb"\b(?:var|let|const|class|function)\b[\s*]*%b(?![\w$])|,\s*%b\s*[=,;]|^%b\s*=(?!=)" % (word, word, word),
            re.MULTILINE,
        )
        return [path for path, facts in self._asked(name, but, pattern) if name in facts.declared]

    def providers(self, name: str, but: str) -> list[str]:
        """The files that put the name on the global object, the nearest first."""
        word = re.escape(name.encode())
        pattern = re.compile(
            rb"(?:\.\s*|\[\s*['\"])%b(?![\w$])\s*(?:['\"]\s*\]\s*)?=(?![=>])|\bgoog\.\w+\(\s*.%b" % (word, word)
        )
        return [path for path, facts in self._asked(name, but, pattern) if name in facts.provided]

    def test_runner(self, name: str, path: str) -> tuple[str, str] | None:
        """The test runner that gives a test this name, and the `package.json` around the file that depends on it."""
        folder = posixpath.dirname(path)
        while True:
            package = posixpath.join(folder, "package.json")
            runner = test_runner(path, self._texts.get(package, b""), name)
            if runner is not None:
                return runner, package
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def listers(self, name: str, but: str) -> list[str]:
        """The files that name it in a ``global`` comment, the nearest first."""
        pattern = re.compile(rb"/\*\s*globals?\s")
        return [path for path, facts in self._asked(name, but, pattern) if name in facts.listed]

    def settings_naming(self, name: str, but: str) -> list[str]:
        """The settings of linters and test runners that name it as a global, the nearest first."""
        return [
            path for path in self._mentioning(name, but) if _is_settings(path) and names_global(self._text(path), name)
        ]

    def loaders(self, name: str, but: str) -> list[tuple[str, str]]:
        """The pages and settings that load another script of this name, each with what it loads, the nearest first."""
        found = [(path, loads(posixpath.basename(path), self._text(path), name)) for path in _near(self._loading, but)]
        own = posixpath.basename(but)
        return [
            (path, it)
            for path, it in found
            if it is not None and posixpath.basename(it) != own and self._may_provide(path, it, name)
        ]

    def _may_provide(self, page: str, script: str, name: str) -> bool:
        """Whether a script that a page loads is somebody else's, or a file of the project that has the name."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), script.partition("?")[0]))
        facts = self.facts(path)
        return facts is None or name in facts.declared or name in facts.provided

    def users(self, name: str, but: str) -> Iterator[SourceFile]:
        """The other source files in which the name stands as a word."""
        for path in self._mentioning(name, but):
            language = language_of(path)
            if language is not None:
                yield SourceFile(path, self._text(path), language)

    def free_users(self, name: str, but: str, among: int | None = None) -> Iterator[str]:
        """The files, or those of the nearest ``among`` that have the word, in which the name means something that the
        file does not declare."""
        word = re.escape(name.encode("utf-8", "surrogateescape"))
        own = re.compile(_OWN.replace(b"NAME", word))
        free = re.compile(rb"(?<![\w$.])%b(?![\w$])" % word)
        for file in islice(self.users(name, but), among):
            if free.search(file.text) and not own.search(file.text) and name in self._free_names(file):
                yield file.path

    def _free_names(self, file: SourceFile) -> frozenset[str]:
        """The names that the file uses and does not declare; none once too many files were asked."""
        if file.path not in self._free:
            if len(self._free) >= self._limits.parsed:
                return frozenset()
            module = module_or_none(file)
            unresolved = () if module is None else module.scopes.unresolved
            self._free[file.path] = frozenset(one.name for one in unresolved)
        return self._free[file.path]

    def has(self, path: str) -> bool:
        """Whether there is such a source file, also where ``path`` leaves out how its name ends."""
        return path in self._stems

    def package_of(self, path: str) -> str:
        """The nearest folder around a file that has a `package.json`; the root without one."""
        folder = posixpath.dirname(path)
        while folder and posixpath.join(folder, "package.json") not in self._texts:
            folder = posixpath.dirname(folder)
        return folder

    def facts(self, path: str) -> Facts | None:
        """The facts of one source file; None where there is none, or too many were asked for."""
        if path not in self._facts:
            language = language_of(path)
            is_known = language is not None and path in self._texts
            if not is_known or language is None or len(self._facts) >= self._limits.parsed:
                return None
            self._facts[path] = facts_of(SourceFile(path, self._text(path), language))
        return self._facts[path]

    def inside(self, path: str) -> str:
        """A path as the project names it."""
        absolute = os.path.abspath(path)
        return below(absolute, self.root) or absolute.replace(os.sep, "/")

    def _asked(self, name: str, but: str, pattern: re.Pattern[bytes]) -> Iterator[tuple[str, Facts]]:
        """The facts of the nearest source files in which the name and the pattern stand."""
        key = (name, pattern)
        if key not in self._hits:
            sources = [path for path in self._mentions_of(name) if language_of(path) is not None]
            self._hits[key] = [path for path in sources if pattern.search(self._text(path))]
        for path in _near(self._hits[key], but)[: self._limits.asked]:
            facts = self.facts(path)
            if facts is not None:
                yield path, facts

    def _mentioning(self, name: str, but: str) -> list[str]:
        """The files in which the name stands as a word, the nearest first."""
        return _near(self._mentions_of(name), but)

    def _mentions_of(self, name: str) -> Sequence[str]:
        if name not in self._mentions:
            word = name.encode("utf-8", "surrogateescape")
            self._mentions[name] = [path for path, text in self._texts.items() if occurrences(word, text)]
        return self._mentions[name]

    # ------------------------------------------------------------ reading

    def _text(self, path: str) -> bytes:
        return self._texts[path]

    @cached_property
    def _loading(self) -> list[str]:
        return [path for path in self._texts if path.endswith(_PAGES) or _is_settings(path)]

    @cached_property
    def _stems(self) -> frozenset[str]:
        """The source files, with and without how their names end, and the folders that an index stands for."""
        found: set[str] = set()
        for path in self._texts:
            if language_of(path) is not None:
                stem = posixpath.splitext(path)[0]
                found |= {path, stem}
                if posixpath.basename(stem) == "index":
                    found.add(posixpath.dirname(stem))
        return frozenset(found)

    @cached_property
    def _texts(self) -> Mapping[str, bytes]:
        """The texts, in order of path."""
        ends = time.monotonic() + self._limits.seconds
        texts: dict[str, bytes] = {}
        left = self._limits.bytes
        is_inside = _inside(self.root)
        names = [name for name in self._names() if _is_wanted(name)]
        for name in sorted(names)[: self._limits.files]:
            path = os.path.join(self.root, *name.split("/"))
            text = _read(path) if is_inside(os.path.dirname(path)) else None
            left -= len(text or b"")
            if left < 0 or time.monotonic() > ends:
                break
            if text is not None:
                texts[name] = text
        return texts

    def _names(self) -> Sequence[str]:
        if git.find_root(self.root) is not None:
            try:
                return git.list_files(self.root)
            except GitError:  # no git here, or it does not trust the owner
                pass
        return list(_walk(self.root, self._limits))


def _is_settings(path: str) -> bool:
    return posixpath.basename(path) in _SETTINGS


def _is_wanted(name: str) -> bool:
    if "node_modules" in name.split("/"):
        return False
    return language_of(name) is not None or name.endswith(_PAGES) or _is_settings(name)


def _inside(root: str) -> Callable[[str], bool]:
    """Whether a folder is, past all links, one of the project."""
    real = os.path.realpath(root)
    known: dict[str, bool] = {}

    def is_inside(folder: str) -> bool:
        if folder not in known:
            known[folder] = below(os.path.realpath(folder), real) is not None
        return known[folder]

    return is_inside


def _read(path: str) -> bytes | None:
    """The text of a source file that is fit to be checked, of a page or of settings."""
    if language_of(path) is not None:
        try:
            source = read_source(path)
        except FileAccessError:
            return None
        return source.text if isinstance(source, SourceFile) else None
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        with open(path, "rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        return None


def _walk(folder: str, limits: Limits) -> Iterator[str]:
    """The files below a folder, as git would list them if nothing were ignored, without hidden folders."""
    pending, seen = [""], 0
    while pending and seen < 10 * limits.files:
        inside = pending.pop()
        try:
            with os.scandir(os.path.join(folder, inside)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if not entry.is_dir(follow_symlinks=False):
                yield inside + entry.name
            elif not entry.name.startswith(".") and entry.name != "node_modules":
                pending.append(f"{inside}{entry.name}/")


def _near(paths: Sequence[str], to: str) -> list[str]:
    """The paths but this one, those with the shortest way from its folder first."""
    return sorted((path for path in paths if path != to), key=lambda path: (distance(path, to), path))


def distance(path: str, other: str) -> int:
    """How many folders one goes up and down from one file to the other."""
    one, two = path.split("/")[:-1], other.split("/")[:-1]
    shared = common_length(one, two)
    return len(one) + len(two) - 2 * shared
