"""One suggestion and what became of it: the code it was made for, the fix as a diff, and who proposed it.

A record is complete in itself: ``correct_diff`` applies to ``context``, so that a model can learn from it without the
file. What looks like a secret is a placeholder in it; where a fix touches a secret there is no record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum
from typing import NamedTuple

from thea_hook.cache import digest
from thea_hook.core.diff import split_lines, unified_diff
from thea_hook.core.diff_reader import patched, read_diff
from thea_hook.core.finding import Edit, Finding
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileResult
from thea_hook.core.source import SourceFile, Span
from thea_hook.teacher.redact import Redaction, find_secrets

MOST_BYTES = 8_192
"""Of a context; a fix in a longer line says nothing that can be learned."""
MOST_OF_RECORD = 12_288
"""Bytes of all its texts together: a diff that writes a whole context anew, or the message of a linter, may be long."""
MOST_LINES = 60
"""Of a context on either side of the fix, where no function or class ends before."""

# A line that begins a statement of the file, and one that nothing before it reaches beyond.
_BEGINS = re.compile(rb"[A-Za-z_$@/\"'(\[`*]")
_BLANK = re.compile(rb"\s*\Z")


class Vote(str, Enum):
    """What a person said about a suggestion."""

    UP = "up"
    DOWN = "down"
    NONE = ""

    def __str__(self) -> str:
        return self.value


class Origin(str, Enum):
    """How a suggestion came to be remembered, what says least first: it was the teacher's, another linter agreed to it,
    somebody voted on it, or it was applied."""

    TEACHER = "teacher"
    LINTER = "linter"
    VOTED = "voted"
    APPLIED = "applied"

    def __str__(self) -> str:
        return self.value


class Record(NamedTuple):
    """A suggestion. ``line`` counts in the file, ``context_line`` is where in it the context begins."""

    error: str
    file: str
    line: int
    context: str
    correct_diff: str
    timestamp: str
    rule: str
    source: str
    confidence: float
    fingerprint: str
    vote: Vote = Vote.NONE
    origin: Origin = Origin.APPLIED
    context_line: int = 1

    @property
    def key(self) -> str:
        """A name made of the code and its fix: the same suggestion for the same code is one record, wherever found."""
        return digest(self.context.encode(), _hunks(self).encode()).hex()

    @property
    def size(self) -> int:
        """Bytes of its texts."""
        return sum(len(value.encode()) for value in self if isinstance(value, str))

    @property
    def is_accepted(self) -> bool:
        """Whether it may be learned from as right: somebody applied it, or the linter itself found nothing wrong with
        it, and nobody spoke against it."""
        return self.vote is not Vote.DOWN

    @property
    def group(self) -> str:
        """The class that the memory is balanced by: the rule, and what became of the suggestion."""
        return f"{self.rule} {self.vote or self.origin}"

    def after(self, again: Record) -> Record:
        """The record after the same suggestion was met again: with the last vote, and what most became of it."""
        origin = max(self.origin, again.origin, key=list(Origin).index)
        if not again.vote:
            return self._replace(origin=origin)
        return self._replace(origin=origin, vote=again.vote, fingerprint=again.fingerprint)

    def as_dict(self) -> dict[str, object]:
        """The record for JSON."""
        return {name: str(value) if isinstance(value, Enum) else value for name, value in self._asdict().items()}


def from_dict(values: Mapping[str, object]) -> Record:
    """The record that :meth:`Record.as_dict` wrote. Raises ValueError where something is missing or of no use."""
    texts = {name: values.get(name) for name in Record._fields if name not in ("line", "confidence", "context_line")}
    optional = {"rule": "", "source": "", "fingerprint": "", "vote": "", "origin": str(Origin.APPLIED)}
    text = {name: _text(optional.get(name) if value is None else value, name) for name, value in texts.items()}
    vote, origin = Vote(text.pop("vote")), Origin(text.pop("origin"))
    return Record(
        **text,
        line=_whole(values.get("line"), "line"),
        confidence=_number(values.get("confidence", 1.0), "confidence"),
        context_line=_whole(values.get("context_line", 1), "context_line"),
        vote=vote,
        origin=origin,
    )


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"`{name}` must be a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as exc:
            raise ValueError(f"`{name}` holds characters that no text has") from exc
    return value


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"`{name}` must be a line, from 1")
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"`{name}` must be a number from 0 to 1")
    return float(value)


# ------------------------------------------------------------------ from findings


def records_of(result: FileResult, *, applied: bool) -> Iterator[Record]:
    """What a run has to remember of a file: the fixes of every pass, if they were applied, and what the teacher
    proposed."""
    for one in result.passes:
        made = set(one.fixed) if applied else frozenset[Finding]()
        yield from records_for(one.source, one.findings, _wanted(one.findings, made))
    if result.source is not None:
        yield from records_for(result.source, result.findings, _wanted(result.findings))


def _wanted(findings: Sequence[Finding], made: Collection[Finding] = ()) -> dict[int, Origin]:
    """The places of the findings whose fixes were made, and of those whose fixes are the teacher's."""
    wanted = {}
    for index, finding in enumerate(findings):
        if finding in made:
            wanted[index] = Origin.APPLIED
        elif finding.fix is not None and finding.source.startswith("teacher:"):
            wanted[index] = Origin.TEACHER
    return wanted


def records_for(
    file: SourceFile, findings: Sequence[Finding], wanted: Mapping[int, Origin], vote: Vote = Vote.NONE
) -> Iterator[Record]:
    """Records of those findings of a file whose places in the list are wanted; ``findings`` are all that are shown,
    since a fingerprint counts equal ones."""
    if not wanted:
        return
    redaction = Redaction(file.text)
    if redaction.is_too_much:
        return
    names = fingerprints(file, findings)
    for index, origin in wanted.items():
        record = _record(file, findings[index], names[index], origin, redaction)
        if record is not None:
            yield record._replace(vote=vote)


def _record(
    file: SourceFile, finding: Finding, fingerprint: str, origin: Origin, redaction: Redaction
) -> Record | None:
    if finding.fix is None or not finding.fix.edits:
        return None
    # a repair is learned from only if its context parses when mended, which parts of a broken text seldom do
    is_whole = finding.category == "syntax" and len(file.text) <= MOST_BYTES
    window = Span(0, len(file.text)) if is_whole else _window(file, finding.fix.span)
    shown = None if window is None else _without_secrets(file, window, finding.fix.edits, redaction)
    if window is None or shown is None:
        return None
    try:
        context, mended = (text.decode() for text in shown)
    except UnicodeDecodeError:
        return None
    path = _hidden_path(file.path, redaction)
    record = Record(
        error=redaction.hide_in(finding.message),
        file=path,
        line=file.position(finding.span.start).line,
        context=context,
        correct_diff=unified_diff(path, context.encode(), mended.encode()).decode(),
        timestamp=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        rule=finding.rule_id,
        source=finding.source,
        confidence=finding.fix.confidence,
        fingerprint=fingerprint,
        origin=origin,
        context_line=file.text.count(b"\n", 0, window.start) + 1,
    )
    return record if record.size <= MOST_OF_RECORD else None


def _hidden_path(path: str, redaction: Redaction) -> str:
    """The path part by part: several words with a digit somewhere look as disorderly as a token. What would be a secret
    with a slash in it is looked for in the whole."""
    hidden = "/".join(redaction.hide_in(part) for part in path.split("/"))
    return redaction.hide_in(path) if "://" in path or redaction.leaks(hidden.encode()) else hidden


def _without_secrets(
    file: SourceFile, window: Span, edits: Iterable[Edit], redaction: Redaction
) -> tuple[bytes, bytes] | None:
    """The window before and after the edits, with placeholders for secrets; None where an edit has to do with one."""
    pieces, position = [], window.start
    for edit in edits:
        words = edit.text.decode("utf-8", "replace")
        if redaction.count(edit.span) or redaction.hide_in(words) != words:
            return None
        pieces += [redaction.hide(Span(position, edit.span.start)), edit.text]
        position = edit.span.end
    mended = b"".join((*pieces, redaction.hide(Span(position, window.end))))
    context = redaction.hide(window)
    if any(_is_secret(text, redaction) for text in (context, mended)):
        return None  # what was torn apart in the file may be whole now
    return context, mended


def _is_secret(text: bytes, redaction: Redaction) -> bool:
    prefix = redaction.prefix.encode()
    return redaction.leaks(text) or any(prefix not in secret.text for secret in find_secrets(text))


def _window(file: SourceFile, span: Span) -> Span | None:
    """Whole lines around a fix: up to where a statement of the file begins and ends, as far as can be seen without
    parsing a text that may not parse. None where even the lines of the fix are too long."""
    lines = split_lines(file.text) or [b""]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    first = file.text.count(b"\n", 0, span.start)
    last = min(file.text.count(b"\n", 0, span.end), len(lines) - 1)
    first = min(first, last)
    top = _edge(lines, range(first, max(-1, first - MOST_LINES), -1))
    bottom = _last(lines, last, min(len(lines), last + MOST_LINES))
    for begin, end in ((top, bottom), (first, last)):
        if starts[end + 1] - starts[begin] <= MOST_BYTES:
            return Span(starts[begin], starts[end + 1])
    return None


def _edge(lines: Sequence[bytes], numbers: Iterable[int]) -> int:
    """The nearest of the lines, going up, that begins the file or a statement after a blank line."""
    number = 0
    for number in numbers:
        if number == 0 or (_BEGINS.match(lines[number]) and _BLANK.match(lines[number - 1])):
            break
    return number


def _last(lines: Sequence[bytes], last: int, stop: int) -> int:
    """The line before the nearest blank one after which a statement of the file begins."""
    for number in range(last + 1, stop - 1):
        if _BLANK.match(lines[number]) and _BEGINS.match(lines[number + 1]):
            return number - 1
    return stop - 1


# ------------------------------------------------------------------ back to code, and pairs


def mended_context(record: Record) -> bytes | None:
    """The context with the diff applied; None where it does not fit, as somebody may have written the JSON by hand."""
    try:
        files = read_diff(record.correct_diff.encode())
    except ValueError:
        return None
    return patched(record.context.encode(), files[0].hunks) if len(files) == 1 else None


class Pair(NamedTuple):
    """Two suggestions for the same error, of which a person preferred one: what DPO learns from."""

    prompt: str
    chosen: str
    rejected: str


def pairs_of(records: Collection[Record]) -> Iterator[Pair]:
    """Each suggestion that was accepted against each for the same code and rule that was voted down."""
    by_error: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_error.setdefault((record.rule, record.context), []).append(record)
    for same in by_error.values():
        rejected = [record for record in same if record.vote is Vote.DOWN]
        # the teacher's word alone is nobody's preference
        chosen = [record for record in same if record.vote is Vote.UP or record.origin is Origin.APPLIED]
        for good in (record for record in chosen if record.vote is not Vote.DOWN):
            for bad in rejected:
                yield Pair(_prompt(good), good.correct_diff, _header(good) + _hunks(bad))


def _header(record: Record) -> str:
    return record.correct_diff.removesuffix(_hunks(record))


def _hunks(record: Record) -> str:
    """The diff without the names in it, which are of the file that it was first met in."""
    return b"".join(split_lines(record.correct_diff.encode())[2:]).decode()


def _prompt(record: Record) -> str:
    return f"{record.file}, line {record.line}: {record.rule}: {record.error}\n\n{record.context}"
