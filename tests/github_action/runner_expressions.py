"""The expressions of workflows, as far as action.yml uses them: contexts, comparison, logic, status functions.

Strings compare without regard to case, and a missing property is null, as the expression language of actions/runner has
it (``src/Sdk/DTExpressions2``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(&&|\|\||==|!=|[!()])|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*(?:\.[\w-]+)*))")
_STATUS = ("success", "failure", "always", "cancelled")

Contexts = Mapping[str, Any]


class ExpressionError(Exception):
    """The expression uses something that this evaluator does not know."""


def interpolate(text: str, contexts: Contexts) -> str:
    """The text with every ``${{ }}`` evaluated."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _as_text(evaluate(match[1], contexts)), text)


def condition(text: str, contexts: Contexts) -> bool:
    """Whether a step with this ``if`` runs: without a status function of its own, only after success."""
    inner = text.strip().removeprefix("${{").removesuffix("}}")
    if not any(re.search(rf"\b{name}\s*\(", inner) for name in _STATUS):
        inner = f"success() && ({inner})"
    return _truth(evaluate(inner, contexts))


def evaluate(text: str, contexts: Contexts) -> Any:
    """The value of one expression. ``contexts`` has the contexts by name, and ``status`` for the functions."""
    parser = _Parser(text, contexts)
    value = parser.either()
    if parser.token() is not None:
        raise ExpressionError(f"what is {parser.token()!r} in {text!r}?")
    return value


class _Parser:
    def __init__(self, text: str, contexts: Contexts) -> None:
        self._tokens = []
        self._contexts = contexts
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ExpressionError(f"cannot read {text[position:]!r}")
            self._tokens.append(match)
            position = match.end()
        self._next = 0

    def token(self) -> str | None:
        return self._tokens[self._next][0].strip() if self._next < len(self._tokens) else None

    def _take(self, *operators: str) -> str | None:
        token = self.token()
        if token in operators:
            self._next += 1
            return token
        return None

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if _truth(value) else other
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            value = other if _truth(value) else value
        return value

    def _comparison(self) -> Any:
        value = self._single()
        while operator := self._take("==", "!="):
            value = _equal(value, self._single()) == (operator == "==")
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not _truth(self._single())
        if self._take("("):
            value = self.either()
            if not self._take(")"):
                raise ExpressionError("a bracket is open")
            return value
        match = self._tokens[self._next]
        self._next += 1
        _, string, number, name = match.groups()
        if string is not None:
            return string.replace("''", "'")
        if number is not None:
            return float(number)
        if name in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[name]
        if self._take("("):
            return self._call(name)
        return self._lookup(name)

    def _call(self, name: str) -> bool:
        if name not in _STATUS or not self._take(")"):
            raise ExpressionError(f"no function {name}")
        status = self._contexts["status"]
        return bool(status == name or name == "always")

    def _lookup(self, name: str) -> Any:
        first, *rest = name.split(".")
        if first not in self._contexts:
            raise ExpressionError(f"no context {first}")
        value = self._contexts[first]
        for key in rest:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def _truth(value: Any) -> bool:
    return value not in (None, False, "", 0)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _number(value: Any) -> float:
    if value in (None, ""):
        return 0.0
    try:
        return float(value)
    except ValueError:
        return float("nan")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
