"""The table of mistakes: what people get wrong, how often, and what makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thea_hook.lab.chaos import jsx, lines, quotes, tokens, words
from thea_hook.lab.chaos.places import Mistake, Where, every, row_starts

# In a text that has JSX, its mistakes should not drown the others.
_LEAST_YIELD = 0.1


class Kind(NamedTuple):
    """One kind of mistake.

    ``share`` is how much of the broken texts it should be, in percent. ``yields`` is how often an attempt at it gives a
    broken text, because there is a place for it among some forty lines of the corpus and because it does break them;
    the preview measures it. What seldom succeeds is tried the more often.
    """

    name: str
    share: float
    yields: float
    where: Where
    mistake: Mistake

    @property
    def weight(self) -> float:
        return self.share / max(self.yields, _LEAST_YIELD)


# The shares follow syntax errors in public histories: conflict markers 14 %, missing brackets 14, missing comma 11,
# extra brackets 10, stray text 8, incomplete code 6, stray or bad operator 5, unterminated string, template or comment
# 4.5, extra semicolon 3, prose 3, JSX 2, missing operator 2, wrong bracket 2, misspelt keyword 1.4, misplaced tokens
# 1.4, wrong separator 1.2. Conflict markers have less of it, because rules mend them, and what is rare has at least
# half a percent, because a model must have seen it.
KINDS: tuple[Kind, ...] = (
    # missing
    Kind("missing closing bracket", 8.8, 0.99, tokens.closers, tokens.missing),
    Kind("missing opening bracket", 4.0, 1.00, tokens.openers, tokens.missing),
    Kind("missing closing group", 2.2, 0.87, tokens.closing_groups, tokens.missing_group),
    Kind("missing parentheses", 0.7, 0.36, tokens.conditions, tokens.missing_parentheses),
    Kind("missing comma", 10.1, 0.90, tokens.separating_commas, tokens.missing),
    Kind("missing semicolon", 0.5, 0.04, tokens.needed_semicolons, tokens.missing),
    Kind("missing colon", 1.1, 0.72, tokens.colons, tokens.missing),
    Kind("missing arrow", 0.7, 0.45, tokens.arrows, tokens.missing),
    Kind("missing equals sign", 0.6, 0.85, tokens.equals, tokens.missing),
    Kind("missing dot", 0.6, 0.70, tokens.dots, tokens.missing_dot),
    Kind("missing operator", 1.2, 0.67, tokens.binary_operators, tokens.missing),
    Kind("missing word", 0.9, 0.65, words.supporting_words, words.missing_word),
    Kind("missing async", 1.0, 0.12, words.asyncs, words.missing_word),
    # extra
    Kind("doubled bracket", 4.0, 1.00, tokens.brackets, tokens.doubled),
    Kind("extra bracket", 3.1, 0.99, every, tokens.extra_bracket),
    Kind("extra closing line", 2.6, 0.98, row_starts, tokens.extra_closing_line),
    Kind("extra semicolon", 2.8, 0.82, every, tokens.extra_semicolon),
    Kind("extra comma", 1.7, 0.90, tokens.marks, tokens.extra_comma),
    Kind("doubled comma", 0.6, 0.86, tokens.commas, tokens.doubled),
    Kind("doubled mark", 0.9, 0.87, tokens.marks, tokens.doubled),
    Kind("extra operator", 1.5, 0.92, every, tokens.extra_operator),
    # wrong
    Kind("wrong bracket", 1.9, 1.00, tokens.brackets, tokens.wrong_bracket),
    Kind("wrong operator", 1.5, 0.82, tokens.replaceable, tokens.wrong_operator),
    Kind("split operator", 1.1, 0.66, tokens.splittable, tokens.split_operator),
    Kind("semicolon for comma", 0.9, 0.92, tokens.commas, tokens.semicolon_for_comma),
    Kind("comma for semicolon", 0.6, 0.70, tokens.semicolons, tokens.comma_for_semicolon),
    Kind("dot for comma", 0.5, 0.80, tokens.commas, tokens.dot_for_comma),
    Kind("equals sign for colon", 0.8, 0.52, tokens.keyed_colons, tokens.equals_for_colon),
    Kind("colon for equals sign", 0.5, 0.66, tokens.declaring_equals, tokens.colon_for_equals),
    Kind("swapped tokens", 0.9, 0.92, tokens.marks, tokens.swapped),
    Kind("misplaced token", 0.7, 0.92, tokens.marks, tokens.moved),
    # words
    Kind("misspelt keyword", 1.9, 0.90, words.keywords, words.misspelt),
    Kind("foreign keyword", 0.7, 0.95, words.foreign_keywords, words.foreign),
    Kind("mistaken keyword", 0.8, 0.78, words.mistakable_keywords, words.mistaken),
    Kind("split word", 0.5, 0.96, words.long_words, words.split_word),
    Kind("joined words", 0.6, 0.48, words.neighbouring_words, words.joined_words),
    Kind("stray letter", 2.8, 0.51, every, words.stray_letter),
    Kind("stray character", 1.5, 0.91, every, words.stray_character),
    Kind("stray word", 1.9, 0.70, every, words.stray_word),
    Kind("stray command", 0.9, 0.82, row_starts, words.stray_command),
    # prose
    Kind("uncommented line", 1.4, 0.33, words.line_comments, words.uncommented),
    Kind("unopened comment", 0.7, 0.29, words.block_comments, words.unopened_comment),
    Kind("bare sentence", 1.2, 0.94, row_starts, words.bare_sentence),
    # code in the making
    Kind("half-typed statement", 3.5, 0.88, row_starts, words.half_typed),
    Kind("cut line", 2.2, 0.74, row_starts, words.cut),
    # strings, templates, comments
    Kind("unclosed string", 2.1, 0.92, quotes.strings, quotes.unclosed_string),
    Kind("mismatched quotes", 0.8, 0.92, quotes.strings, quotes.mismatched),
    Kind("doubled quote", 0.6, 0.92, quotes.strings, quotes.doubled_quote),
    Kind("unescaped quote", 0.7, 0.40, quotes.with_apostrophe, quotes.unescaped),
    Kind("typographic quotes", 0.5, 0.92, quotes.strings, quotes.typographic),
    Kind("unquoted string", 0.5, 0.52, quotes.bare_strings, quotes.unquoted),
    Kind("string over two lines", 0.5, 0.36, quotes.strings, quotes.broken_line),
    Kind("unclosed template", 0.9, 0.16, quotes.templates, quotes.unclosed_template),
    Kind("damaged regular expression", 0.5, 0.06, quotes.regexes, quotes.damaged_regex),
    Kind("unclosed comment", 0.6, 0.22, words.block_comments, words.unclosed_comment),
    # lines
    Kind("lost line", 1.4, 0.71, lines.structural_rows, lines.lost_line),
    Kind("doubled line", 1.1, 0.81, lines.structural_rows, lines.doubled_line),
    Kind("joined lines", 0.8, 0.09, lines.joinable_rows, lines.joined_lines),
    Kind("broken comment", 0.5, 0.26, words.line_comments, lines.split_line),
    Kind("conflict", 3.5, 1.00, row_starts, lines.conflict),
    Kind("conflict marker", 1.4, 0.98, row_starts, lines.conflict_marker),
    # JSX
    Kind("unclosed element", 0.9, 0.16, jsx.closing_tags, jsx.unclosed_element),
    Kind("misspelt closing tag", 0.5, 0.14, jsx.closing_tags, jsx.misspelt_tag),
    Kind("damaged closing tag", 0.6, 0.16, jsx.closing_tags, jsx.damaged_closing_tag),
    Kind("extra closing tag", 0.5, 0.16, jsx.closing_tags, jsx.extra_closing_tag),
    Kind("unclosed tag", 0.5, 0.16, jsx.self_closing_tags, jsx.unclosed_tag),
    Kind("missing fragment", 0.5, 0.01, jsx.fragments, jsx.missing_fragment),
    Kind("unfinished opening tag", 0.5, 0.12, jsx.plain_opening_tags, jsx.unfinished_tag),
)
BY_NAME = {kind.name: kind for kind in KINDS}


class Mixture(NamedTuple):
    """Kinds of mistakes, and how often each is drawn."""

    kinds: Sequence[Kind]
    weights: Sequence[float]


def mixture(**shares: float) -> Mixture:
    """The mixture of the table with other shares; a kind is named with underscores: ``mixture(conflict=14)``.

    Raises ValueError for a name that is none.
    """
    changed = _named(shares)
    kinds = [kind._replace(share=changed.get(kind.name, kind.share)) for kind in KINDS]
    return Mixture(kinds, [kind.weight for kind in kinds])


def only(*names: str) -> Mixture:
    """A mixture of nothing but these kinds, equally often."""
    return Mixture([BY_NAME[name] for name in names], [1.0] * len(names))


def _named(shares: Mapping[str, float]) -> dict[str, float]:
    names = {name.replace(" ", "_").replace("-", "_"): name for name in BY_NAME}
    unknown = sorted(set(shares) - set(names))
    if unknown:
        raise ValueError(f"no such kind of mistake: {', '.join(unknown)}")
    return {names[name]: share for name, share in shares.items()}


MIXTURE = mixture()
