"""What may mend the use of a name that nothing declares, the likeliest first; each with evidence of its own.

An import that other files have, or that one file offers; a slip of the fingers; an assignment that should have been a
declaration; and last, as it changes no program, the statement that another script of the project provides the name.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from thea_hook import git
from thea_hook.core.source import SourceFile
from thea_hook.languages.grammars import Module, module_of
from thea_hook.others.findings import Reported
from thea_hook.others.names import is_about_undeclared
from thea_hook.others.undeclared.facts import DEFAULT, EVERYTHING, MODULE, Form, facts_of_module
from thea_hook.others.undeclared.forgotten import declarations
from thea_hook.others.undeclared.global_comment import with_globals
from thea_hook.others.undeclared.imports import Wanted, written
from thea_hook.others.undeclared.project import Project
from thea_hook.others.undeclared.provided import provided_by
from thea_hook.others.undeclared.slips import meant
from thea_hook.others.undeclared.sources import Source, source_of
from thea_hook.others.undeclared.uses import Way, uses_of
from thea_hook.paths import below


class Projects:
    """The projects of a run, each read when it is first asked about."""

    def __init__(self) -> None:
        self._by_root: dict[str, Project] = {}

    def of(self, path: str) -> Project:
        """The project that a file belongs to: its repository, else the working folder, else its own folder."""
        folder, here = os.path.dirname(os.path.abspath(path)), os.getcwd()
        root = git.find_root(folder) or (here if below(folder, here) is not None else folder)
        return self._by_root.setdefault(root, Project(root))


def ways_out(file: SourceFile, findings: Sequence[Reported], projects: Projects) -> dict[Reported, tuple[Way, ...]]:
    """For each finding about an undeclared name what may mend it."""
    names = {
        one: file.text[slice(*one.span)].decode("utf-8", "replace")
        for one in findings
        if is_about_undeclared(one.tool, one.rule)
    }
    if not names or module_of(file).is_too_deep:
        return {}
    ways = _ways(module_of(file), frozenset(names.values()), projects.of(file.path))
    return {one: ways[name] for one, name in names.items() if name in ways}


def _ways(module: Module, names: frozenset[str], project: Project) -> dict[str, tuple[Way, ...]]:
    uses = uses_of(module, names)
    path = project.inside(module.file.path)
    facts = facts_of_module(module)
    found = {use.name: source_of(use, facts, path, project) for use in uses}
    ways = {name: [way] for name, way in declarations(module, uses, path, project).items()}
    for name, way in _imports(
        module, facts.form, {name: one for name, one in found.items() if one is not None}
    ).items():
        ways.setdefault(name, []).append(way)
    evidence = {}
    for use in uses:
        proof = provided_by(use, facts, path, project)
        if proof is not None:
            evidence[use.name] = proof
        elif use.name not in ways and (slip := meant(use, module, names, path, project)) is not None:
            ways[use.name] = [slip]
    for name, way in _comments(module, evidence, alone=ways.keys()).items():
        ways.setdefault(name, []).append(way)
    return {name: tuple(some) for name, some in ways.items()}


def _imports(module: Module, form: Form, sources: Mapping[str, Source]) -> dict[str, Way]:
    """An import for each name. Those that come from one source come together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, source in sources.items():
        is_whole = source.value.imported in (DEFAULT, EVERYTHING, MODULE)
        groups.setdefault((source.value.source, name if is_whole else ""), []).append(name)
    ways = {}
    for (where, _), names in groups.items():
        edit, is_entry = written(module, form, where, [Wanted(name, sources[name].value.imported) for name in names])
        for name in names:
            ways[name] = Way(f"Import `{name}` from '{where}', {sources[name].evidence}", (edit,), is_entry=is_entry)
    return ways


def _comments(module: Module, evidence: Mapping[str, str], alone: Collection[str]) -> dict[str, Way]:
    """One comment for all names that nothing else may mend; one of its own for each of the others."""
    apart = [name for name in evidence if name in alone]
    groups = [[name for name in evidence if name not in apart], *([name] for name in apart)]
    return {
        name: Way(f"Declare `{name}`, {evidence[name]}", (with_globals(module, sorted(names)),), is_declaration=True)
        for names in groups
        for name in names
    }
