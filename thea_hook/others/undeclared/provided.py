"""Who provides a name to a script: evidence for a ``global`` comment, as a sentence goes on with it."""

from __future__ import annotations

from thea_hook.others.undeclared.facts import Facts
from thea_hook.others.undeclared.project import Project
from thea_hook.others.undeclared.uses import Use

_MOST_DECLARERS = 3
"""Where more scripts declare a name at their top, it is one that everybody uses for something else."""


def provided_by(use: Use, facts: Facts, path: str, project: Project) -> str | None:
    """``which base.js provides``; None without evidence, and for a name that this file assigns to."""
    if use.is_written:
        return None
    if use.name in facts.provided:
        return "which this file provides"
    if found := project.providers(use.name, path):
        return f"which {found[0]} provides"
    if found := project.settings_naming(use.name, path):
        return f"which {found[0]} names as a global"
    if runner := project.test_runner(use.name, path):
        return f"which {runner[0]} provides, says {runner[1]}"
    if facts.form != "require" and (loaded := project.loaders(use.name, path)):
        return f"for which {loaded[0][0]} loads {loaded[0][1]}"
    if found := project.listers(use.name, path):
        return f"which {found[0]} declares as a global too"
    if facts.form == "script" and 0 < len(found := project.declarers(use.name, path)) <= _MOST_DECLARERS:
        return f"which {found[0]} declares for all scripts"
    return None
