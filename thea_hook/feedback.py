"""``thea-hook feedback``: votes on suggestions, and what is remembered of them."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.errors import FileAccessError, UsageError
from thea_hook.memory.records import Origin, Record, Vote, pairs_of, records_for
from thea_hook.memory.store import clear, memory_path, open_memory, read_records

if TYPE_CHECKING:
    from thea_hook.core.finding import Finding
    from thea_hook.core.report import Report
    from thea_hook.core.source import SourceFile

LEAST_DIGITS = 8
"""Of a fingerprint: fewer may mean several findings in a large project."""


def give_feedback(args: Namespace) -> int:
    """Do what the arguments ask for; 0, since whatever cannot be done is raised."""
    path = memory_path()
    if args.verb in (Vote.UP.value, Vote.DOWN.value):
        print(_vote(path, args.fingerprint, Vote(args.verb), args.paths, args.linters))
    elif args.verb == "list":
        for record in read_records(path):
            print(_line(record))
    elif args.verb == "export":
        _export(read_records(path), args.file, pairs=args.pairs)
    else:
        print(f"{path}: deleted" if clear(path) else f"{path}: there is no memory")
    return 0


# ------------------------------------------------------------------ voting


def _vote(path: str, fingerprint: str, vote: Vote, paths: Sequence[str], linters: Sequence[str]) -> str:
    """Remember a vote on the suggestion that has this fingerprint; what was voted on, in a line."""
    fingerprint = fingerprint.lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},64}}", fingerprint):
        raise UsageError(f"{fingerprint}: a fingerprint has at least {LEAST_DIGITS} hexadecimal digits")
    known = _one(_remembered(path, fingerprint), fingerprint)
    record = _found(fingerprint, vote, _reports(paths, linters), known)
    with open_memory(path) as memory:
        memory.add([record._replace(vote=vote)])
    return f"{vote}: {_line(record._replace(vote=vote))}"


def _remembered(path: str, fingerprint: str) -> list[Record]:
    if not os.path.exists(path):
        return []
    with open_memory(path) as memory:
        return memory.find(fingerprint)


def _one(records: Sequence[Record], fingerprint: str) -> Record | None:
    """The newest of the records, all of which must be of one finding."""
    if len({record.fingerprint for record in records}) > 1:
        raise _ambiguous(fingerprint)
    return records[0] if records else None


def _found(fingerprint: str, vote: Vote, reports: Iterable[Report], known: Record | None) -> Record:
    """The suggestion as one of these reports has it now, else what is known of it. Raises UsageError where there is
    neither."""
    if known is not None and known.origin is Origin.TEACHER:
        return known  # a report shows it rather than what the models say, which is all that a check finds again
    for report in reports:
        places = list(_places(fingerprint, report))
        if len(places) > 1 or any(known is not None and known.fingerprint != place.name for place in places):
            raise _ambiguous(fingerprint)
        if places and places[0].finding.fix is not None:
            return _kept(places[0], vote)
        if known is not None:
            return known
        if places:
            raise UsageError(f"{fingerprint}: this finding has no fix to vote on")
    raise UsageError(f"{fingerprint}: no finding with a fix has this fingerprint, here or among what is remembered")


def _ambiguous(fingerprint: str) -> UsageError:
    return UsageError(f"{fingerprint}: several findings have fingerprints that begin so: give more digits")


class _Place(NamedTuple):
    """A finding among all those of its file, and its fingerprint."""

    file: SourceFile
    findings: Sequence[Finding]
    number: int
    name: str

    @property
    def finding(self) -> Finding:
        return self.findings[self.number]


def _kept(place: _Place, vote: Vote) -> Record:
    for record in records_for(place.file, place.findings, {place.number: Origin.VOTED}, vote):
        return record._replace(fingerprint=place.name)  # that of the report, by which it will be asked for again
    raise UsageError(f"{place.file.path}: this fix is not kept: it has to do with a secret, or its line is too long")


def _places(fingerprint: str, report: Report) -> Iterator[_Place]:
    """The findings that a fingerprint may mean."""
    from thea_hook.core.fingerprint import fingerprints
    from thea_hook.reporting.located import repository_path

    prefix = _prefix()
    for result in report.results:
        if result.source is None:
            continue
        shown = fingerprints(result.source, result.findings)
        # a server knows the file by its way from the root of the repository
        served = fingerprints(result.source, result.findings, repository_path(result.path, prefix)) if prefix else shown
        for index, names in enumerate(zip(shown, served, strict=True)):
            name = next((name for name in names if name.startswith(fingerprint)), None)
            if name is not None:
                yield _Place(result.source, result.findings, index, name)


def _reports(paths: Sequence[str], linters: Sequence[str]) -> Iterator[Report]:
    """What there is now: of the rules of the configuration, whose results are in the cache, and of other linters where
    one is named; then of the rules that a flag may have turned on."""
    yield _check(paths, {}, linters)
    yield _check(paths, {"select": ["all"]})


def _check(paths: Sequence[str], flags: Mapping[str, object], linters: Sequence[str] = ()) -> Report:
    """What there is now, without asking the teacher: nobody said that code may be sent for a vote."""
    from thea_hook.config import Configuration
    from thea_hook.pipeline import Request, run
    from thea_hook.ruleset.selection import known_selectors

    flags = {**flags, "teacher": "off"}
    configuration = Configuration.load(os.getcwd(), known_rules=known_selectors, flags=flags)
    workers = configuration.project().workers
    return run(Request(tuple(paths), workers=workers, linters=tuple(linters)), configuration)


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


def _for_me_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _export(records: list[Record], name: str | None, *, pairs: bool) -> None:
    rows = [pair._asdict() for pair in pairs_of(records)] if pairs else [record.as_dict() for record in records]
    text = "[" + ",".join(f"\n{json.dumps(row)}" for row in rows) + ("\n]\n" if rows else "]\n")
    if name is None:
        sys.stdout.write(text)
        return
    try:
        with open(name, "w", encoding="utf-8", opener=_for_me_alone) as file:
            file.write(text)
    except OSError as exc:
        raise FileAccessError(f"{name}: cannot be written: {exc.strerror}") from exc
    print(f"{name}: {len(rows)} {'pairs' if pairs else 'records'}", file=sys.stderr)
