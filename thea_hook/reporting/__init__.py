"""Reports in every output format. Each format is a module with one function, ``write(report, out, options)``."""

from __future__ import annotations

from typing import BinaryIO, Protocol, cast

from thea_hook.core.report import Report
from thea_hook.reporting.options import FormatOptions, RuleInfo

__all__ = ["FORMATS", "FormatOptions", "RuleInfo", "Writer", "writer"]

FORMATS: dict[str, str] = {
    "full": "thea_hook.reporting.full",
    "grouped": "thea_hook.reporting.grouped",
    "concise": "thea_hook.reporting.concise",
    "markdown": "thea_hook.reporting.markdown",
    "diff": "thea_hook.reporting.diff",
    "json": "thea_hook.reporting.json",
    "json-lines": "thea_hook.reporting.json_lines",
    "github": "thea_hook.reporting.github",
    "gitlab": "thea_hook.reporting.gitlab",
    "sarif": "thea_hook.reporting.sarif",
    "junit": "thea_hook.reporting.junit",
    "checkstyle": "thea_hook.reporting.checkstyle",
    "rdjson": "thea_hook.reporting.rdjson",
    "rdjsonl": "thea_hook.reporting.rdjsonl",
    "azure": "thea_hook.reporting.azure",
    "html": "thea_hook.reporting.html",
}
"""Name of a format -> its module, imported only when the format is asked for."""


class Writer(Protocol):
    """Writes a report as UTF-8. Never fails on what a message, a path or a source text holds."""

    def __call__(self, report: Report, out: BinaryIO, options: FormatOptions) -> None: ...


def writer(name: str) -> Writer:
    """The function that writes the format of that name, a key of ``FORMATS``."""
    from importlib import import_module

    return cast(Writer, import_module(FORMATS[name]).write)
