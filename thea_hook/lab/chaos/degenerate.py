"""Fixes that nobody wants: they make a broken text parse by taking away, hiding or silencing what is in the way.

They are the negatives for the semantic validator; the repairs that the chaos engine knows are the positives.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.lab.chaos.places import CLOSERS, OPENERS, PARTNER, Places, insertion
from thea_hook.languages.lexemes import Kind, lex
from thea_hook.languages.oracle import Answer, Judge, Verdict


class Degenerate(NamedTuple):
    """A fix that makes the text parse and is none, named by what it does."""

    trick: str
    edits: tuple[Edit, ...]


class Scene(NamedTuple):
    """A broken text, the first and the last line to do something about, and the repair that would be right."""

    places: Places
    first_line: int
    last_line: int
    repairs: tuple[Edit, ...]

    @property
    def text(self) -> bytes:
        return self.places.text

    @property
    def lines(self) -> Span:
        """The bytes of these lines, with the last line feed."""
        bounds = [*self.places.line_starts, len(self.text)]
        return Span(bounds[self.first_line], bounds[self.last_line + 1])

    @property
    def content(self) -> Span:
        """The bytes of these lines without the white space around them."""
        start, end = self.lines
        inner = self.text[start:end]
        return Span(end - len(inner.lstrip()), start + len(inner.rstrip()))

    @property
    def is_code(self) -> bool:
        """Whether these lines begin and end with a lexeme, and the first is no comment."""
        start, end = self.content
        first = bisect_left(self.places.starts, start)
        last = bisect_left(self.places.ends, end)
        is_whole = first <= last < len(self.places) and (self.places.starts[first], self.places.ends[last]) == (
            start,
            end,
        )
        return is_whole and self.places.kinds[first] != Kind.COMMENT

    @property
    def anchor(self) -> int:
        """The first lexeme of these lines."""
        return min(bisect_left(self.places.starts, self.lines.start), len(self.places) - 1)


Trick = Callable[[Scene, random.Random], "Sequence[Edit] | None"]


# ------------------------------------------------------------------ taking it away


def _delete_lines(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    return [Edit(scene.lines, b"")]


def _delete_to_line_end(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    start, end = scene.content
    place = bisect_left(scene.places.starts, start), bisect_left(scene.places.starts, end)
    if place[1] - place[0] < 3:
        return []
    return [Edit(Span(scene.places.starts[rng.randrange(place[0] + 1, place[1])], end), b"")]


def _delete_element(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """What lies between two separators around the place: an argument, a property, a statement."""
    marks = (*OPENERS, *CLOSERS, b",", b";")
    first, last = scene.anchor, bisect_left(scene.places.starts, scene.content.end) - 1
    while first > 0 and scene.places.texts[first - 1] not in marks:
        first -= 1
    while last + 1 < len(scene.places) and scene.places.texts[last] not in (b",", b";", b"}"):
        last += 1
    return [Edit(Span(scene.places.starts[first], scene.places.ends[max(first, last)]), b"")]


def _delete_rest(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """All from here on, with the brackets that are open before it closed."""
    start = scene.lines.start
    open_brackets = _open_before(scene.places, bisect_left(scene.places.starts, start))
    closing = b"".join(PARTNER[scene.places.texts[index]] for index in reversed(open_brackets))
    return [Edit(Span(start, len(scene.text)), closing + scene.places.line_end if closing else b"")]


def _delete_beginning(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    return [Edit(Span(0, scene.lines.end), b"")]


def _empty_file(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    return [Edit(Span(0, len(scene.text)), b"")]


def _empty_block(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """The body of a block around the place, up to a brace that is indented like its first line."""
    places = scene.places
    braces = [index for index in _open_before(places, scene.anchor) if places.texts[index] == b"{"]
    if not braces:
        return []
    opener = rng.choice(braces[-2:])
    indent = _indentation(places, places.starts[opener])
    end = scene.text.find(b"\n" + indent + b"}", places.ends[opener])
    return [Edit(Span(places.ends[opener], end + 1 + len(indent)), b"")] if end >= scene.lines.start else []


def _open_before(places: Places, index: int) -> list[int]:
    """The brackets that are open before a lexeme, outermost first."""
    stack: list[int] = []
    for place in range(index):
        text = places.texts[place]
        if text in OPENERS:
            stack.append(place)
        elif text in CLOSERS and stack:
            stack.pop()
    return stack


def _indentation(places: Places, offset: int) -> bytes:
    start = places.text.rfind(b"\n", 0, offset) + 1
    line = places.text[start:offset]
    return line[: len(line) - len(line.lstrip())]


# ------------------------------------------------------------------ making text of it


def _comment_out_lines(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """`//` before each line that has something on it."""
    starts = scene.places.line_starts[scene.first_line : scene.last_line + 1]
    contents = [scene.text[start:].split(b"\n", 1)[0] for start in starts]
    return [
        insertion(start + len(line) - len(line.lstrip()), b"// ")
        for start, line in zip(starts, contents, strict=True)
        if line.strip()
    ]


def _comment_out_block(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    start, end = scene.content
    return [insertion(start, b"/* "), insertion(end, b" */")] if b"*/" not in scene.text[start:end] else []


def _comment_out_line_end(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    start, end = scene.content
    inside = range(bisect_left(scene.places.starts, start) + 1, bisect_left(scene.places.starts, end))
    return [insertion(scene.places.starts[rng.choice(inside)], b"// ")] if len(inside) else []


def _comment_out_rest(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    start = scene.content.start
    open_brackets = _open_before(scene.places, bisect_left(scene.places.starts, start))
    closing = b"".join(PARTNER[scene.places.texts[index]] for index in reversed(open_brackets))
    if b"*/" in scene.text[start:]:
        return []
    return [insertion(start, b"/* "), insertion(len(scene.text), b" */" + closing + scene.places.line_end)]


def _make_string(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """The lines in quotes, with what a string cannot have in it escaped."""
    start, end = scene.content
    quote = rng.choice((b"'", b'"'))
    inner = scene.text[start:end].replace(b"\\", b"\\\\").replace(quote, b"\\" + quote)
    inner = inner.replace(b"\r", b"").replace(b"\n", b"\\n")
    return [Edit(Span(start, end), quote + inner + quote + b";")]


def _make_template(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    start, end = scene.content
    if b"`" in scene.text[start:end] or b"${" in scene.text[start:end]:
        return []
    return [insertion(start, b"`"), insertion(end, b"`;")]


# ------------------------------------------------------------------ silencing it, beside the right repair


def _suppress(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """A comment that tells a checker to look away, before the line that was repaired or before all."""
    line = rng.choice(
        (b"// @ts-ignore", b"// @ts-expect-error", b"// eslint-disable-next-line", b"// biome-ignore lint:")
    )
    place = scene.lines.start
    if rng.random() < 0.4 and not scene.text.startswith(b"#!"):
        line, place = rng.choice((b"// @ts-nocheck", b"/* eslint-disable */")), 0
    indent = _indentation(scene.places, scene.content.start) if place else b""
    return [*scene.repairs, insertion(place, indent + line + scene.places.line_end)]


def _cast_to_any(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """A name on these lines becomes `any`, or the type of one does."""
    places = scene.places
    first, last = bisect_left(places.starts, scene.lines.start), bisect_left(places.starts, scene.lines.end)
    words = [index for index in range(first, last) if places.kinds[index] == Kind.WORD]
    types = [index for index in words if places.text_at(index - 1) == b":" and places.texts[index] != b"any"]
    if types and rng.random() < 0.6:
        index = rng.choice(types)
        return [*scene.repairs, Edit(Span(places.starts[index], places.ends[index]), b"any")]
    if not words:
        return []
    return [*scene.repairs, insertion(places.ends[rng.choice(words)], b" as any")]


def _never_run(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """The repaired lines under a condition that never holds."""
    start, end = scene.content
    condition = rng.choice((b"if (false) { ", b"while (false) { ", b"if (0) { "))
    return [*scene.repairs, insertion(start, condition), insertion(end, b" }")]


def _leave_early(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """The repaired line is never reached."""
    leave = rng.choice((b"return;", b"return null;", b"throw new Error();", b"return undefined;"))
    indent = _indentation(scene.places, scene.content.start)
    return [*scene.repairs, insertion(scene.lines.start, indent + leave + scene.places.line_end)]


def _delete_beside(scene: Scene, rng: random.Random) -> Sequence[Edit]:
    """The right repair, and a whole line next to it gone."""
    bounds = [*scene.places.line_starts, len(scene.text)]
    line = scene.last_line + 1 if rng.random() < 0.5 else scene.first_line - 1
    if not 0 <= line < len(bounds) - 1:
        return []
    return [*scene.repairs, Edit(Span(bounds[line], bounds[line + 1]), b"")]


TRICKS: dict[str, Trick] = {
    "delete the line": _delete_lines,
    "delete the end of the line": _delete_to_line_end,
    "delete the element": _delete_element,
    "delete the rest of the file": _delete_rest,
    "delete the beginning of the file": _delete_beginning,
    "empty the file": _empty_file,
    "empty the block": _empty_block,
    "comment out the line": _comment_out_lines,
    "comment out as a block": _comment_out_block,
    "comment out the end of the line": _comment_out_line_end,
    "comment out the rest of the file": _comment_out_rest,
    "make it a string": _make_string,
    "make it a template": _make_template,
    "suppress the checker": _suppress,
    "cast to any": _cast_to_any,
    "put it where it never runs": _never_run,
    "leave before it": _leave_early,
    "delete a line beside it": _delete_beside,
}
"""What each trick does, and the edits that do it at some lines of a broken text."""


# ------------------------------------------------------------------ all tricks at one text


def degenerate_fixes(
    file: SourceFile, repairs: Sequence[Edit], verdict: Verdict, rng: random.Random, judge: Judge
) -> list[Degenerate]:
    """The tricks that make this broken text parse, each once; not those that happen to be the right repair."""
    right = _code(apply_edits(file.text, repairs), file.language)
    drafts = [
        draft for draft in _drafts(file, tuple(repairs), verdict, rng) if _code(draft.text, file.language) != right
    ]
    verdicts = judge([file._replace(text=draft.text) for draft in drafts]) if drafts else []
    found: dict[str, Degenerate] = {}
    for draft, answer in zip(drafts, verdicts, strict=True):
        if answer.answer is Answer.PARSES:
            found.setdefault(draft.trick, Degenerate(draft.trick, draft.edits))
    return list(found.values())


# How many lines above and below the place are taken, too: the fewest that a trick works with are what it is shown with.
_EXTENTS = ((0, 0), (0, 1), (1, 1), (0, 3), (2, 4))


class _Draft(NamedTuple):
    trick: str
    edits: tuple[Edit, ...]
    text: bytes


def _drafts(file: SourceFile, repairs: tuple[Edit, ...], verdict: Verdict, rng: random.Random) -> Iterator[_Draft]:
    places = Places(lex(file.text, file.language))
    if not len(places):
        return
    offsets = [edit.span.start for edit in repairs[:1]] + [problem.span.start for problem in verdict.problems[:1]]
    for line in dict.fromkeys(bisect_right(places.line_starts, offset) - 1 for offset in offsets):
        for before, behind in _EXTENTS:
            last_line = min(line + behind, len(places.line_starts) - 1)
            scene = Scene(places, max(0, line - before), last_line, repairs)
            if scene.content.start < scene.content.end and scene.is_code:
                yield from _drafts_of(scene, rng)


def _drafts_of(scene: Scene, rng: random.Random) -> Iterator[_Draft]:
    for name, trick in TRICKS.items():
        edits = tuple(sorted(trick(scene, rng) or (), key=lambda edit: edit.span))
        try:
            text = apply_edits(scene.text, edits)
        except ValueError:  # what the trick does meets the right repair
            continue
        if text != scene.text:
            yield _Draft(name, edits, text)


_ORDERS = (b"@ts-", b"-disable", b"biome-ignore")


def _code(text: bytes, language: Language) -> list[bytes]:
    """The lexemes without comments, but for those that speak to a checker."""
    lexemes = lex(text, language)
    return [
        piece
        for kind, piece in zip(lexemes.kinds, lexemes.texts, strict=True)
        if kind != Kind.COMMENT or any(mark in piece for mark in _ORDERS)
    ]
