"""The exceptions a user can cause. ``cli.main`` prints their text and exits with 2; none of them shows a traceback."""

from __future__ import annotations

from collections.abc import Iterable


class TheaError(Exception):
    """Something the user can correct: the text says what is wrong, where, and what to do."""


class UsageError(TheaError):
    """A flag, argument or combination of them makes no sense."""


class ConfigError(TheaError):
    """A configuration file or variable holds something unknown or of the wrong type."""


class RuleError(TheaError):
    """A rule file is wrong: names the file and the key."""


class GitError(TheaError):
    """git is missing, failed, or the reference does not exist."""


class ParseTimeout(TheaError):
    """A text, most often a short broken one, on which the parser's error recovery would go on for minutes."""


class FileAccessError(TheaError):
    """A file cannot be read or written, or changed while it was being checked."""


class ModelError(TheaError):
    """A model cannot be loaded or gave no usable answer. Whoever asked it goes on without it.

    ``reason`` is one word for what went wrong: ``absent``, ``weights``, ``backend``, ``input``, ``output``, ``timeout``
    for a network that hangs, or ``deadline`` where the time that it was given was over.
    """

    def __init__(self, text: str, reason: str = "weights") -> None:
        super().__init__(text)
        self.reason = reason


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean `x`?`` for the nearest known word, or an empty string where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean `{near[0]}`?" if near else ""
