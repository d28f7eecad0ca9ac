"""Unified diffs read back, by their line counts and byte by byte: what does not fit exactly does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from thea_hook.core.diff import split_lines

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class Hunk(NamedTuple):
    """Lines that become others; ``start`` and ``new_start`` count the lines before them, on either side."""

    start: int
    old: tuple[bytes, ...]
    new_start: int
    new: tuple[bytes, ...]

    @property
    def reverse(self) -> Hunk:
        """What takes it back."""
        return Hunk(self.new_start, self.new, self.start, self.old)


class FileDiff(NamedTuple):
    """What a diff says of one file: its names before and after, None where there is no such file, and the hunks."""

    old: str | None
    new: str | None
    hunks: tuple[Hunk, ...]


def read_diff(text: bytes) -> list[FileDiff]:
    """The files of a diff, without those of which it shows no lines: renamed only, or binary. Raises ValueError where
    a hunk is not as long as it says."""
    lines, found, position = split_lines(text), list[FileDiff](), 0
    while position < len(lines):
        header = lines[position : position + 2]
        position += 1
        if len(header) == 2 and header[0].startswith(b"--- ") and header[1].startswith(b"+++ "):
            hunks, position = _hunks(lines, position + 1)
            found.append(FileDiff(_name(header[0]), _name(header[1]), hunks))
    return found


def patched(text: bytes, hunks: Sequence[Hunk]) -> bytes | None:
    """The text with the hunks made; None where they do not fit."""
    lines, result, position = split_lines(text), list[bytes](), 0
    for hunk in hunks:
        end = hunk.start + len(hunk.old)
        if hunk.start < position or tuple(lines[hunk.start : end]) != hunk.old:
            return None
        result += (*lines[position : hunk.start], *hunk.new)
        position = end
    return b"".join((*result, *lines[position:]))


def _hunks(lines: Sequence[bytes], position: int) -> tuple[tuple[Hunk, ...], int]:
    """The hunks that begin at a line, and the number of the line after them."""
    hunks = []
    while position < len(lines) and (header := _HUNK.match(lines[position])):
        starts = int(header[1]), int(header[3])
        counts = int(header[2] or b"1"), int(header[4] or b"1")
        old, new, position = _sides(lines, position + 1, *counts)
        # an empty side names the line before it
        start, new_start = (first - bool(count) for first, count in zip(starts, counts, strict=True))
        hunks.append(Hunk(start, old, new_start, new))
    return tuple(hunks), position


def _sides(
    lines: Sequence[bytes], position: int, old_count: int, new_count: int
) -> tuple[tuple[bytes, ...], tuple[bytes, ...], int]:
    old, new = list[bytes](), list[bytes]()
    while len(old) < old_count or len(new) < new_count:
        line = lines[position] if position < len(lines) else b""
        mark, body = line[:1], line[1:]
        if line in (b"\n", b"\r\n"):  # an editor took the blank that marks an empty line
            mark, body = b" ", line
        position += 1
        if position < len(lines) and lines[position].startswith(b"\\"):  # no line break at the end of the file
            body = body.removesuffix(b"\n")
            position += 1
        if mark not in (b" ", b"+", b"-"):
            raise ValueError(f"line {position}: the hunk ends too early")
        if mark != b"+":
            old.append(body)
        if mark != b"-":
            new.append(body)
    if (len(old), len(new)) != (old_count, new_count):
        raise ValueError(f"line {position}: the hunk is longer than it says")
    return tuple(old), tuple(new), position


def _name(header: bytes) -> str | None:
    """The path in a header, as git quotes it and without the letter of its side; None for no file."""
    written = header[4:].rstrip(b"\r\n").partition(b"\t")[0]
    name = _ESCAPE.sub(_unescaped, written[1:-1]) if written.startswith(b'"') else written
    if name == b"/dev/null":
        return None
    path = name[2:] if name[:2] in (b"a/", b"b/") else name
    return path.decode("utf-8", "surrogateescape")


def _unescaped(match: re.Match[bytes]) -> bytes:
    body = match[1]
    return bytes([int(body, 8) & 0xFF]) if len(body) == 3 else _LETTERS.get(body, body)
