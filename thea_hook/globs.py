"""Glob patterns with the meaning they have in a .gitignore file.

Translated here, not by ``pathspec``: importing that takes 20 ms, a fifth of a whole run over unchanged files, and any
project that excludes a folder would pay it. The tests hold this module against ``git check-ignore``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple


class _Pattern(NamedTuple):
    expression: str
    negated: bool
    only_folders: bool


class Globs:
    """Compiled patterns. Paths are relative to the folder that the patterns belong to, with forward slashes."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(_parse(pattern) for pattern in patterns)
        self._ordered = any(pattern.negated for pattern in self._patterns)

    def matches(self, path: str) -> bool:
        """Whether the file, or a folder it is in, is matched. What lies in a matched folder cannot be negated."""
        if not self._ordered:
            return self._any.match(path) is not None
        slash = path.find("/")
        while slash >= 0:
            if self.verdict(path[:slash], folder=True):
                return True
            slash = path.find("/", slash + 1)
        return self.verdict(path, folder=False) is True

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """What the last pattern that matches this very path says: True, False where negated; None if none matches."""
        for expression, negated, only_folders in self._each:
            if (folder or not only_folders) and expression.fullmatch(path):
                return not negated
        return None

    @cached_property
    def _any(self) -> re.Pattern[str]:
        """One expression for all patterns, where their order does not matter, that matches a file or its folder."""
        parts = [f"(?:{p.expression}){'/' if p.only_folders else '(?:/|$)'}" for p in self._patterns]
        return re.compile("|".join(parts) or "(?!)", re.DOTALL)

    @cached_property
    def _each(self) -> list[tuple[re.Pattern[str], bool, bool]]:
        return [(re.compile(p.expression, re.DOTALL), p.negated, p.only_folders) for p in reversed(self._patterns)]


def read_ignore_file(text: str) -> Globs:
    """The patterns of a .gitignore file."""
    lines = (re.sub(r"(?<!\\) +$", "", line) for line in text.removeprefix("\ufeff").split("\n"))
    return Globs(line.rstrip("\r") for line in lines if line.strip() and not line.startswith("#"))


def _parse(glob: str) -> _Pattern:
    negated = glob.startswith("!")
    body = glob.removeprefix("!")
    only_folders = body.endswith("/")
    body = body.removesuffix("/")
    # A slash at the start or in the middle ties the pattern to its folder; otherwise it matches at any depth.
    expression = _translate(body.removeprefix("/"))
    return _Pattern(expression if "/" in body else f"(?:.*/)?{expression}", negated, only_folders)


_TOKEN = re.compile(r"(?:(?<=/)|^)\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\(.)|.", re.DOTALL)
_CLASSES = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s"}


_ANY_FOLDERS = "(?:.*/)?"
_ANY_CHARACTERS = "[^/]*"


def _translate(glob: str) -> str:
    parts, names = [""], [""]  # what stands between `**/`, and in the name that is being read between `*`
    for match in _TOKEN.finditer(glob):
        token = _translate_token(match)
        if token == _ANY_CHARACTERS:
            names.append("")
        elif token == _ANY_FOLDERS or token.startswith("/"):
            parts[-1] += _chain(names, _ANY_CHARACTERS, "[^/]")
            names = [""]
            if token == _ANY_FOLDERS:
                parts.append("")
            else:
                parts[-1] += token
        else:
            names[-1] += token
    parts[-1] += _chain(names, _ANY_CHARACTERS, "[^/]")
    return _chain(parts, _ANY_FOLDERS, "[^/]*/")


def _chain(parts: list[str], wildcard: str, unit: str) -> str:
    """The parts with a wildcard between each two, which stands for any number of units.

    A part that another wildcard follows is taken where it comes first, since a later place cannot match more: trying
    them all takes years for ``*a*a*a*a*a*a*a*a*a*a*b``, and whoever wrote the pattern need not mean well.
    """
    first, *others = parts
    if not others:
        return first
    *earlier, last = others
    found = (f"(?:(?!{part}){unit})*{part}" for part in earlier if part)
    return f"{first}{''.join(found)}{wildcard}{last}"


def _translate_token(match: re.Match[str]) -> str:
    token = match[0]
    if token == "**/":
        return _ANY_FOLDERS
    if token == "/**":
        return "/.+"
    if token[0] == "*":
        return _ANY_CHARACTERS
    if token == "?":
        return "[^/]"
    if token[0] == "[" and len(token) > 1:
        return _translate_set(token[1:-1])
    return re.escape(match[1] or token)


_ITEM = re.compile(r"\[:(\w+):\]|(\\.|.)(?:-(\\.|.))?", re.DOTALL)


def _translate_set(body: str) -> str:
    """A bracket expression; it never matches a slash."""
    negated = body[0] in "!^"
    expression = f"(?!/)[{'^' if negated else ''}{''.join(map(_translate_item, _ITEM.finditer(body, int(negated))))}]"
    try:
        re.compile(expression)
    except re.error:  # a range that runs backwards: git lets it match nothing
        return "(?!)"
    return expression


def _translate_item(match: re.Match[str]) -> str:
    """A character, a range or a named class, as part of a set."""
    name, first, last = match.groups()
    if name is not None:
        return _CLASSES.get(name, "")
    return "-".join(re.escape(char[-1]) for char in (first, last) if char is not None)
