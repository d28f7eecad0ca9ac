"""Where an undeclared name is imported from: as other files of the project do, or from the one that has it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import LANGUAGES
from thea_hook.languages.expressions import MEMBERS
from thea_hook.languages.nodes import field, property_name
from thea_hook.others.undeclared.facts import DEFAULT, EVERYTHING, MODULE, Facts, Form, Import
from thea_hook.others.undeclared.project import Project, distance
from thea_hook.others.undeclared.uses import Use

if TYPE_CHECKING:
    from tree_sitter import Node


class Source(NamedTuple):
    """An import, and what speaks for it: "as a.js does"."""

    value: Import
    evidence: str


def source_of(use: Use, facts: Facts, path: str, project: Project) -> Source | None:
    """The likeliest import of a name into a file; None for a script, and for a name that the file itself provides."""
    if facts.form == "script" or use.is_written or use.name in facts.provided:
        return None
    return (
        _as_others_do(use, facts, path, project) or _built_in(use, facts, path) or _offered(use, facts, path, project)
    )


# ------------------------------------------------------------------ what other files do


def _as_others_do(use: Use, facts: Facts, path: str, project: Project) -> Source | None:
    votes: dict[Import, list[str]] = {}
    for said in project.importers(use.name, path):
        other = project.facts(said.path)
        is_same_form = other is not None and other.form == facts.form
        for value in _seen_from(path, said.path, said.value, project, is_same_form=is_same_form):
            votes.setdefault(_in_form(value, facts.form), []).append(said.path)
    votes = {value: files for value, files in votes.items() if _is_used_as(use, value)}
    if not votes or _is_free_nearby(use, path, project, {file for files in votes.values() for file in files}):
        return None
    value, files = max(votes.items(), key=lambda item: sum(1 / (1 + distance(file, path)) for file in item[1]))
    if distance(files[0], path) > _NEAR and (value.source.startswith(".") or len(votes) > 1):
        return None
    if len(use.name) < _SHORT and len(files) < 2 and use.name not in ("_", "$"):
        return None
    if len(files) < _MANY and (project.settings_naming(use.name, path) or project.listers(use.name, path)):
        return None  # it is a global, but for these files
    also = f"as {files[0]} does" if len(files) == 1 else f"as {files[0]} and {len(files) - 1} more do"
    theirs = [project.facts(file) for file in files]
    others = [one.imports[use.name].source for one in theirs if one is not None]
    return Source(_prefixed(value, facts, others), also)


def _is_free_nearby(use: Use, path: str, project: Project, importers: Collection[str]) -> bool:
    """Whether more of the nearest files use the name without an import than with one: then it is a global, which some
    other place happens to import."""
    near = {file.path for file in islice(project.users(use.name, path), _NEARBY)}
    return sum(1 for _ in project.free_users(use.name, path, among=_NEARBY)) > len(near.intersection(importers))


_NEARBY = 16
"""Files."""
_NEAR = 2
"""Folders up and down. What files farther away import by a name is more often something else by that name."""

_SHORT = 3
"""Letters: of shorter names one other file is no evidence."""
_MANY = 3
"""Files that import a name, although the project says that it is a global."""


def _seen_from(path: str, other: str, value: Import, project: Project, *, is_same_form: bool) -> Iterator[Import]:
    """What an import of another file is when it stands in this one: of the same file, and of this one's neighbour if it
    has one of that name."""
    if not value.source.startswith("."):
        yield value._replace(source=value.source.removeprefix("node:") if _is_built_in(value.source) else value.source)
        return
    if not is_same_form:
        return
    target = posixpath.normpath(posixpath.join(posixpath.dirname(other), value.source))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), value.source))
    if project.package_of(path) not in (project.package_of(other), project.package_of(target)):
        return  # of another package, which is imported by its name
    for place in dict.fromkeys((target, beside)):
        if not _is_same_file(place, path) and (place == target or project.has(place)):
            is_as_written = posixpath.dirname(other) == posixpath.dirname(path) or place != target
            yield value if is_as_written else value._replace(source=relative(place, path))


def relative(target: str, path: str) -> str:
    """A file of the project as a file in it names it in an import."""
    way = posixpath.relpath(target, posixpath.dirname(path) or ".")
    return way if way.startswith(".") else f"./{way}"


def _is_same_file(target: str, path: str) -> bool:
    stem = posixpath.splitext(path)[0]
    stems = {path, stem, posixpath.dirname(stem) if posixpath.basename(stem) == "index" else stem}
    return target in stems or (posixpath.splitext(target)[1] in LANGUAGES and posixpath.splitext(target)[0] == stem)


def _in_form(value: Import, form: Form) -> Import:
    """The same import in ES or CommonJS: a package's default is what CommonJS gets as a whole."""
    if form == "import" and value.imported == MODULE:
        return value._replace(imported=DEFAULT)
    if form == "require" and value.imported in (DEFAULT, EVERYTHING) and not value.source.startswith("."):
        return value._replace(imported=MODULE)
    return value


# ------------------------------------------------------------------ modules of Node

# What the names are that one expects of modules whose own name is a word like any other.
_MEMBERS = {
    "assert": "",
    "events": "EventEmitter once on",
    "http": "Agent STATUS_CODES createServer get globalAgent request Server IncomingMessage",
    "net": "Server Socket connect createConnection createServer isIP isIPv4 isIPv6",
    "path": "basename delimiter dirname extname format isAbsolute join normalize parse posix relative resolve sep",
    "stream": "Duplex PassThrough Readable Transform Writable finished pipeline promises Stream",
    "url": "URL URLSearchParams domainToASCII fileURLToPath format parse pathToFileURL resolve urlToHttpOptions",
    "util": "TextDecoder TextEncoder callbackify debuglog deprecate format inherits inspect isDeepStrictEqual "
    "parseArgs promisify stripVTControlCharacters styleText types",
    "zlib": "",
}
_MODULES = frozenset(_MEMBERS) | frozenset(
    "child_process cluster crypto dns fs http2 https os perf_hooks querystring readline string_decoder tls tty v8 vm "
    "worker_threads".split()
)
_FUNCTIONS = {
    **dict.fromkeys("exec execFile execFileSync execSync spawn spawnSync".split(), "child_process"),
    **dict.fromkeys("createHash createHmac randomBytes randomUUID".split(), "crypto"),
    "EventEmitter": "events",
    **dict.fromkeys(
        "createReadStream createWriteStream existsSync mkdirSync mkdtempSync readFileSync readdirSync rmSync statSync "
        "unlinkSync writeFileSync".split(),
        "fs",
    ),
    "createRequire": "module",
    **dict.fromkeys("fileURLToPath pathToFileURL".split(), "url"),
    **dict.fromkeys("inherits promisify".split(), "util"),
}


def _is_built_in(source: str) -> bool:
    name = source.removeprefix("node:").partition("/")[0]
    return source.startswith("node:") or name in _MODULES or name in ("module", "process", "buffer")


def _built_in(use: Use, facts: Facts, path: str) -> Source | None:
    """A module of Node, or what one exports, by its usual name, in a file that is certainly for Node."""
    is_of_node = facts.form == "require" or path.endswith(".mjs")
    if not is_of_node and not any(_is_built_in(value.source) for value in facts.imports.values()):
        return None
    if use.name in _MODULES:
        value = _in_form(Import(use.name, MODULE), facts.form)
    elif use.name in _FUNCTIONS and all(_is_called(reference.identifier) for reference in use.references):
        value = Import(_FUNCTIONS[use.name], use.name)
    else:
        return None
    if not _is_used_as(use, value):
        return None
    return Source(_prefixed(value, facts, ()), "a module of Node")


def _is_called(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in ("call_expression", "new_expression", "class_heritage")


def _is_used_as(use: Use, value: Import) -> bool:
    """Whether every use is one of a module, where the module is one of Node: a variable that somebody forgot to declare
    may well be called `url`."""
    if value.source not in _MODULES or value.imported not in (DEFAULT, EVERYTHING, MODULE):
        return True
    known = set(_MEMBERS.get(value.source, "").split())
    for reference in use.references:
        node = reference.identifier
        member = node.parent
        if member is None:
            return False
        if value.source == "assert" and member.type == "call_expression" and field(member, "function") == node:
            continue
        if member.type not in MEMBERS or field(member, "object") != node:
            return False
        if known and property_name(member) not in known:
            return False
    return True


def _prefixed(value: Import, facts: Facts, others: Sequence[str]) -> Import:
    """With ``node:`` before a module of Node if this file writes them so, or else the others do this one."""
    if not _is_built_in(value.source):
        return value
    written = [one.source for one in facts.imports.values() if _is_built_in(one.source)] or others
    with_prefix = sum(source.startswith("node:") for source in written)
    return value._replace(source=f"node:{value.source}") if 2 * with_prefix > len(written) else value


# ------------------------------------------------------------------ what one file exports


def _offered(use: Use, facts: Facts, path: str, project: Project) -> Source | None:
    """An import from the only file that exports the name."""
    found = project.exporters(use.name, path)
    if len(found) != 1 or found[0][1].form != facts.form or len(use.name) < _SHORT:
        return None
    other, exporting = found[0]
    if project.package_of(other) != project.package_of(path) or _is_free_nearby(use, path, project, ()):
        return None
    if posixpath.splitext(other)[1] in (".ts", ".tsx", ".mts", ".cts") and not path.endswith(("ts", "tsx")):
        return None
    return Source(Import(_spelt(other, facts, path), exporting.exports[use.name]), "which exports it")


def _spelt(target: str, facts: Facts, path: str) -> str:
    """A file as this one's other relative imports would name it: with the ending, or without."""
    stem, ending = posixpath.splitext(target)
    near = [value.source for value in facts.imports.values() if value.source.startswith(".")]
    with_ending = sum(re.search(r"\.[cm]?[jt]sx?$", source) is not None for source in near)
    if 2 * with_ending > len(near) or path.endswith(".mjs"):
        return relative(stem + {".ts": ".js", ".tsx": ".js", ".mts": ".mjs"}.get(ending, ending), path)
    return relative(posixpath.dirname(stem) if posixpath.basename(stem) == "index" else stem, path)
