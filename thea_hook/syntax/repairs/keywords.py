"""Keywords with a slip of the fingers in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Language, Span
from thea_hook.languages.lexemes import Kind
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken

KEYWORDS = (
    "async await break case catch class const continue debugger default delete do else export extends finally for from "
    "function get if import in instanceof let new null of return set static super switch this throw true false try "
    "typeof undefined var void while with yield"
).split()
_TYPESCRIPT = (
    "abstract any as asserts boolean declare enum implements infer interface is keyof module namespace never number "
    "private protected public readonly satisfies string type unknown"
).split()
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# The words that a parser needs to have read: the place of error is often behind the parentheses of a `swtich (x)`.
_BEFORE, _AFTER = 24, 1


def misspelt(broken: Broken) -> Iterator[Problem]:
    """Words one slip away from a keyword: two letters swapped, or one missing, too many or wrong."""
    known = _slips(broken.language)
    words = Counter(token.text for token in broken.tokens if token.kind is Kind.WORD)
    for index in broken.near(_BEFORE, _AFTER):
        token = broken.tokens[index]
        if token.kind is not Kind.WORD or (index and broken.tokens[index - 1].text in (b".", b"?.")):
            continue
        word = token.text.decode("utf-8", "replace")
        for keyword in known.get(word, ()):
            # A name that is used elsewhere in the file may be meant; letters only swapped are hardly ever a name.
            is_slip = words[token.text] == 1 and len(word) > 3 and sorted(word) == sorted(keyword)
            where = Span(token.start, token.end)
            yield Problem(
                where,
                data={"written": word, "keyword": keyword},
                edits=(Edit(where, keyword.encode()),),
                title=f"Write `{keyword}`",
                applicability=Applicability.SAFE if is_slip else Applicability.UNSAFE,
            )


@cache
def _slips(language: Language) -> dict[str, tuple[str, ...]]:
    """Misspelt word -> the keywords it can stand for."""
    keywords = KEYWORDS if language == "javascript" else [*KEYWORDS, *_TYPESCRIPT]
    known: dict[str, tuple[str, ...]] = {}
    for keyword in keywords:
        for slip in _slips_of(keyword):
            if slip not in keywords:
                known[slip] = (*known.get(slip, ()), keyword)
    return known


def _slips_of(keyword: str) -> set[str]:
    halves = [(keyword[:place], keyword[place:]) for place in range(len(keyword) + 1)]
    slips = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    slips |= {left.capitalize() + right for left, right in halves if not right}
    if len(keyword) > 2:  # one letter more or less makes too many words out of `if` and `in`
        slips |= {left + right[1:] for left, right in halves if right}
        slips |= {left + letter + right[1:] for left, right in halves if right for letter in _LETTERS}
        slips |= {left + letter + right for left, right in halves for letter in _LETTERS}
    return slips - {keyword, ""}
