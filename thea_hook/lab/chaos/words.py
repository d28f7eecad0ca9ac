"""Mistakes with words: misspelt keywords, those of other languages, prose, and code that is half typed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import Places, insertion, new_line, removal, replacement
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]

_KEYWORDS = tuple(
    b"async await break case catch class const continue default delete else export extends finally for from function "
    b"if import implements instanceof interface in let new of private protected public readonly return static switch "
    b"throw try type typeof var void while yield".split()
)

# ------------------------------------------------------------------ keywords


def keywords(places: Places) -> Sequence[int]:
    """Keywords where they are not the name of a member."""
    return [
        index
        for index in places.of_texts(_KEYWORDS)
        if places.text_at(index - 1) not in (b".", b"?.") and places.text_at(index + 1) not in (b":", b"=", b",")
    ]


_NEIGHBOURS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "qws vgn xdfv ersfcx wsdr rtgdvc tyfhvb yugjbn uojk uihkmn iojlm opk nkj bmhj ipkl ol wa edft awedxz rfgy "
        "yihj cfgb qasd zsdc tghu asx".split(),
        strict=True,
    )
)


def misspelt(places: Places, index: int, rng: random.Random) -> Edits:
    """A slip of the fingers: letters swapped, lost, doubled, wrong, or a capital."""
    word = places.texts[index].decode()
    place = rng.randrange(len(word))
    slip = rng.random()
    if slip < 0.35 and place + 1 < len(word):
        typo = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    elif slip < 0.6:
        typo = word[:place] + word[place + 1 :]
    elif slip < 0.75:
        typo = word[:place] + word[place] + word[place:]
    elif slip < 0.88:
        typo = word[:place] + rng.choice(_NEIGHBOURS[word[place]]) + word[place + 1 :]
    else:
        typo = word.capitalize() if rng.random() < 0.8 else word.upper()
    if not typo or typo.encode() in _KEYWORDS:
        return []
    return [replacement(places, index, typo.encode())]


_FOREIGN = {
    b"function": (b"func", b"def", b"fn", b"fun", b"sub", b"procedure"),
    b"const": (b"val", b"local", b"final", b"constant", b"let const", b"const var"),
    b"let": (b"local", b"val", b"mut", b"let mut", b"dim"),
    b"var": (b"val", b"dim", b"local"),
    b"switch": (b"match", b"select"),
    b"case": (b"when",),
    b"default": (b"otherwise", b"case default", b"else"),
    b"catch": (b"except", b"rescue", b"catch catch"),
    b"throw": (b"raise",),
    b"import": (b"#import", b"#include", b"use", b"using", b"include"),
    b"export": (b"pub", b"exports", b"module"),
    b"extends": (b"inherits", b":"),
    b"interface": (b"struct", b"protocol", b"trait"),
    b"class": (b"struct", b"object"),
    b"for": (b"foreach", b"for each"),
    b"while": (b"until", b"loop"),
    b"async": (b"asynchronous", b"suspend"),
    b"else": (b"otherwise", b"els", b"else:"),
    b"return": (b"ret", b"return:"),
    b"finally": (b"ensure",),
    b"if": (b"unless", b"when"),
    b"new": (b"make",),
    b"type": (b"typedef", b"using"),
}


def foreign_keywords(places: Places) -> Sequence[int]:
    return [index for index in keywords(places) if places.texts[index] in _FOREIGN]


def foreign(places: Places, index: int, rng: random.Random) -> Edits:
    """The keyword of another language, `elif` and its like included."""
    if places.texts[index] == b"else" and places.text_at(index + 1) == b"if":
        span = Span(places.starts[index], places.ends[index + 1])
        return [Edit(span, rng.choice((b"elif", b"elseif", b"elsif", b"else-if")))]
    return [replacement(places, index, rng.choice(_FOREIGN[places.texts[index]]))]


_SUPPORTING = tuple(
    b"from as of in function const let return new extends import case catch else instanceof class async if".split()
)


def supporting_words(places: Places) -> Sequence[int]:
    """Keywords that hold something together."""
    return [index for index in places.of_texts(_SUPPORTING) if places.text_at(index - 1) not in (b".", b"?.")]


def missing_word(places: Places, index: int, rng: random.Random) -> Edits:
    return [removal(places, index, index, rng)]


def asyncs(places: Places) -> Sequence[int]:
    """`async` before a function: those who write `await` in it later forget it."""
    return [
        index
        for index in places.by_text.get(b"async", ())
        if places.text_at(index + 1) in (b"(", b"function") or places.kind_at(index + 1) == Kind.WORD
    ]


_MISTAKEN = {
    b"const": (b"import", b"export", b"return"),
    b"for": (b"if", b"while"),
    b"while": (b"if", b"for"),
    b"of": (b"in", b"from", b"="),
    b"in": (b"of",),
    b"from": (b"of", b"form", b"=", b"require"),
    b"case": (b"if", b"else"),
    b"catch": (b"else", b"finally"),
    b"else": (b"if", b"catch", b"then"),
    b"switch": (b"if", b"case"),
    b"function": (b"class", b"const"),
    b"class": (b"function", b"interface"),
    b"interface": (b"type", b"class"),
    b"type": (b"interface", b"class"),
    b"extends": (b"implements", b"from"),
    b"export": (b"exports", b"default"),
    b"import": (b"export", b"require"),
    b"as": (b"is", b"from"),
    b"return": (b"const", b"let"),
}


def mistakable_keywords(places: Places) -> Sequence[int]:
    """Keywords that are taken for one another, and where that is no longer the same statement."""
    return [
        index
        for index in places.of_texts(_MISTAKEN)
        if places.text_at(index - 1) not in (b".", b"?.") and places.text_at(index + 1) not in (b":", b",", b")")
    ]


def mistaken(places: Places, index: int, rng: random.Random) -> Edits:
    """Another keyword: `if` with the header of a `for`."""
    return [replacement(places, index, rng.choice(_MISTAKEN[places.texts[index]]))]


def long_words(places: Places) -> Sequence[int]:
    return [
        index
        for index in places.by_kind.get(Kind.WORD, ())
        if places.ends[index] - places.starts[index] > 3 and places.texts[index].isascii()
    ]


def split_word(places: Places, index: int, rng: random.Random) -> Edits:
    """`restor e`."""
    return [insertion(rng.randrange(places.starts[index] + 1, places.ends[index]), b" ")]


def neighbouring_words(places: Places) -> Sequence[int]:
    """Words that only a blank parts from the next one."""
    return [
        index
        for index in places.by_kind.get(Kind.WORD, ())
        if places.kind_at(index + 1) == Kind.WORD and places.gap_before(index + 1) == b" "
    ]


def joined_words(places: Places, index: int, rng: random.Random) -> Edits:
    """`elseif`, `constname`."""
    return [Edit(Span(places.ends[index], places.starts[index + 1]), b"")]


# ------------------------------------------------------------------ prose


def line_comments(places: Places) -> Sequence[int]:
    return [index for index in places.by_kind.get(Kind.COMMENT, ()) if places.texts[index].startswith(b"//")]


def uncommented(places: Places, index: int, rng: random.Random) -> Edits:
    """A comment that lost its `//` or one of the slashes, or has another language's mark."""
    start, text = places.starts[index], places.texts[index]
    if not any(char in text for char in b"abcdefghijklmnopqrstuvwxyz"):
        return []
    chance = rng.random()
    if chance < 0.2:
        return [Edit(Span(start, start + 1), b"")]
    marks = len(text) - len(text.lstrip(b"/"))
    if chance < 0.27:  # as shells and Python write it
        return [Edit(Span(start, start + marks), b"#")]
    blanks = len(text[marks:]) - len(text[marks:].lstrip(b" "))
    return [Edit(Span(start, start + marks + (blanks if rng.random() < 0.6 else 0)), b"")]


def block_comments(places: Places) -> Sequence[int]:
    return [
        index
        for index in places.by_kind.get(Kind.COMMENT, ())
        if places.texts[index].startswith(b"/*")
        and places.texts[index].endswith(b"*/")
        and len(places.texts[index]) > 6
    ]


def unopened_comment(places: Places, index: int, rng: random.Random) -> Edits:
    """A block comment that lost its `/*`, and sometimes its `*/` as well."""
    start, end, text = places.starts[index], places.ends[index], places.texts[index]
    marks = 3 if text.startswith(b"/**") and len(text) > 5 else 2
    edits = [Edit(Span(start, start + marks), b"")]
    if rng.random() < 0.4:
        edits.append(Edit(Span(end - 2, end), b""))
    return edits


def unclosed_comment(places: Places, index: int, rng: random.Random) -> Edits:
    """A block comment whose `*/` is gone or damaged."""
    end = places.ends[index]
    if rng.random() < 0.7:
        gap = 1 if places.text[end - 3 : end - 2] == b" " and rng.random() < 0.6 else 0
        return [Edit(Span(end - 2 - gap, end), b"")]
    return [Edit(Span(end - 1, end), b"") if rng.random() < 0.5 else insertion(end - 1, b" ")]


_SENTENCES = tuple(
    "This function returns the first match|Add a fallback for older browsers|Not sure why this is needed"
    "|we need to check the cache first|Example usage below|See the documentation for details|end of the loop"
    "|Handle the error here|Don't remove this line|this should never happen|Set up the event listeners"
    "|get the current user from the session|TODO: add tests|FIXME later|NOTE: order matters|Step 2 - load the data"
    "|update: works now|fetch all items|Your code here|Here is the updated code:|the rest stays the same"
    "|... existing code ...|Copyright the authors|Part 1|Helper functions|return the sum of the two numbers"
    "|if the list is empty, return null|for each item in the list|Import the modules that we need".split("|")
)


def bare_sentence(places: Places, index: int, rng: random.Random) -> Edits:
    """A sentence that nobody commented out."""
    sentence = rng.choice(_SENTENCES)
    if rng.random() < 0.2:
        sentence = "* " + sentence
    return [new_line(places, places.rows[index], sentence.encode())]


# ------------------------------------------------------------------ code in the making

_HALF_TYPED: tuple[tuple[float, str], ...] = (
    (10, "{name}."),
    (4, "const {new} ="),
    (4, "const {new} = "),
    (2, "let {new} = {name}."),
    (5, "if ("),
    (3, "if ({name}"),
    (3, "if ({name}) {{"),
    (3, "for ("),
    (2, "for (const {new} of "),
    (3, "import {{ {new} }} fr"),
    (2, "import {new} from"),
    (2, "import "),
    (3, "{name}("),
    (3, "{name}.{new}("),
    (3, "const {{ {new} }}"),
    (3, "const"),
    (3, "function {new}("),
    (2, "function {new}"),
    (2, "function"),
    (2, "console.log("),
    (2, "console.log('{new}"),
    (2, "{name} ="),
    (2, "{name}["),
    (2, "return {name}."),
    (2, "const {new} = async () =>"),
    (2, "const {new} = ({name}) => {{"),
    (2, "while ("),
    (2, "switch ({name}"),
    (2, "try {{"),
    (2, "export "),
    (2, "export const"),
    (1, "await"),
    (2, "new "),
    (2, "{new}:"),
    (2, "{new}: {{"),
    (1, "class {new} {{"),
    (1, "interface {new} {{"),
    (1, "type {new} ="),
    (2, "<{tag}"),
    (1, "<{tag}>"),
    (1, "</"),
    (2, "else"),
    (1, "case"),
    (1, "{name} &&"),
    (1, "{name} ?"),
    (1, "["),
    (1, "("),
)
_FORMS = [form for _, form in _HALF_TYPED]
_FORM_WEIGHTS = [weight for weight, _ in _HALF_TYPED]
_TAGS = ("div", "span", "Button", "p", "li", "input")
_NEW = ("a", "x", "i", "res", "result", "data", "item", "foo", "test", "value", "handler", "tmp", "key", "user")


def half_typed(places: Places, index: int, rng: random.Random) -> Edits:
    """A statement at the cursor of which only the beginning is there, on a line of its own."""
    name = rng.choice(places.names) if places.names else b"value"
    form = rng.choices(_FORMS, _FORM_WEIGHTS)[0]
    written = form.format(name=name.decode("utf-8", "replace"), new=rng.choice(_NEW), tag=rng.choice(_TAGS))
    return [new_line(places, places.rows[index], written.encode())]


def cut(places: Places, index: int, rng: random.Random) -> Edits:
    """The end of a line is not there yet."""
    row = places.rows[index]
    count = min(rng.choice((1, 2, 2, 3, 3, 4)), row.last - row.first)
    if not count or places.kinds[row.last] == Kind.COMMENT:
        return []
    first = row.last - count + 1
    is_tight = rng.random() < 0.7
    start = places.ends[first - 1] if is_tight else places.starts[first]
    return [Edit(Span(start, places.ends[row.last]), b"")]
