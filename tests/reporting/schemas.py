"""The schemas that reports are checked against, and how to bring the official ones.

Those in ``schemas/`` are written after the standards and documentation, and closed: what we do not mean to write is an
error. ``REPORT_SCHEMAS`` may name a folder with the official ones, under the names in ``OFFICIAL``.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import FormatChecker
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from xmlschema import XMLSchema10

OURS = Path(__file__).parent / "schemas"
OFFICIAL = {
    "sarif": ("sarif-schema-2.1.0.json",),
    "rdjson": ("DiagnosticResult.json",),
    "rdjsonl": ("Diagnostic.json",),
    "gitlab": ("codeclimate.json",),
    "junit": ("JUnit.xsd", "junit-10.xsd"),
}
"""Format -> files as their owners call them: OASIS, reviewdog, reviewdog, GitLab, Windy Road and Jenkins."""


@cache
def json_schema(path: Path) -> Validator:
    schema = json.loads(path.read_text("utf-8"))
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=FormatChecker())


@cache
def xml_schema(path: Path) -> XMLSchema10:
    return XMLSchema10(path)


def check(path: Path, report: str) -> None:
    """Raise what the schema at that path finds wrong with a report, XML or JSON."""
    if path.suffix == ".xsd":
        xml_schema(path).validate(report)
    else:
        json_schema(path).validate(json.loads(report))


def values_of(format_name: str, report: str) -> list[Any]:
    """The JSON values of a report: one, or those of its lines."""
    if format_name.endswith(("lines", "jsonl")):
        return [json.loads(line) for line in report.split("\n") if line]
    return [json.loads(report)]


def official(format_name: str) -> list[Path]:
    """The official schemas of a format that are at hand."""
    folder = Path(os.environ.get("REPORT_SCHEMAS", os.devnull))
    return [path for name in OFFICIAL[format_name] if (path := folder / name).is_file()]
