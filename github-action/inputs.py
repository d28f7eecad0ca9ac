"""The inputs of the action, read and checked before anything is installed."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from workflow import StepError

LEVELS = ("none", "info", "warning", "error")

_VERSION = re.compile(r"latest|v?\d[\w.+!-]*|(?:(?:===?|[<>]=?|~=|!=)\s*\d[\w.*+!-]*\s*(?:,\s*(?!$)|$))+")
_BOOLEANS = {"true": True, "false": False}


class Inputs(NamedTuple):
    """What ``with:`` says, under the names of action.yml; ``changed_only`` is None for ``auto``."""

    version: str
    src: tuple[str, ...]
    args: tuple[str, ...]
    working_directory: str
    config: str
    fix: bool
    unsafe_fixes: bool
    changed_only: bool | None
    changed_lines: bool
    base_ref: str
    fail_level: str
    output_format: str
    sarif_file: str
    rdjson_file: str
    summary: bool
    max_annotations: int
    cache: bool

    def to_json(self) -> str:
        return json.dumps(self._asdict())


def from_json(text: str) -> Inputs:
    """What :meth:`Inputs.to_json` wrote."""
    values = json.loads(text)
    return Inputs(**{**values, "src": tuple(values["src"]), "args": tuple(values["args"])})


def read(environ: Mapping[str, str]) -> Inputs:
    """The inputs from ``THEA_INPUT_*``. Raises StepError, naming the input, for one that means nothing."""
    texts = {name: environ.get(f"THEA_INPUT_{name.upper()}", "").strip() for name in Inputs._fields}
    inputs = Inputs(
        version=_version(texts["version"]),
        src=_words(texts, "src") or (".",),
        args=_words(texts, "args"),
        working_directory=_folder(texts["working_directory"] or "."),
        config=texts["config"],
        fix=_boolean(texts, "fix"),
        unsafe_fixes=_boolean(texts, "unsafe_fixes"),
        changed_only=None if texts["changed_only"] in ("", "auto") else _boolean(texts, "changed_only", "auto"),
        changed_lines=_boolean(texts, "changed_lines"),
        base_ref=texts["base_ref"],
        fail_level=_one_of(texts, "fail_level", LEVELS),
        output_format=texts["output_format"] or "full",
        sarif_file=texts["sarif_file"],
        rdjson_file=texts["rdjson_file"],
        summary=_boolean(texts, "summary"),
        max_annotations=_number(texts, "max_annotations"),
        cache=_boolean(texts, "cache"),
    )
    if inputs.changed_lines and inputs.changed_only is False:
        raise StepError("`changed-lines: true` needs a diff to look at: leave out `changed-only: false`.")
    return inputs


def _name(field: str) -> str:
    return field.replace("_", "-")


def _version(text: str) -> str:
    if text and not _VERSION.fullmatch(text):
        raise StepError(f"`version: {text}` is no version: write `1.2.3`, `~=1.2`, `>=1.2,<2` or `latest`.")
    return text


def _boolean(texts: Mapping[str, str], field: str, *others: str) -> bool:
    return _BOOLEANS[_one_of(texts, field, (*_BOOLEANS, *others)).lower()]


def _one_of(texts: Mapping[str, str], field: str, allowed: tuple[str, ...]) -> str:
    value = texts[field].lower()  # YAML's `True` arrives as it was written
    if value not in allowed:
        raise StepError(f"`{_name(field)}: {texts[field]}` means nothing: write {_alternatives(allowed)}.")
    return value


def _alternatives(words: tuple[str, ...]) -> str:
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _number(texts: Mapping[str, str], field: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", texts[field]):
        raise StepError(f"`{_name(field)}: {texts[field]}` is no number: write 0 or more.")
    return int(texts[field])


def _words(texts: Mapping[str, str], field: str) -> tuple[str, ...]:
    """Words with quotes as in a shell, but a backslash is a backslash: paths of Windows have them."""
    lexer = shlex.shlex(texts[field], posix=True)
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    try:
        return tuple(lexer)
    except ValueError as exc:
        raise StepError(f"`{_name(field)}: {texts[field]}` has a quote without its partner.") from exc


def _folder(text: str) -> str:
    if not os.path.isdir(text):
        raise StepError(f"`working-directory: {text}` is no folder of {os.getcwd()}: is actions/checkout run before?")
    return text
