"""Configuration files read and checked: every key known, every value of the right type, every error with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from thea_hook import __version__
from thea_hook.core.finding import Severity
from thea_hook.errors import ConfigError, did_you_mean
from thea_hook.settings import PRESETS

_ALWAYS_KNOWN = frozenset({"all", "recommended"})
DEVICES = ("auto", "cpu", "cuda", "coreml")
MODELS = ("all", "none", "tagger")
BACKENDS = ("onnxruntime", "torch")

Values = Mapping[str, Any]
"""Field of ``Settings`` -> value of its type. ``Any``, because the types differ by field; ``_convert`` checked them."""


KnownRules = Callable[[], Collection[str]]
"""Gives rule ids and categories. A function, because loading the rules is not worth it where none is named."""


class FileRule(NamedTuple):
    """What is different for files that match ``globs``: changed settings, and rules that are never reported."""

    globs: tuple[str, ...]
    changes: Values
    exempt: tuple[str, ...] = ()


class ConfigFile(NamedTuple):
    """A configuration file with what it extends. ``names`` are the rules and categories that it mentions."""

    path: str
    values: Values
    file_rules: tuple[FileRule, ...]
    names: tuple[tuple[str, str], ...]
    text: str

    def check_names(self, known_rules: KnownRules) -> None:
        """Raise ConfigError where the file names a rule or category that is not known."""
        _check_names(self.names, known_rules, _Source(self.path, self.text, ""))


def read_folder(folder: str) -> ConfigFile | None:
    """The configuration file of this folder, or None."""
    for name, prefix in (
        ("thea-hook.toml", ()),
        ("package.json", ("thea-hook",)),
        ("pyproject.toml", ("tool", "thea-hook")),
    ):
        path = os.path.join(folder, name)
        text = _read_text(path)
        # Parsing costs milliseconds, and most package.json and pyproject.toml files do not speak of us.
        if text is None or (prefix and "thea-hook" not in text):
            continue
        table = _descend(_parse(path, text), prefix)
        if table is not None:
            return _load(path, text, table, folder, ())
    return None


def read_named(path: str, folder: str) -> ConfigFile:
    """The configuration file at ``path``; relative paths in it start at ``folder``."""
    text = _read_text(path)
    if text is None:
        raise ConfigError(f"no such configuration file: {path}")
    return _load(path, text, _own_table(path, text), folder, ())


def convert_flags(flags: Mapping[str, object], cwd: str) -> Values:
    """Flags, given under the keys of a configuration file, as fields of ``Settings``."""
    return _convert(flags, _Source("command line", "", cwd))


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
    return _convert(table, _Source("environment", "", cwd))


def _words(text: str) -> list[str]:
    return re.split(r"[,\s]+", text.strip(", \t"))


VARIABLES: dict[str, tuple[str, Callable[[str], object]]] = {
    "THEA_MODEL_PATH": ("model-path", str),
    "THEA_MAX_WORKERS": ("workers", int),
    "THEA_CONTEXT_LENGTH": ("context-length", int),
    "THEA_CONFIDENCE_THRESHOLD": ("confidence", float),
    "THEA_CACHE_DIR": ("cache-dir", str),
    "THEA_OUTPUT_FORMAT": ("output-format", _words),
}


class _Source(NamedTuple):
    """Where a table comes from: for messages, and for paths that are relative to it."""

    path: str
    text: str
    folder: str

    def error(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{_place(self.path, self.text, key)}: {what}")


def _place(path: str, text: str, key: str) -> str:
    """``file:line`` of the first line that has the key, or the last part of it, as a key or a string."""
    for word in map(re.escape, (key, key.rpartition(".")[2])):
        found = re.search(rf"^[^\n#]*?(?:[\"']{word}[\"']|(?<![\w-]){word}(?=\s*[=.\]]))", text, re.MULTILINE)
        if found:
            return f"{path}:{text.count(chr(10), 0, found.end()) + 1}"
    return path


def _read_text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8") from exc


def _parse(path: str, text: str) -> dict[str, Any]:
    if path.endswith(".json"):
        import json

        try:
            parsed = json.loads(text)
        except ValueError as exc:
            raise ConfigError(f"{path}: {exc}") from exc
        return parsed if isinstance(parsed, dict) else {}
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    return table


def _descend(table: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any] | None:
    """The nested table, or None where there is none."""
    current: Any = table
    for key in keys:
        current = current.get(key) if isinstance(current, dict) else None
    return current if isinstance(current, dict) else None


def _own_table(path: str, text: str) -> dict[str, Any]:
    """Our part of a file that was named, whatever its name: all of it where it is not a project file."""
    parsed = _parse(path, text)
    keys = {"package.json": ("thea-hook",), "pyproject.toml": ("tool", "thea-hook")}.get(os.path.basename(path), ())
    table = _descend(parsed, keys)
    if table is None:
        raise ConfigError(f"{path}: has no `{'.'.join(keys)}` part")
    return table


def _load(path: str, text: str, table: dict[str, Any], folder: str, chain: tuple[str, ...]) -> ConfigFile:
    """The checked file, on top of those it extends."""
    source = _Source(path, text, folder)
    chain = (*chain, os.path.realpath(path))
    values: dict[str, Any] = {}
    file_rules: list[FileRule] = []
    names: list[tuple[str, str]] = []
    extends = table.get("extends", [])
    for name in [extends] if isinstance(extends, str) else _strings(extends, "extends", source):
        base_path = os.path.normpath(os.path.join(os.path.dirname(path), os.path.expanduser(name)))
        base_text = _read_text(base_path)
        if base_text is None:
            raise source.error("extends", f"`extends` names a file that does not exist: {name}")
        if os.path.realpath(base_path) in chain:
            raise source.error("extends", f"`extends` goes round in a circle: {name}")
        base = _load(base_path, base_text, _own_table(base_path, base_text), folder, chain)
        values = merge(values, base.values)
        file_rules += base.file_rules
    own = {key: value for key, value in table.items() if key not in ("extends", "overrides", "per-file-ignores")}
    values = merge(values, _convert(own, source))
    file_rules += _overrides(table.get("overrides", []), source)
    file_rules += _per_file_ignores(table.get("per-file-ignores", {}), source)
    _check_version(values.get("required_version"), source)
    names += _names_in(values)
    for rule in file_rules:
        names += [*_names_in(rule.changes), *((name, "per-file-ignores") for name in rule.exempt)]
    return ConfigFile(path, values, tuple(file_rules), tuple(dict.fromkeys(names)), text)


def merge(below: Values, above: Values) -> dict[str, Any]:
    """Both, the second winning: ``extend`` lists grow, tables are merged by key, everything else is replaced."""
    merged = dict(below)
    for name, value in above.items():
        if name.startswith("extend_"):
            merged[name] = (*merged.get(name, ()), *value)
        elif name == "rule_options":
            old = merged.get(name, {})
            merged[name] = {**old, **{rule: {**old.get(rule, {}), **options} for rule, options in value.items()}}
        elif isinstance(value, dict):
            merged[name] = {**merged.get(name, {}), **value}
        else:
            merged[name] = value
    return merged


def _overrides(value: object, source: _Source) -> list[FileRule]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise source.error("overrides", "`overrides` must be a list of tables")
    rules = []
    for item in value:
        table = dict(item)
        globs = _strings(table.pop("files", None), "overrides.files", source)
        for key in table:
            if key in KEYS and key not in _PER_FILE:
                raise source.error(key, f"`{key}` cannot differ by file; `overrides` takes {', '.join(_PER_FILE)}")
        rules.append(FileRule(globs, _convert(table, source, _PER_FILE)))
    return rules


def _per_file_ignores(value: object, source: _Source) -> list[FileRule]:
    if not isinstance(value, dict):
        raise source.error("per-file-ignores", "`per-file-ignores` must be a table of globs")
    return [FileRule((glob,), {}, _strings(names, glob, source)) for glob, names in value.items()]


def _names_in(values: Values) -> list[tuple[str, str]]:
    """The rules and categories that the values speak of, each with its key."""
    named = [(name, field.replace("_", "-")) for field in _NAMING for name in values.get(field, ())]
    return [*((name, "rules") for field in ("severities", "rule_options") for name in values.get(field, ())), *named]


_NAMING = ("select", "extend_select", "ignore", "extend_ignore", "fixable", "unfixable")


def check_names(flags: Values, known_rules: KnownRules) -> None:
    """Raise ConfigError where a flag names a rule or category that is not known."""
    _check_names(_names_in(flags), known_rules, _Source("command line", "", ""))


def _check_names(names: Collection[tuple[str, str]], known_rules: KnownRules, source: _Source) -> None:
    known = {*known_rules(), *_ALWAYS_KNOWN} if names else _ALWAYS_KNOWN
    for name, key in names:
        if name not in known:
            raise source.error(name, f"`{key}`: there is no rule or category `{name}`.{did_you_mean(name, known)}")


def _check_version(required: str | None, source: _Source) -> None:
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


def _convert(table: Mapping[str, object], source: _Source, allowed: Collection[str] | None = None) -> dict[str, Any]:
    """The table as fields of ``Settings``. Raises ConfigError for an unknown key or a value of the wrong type."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        reader = KEYS.get(key)
        if reader is None:
            raise source.error(key, f"unknown key `{key}`.{did_you_mean(key, allowed or [*KEYS, *STRUCTURE])}")
        values = merge(values, reader(value, key, source))
    return values


Reader = Callable[[object, str, _Source], dict[str, Any]]


def _field(key: str) -> str:
    return key.replace("-", "_")


def _strings(value: object, key: str, source: _Source) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise source.error(key, f"`{key}` must be a list of strings, not {_describe(value)}")


def _describe(value: object) -> str:
    kinds = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "nothing" if value is None else type(value).__name__)


def _read_strings(value: object, key: str, source: _Source) -> dict[str, Any]:
    return {_field(key): _strings(value, key, source)}


def _read_environments(value: object, key: str, source: _Source) -> dict[str, Any]:
    from thea_hook.languages.environments import known_environments

    names, known = _strings(value, key, source), known_environments()
    for name in names:
        if name not in known:
            raise source.error(name, f"`{key}`: there is no environment `{name}`.{did_you_mean(name, known)}")
    return {_field(key): names}


def _read_formats(value: object, key: str, source: _Source) -> dict[str, Any]:
    return {_field(key): (value,) if isinstance(value, str) else _strings(value, key, source)}


def _read_boolean(value: object, key: str, source: _Source) -> dict[str, Any]:
    if not isinstance(value, bool):
        raise source.error(key, f"`{key}` must be true or false, not {_describe(value)}")
    return {_field(key): value}


def _read_string(value: object, key: str, source: _Source) -> dict[str, Any]:
    if not isinstance(value, str):
        raise source.error(key, f"`{key}` must be a string, not {_describe(value)}")
    return {_field(key): value}


def _read_folder_name(value: object, key: str, source: _Source) -> dict[str, Any]:
    name = os.path.expanduser(_read_string(value, key, source)[_field(key)])
    return {_field(key): os.path.normpath(os.path.join(source.folder, name))}


def _read_models(value: object, key: str, source: _Source) -> dict[str, Any]:
    names = _strings(value, key, source)
    for name in names:
        if name not in MODELS:
            hint = did_you_mean(name, MODELS)
            raise source.error(key, f"`{key}` must be of {', '.join(MODELS)}, not {name!r}.{hint}")
    return {_field(key): names}


def _choice(*choices: str) -> Reader:
    def read(value: object, key: str, source: _Source) -> dict[str, Any]:
        if value not in choices:
            hint = did_you_mean(value, choices) if isinstance(value, str) else ""
            raise source.error(key, f"`{key}` must be one of {', '.join(choices)}, not {value!r}.{hint}")
        return {_field(key): value}

    return read


def _number(kind: type[int] | type[float], least: float, most: float) -> Reader:
    def read(value: object, key: str, source: _Source) -> dict[str, Any]:
        right_type = isinstance(value, int | kind) and not isinstance(value, bool)
        if not right_type or not least <= value <= most:  # type: ignore[operator]
            limits = f"from {least} to {most}" if most < 2**31 else f"of at least {least}"
            name = "whole number" if kind is int else "number"
            raise source.error(key, f"`{key}` must be a {name} {limits}, not {value!r}")
        return {_field(key): value if kind is int else float(value)}  # type: ignore[arg-type]

    return read


def _read_globals(value: object, key: str, source: _Source) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise source.error(key, f"`{key}` must be a table of names, not {_describe(value)}")
    read = _choice("readonly", "writable", "off")
    return {
        key: {name: read(access, f"{key}.{name}", source)[_field(f"{key}.{name}")] for name, access in value.items()}
    }


def _read_rules(value: object, key: str, source: _Source) -> dict[str, Any]:
    """``rules.no-var = "off"`` or ``[rules.curly] severity = "error"``, other keys being the rule's options.

    A severity says that the rule is wanted, as in ESLint; options alone do not.
    """
    if not isinstance(value, dict):
        raise source.error(key, f"`{key}` must be a table, not {_describe(value)}")
    severities: dict[str, Severity] = {}
    options: dict[str, dict[str, object]] = {}
    off: list[str] = []
    for rule, given in value.items():
        table = dict(given) if isinstance(given, dict) else {"severity": given}
        name = f"{rule}.severity" if isinstance(given, dict) else rule
        severity = table.pop("severity", None)
        if severity == "off":
            off.append(rule)
        elif severity is not None:
            severities[rule] = Severity(
                _choice("error", "warning", "info", "off")(severity, name, source)[_field(name)]
            )
        if table:
            options[rule] = table
    return {
        "severities": severities,
        "rule_options": options,
        "extend_select": tuple(severities),
        "extend_ignore": tuple(off),
    }


KEYS: dict[str, Reader] = {
    "preset": _choice(*PRESETS),
    "select": _read_strings,
    "extend-select": _read_strings,
    "ignore": _read_strings,
    "extend-ignore": _read_strings,
    "fixable": _read_strings,
    "unfixable": _read_strings,
    "rules": _read_rules,
    "env": _read_environments,
    "globals": _read_globals,
    "eslint-directives": _read_boolean,
    "exclude": _read_strings,
    "extend-exclude": _read_strings,
    "force-exclude": _read_boolean,
    "respect-gitignore": _read_boolean,
    "max-file-size": _number(int, 1, 2**31),
    "confidence": _number(float, 0, 1),
    "workers": _number(int, 0, 256),
    "context-length": _number(int, 64, 1 << 20),
    "models": _read_models,
    "backend": _choice(*BACKENDS),
    "model-path": _read_string,
    "device": _choice(*DEVICES),
    "cache-dir": _read_folder_name,
    "output-format": _read_formats,
    "required-version": _read_string,
}
STRUCTURE = ("extends", "overrides", "per-file-ignores")
_PER_FILE = ("select", "extend-select", "ignore", "extend-ignore", "fixable", "unfixable", "rules", "env", "globals")
