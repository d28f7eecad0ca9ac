"""The name that somebody meant when a finger slipped."""

from __future__ import annotations

from collections.abc import Collection

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.environments import globals_for
from thea_hook.languages.grammars import Module
from thea_hook.languages.scope import Reference
from thea_hook.languages.spelling import is_one_slip
from thea_hook.languages.words import occurrences
from thea_hook.others.undeclared.project import Project
from thea_hook.others.undeclared.uses import Use, Way

_SHORTEST = 4
"""Letters: shorter words are one slip from too many others."""
_RARER = 3
"""How many times as often the right spelling stands in the file, where the wrong one stands there more than once."""


_ENVIRONMENTS = ("builtin", "browser", "node")


def meant(use: Use, module: Module, undeclared: Collection[str], path: str, project: Project) -> Way | None:
    """The one name in scope, or known global, that is a slip away; None where the word stands in another file too: what
    people write twice is no slip."""
    if len(use.name) < _SHORTEST or any(True for _ in project.users(use.name, path)):
        return None
    if any(reference.identifier.type != "identifier" for reference in use.references):
        return None  # in `{ nmae }` it is the name of a property too
    visible = set.intersection(*(_visible(reference) for reference in use.references))
    others = {reference.name for reference in module.scopes.unresolved if reference.name not in undeclared}
    close = {name for name in visible | others if _is_slip(use.name, name)}
    close = close or {name for name in globals_for(_ENVIRONMENTS) if _is_slip(use.name, name)}
    close = {name for name in close if name[0] == use.name[0]} or close
    if len(close) != 1:
        return None
    (right,) = close
    count = len(use.references)
    if count > 1 and occurrences(right.encode(), module.text) < _RARER * count:
        return None
    edits = (Edit(Span(one.identifier.start_byte, one.identifier.end_byte), right.encode()) for one in use.references)
    return Way(f"Write `{right}`", tuple(dict.fromkeys(edits)))


def _is_slip(written: str, right: str) -> bool:
    """Whether one may stand for the other by mistake. `item1` and `item2` do not, nor an object and its class."""
    if len(right) < _SHORTEST or not is_one_slip(written, right) or written.lower() == right.lower():
        return False
    return _without_digits(written) != _without_digits(right)


def _without_digits(name: str) -> str:
    return "".join(letter for letter in name if not letter.isdigit())


def _visible(reference: Reference) -> set[str]:
    return {
        name
        for scope in reference.scope.ancestors()
        for name, variable in scope.variables.items()
        if variable.is_value and not variable.implicit and scope.sees(variable, reference.start)
    }
