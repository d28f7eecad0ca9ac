#!/usr/bin/env python3
"""Fixes whole checkouts and says whether their type checks and tests still give the same result.

    fix_safety.py [--unsafe-fixes] [--rules LIST] [--keep]
                  --repository NAME=FOLDER --check COMMAND [--check COMMAND]... [--repository ...]

A FOLDER is a git work tree without changes, with its packages installed; the checks that follow it are shell commands
run there. For each: the checks are run, the patch of ``--diff`` is applied with ``git apply``, ``--fix`` is run twice,
and the checks are run again. The work tree is restored afterwards, except with ``--keep``.

Prints one table row a repository and the checks whose result changed. A result is the exit code and the numbers of
passed and failed tests in the output. Exits with 1 if anything differs: a check, the second run, or the patch.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[1]
ANSI = re.compile(r"\x1b\[[0-9;]*m")
COUNT_FIRST = re.compile(r"(\d+) (passing|failing|passed|failed)\b")
NAME_FIRST = re.compile(r"^# (pass|fail) (\d+)", re.MULTILINE)
TIMING = re.compile(r"duration|\d\s*ms\b")
COLUMNS = ("repository", "files changed", "fixes", "checks before", "checks after", "second run", "git apply")


class Outcome(NamedTuple):
    """What one check said."""

    code: int
    counts: tuple[tuple[str, int], ...]
    output: str

    @property
    def short(self) -> str:
        return ", ".join(f"{number} {name}" for name, number in self.counts) or ("ok" if not self.code else "fails")

    def same_as(self, other: Outcome) -> bool:
        return (self.code, self.counts) == (other.code, other.counts)


class Row(NamedTuple):
    """One repository, fixed."""

    name: str
    files: int
    by_rule: Counter[str]
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]
    is_stable: bool
    applies: bool

    @property
    def is_safe(self) -> bool:
        return (
            self.is_stable and self.applies and all(a.same_as(b) for a, b in zip(self.before, self.after, strict=True))
        )

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            str(self.files),
            str(self.by_rule.total()),
            "; ".join(outcome.short for outcome in self.before),
            "; ".join(outcome.short for outcome in self.after),
            "no change" if self.is_stable else "CHANGES",
            "same" if self.applies else "DIFFERS",
        )


def run_check(command: str, folder: Path) -> Outcome:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "CI": "1"},
    )
    output = ANSI.sub("", done.stdout.decode("utf-8", "replace"))
    counts = [(name, int(number)) for number, name in COUNT_FIRST.findall(output)]
    counts += [(name, int(number)) for name, number in NAME_FIRST.findall(output)]
    return Outcome(done.returncode, tuple(dict.fromkeys(counts)), output)


def git(folder: Path, *arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=folder, input=text, capture_output=True)


def changes(folder: Path) -> bytes:
    return git(folder, "diff", "--binary").stdout


def thea_hook(folder: Path, *arguments: str) -> bytes:
    """What the program prints; an internal error ends the measurement."""
    command = [sys.executable, "-m", "thea_hook", "--isolated", "--no-cache", *arguments, "."]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, cwd=folder, capture_output=True, env=environment)
    if done.returncode not in (0, 1):
        sys.exit(f"{folder}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout


def measure(name: str, folder: Path, checks: Sequence[str], options: Sequence[str], *, keep: bool) -> Row:
    if changes(folder):
        sys.exit(f"{folder}: the work tree has changes")
    before = tuple(run_check(check, folder) for check in checks)
    patch = thea_hook(folder, *options, "--diff")
    did_apply = not patch or git(folder, "apply", "--whitespace=nowarn", "-", text=patch).returncode == 0
    patched = changes(folder)
    git(folder, "checkout", "-q", "--", ".")
    report = json.loads(thea_hook(folder, *options, "--fix", "--output-format", "json"))
    fixed = changes(folder)
    thea_hook(folder, *options, "--fix")
    is_stable = changes(folder) == fixed
    after = tuple(run_check(check, folder) for check in checks)
    files = len(git(folder, "diff", "--name-only").stdout.splitlines())
    if not keep:
        git(folder, "checkout", "-q", "--", ".")
    by_rule = Counter(report["stats"]["fixed_by_rule"])
    return Row(name, files, by_rule, before, after, is_stable, did_apply and patched == fixed)


def print_row(row: Row, checks: Sequence[str]) -> None:
    print("| " + " | ".join(row.cells()) + " |", flush=True)
    for check, before, after in zip(checks, row.before, row.after, strict=True):
        if not before.same_as(after):
            known = set(before.output.splitlines())
            new = [line for line in after.output.splitlines() if line not in known and not TIMING.search(line)]
            print(f"\n`{check}` differs:\n" + "\n".join(f"    {line}" for line in new[-60:]) + "\n", file=sys.stderr)


class AddRepository(argparse.Action):
    """``--repository`` opens a group that the next ``--check`` options join."""

    def __call__(self, parser, namespace, value, option=None):  # type: ignore[no-untyped-def]
        name, separator, folder = value.partition("=")
        if not separator or not Path(folder).is_dir():
            parser.error(f"{option}: NAME=FOLDER is expected, not {value!r}")
        namespace.groups = [*(namespace.groups or ()), (name, Path(folder), [])]


class AddCheck(argparse.Action):
    def __call__(self, parser, namespace, value, option=None):  # type: ignore[no-untyped-def]
        if not namespace.groups:
            parser.error(f"{option} belongs after a --repository")
        namespace.groups[-1][2].append(value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", action=AddRepository, dest="groups", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--check", action=AddCheck, metavar="COMMAND")
    parser.add_argument("--unsafe-fixes", action="store_true", help="the unsafe fixes too")
    parser.add_argument("--rules", default="all", metavar="LIST", help="default: all")
    parser.add_argument("--keep", action="store_true", help="leave the work trees fixed")
    arguments = parser.parse_args()
    options = ["--select", arguments.rules, *(["--unsafe-fixes"] if arguments.unsafe_fixes else [])]
    print("| " + " | ".join(COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
    is_safe, total = True, Counter[str]()
    for name, folder, checks in arguments.groups:
        row = measure(name, folder, checks, options, keep=arguments.keep)
        print_row(row, checks)
        is_safe &= row.is_safe
        total += row.by_rule
    print("\nFixes by rule: " + ", ".join(f"{rule} {count}" for rule, count in total.most_common()))
    return 0 if is_safe else 1


if __name__ == "__main__":
    sys.exit(main())
