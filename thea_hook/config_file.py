"""Configuration files read and checked: every key known, every value of the right type, every error with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from thea_hook import __version__
from thea_hook.config_keys import (
    ENVIRONMENT,
    FLAGS,
    KEYS,
    PER_FILE,
    RUN_WIDE,
    STRUCTURE,
    USERS_OWN,
    Source,
    Values,
    convert,
    merge,
    strings,
)
from thea_hook.errors import ConfigError, did_you_mean
from thea_hook.paths import below

_ALWAYS_KNOWN = frozenset({"all", "recommended"})

MOST_EXTENDED = 100
"""Files that extend two others each need few lines to name more files than can be read."""

KnownRules = Callable[[], Collection[str]]
"""Gives rule ids and categories. A function, because loading the rules is not worth it where none is named."""


class FileRule(NamedTuple):
    """What is different for files that match ``globs``: changed settings, and rules that are never reported."""

    globs: tuple[str, ...]
    changes: Values
    exempt: tuple[str, ...] = ()


class Name(NamedTuple):
    """A rule or category that a file mentions, with the key and the file."""

    text: str
    key: str
    source: Source


class ConfigFile(NamedTuple):
    """A configuration file with what it extends.

    ``ignored`` are the places of keys that say nothing here, because the configuration of the run decides them.
    """

    path: str
    values: Values
    file_rules: tuple[FileRule, ...]
    names: tuple[Name, ...]
    ignored: tuple[str, ...] = ()

    def check_names(self, known_rules: KnownRules) -> None:
        """Raise ConfigError where the file, or one it extends, names a rule or category that is not known."""
        _check_names(self.names, known_rules)


class Text(NamedTuple):
    """A file that may hold our configuration, not parsed yet, and the keys under which it would be."""

    path: str
    text: str
    keys: tuple[str, ...]


class Standing(NamedTuple):
    """Where a configuration file stands, which limits what it may say.

    ``folder`` is the one that its relative paths start from. ``project`` is the real folder that no path may leave:
    whoever checks a repository has not read all of its files, and no line in one of them shall read or write elsewhere.
    A file that the user named has none. A ``nested`` file is not that of the run. A ``named_by_hook`` is one that the
    arguments of a hook name, which are in a file of the project themselves.
    """

    folder: str
    project: str | None = None
    nested: bool = False
    named_by_hook: bool = False


class _Trail(NamedTuple):
    """The real paths of the files on the way to this one, and the number of the next file that is extended."""

    chain: tuple[str, ...]
    numbers: Iterator[int]


def find_texts(folder: str) -> list[Text]:
    """The files of this folder that may hold a configuration; the first that does is the one that counts."""
    found = []
    for name, keys in _PLACES:
        path = os.path.join(folder, name)
        text = read_text(path)
        # Parsing costs milliseconds, and most package.json and pyproject.toml files do not speak of us.
        if text is not None and (not keys or "thea-hook" in text):
            found.append(Text(path, text, keys))
    return found


_PLACES = (("thea-hook.toml", ()), ("package.json", ("thea-hook",)), ("pyproject.toml", ("tool", "thea-hook")))


def may_configure(name: str) -> bool:
    """Whether a file of this name can be a configuration file, or one that another extends."""
    return name.endswith(".toml") or name in dict(_PLACES)


def read_first(texts: Iterable[Text], standing: Standing) -> ConfigFile | None:
    """The configuration in these files of one folder, or None."""
    for path, text, keys in texts:
        table = _descend(parse(path, text), keys)
        if table is not None:
            return _load(path, text, table, standing, _Trail((), count(1)))
    return None


def read_named(path: str, folder: str, *, by_hook: bool = False) -> ConfigFile:
    """The configuration file that the user named; relative paths in it start at ``folder``."""
    text = read_text(path)
    if text is None:
        raise ConfigError(f"no such configuration file: {path}")
    standing = Standing(folder, named_by_hook=by_hook)
    return _load(path, text, _own_table(path, text), standing, _Trail((), count(1)))


def convert_flags(flags: Mapping[str, object], cwd: str, *, by_hook: bool = False) -> Values:
    """Flags, given under the keys of a configuration file, as fields of ``Settings``."""
    if by_hook:
        _refuse_from_hook(flags)
    return convert(flags, Source(FLAGS, "", cwd))


def is_hook(environ: Mapping[str, str]) -> bool:
    """Whether pre-commit runs us, with arguments that a file of the project gives."""
    return bool(environ.get("PRE_COMMIT"))


def _refuse_from_hook(flags: Mapping[str, object]) -> None:
    """Raise ConfigError where the arguments of a hook say that code leaves the process, or to whom it goes."""
    for variable, (key, _) in VARIABLES.items():
        if key in USERS_OWN and key.startswith("teacher") and flags.get(key, "off") != "off":
            raise ConfigError(f"--{key} has no place in the arguments of a hook, which a project gives: set {variable}")


def read_variables(environ: Mapping[str, str], cwd: str) -> Values:
    """The settings that ``THEA_*`` variables give."""
    table: dict[str, object] = {}
    for variable, (key, read) in VARIABLES.items():
        text = environ.get(variable)
        if text:
            try:
                table[key] = read(text)
            except ValueError:
                raise ConfigError(f"{variable}: `{text}` is not a number") from None
    return convert(table, Source(ENVIRONMENT, "", cwd))


def _switch(text: str) -> object:
    """``1`` and ``0`` as truth values; anything else is left for the key to refuse."""
    return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)


def _words(text: str) -> list[str]:
    return re.split(r"[,\s]+", text.strip(", \t"))


VARIABLES: dict[str, tuple[str, Callable[[str], object]]] = {
    "THEA_MODEL_PATH": ("model-path", str),
    "THEA_MAX_WORKERS": ("workers", int),
    "THEA_CONTEXT_LENGTH": ("context-length", int),
    "THEA_CONFIDENCE_THRESHOLD": ("confidence", float),
    "THEA_CACHE_DIR": ("cache-dir", str),
    "THEA_OUTPUT_FORMAT": ("output-format", _words),
    "THEA_TEACHER": ("teacher", str),
    "THEA_TEACHER_URL": ("teacher-url", str),
    "THEA_TEACHER_MODEL": ("teacher-model", str),
    "THEA_TEACHER_REMOTE": ("teacher-host", str),
    "THEA_MEMORY": ("memory", _switch),
}


def read_text(path: str) -> str | None:
    """The text of a file, None where there is none. Raises ConfigError where it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig") as file:  # editors on Windows add a byte order mark
            return file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8") from exc


def parse(path: str, text: str) -> dict[str, Any]:
    """The table that a JSON or, by any other name, TOML file holds. Raises ConfigError where it is neither."""
    try:
        parsed = _parse_json(text) if path.endswith(".json") else _parse_toml(text)
    except RecursionError as exc:
        raise ConfigError(f"{path}: nested too deeply") from exc
    except ValueError as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    return parsed if isinstance(parsed, dict) else {}


def _parse_json(text: str) -> object:
    import json

    return json.loads(text)


def _parse_toml(text: str) -> object:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(text)


def _descend(table: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any] | None:
    """The nested table, or None where there is none."""
    current: Any = table
    for key in keys:
        current = current.get(key) if isinstance(current, dict) else None
    return current if isinstance(current, dict) else None


def _own_table(path: str, text: str) -> dict[str, Any]:
    """Our part of a file that was named, whatever its name: all of it where it is not a project file."""
    keys = dict(_PLACES).get(os.path.basename(path), ())
    table = _descend(parse(path, text), keys)
    if table is None:
        raise ConfigError(f"{path}: has no `{'.'.join(keys)}` part")
    return table


def _load(path: str, text: str, table: dict[str, Any], standing: Standing, trail: _Trail) -> ConfigFile:
    """The checked file, on top of those it extends."""
    source = Source(path, text, standing.folder)
    values: dict[str, Any] = {}
    file_rules: list[FileRule] = []
    names: list[Name] = []
    for base in _extended(table.get("extends", []), source, standing, trail):
        values = merge(values, base.values)
        file_rules += base.file_rules
        names += base.names
    own = convert({key: value for key, value in table.items() if key not in STRUCTURE}, source)
    if standing.project is not None or standing.named_by_hook:
        _refuse_users_own(table, source)
    if standing.project is not None:
        _keep_inside(own, source, standing.project)
    own_rules = [
        *_overrides(table.get("overrides", []), source),
        *_per_file_ignores(table.get("per-file-ignores", {}), source),
    ]
    for changes in (own, *(rule.changes for rule in own_rules)):
        names += _names_in(changes, source)
    names += [Name(name, "per-file-ignores", source) for rule in own_rules for name in rule.exempt]
    _check_version(own.get("required_version"), source)
    ignored = [key for key in table if key in RUN_WIDE and standing.nested]
    for key in ignored:
        del own[key.replace("-", "_")]
    return ConfigFile(
        path,
        merge(values, own),
        (*file_rules, *own_rules),
        tuple(dict.fromkeys(names)),
        tuple(f"{source.place(key)}: `{key}`" for key in ignored),
    )


def _extended(value: object, source: Source, standing: Standing, trail: _Trail) -> Iterable[ConfigFile]:
    """The files that ``extends`` names."""
    named = strings([value] if isinstance(value, str) else value, "extends", source)
    if named:
        trail = trail._replace(chain=(*trail.chain, os.path.realpath(source.path)))
    for name in named:
        path = os.path.normpath(os.path.join(os.path.dirname(source.path), os.path.expanduser(name)))
        real = os.path.realpath(path)
        if standing.project is not None and not _is_inside(real, standing.project):
            raise source.error("extends", f"`extends` leads out of the project ({standing.project}): {name}")
        if real in trail.chain:
            raise source.error("extends", f"`extends` goes round in a circle: {name}")
        if next(trail.numbers) > MOST_EXTENDED:
            raise source.error("extends", f"`extends` leads to more than {MOST_EXTENDED} files: {name}")
        text = read_text(path)
        if text is None:
            raise source.error("extends", f"`extends` names a file that does not exist: {name}")
        yield _load(path, text, _own_table(path, text), standing._replace(nested=False), trail)


def _refuse_users_own(table: Mapping[str, object], source: Source) -> None:
    """Raise ConfigError where a file that was found, or that a hook names, says what only the user may say."""
    for key in table:
        if key in USERS_OWN:
            instead = "only the command line, THEA_ variables and a file given with --config may say where code goes"
            raise source.error(key, f"`{key}` has no place in the files of a project: {instead}")


def _keep_inside(values: dict[str, Any], source: Source, project: str) -> None:
    """Raise ConfigError where a file or folder that the configuration names lies outside of the project."""
    if "model_path" in values:
        values["model_path"] = os.path.normpath(os.path.join(source.folder, values["model_path"]))
    named = [(key, values.get(key.replace("-", "_"))) for key in ("cache-dir", "model-path")]
    reports = [("output-format", entry.partition(":")[2]) for entry in values.get("output_format", ())]
    for key, path in (*named, *reports):
        if path and not _is_inside(os.path.realpath(path), project):
            instead = "only the command line and THEA_ variables may name such a path"
            raise source.error(key, f"`{key}` leads out of the project ({project}): {path}; {instead}")


def _is_inside(real: str, project: str) -> bool:
    """Whether a path without symbolic links lies in the project and not in its ``.git``."""
    inside = below(real, project)
    return inside is not None and ".git" not in inside.lower().split("/")


def _overrides(value: object, source: Source) -> list[FileRule]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise source.error("overrides", "`overrides` must be a list of tables")
    rules = []
    for item in value:
        table = dict(item)
        globs = strings(table.pop("files", None), "overrides.files", source)
        for key in table:
            if key in KEYS and key not in PER_FILE:
                raise source.error(key, f"`{key}` cannot differ by file; `overrides` takes {', '.join(PER_FILE)}")
        rules.append(FileRule(globs, convert(table, source, PER_FILE)))
    return rules


def _per_file_ignores(value: object, source: Source) -> list[FileRule]:
    if not isinstance(value, dict):
        raise source.error("per-file-ignores", "`per-file-ignores` must be a table of globs")
    return [FileRule((glob,), {}, strings(names, glob, source)) for glob, names in value.items()]


def _names_in(values: Values, source: Source) -> list[Name]:
    """The rules and categories that the values speak of."""
    keys = {**{field: field.replace("_", "-") for field in _NAMING}, "severities": "rules", "rule_options": "rules"}
    return [Name(name, key, source) for field, key in keys.items() for name in values.get(field, ())]


_NAMING = ("select", "extend_select", "ignore", "extend_ignore", "fixable", "unfixable")


def check_names(flags: Values, known_rules: KnownRules) -> None:
    """Raise ConfigError where a flag names a rule or category that is not known."""
    _check_names(_names_in(flags, Source(FLAGS, "", "")), known_rules)


def _check_names(names: Collection[Name], known_rules: KnownRules) -> None:
    known = {*known_rules(), *_ALWAYS_KNOWN} if names else _ALWAYS_KNOWN
    for name, key, source in names:
        if name not in known:
            raise source.error(name, f"`{key}`: there is no rule or category `{name}`.{did_you_mean(name, known)}")


def _check_version(required: str | None, source: Source) -> None:
    """Raise ConfigError unless this version satisfies ``>=0.2,<1``, ``==0.3.1`` or a plain ``0.3.1``."""
    for clause in (required or "").split(","):
        match = re.fullmatch(r"\s*(>=|<=|==|!=|<|>|)\s*(\d+(?:\.\d+)*)\s*", clause)
        if match is None and required:
            raise source.error("required-version", f"`required-version` must read like `>=0.2,<1`, not `{required}`")
        if match and not _compares(_version(__version__), match[1] or "==", _version(match[2])):
            raise source.error("required-version", f"this is thea-hook {__version__}, the project requires {required}")


def _version(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in re.findall(r"\d+", text)[:3])
    return numbers + (0,) * (3 - len(numbers))


def _compares(left: tuple[int, ...], operator: str, right: tuple[int, ...]) -> bool:
    return {
        ">=": left >= right, "<=": left <= right, "==": left == right,
        "!=": left != right, "<": left < right, ">": left > right,
    }[operator]  # fmt: skip
