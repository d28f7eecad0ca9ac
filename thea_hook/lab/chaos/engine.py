"""Breaks a text that parses, and says which edits mend it.

A mistake is a few edits of the original. What mends it is their inverse, in the places of the broken text: so the
repairs are right by construction, whatever the mistake was.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile, Span
from thea_hook.lab.chaos.kinds import MIXTURE, Kind, Mixture
from thea_hook.lab.chaos.places import Places
from thea_hook.lab.corpus.store import Document
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import Answer, Judge, Verdict

REACH = 20
"""How many lines above and below the first mistake the others may be."""
ATTEMPTS = 12
BATCH = 200


class Corruption(NamedTuple):
    """A broken text, the kinds of mistakes in it in the order of the text, and the edits that undo them, in order."""

    text: bytes
    kinds: tuple[str, ...]
    repairs: tuple[Edit, ...]


class Slip(NamedTuple):
    """One mistake: the edits of the original that make it, in order, each as short as it can be."""

    kind: str
    edits: tuple[Edit, ...]

    @property
    def span(self) -> Span:
        """What it touches of the original."""
        return Span(self.edits[0].span.start, max(edit.span.end for edit in self.edits))


def corrupt(
    lexemes: Lexemes | Places,
    rng: random.Random,
    *,
    edits: int = 1,
    kinds: Mixture = MIXTURE,
    place: int | None = None,
) -> Corruption | None:
    """The text with so many mistakes within some forty lines, or None where there is no room for them.

    ``place`` is the lexeme around which they are made. Whether the result still parses is for a parser to say. Those
    who corrupt one text again and again pass ``Places``, which remember what they found.
    """
    places = lexemes if isinstance(lexemes, Places) else Places(lexemes)
    slips = draw(places, rng, edits, kinds, place)
    return compose(places.text, slips) if len(slips) == edits else None


def draw(places: Places, rng: random.Random, count: int, kinds: Mixture, place: int | None = None) -> list[Slip]:
    """Mistakes that do not meet, in the order of the text; fewer than asked for where the text has no room."""
    if not len(places):
        return []
    slips: list[Slip] = []
    for _ in range(ATTEMPTS + count):
        if len(slips) == count:
            break
        start, end = 0, len(places)
        if place is not None:
            line = places.line_of(min(place, len(places) - 1))
            start, end = places.within(line - REACH, line + REACH)
        slip = _slip(places, rng, kinds, start, end)
        if slip is not None and all(_are_apart(slip, other) for other in slips):
            slips.append(slip)
            place = bisect_left(places.ends, slip.span.start) if place is None else place
    return sorted(slips, key=lambda slip: slip.span)


def _slip(places: Places, rng: random.Random, kinds: Mixture, start: int, end: int) -> Slip | None:
    """One mistake at a lexeme of this range."""
    for _ in range(ATTEMPTS):
        kind: Kind = rng.choices(kinds.kinds, kinds.weights)[0]
        found = places.found(kind.where)
        first, behind = bisect_left(found, start), bisect_left(found, end)
        if first == behind:
            continue
        edits = kind.mistake(places, found[rng.randrange(first, behind)], rng)
        short = tuple(_shortest(places.text, edit) for edit in sorted(edits or (), key=lambda edit: edit.span))
        changing = tuple(edit for edit in short if edit.text != places.text[edit.span.start : edit.span.end])
        if changing:
            return Slip(kind.name, changing)
    return None


def _are_apart(one: Slip, other: Slip) -> bool:
    """Whether at least a byte of the text lies between two mistakes."""
    return one.span.end < other.span.start or other.span.end < one.span.start


def _shortest(text: bytes, edit: Edit) -> Edit:
    """The same edit without what it writes back as it was."""
    (start, end), new = edit
    if start == end or not new or not (new.isascii() and text[start:end].isascii()):
        return edit
    while start < end and new and text[start] == new[0]:
        start, new = start + 1, new[1:]
    while start < end and new and text[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    return Edit(Span(start, end), new)


def compose(text: bytes, slips: Sequence[Slip]) -> Corruption | None:
    """All of these mistakes made, or None where they change nothing."""
    pieces: list[bytes] = []
    repairs: list[Edit] = []
    position = shift = 0
    for slip in slips:
        for (start, end), new in slip.edits:
            pieces += (text[position:start], new)
            repairs.append(Edit(Span(start + shift, start + shift + len(new)), text[start:end]))
            shift += len(new) - (end - start)
            position = end
    broken_text = b"".join((*pieces, text[position:]))
    if broken_text == text:
        return None
    return Corruption(broken_text, tuple(slip.kind for slip in slips), tuple(repairs))


# ------------------------------------------------------------------ only what is broken


class _Draft(NamedTuple):
    document: Document
    places: Places
    slips: list[Slip]


def broken(
    documents: Iterable[Document],
    rng: random.Random,
    judge: Judge,
    *,
    per_document: int,
    edits: int = 1,
    kinds: Mixture = MIXTURE,
) -> Iterator[tuple[Document, Corruption, Verdict]]:
    """Corruptions that the judge calls broken, up to so many a document, with the judge's word on each.

    Every mistake breaks the text on its own, too: one that does not could not be found, and need not be mended.
    """
    drafts: list[_Draft] = []
    for document in documents:
        places = Places(lex(document.text, document.language))
        for _ in range(per_document):
            slips = draw(places, rng, 2 * edits + 1, kinds, rng.randrange(len(places)) if len(places) else None)
            rng.shuffle(slips)
            if len(slips) >= edits:
                drafts.append(_Draft(document, places, slips))
        if sum(len(draft.slips) for draft in drafts) >= BATCH:
            yield from _judged(drafts, judge, edits)
            drafts = []
    yield from _judged(drafts, judge, edits)


def _judged(drafts: Sequence[_Draft], judge: Judge, edits: int) -> Iterator[tuple[Document, Corruption, Verdict]]:
    singles = [(draft, slip, compose(draft.document.text, [slip])) for draft in drafts for slip in draft.slips]
    verdicts = iter(judge([_file(draft.document, single) for draft, _, single in singles]))
    chosen: list[tuple[Document, Corruption]] = []
    known: list[Verdict] = []
    for draft in drafts:
        judged = [(slip, next(verdicts)) for slip in draft.slips]
        breaking = [(slip, verdict) for slip, verdict in judged if verdict.answer is Answer.BROKEN][:edits]
        slips = sorted((slip for slip, _ in breaking), key=lambda slip: slip.span)
        corruption = compose(draft.document.text, slips) if len(slips) == edits else None
        if corruption is not None:
            chosen.append((draft.document, corruption))
            known.append(breaking[0][1])
    if edits > 1:  # the word on one mistake is not that on all of them
        known = judge([_file(document, corruption) for document, corruption in chosen])
    for (document, corruption), verdict in zip(chosen, known, strict=True):
        if verdict.answer is Answer.BROKEN:
            yield document, corruption, verdict


def _file(document: Document, corruption: Corruption | None) -> SourceFile:
    text = document.text if corruption is None else corruption.text
    return SourceFile(document.path, text, document.language)
