"""Where reports go: ``FORMAT[:FILE]``, several in one run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import BinaryIO, NamedTuple

from thea_hook.core.report import Report
from thea_hook.errors import UsageError, did_you_mean
from thea_hook.reporting import FORMATS, FormatOptions, writer

_ANNOTATED_LOGS = {"GITHUB_ACTIONS": "github", "TF_BUILD": "azure"}
"""The variable by which a CI system makes itself known -> the format that its log turns into annotations."""


class OutputSpec(NamedTuple):
    """A format and the file it is written to; None is standard output."""

    format: str
    path: str | None = None


def parse_format(text: str) -> OutputSpec:
    """The meaning of ``sarif``, ``sarif:-`` or ``sarif:FILE``. Raises UsageError for an unknown format."""
    name, colon, path = text.partition(":")  # no format has a colon in its name, so FILE may: C:\out.sarif
    if name not in FORMATS:
        hint = did_you_mean(name, FORMATS)
        raise UsageError(f"Unknown output format `{name}`.{hint} Known formats: {', '.join(FORMATS)}.")
    if colon and not path:
        raise UsageError(f"`{text}` names no file: write `{name}:FILE`, or `{name}` for standard output.")
    return OutputSpec(name, path if colon and path != "-" else None)


def parse_formats(texts: Sequence[str]) -> tuple[OutputSpec, ...]:
    """All of them. Raises UsageError where two would be written to one place."""
    specs = tuple(parse_format(text) for text in texts)
    places: dict[str | None, str] = {}
    for spec in specs:
        if spec.path in places:
            where = "standard output" if spec.path is None else f"`{spec.path}`"
            raise UsageError(
                f"`{places[spec.path]}` and `{spec.format}` would both go to {where}: "
                f"name a file for one of them, as in `{spec.format}:FILE`."
            )
        places[spec.path] = spec.format
    return specs


def default_outputs(environ: Mapping[str, str], *, terminal: bool) -> tuple[OutputSpec, ...]:
    """What is written where nobody said: text for people and, in the log of a CI system that reads them, annotations.

    A terminal and pre-commit get the text alone, and so does Gitea, which calls itself GitHub but shows commands as
    they are.
    """
    outputs = [OutputSpec("full")]
    if not terminal and "PRE_COMMIT" not in environ and "GITEA_ACTIONS" not in environ:
        for variable, format_name in _ANNOTATED_LOGS.items():
            if environ.get(variable, "").lower() == "true":
                outputs.append(OutputSpec(format_name))
    return tuple(outputs)


def write_reports(report: Report, specs: Sequence[OutputSpec], options: FormatOptions, stdout: BinaryIO) -> None:
    """Write each format to its place. Folders are made; colour is for standard output only.

    Raises UsageError where a file cannot be written.
    """
    plain = options._replace(colour=False)
    for spec in specs:
        write = writer(spec.format)
        if spec.path is None:
            write(report, stdout, options)
            continue
        try:
            os.makedirs(os.path.dirname(spec.path) or ".", exist_ok=True)
            with open(spec.path, "wb") as out:
                write(report, out, plain)
        except OSError as exc:
            raise UsageError(f"Cannot write the {spec.format} report to `{spec.path}`: {exc.strerror or exc}.") from exc
