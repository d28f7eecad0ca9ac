"""The table of mistakes: what people get wrong, how often, and what makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thea_hook.lab.chaos import (
    blocks,
    declarations,
    jsx,
    lines,
    parentheses,
    quotes,
    stray,
    tokens,
    words,
)
from thea_hook.lab.chaos.places import Mistake, Where, every, row_starts

# In a text that has JSX, its mistakes should not drown the others.
_LEAST_YIELD = 0.05


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


# The shares follow the syntax errors of public histories, and so do the places: nearly all of the commas that were
# missing there were the last of their lines, as were most brackets. Conflict markers have less of it, because rules
# mend them, and what is rare has at least half a percent, because a model must have seen it.
KINDS: tuple[Kind, ...] = (
    # missing
    Kind("missing closing bracket", 4.6, 0.99, tokens.closers, tokens.missing),
    Kind("missing closing group", 2.0, 0.82, tokens.closing_groups, tokens.missing_group),
    Kind("missing closing line", 5.4, 0.89, blocks.closing_rows, blocks.missing_closing_line),
    Kind("lost end", 2.4, 0.31, blocks.last_rows, blocks.lost_end),
    Kind("missing opening bracket", 2.4, 0.99, tokens.openers, tokens.missing),
    Kind("missing opening brace", 1.1, 0.93, blocks.block_openers, tokens.missing),
    Kind("missing braces", 0.5, 0.70, blocks.whole_blocks, blocks.missing_braces),
    Kind("missing parentheses", 0.5, 0.35, parentheses.conditions, parentheses.missing_parentheses),
    Kind("missing parameters", 0.5, 0.52, parentheses.empty_parameters, parentheses.missing_parameters),
    Kind("missing comma", 1.5, 0.82, tokens.separating_commas, tokens.missing),
    Kind("missing comma at line end", 9.5, 0.42, tokens.line_ending_commas, tokens.missing_in_column),
    Kind("missing semicolon", 0.5, 0.04, tokens.needed_semicolons, tokens.missing),
    Kind("missing colon", 0.6, 0.78, tokens.colons, tokens.missing),
    Kind("missing arrow", 0.5, 0.62, tokens.arrows, tokens.missing),
    Kind("missing equals sign", 0.5, 0.85, tokens.equals, tokens.missing),
    Kind("missing dot", 0.5, 0.72, tokens.dots, tokens.missing_dot),
    Kind("missing operator", 0.6, 0.66, tokens.binary_operators, tokens.missing),
    Kind("missing plus", 0.7, 0.01, tokens.concatenations, tokens.missing),
    Kind("missing word", 0.8, 0.55, words.supporting_words, words.missing_word),
    Kind("missing async", 1.1, 0.10, words.asyncs, words.missing_word),
    # extra
    Kind("doubled bracket", 2.0, 0.99, tokens.brackets, tokens.doubled),
    Kind("doubled bracket at line end", 1.8, 0.96, tokens.line_ending_closers, tokens.doubled),
    Kind("extra bracket", 2.3, 0.99, every, tokens.extra_bracket),
    Kind("extra brace", 0.5, 0.95, blocks.statement_ends, blocks.extra_brace),
    Kind("extra closing line", 4.0, 0.98, row_starts, tokens.extra_closing_line),
    Kind("extra semicolon", 1.3, 0.81, every, tokens.extra_semicolon),
    Kind("semicolon in a list", 2.0, 0.53, tokens.item_ends, tokens.semicolon_in_list),
    Kind("extra comma", 1.5, 0.86, tokens.marks, tokens.extra_comma),
    Kind("doubled comma", 0.5, 0.81, tokens.commas, tokens.doubled),
    Kind("doubled mark", 0.8, 0.91, tokens.marks, tokens.doubled),
    Kind("extra operator", 1.3, 0.91, every, tokens.extra_operator),
    # wrong
    Kind("wrong bracket", 1.3, 0.99, tokens.brackets, tokens.wrong_bracket),
    Kind("wrong pair of brackets", 0.5, 0.68, parentheses.pairs_in_line, parentheses.wrong_pair),
    Kind("condition closed early", 1.1, 0.21, parentheses.compound_conditions, parentheses.early_closed),
    Kind("wrong operator", 1.3, 0.88, tokens.replaceable, tokens.wrong_operator),
    Kind("dot for plus", 0.5, 0.01, tokens.concatenations, tokens.dot_for_plus),
    Kind("split operator", 0.6, 0.77, tokens.splittable, tokens.split_operator),
    Kind("semicolon for comma", 0.6, 0.90, tokens.commas, tokens.semicolon_for_comma),
    Kind("comma for semicolon", 0.5, 0.32, tokens.semicolons, tokens.comma_for_semicolon),
    Kind("comma between statements", 0.8, 0.30, tokens.semicolons_between_statements, tokens.comma_for_semicolon),
    Kind("dot for comma", 0.5, 0.77, tokens.commas, tokens.dot_for_comma),
    Kind("equals sign for colon", 0.7, 0.56, tokens.keyed_colons, tokens.equals_for_colon),
    Kind("colon for equals sign", 0.5, 0.78, tokens.assigning_equals, tokens.colon_for_equals),
    Kind("swapped tokens", 0.5, 0.93, tokens.marks, tokens.swapped),
    Kind("misplaced token", 0.5, 0.94, tokens.marks, tokens.moved),
    # words
    Kind("misspelt keyword", 1.4, 0.91, words.keywords, words.misspelt),
    Kind("foreign keyword", 0.5, 0.93, words.foreign_keywords, words.foreign),
    Kind("mistaken keyword", 0.5, 0.79, words.mistakable_keywords, words.mistaken),
    Kind("const without a value", 0.9, 0.04, declarations.bare_lets, declarations.const_without_value),
    Kind("second beginning", 0.6, 0.91, declarations.values, declarations.second_beginning),
    Kind("function with an arrow", 0.5, 0.60, declarations.arrow_parameters, declarations.function_with_arrow),
    Kind("doubled word", 0.5, 0.86, declarations.words, declarations.doubled_word),
    Kind("split word", 0.5, 0.98, words.long_words, words.split_word),
    Kind("joined words", 0.5, 0.46, words.neighbouring_words, words.joined_words),
    Kind("stray letter", 2.2, 0.44, row_starts, stray.stray_letter),
    Kind("stray character", 1.5, 0.87, row_starts, stray.stray_character),
    Kind("stray word", 1.4, 0.57, row_starts, stray.stray_word),
    Kind("stray command", 0.6, 0.81, row_starts, stray.stray_command),
    # prose
    Kind("uncommented line", 0.8, 0.22, words.line_comments, words.uncommented),
    Kind("unopened comment", 0.5, 0.20, words.block_comments, words.unopened_comment),
    Kind("bare sentence", 0.6, 0.95, row_starts, words.bare_sentence),
    # code in the making
    Kind("half-typed statement", 2.1, 0.88, row_starts, words.half_typed),
    Kind("cut line", 1.5, 0.81, row_starts, words.cut),
    # strings, templates, comments
    Kind("unclosed string", 2.2, 0.91, quotes.strings, quotes.unclosed_string),
    Kind("mismatched quotes", 0.6, 0.91, quotes.strings, quotes.mismatched),
    Kind("doubled quote", 0.5, 0.91, quotes.strings, quotes.doubled_quote),
    Kind("unescaped quote", 0.6, 0.01, quotes.with_apostrophe, quotes.unescaped),
    Kind("typographic quotes", 0.5, 0.91, quotes.strings, quotes.typographic),
    Kind("unquoted string", 0.5, 0.52, quotes.bare_strings, quotes.unquoted),
    Kind("unquoted key", 0.5, 0.04, quotes.quoted_keys, quotes.unquoted),
    Kind("string over two lines", 0.5, 0.42, quotes.strings, quotes.broken_line),
    Kind("unclosed template", 0.6, 0.12, quotes.templates, quotes.unclosed_template),
    Kind("damaged regular expression", 0.5, 0.04, quotes.regexes, quotes.damaged_regex),
    Kind("unclosed comment", 0.5, 0.15, words.block_comments, words.unclosed_comment),
    # lines
    Kind("lost line", 1.3, 0.78, lines.structural_rows, lines.lost_line),
    Kind("doubled line", 0.7, 0.80, lines.structural_rows, lines.doubled_line),
    Kind("joined lines", 0.5, 0.48, lines.joinable_rows, lines.joined_lines),
    Kind("broken comment", 0.5, 0.17, words.line_comments, lines.split_line),
    Kind("conflict", 2.4, 0.99, row_starts, lines.conflict),
    Kind("conflict marker", 1.1, 0.99, row_starts, lines.conflict_marker),
    # JSX
    Kind("unclosed element", 0.6, 0.09, jsx.closing_tags, jsx.unclosed_element),
    Kind("misspelt closing tag", 0.5, 0.09, jsx.closing_tags, jsx.misspelt_tag),
    Kind("damaged closing tag", 0.5, 0.09, jsx.closing_tags, jsx.damaged_closing_tag),
    Kind("extra closing tag", 0.5, 0.09, jsx.closing_tags, jsx.extra_closing_tag),
    Kind("extra mark behind a tag", 0.7, 0.13, jsx.tag_ends, jsx.extra_mark),
    Kind("unbraced expression", 0.5, 0.12, jsx.braced_attributes, jsx.unbraced),
    Kind("unclosed tag", 0.5, 0.10, jsx.self_closing_tags, jsx.unclosed_tag),
    Kind("missing fragment", 0.5, 0.01, jsx.fragments, jsx.missing_fragment),
    Kind("unfinished opening tag", 0.5, 0.07, jsx.plain_opening_tags, jsx.unfinished_tag),
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
