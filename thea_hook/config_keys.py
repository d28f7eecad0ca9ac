"""The keys of a configuration file: what each takes, and which of them a folder may decide for itself."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from thea_hook.core.finding import Severity
from thea_hook.errors import ConfigError, did_you_mean
from thea_hook.settings import PRESETS

DEVICES = ("auto", "cpu", "cuda", "coreml")
SECOND_OPINIONS = ("trm", "mamba", "rlm", "liquid", "infill")
MODELS = ("all", "none", "tagger", *SECOND_OPINIONS)
BACKENDS = ("onnxruntime", "torch")
TEACHERS = ("off", "ollama", "openai")

FLAGS, ENVIRONMENT = "command line", "environment"
"""What the tables are called that come from no file."""

Values = Mapping[str, Any]
"""Field of ``Settings`` -> value of its type. ``Any``, because the types differ by field; ``convert`` checked them."""


class Source(NamedTuple):
    """Where a table comes from: for messages, and for paths that are relative to it."""

    path: str
    text: str
    folder: str

    def error(self, key: str, what: str) -> ConfigError:
        """The error to raise for a key."""
        return ConfigError(f"{self.place(key)}: {what}")

    def place(self, key: str) -> str:
        """``file:line`` of the first line that has the key, or the last part of it, as a key or a string."""
        for word in map(re.escape, (key, key.rpartition(".")[2])):
            pattern = rf"^[^\n#]*?(?:[\"']{word}[\"']|(?<![\w-]){word}(?=\s*[=.\]]))"
            found = re.search(pattern, self.text, re.MULTILINE)
            if found:
                return f"{self.path}:{self.text.count(chr(10), 0, found.end()) + 1}"
        return self.path


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


def convert(table: Mapping[str, object], source: Source, allowed: Collection[str] | None = None) -> dict[str, Any]:
    """The table as fields of ``Settings``. Raises ConfigError for an unknown key or a value of the wrong type."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        reader = KEYS.get(key)
        if reader is None:
            raise source.error(key, f"unknown key `{key}`.{did_you_mean(key, allowed or [*KEYS, *STRUCTURE])}")
        values = merge(values, reader(value, key, source))
    return values


Reader = Callable[[object, str, Source], dict[str, Any]]


def _field(key: str) -> str:
    return key.replace("-", "_")


def strings(value: object, key: str, source: Source) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(_without_null(item, key, source) for item in value)
    raise source.error(key, f"`{key}` must be a list of strings, not {_describe(value)}")


def _without_null(text: str, key: str, source: Source) -> str:
    if "\0" in text:  # no path can have one, and the system's functions say so in their own words
        raise source.error(key, f"`{key}` has a null character")
    return text


def _describe(value: object) -> str:
    kinds = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "nothing" if value is None else type(value).__name__)


def _read_strings(value: object, key: str, source: Source) -> dict[str, Any]:
    return {_field(key): strings(value, key, source)}


def _read_environments(value: object, key: str, source: Source) -> dict[str, Any]:
    from thea_hook.languages.environments import known_environments

    names, known = strings(value, key, source), known_environments()
    for name in names:
        if name not in known:
            raise source.error(name, f"`{key}`: there is no environment `{name}`.{did_you_mean(name, known)}")
    return {_field(key): names}


def _read_formats(value: object, key: str, source: Source) -> dict[str, Any]:
    return {_field(key): strings([value] if isinstance(value, str) else value, key, source)}


def _read_boolean(value: object, key: str, source: Source) -> dict[str, Any]:
    if not isinstance(value, bool):
        raise source.error(key, f"`{key}` must be true or false, not {_describe(value)}")
    return {_field(key): value}


def _read_string(value: object, key: str, source: Source) -> dict[str, Any]:
    if not isinstance(value, str):
        raise source.error(key, f"`{key}` must be a string, not {_describe(value)}")
    return {_field(key): _without_null(value, key, source)}


def _read_folder_name(value: object, key: str, source: Source) -> dict[str, Any]:
    name = os.path.expanduser(_read_string(value, key, source)[_field(key)])
    return {_field(key): os.path.normpath(os.path.join(source.folder, name))}


def _read_models(value: object, key: str, source: Source) -> dict[str, Any]:
    names = strings(value, key, source)
    for name in names:
        if name not in MODELS:
            hint = did_you_mean(name, MODELS)
            raise source.error(key, f"`{key}` must be of {', '.join(MODELS)}, not {name!r}.{hint}")
    alone = [name for name in names if name in SECOND_OPINIONS]
    if alone and not {"all", "none", "tagger"} & set(names):
        raise source.error(key, f"`{key}`: `{alone[0]}` gives a second opinion on what `tagger` finds: name that, too")
    return {_field(key): names}


def _read_budget(value: object, key: str, source: Source) -> dict[str, Any]:
    from thea_hook.budget import allowance

    text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else "no number"
    try:
        allowance(text)
    except ValueError as exc:
        meaning = "the seconds that models may take, as in `10`, or in `10/2` also those for one file"
        raise source.error(key, f"`{key}` must be {meaning}, not {value!r}") from exc
    return {_field(key): text or None}


def _only_from(origin: str, how: str, read: Reader) -> Reader:
    """A key of which one origin alone has a say."""

    def only(value: object, key: str, source: Source) -> dict[str, Any]:
        if source.path != origin:
            raise source.error(key, f"`{key}` is nothing for a file: give {how}")
        return read(value, key, source)

    return only


def _choice(*choices: str) -> Reader:
    def read(value: object, key: str, source: Source) -> dict[str, Any]:
        if value not in choices:
            hint = did_you_mean(value, choices) if isinstance(value, str) else ""
            raise source.error(key, f"`{key}` must be one of {', '.join(choices)}, not {value!r}.{hint}")
        return {_field(key): value}

    return read


def _number(kind: type[int] | type[float], least: float, most: float) -> Reader:
    def read(value: object, key: str, source: Source) -> dict[str, Any]:
        right_type = isinstance(value, int | kind) and not isinstance(value, bool)
        if not right_type or not least <= value <= most:  # type: ignore[operator]
            limits = f"from {least} to {most}" if most < 2**31 else f"of at least {least}"
            name = "whole number" if kind is int else "number"
            raise source.error(key, f"`{key}` must be a {name} {limits}, not {value!r}")
        return {_field(key): value if kind is int else float(value)}  # type: ignore[arg-type]

    return read


def _read_globals(value: object, key: str, source: Source) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise source.error(key, f"`{key}` must be a table of names, not {_describe(value)}")
    read = _choice("readonly", "writable", "off")
    return {
        key: {name: read(access, f"{key}.{name}", source)[_field(f"{key}.{name}")] for name, access in value.items()}
    }


def _read_rules(value: object, key: str, source: Source) -> dict[str, Any]:
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
    "budget": _read_budget,
    "device": _choice(*DEVICES),
    "teacher": _choice(*TEACHERS),
    "teacher-url": _read_string,
    "teacher-model": _read_string,
    "teacher-timeout": _number(float, 1, 3_600),
    "teacher-context": _number(int, 2_048, 1 << 18),
    "teacher-questions": _number(int, 1, 10_000),
    "teacher-remote": _only_from(FLAGS, "the flag --teacher-remote", _read_boolean),
    "teacher-host": _only_from(ENVIRONMENT, "the variable THEA_TEACHER_REMOTE", _read_string),
    "memory": _read_boolean,
    "cache-dir": _read_folder_name,
    "output-format": _read_formats,
    "required-version": _read_string,
}
USERS_OWN = (*(key for key in KEYS if key.startswith("teacher")), "memory")
"""What only the user decides, by flags, variables or a file that was named: whether code leaves the process, and where
it goes or stays. A file that was found belongs to the code that is checked."""
STRUCTURE = ("extends", "overrides", "per-file-ignores")

PER_FILE = ("select", "extend-select", "ignore", "extend-ignore", "fixable", "unfixable", "rules", "env", "globals")
"""What ``overrides`` takes."""

RUN_WIDE = (
    "preset", "workers", "cache-dir", "output-format", "respect-gitignore", "force-exclude",
    "backend", "model-path", "device", "context-length", "budget",
)  # fmt: skip
"""What one configuration decides for the whole run, so that no folder further down has a say in it."""
