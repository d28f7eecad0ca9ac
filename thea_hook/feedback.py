"""``thea-hook feedback``: votes on suggestions, and what is remembered of them."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from thea_hook.errors import FileAccessError, UsageError
from thea_hook.memory.records import Origin, Record, Vote, pairs_of, records_for
from thea_hook.memory.store import clear, memory_path, open_memory, read_records

if TYPE_CHECKING:
    from thea_hook.core.report import Report

LEAST_DIGITS = 8
"""Of a fingerprint: fewer may mean several findings in a large project."""


def give_feedback(args: Namespace) -> int:
    """Do what the arguments ask for; 0, since whatever cannot be done is raised."""
    path = memory_path()
    if args.verb in (Vote.UP.value, Vote.DOWN.value):
        print(_vote(path, args.fingerprint, Vote(args.verb), args.paths))
    elif args.verb == "list":
        for record in read_records(path):
            print(_line(record))
    elif args.verb == "export":
        _export(read_records(path), args.file, pairs=args.pairs)
    else:
        print(f"{path}: deleted" if clear(path) else f"{path}: there is no memory")
    return 0


# ------------------------------------------------------------------ voting


def _vote(path: str, fingerprint: str, vote: Vote, paths: Sequence[str]) -> str:
    """Remember a vote on the finding as it is in the files now, else on what was remembered of it before."""
    fingerprint = fingerprint.lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},64}}", fingerprint):
        raise UsageError(
            f"{fingerprint}: a fingerprint has at least {LEAST_DIGITS} hexadecimal digits, as reports show it"
        )
    found = _found(fingerprint, vote, paths)
    with open_memory(path) as memory:
        if found:
            memory.add(found)
        else:
            found = _one(memory.find(fingerprint), fingerprint)
            for record in found:
                memory.vote(record.key, vote)
    if not found:
        raise UsageError(f"{fingerprint}: no finding with a fix has this fingerprint, here or among what is remembered")
    return f"{vote}: {_line(found[0]._replace(vote=vote))}"


def _one(records: list[Record], fingerprint: str) -> list[Record]:
    """The newest of the records, all of which must be of one finding."""
    if len({record.fingerprint for record in records}) > 1:
        raise UsageError(f"{fingerprint}: several findings have fingerprints that begin so: give more digits")
    return records[:1]


def _found(fingerprint: str, vote: Vote, paths: Sequence[str]) -> list[Record]:
    """The suggestion for the finding as a check of these files gives it. Raises UsageError where it cannot be kept."""
    from thea_hook.core.fingerprint import fingerprints
    from thea_hook.reporting.located import repository_path

    prefix = _prefix()
    places = []
    for result in _check(paths).results:
        if result.source is None:
            continue
        shown = fingerprints(result.source, result.findings)
        # a server knows the file by its way from the root of the repository
        served = fingerprints(result.source, result.findings, repository_path(result.path, prefix)) if prefix else shown
        for index, names in enumerate(zip(shown, served, strict=True)):
            if any(name.startswith(fingerprint) for name in names):
                places.append((result, index))
    if len(places) > 1:
        raise UsageError(f"{fingerprint}: {len(places)} findings have fingerprints that begin so: give more digits")
    if not places:
        return []
    ((result, index),) = places
    if result.findings[index].fix is None:
        raise UsageError(f"{fingerprint}: this finding has no fix to vote on")
    assert result.source is not None
    records = list(records_for(result.source, result.findings, {index: Origin.VOTED}, vote))
    if not records:
        raise UsageError(f"{fingerprint}: this fix is not kept: it has to do with a secret, or its line is too long")
    return records


def _check(paths: Sequence[str]) -> Report:
    from thea_hook.config import Configuration
    from thea_hook.pipeline import Request, run
    from thea_hook.ruleset.selection import known_selectors

    configuration = Configuration.load(os.getcwd(), known_rules=known_selectors)
    return run(Request(tuple(paths), workers=configuration.project().workers), configuration)


def _prefix() -> str:
    from thea_hook.git import find_root

    root = find_root(os.getcwd())
    way = "." if root is None else os.path.relpath(os.getcwd(), root)
    return "" if way == "." else way.replace(os.sep, "/")


# ------------------------------------------------------------------ what is remembered


def _line(record: Record) -> str:
    from thea_hook.reporting.text import visible

    place, who = f"{record.file}:{record.line}", f"{record.source}, {record.timestamp}"
    return visible(f"{record.fingerprint[:16]} {record.vote or record.origin} {place} {record.rule} ({who})")


def _export(records: list[Record], name: str | None, *, pairs: bool) -> None:
    rows = [pair._asdict() for pair in pairs_of(records)] if pairs else [record.as_dict() for record in records]
    text = "[" + ",".join(f"\n{json.dumps(row)}" for row in rows) + ("\n]\n" if rows else "]\n")
    if name is None:
        sys.stdout.write(text)
        return
    try:
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise FileAccessError(f"{name}: cannot be written: {exc.strerror}") from exc
    print(f"{name}: {len(rows)} {'pairs' if pairs else 'records'}", file=sys.stderr)
