"""Findings that a project has decided to live with, so that only new ones are reported.

The file lists fingerprints by path and rule. A fingerprint is made of the text of the line, not of its number, so the
baseline survives edits elsewhere; and each entry stands for one finding, so a second one like it is reported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileResult, Report
from thea_hook.errors import ConfigError

DEFAULT_NAME = "thea-hook-baseline.json"
VERSION = 1


@dataclass(frozen=True)
class Baseline:
    """Path -> rule id -> fingerprints."""

    entries: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)

    @property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(name for rules in self.entries.values() for names in rules.values() for name in names)

    def stale(self, report: Report) -> int:
        """How many entries stand for nothing any more in the files of this run, which was made with the baseline."""
        counts = {path: sum(map(len, rules.values())) for path, rules in self.entries.items()}
        checked = [result for result in report.results if result.error is None]
        return sum(max(0, counts.get(result.path, 0) - result.baselined) for result in checked)

    def pruned(self, report: Report) -> Baseline:
        """Without the entries that a run without the baseline did not find, and without those of files that are gone.

        Other files outside that run keep theirs.
        """
        found = {result.path: frozenset(_names(result)) for result in report.results if result.error is None}
        entries = {
            path: {rule: [name for name in names if name in found.get(path, names)] for rule, names in rules.items()}
            for path, rules in self.entries.items()
            if os.path.lexists(path)
        }
        return Baseline(_without_empty(entries))

    def write(self, path: Path) -> None:
        """Write the file. Raises ConfigError rather than replace one that is something else."""
        if path.exists():
            read(path)
        text = json.dumps({"version": VERSION, "files": self.entries}, indent=2, sort_keys=True, ensure_ascii=False)
        try:
            path.write_text(f"{text}\n", "utf-8")
        except OSError as exc:
            raise ConfigError(f"cannot write the baseline {path}: {exc.strerror}") from exc


def of_report(report: Report) -> Baseline:
    """A baseline of everything a run found."""
    entries: dict[str, dict[str, list[str]]] = {}
    for result in report.results:
        for finding, name in zip(result.findings, _names(result), strict=True):
            entries.setdefault(result.path, {}).setdefault(finding.rule_id, []).append(name)
    return Baseline(entries)


def read(path: Path) -> Baseline:
    """The baseline in a file. Raises ConfigError where it is missing or not a baseline."""
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise ConfigError(f"no baseline at {path}: make one with --write-baseline") from exc
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: not a baseline: {exc}") from exc
    if not isinstance(raw, dict) or raw.get("version") != VERSION or not _is_table(raw.get("files")):
        raise ConfigError(f"{path}: not a baseline of version {VERSION}: make it again with --write-baseline")
    return Baseline(raw["files"])


def _is_table(files: object) -> bool:
    return isinstance(files, dict) and all(
        isinstance(rules, dict) and all(isinstance(names, list) for names in rules.values()) for rules in files.values()
    )


def _names(result: FileResult) -> Iterable[str]:
    return fingerprints(result.source, result.findings) if result.source is not None else ()


def _without_empty(entries: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    filled = {path: {rule: names for rule, names in rules.items() if names} for path, rules in entries.items()}
    return {path: rules for path, rules in filled.items() if rules}
