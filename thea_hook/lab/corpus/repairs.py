"""What repaired a broken text: the lexemes that the next version changed, how many of them it took, and of what kind.

The next version seldom does nothing but repair. The repair is what is left of the difference when every hunk is put
back without which the text parses as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from thea_hook.core.source import Language, SourceFile
from thea_hook.languages.difference import MAX_COMPARED, common_length
from thea_hook.languages.lexemes import Kind, Lexemes, lex
from thea_hook.languages.oracle import Answer, Judge

MOST_HUNKS = 40
"""Hunks of a difference from which a repair is told; a difference with more is taken as it is."""


class Hunk(NamedTuple):
    """A run of lexemes that one version has where the other has another run; ranges of indices into each."""

    old: tuple[int, int]
    new: tuple[int, int]


class Difference(NamedTuple):
    """Two versions of a text and the hunks in which their lexemes differ."""

    before: Lexemes
    after: Lexemes
    hunks: tuple[Hunk, ...]

    def with_hunks(self, hunks: Iterable[Hunk]) -> bytes:
        """The earlier text with some of the hunks in it; white space comes from the version that each lexeme is of."""
        pieces: list[bytes] = []
        position, behind_hunk = 0, None
        for hunk in hunks:
            pieces += self._kept(position, hunk.old[0], behind_hunk)
            pieces += _run(self.after, *hunk.new)
            position, behind_hunk = hunk.old[1], hunk.new[1]
        pieces += self._kept(position, len(self.before), behind_hunk)
        pieces.append(self.before.text[self.before.ends[-1] if len(self.before) else 0 :])
        return b"".join(pieces)

    def _kept(self, start: int, end: int, behind_hunk: int | None) -> list[bytes]:
        """Lexemes of the earlier text; the first one behind a hunk keeps its distance of the later text."""
        pieces = _run(self.before, start, end)
        if pieces and behind_hunk is not None:
            pieces[0] = _gap(self.after, behind_hunk)
        return pieces

    def removed(self, hunks: Iterable[Hunk]) -> list[bytes]:
        return [text for hunk in hunks for text in self.before.texts[slice(*hunk.old)]]

    def inserted(self, hunks: Iterable[Hunk]) -> list[bytes]:
        return [text for hunk in hunks for text in self.after.texts[slice(*hunk.new)]]


def _run(lexemes: Lexemes, start: int, end: int) -> list[bytes]:
    return [piece for index in range(start, end) for piece in (_gap(lexemes, index), lexemes.texts[index])]


def _gap(lexemes: Lexemes, index: int) -> bytes:
    return lexemes.text[lexemes.ends[index - 1] if index else 0 : lexemes.starts[index]]


def difference(before: bytes, after: bytes, language: Language) -> Difference:
    """The hunks between two versions, in order."""
    old, new = lex(before, language), lex(after, language)
    head = common_length(old.texts, new.texts)
    tail = common_length(old.texts[head:][::-1], new.texts[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if old_end + new_end - 2 * head > MAX_COMPARED:
        return Difference(old, new, (Hunk((head, old_end), (head, new_end)),))
    matcher = SequenceMatcher(None, old.texts[head:old_end], new.texts[head:new_end], autojunk=False)
    hunks = (
        Hunk((head + i, head + i_end), (head + j, head + j_end))
        for kind, i, i_end, j, j_end in matcher.get_opcodes()
        if kind != "equal"
    )
    return Difference(old, new, tuple(hunks))


def shared_share(before: bytes, after: bytes, language: Language) -> float:
    """The share of the longer version's lexemes that both have, in the same order."""
    found = difference(before, after, language)
    longest = max(len(found.before), len(found.after))
    removed = sum(hunk.old[1] - hunk.old[0] for hunk in found.hunks)
    return (len(found.before) - removed) / longest if longest else 1.0


# ------------------------------------------------------------------ the repair in a difference


class Repair(NamedTuple):
    """The part of a difference that makes the text parse."""

    difference: Difference
    hunks: tuple[Hunk, ...]

    @property
    def removed(self) -> list[bytes]:
        return self.difference.removed(self.hunks)

    @property
    def inserted(self) -> list[bytes]:
        return self.difference.inserted(self.hunks)

    @property
    def size(self) -> int:
        return size(self.hunks)

    @property
    def is_pure(self) -> bool:
        """Whether the next version did nothing but repair."""
        return self.hunks == self.difference.hunks


def size(hunks: Iterable[Hunk]) -> int:
    """How many lexemes were inserted, deleted or replaced."""
    return sum(max(hunk.old[1] - hunk.old[0], hunk.new[1] - hunk.new[0]) for hunk in hunks)


def repairs(differences: Sequence[tuple[SourceFile, Difference]], judge: Judge) -> list[Repair]:
    """The repair in each difference: hunks are put back one by one, the last first, as long as the text parses.

    All differences are asked about at once, so that the parser is started once for each place and not for each text.
    """
    kept = [list(found.hunks) for _, found in differences]
    for place in reversed(range(MOST_HUNKS)):
        open_ones = [
            index
            for index, (_, found) in enumerate(differences)
            if 1 < len(found.hunks) <= MOST_HUNKS and place < len(found.hunks) and len(kept[index]) > 1
        ]
        if not open_ones:
            continue
        trials = [[hunk for hunk in kept[i] if hunk != differences[i][1].hunks[place]] for i in open_ones]
        files = [
            differences[i][0]._replace(text=differences[i][1].with_hunks(trial))
            for i, trial in zip(open_ones, trials, strict=True)
        ]
        for index, trial, verdict in zip(open_ones, trials, judge(files), strict=True):
            if verdict.answer is Answer.PARSES:
                kept[index] = trial
    return [Repair(found, tuple(hunks)) for (_, found), hunks in zip(differences, kept, strict=True)]


# ------------------------------------------------------------------ kinds of mistakes

_MARKER = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])", re.MULTILINE)
_BRACKETS = frozenset(b"( ) [ ] { }".split())
_SEPARATORS = frozenset(b", ; : .".split())
_WORD = re.compile(rb"[A-Za-z_$][\w$]*")
_OPERATOR = re.compile(rb"[=<>+\-*/%&|^!~?:.@#]+")
_KEYWORDS = frozenset(
    b"async await break case catch class const continue default delete do else export extends finally for from "
    b"function if import in instanceof interface let new of return static switch throw try type typeof var void "
    b"while yield".split()
)
# Up to so many lexemes too much are stray text; more of them are prose, if most are words.
_FEW = 3
_SMALL = 6


def kind_of(repair: Repair) -> str:
    """The kind of mistake that a repair repairs; the first one that fits."""
    before, after = repair.difference.before.text, repair.difference.after.text
    if len(_MARKER.findall(before)) > len(_MARKER.findall(after)):
        return "conflict markers"
    removed, inserted = repair.removed, repair.inserted
    if _is_unterminated(repair):
        return "unterminated string, template or comment"
    if _is_tag(removed) or _is_tag(inserted):
        return "JSX tag"
    if removed and inserted and all(map(_is_comment, inserted)):
        return "prose not commented"
    kinds = {
        _kind_of_change(repair.difference.removed([hunk]), repair.difference.inserted([hunk])) for hunk in repair.hunks
    }
    if len(kinds) == 1:
        return kinds.pop()
    together = _kind_of_change(removed, inserted)
    if together != "rest edited around":
        return together
    return "several kinds" if "rest edited around" not in kinds and repair.size <= _SMALL else together


def _kind_of_change(removed: Iterable[bytes], inserted: Iterable[bytes]) -> str:
    removed, inserted = ([text for text in side if not _is_comment(text)] for side in (removed, inserted))
    if not removed:
        return _missing(inserted)
    if not inserted:
        return _extra(removed)
    return _changed(removed, inserted)


def _is_comment(text: bytes) -> bool:
    return text.startswith((b"//", b"/*"))


def _is_unterminated(repair: Repair) -> bool:
    lexemes = repair.difference.before
    touched = (index for hunk in repair.hunks for index in range(hunk.old[0], hunk.old[1]))
    return any(
        (lexemes.kinds[index] == Kind.OTHER and lexemes.texts[index][:1] in (b'"', b"'", b"`"))
        or (lexemes.kinds[index] == Kind.TEMPLATE and lexemes.texts[index] in (b"`", b"}"))
        or lexemes.texts[index] == b"/*"
        for index in touched
    )


def _is_tag(texts: Sequence[bytes]) -> bool:
    """Whether these are the lexemes of tags: `<`, a name, `/` and `>`, with nothing between but words."""
    if not texts or not ({b"<", b"</", b"/>"} & set(texts) or list(texts) in ([b"/"], [b"/", b">"])):
        return False
    return all(text in (b"<", b">", b"/", b"</", b"/>", b".") or _WORD.fullmatch(text) for text in texts)


def _missing(inserted: Sequence[bytes]) -> str:
    kinds = set(inserted)
    if not kinds:
        return "comment"
    if kinds & _BRACKETS and kinds <= _BRACKETS | {b",", b";"}:
        return "missing bracket"
    if kinds == {b","}:
        return "missing comma"
    if kinds == {b";"}:
        return "missing semicolon"
    if all(_OPERATOR.fullmatch(text) for text in kinds):
        return "missing operator"
    if kinds <= _KEYWORDS:
        return "missing keyword"
    return "incomplete code"


def _extra(removed: Sequence[bytes]) -> str:
    kinds = set(removed)
    if not kinds:
        return "comment"
    if kinds & _BRACKETS and kinds <= _BRACKETS | {b",", b";"}:
        return "extra bracket"
    if kinds == {b";"}:
        return "extra semicolon"
    if kinds == {b","}:
        return "extra comma"
    if all(_OPERATOR.fullmatch(text) for text in kinds):
        return "stray operator"
    if len(removed) > _FEW and sum(bool(_WORD.fullmatch(text)) for text in removed) > 0.7 * len(removed):
        return "prose not commented"
    return "stray text"


def _changed(removed: Sequence[bytes], inserted: Sequence[bytes]) -> str:
    if sorted(removed) == sorted(inserted):
        return "misplaced tokens"
    if set(removed) | set(inserted) <= _BRACKETS:
        return "wrong bracket"
    if len(removed) == len(inserted) == 1:
        return _replaced(removed[0], inserted[0])
    if b"".join(removed) == b"".join(inserted):
        return "split or joined tokens"
    return "rest edited around"


def _replaced(old: bytes, new: bytes) -> str:
    if old in _SEPARATORS and new in _SEPARATORS:
        return "wrong separator"
    if _WORD.fullmatch(old) and _WORD.fullmatch(new):
        return "misspelt keyword" if {old.lower(), new} & _KEYWORDS else "wrong name"
    if _OPERATOR.fullmatch(old) or _OPERATOR.fullmatch(new):
        return "wrong operator"
    return "rest edited around"
