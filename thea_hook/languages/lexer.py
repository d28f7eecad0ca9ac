"""Where the lexical tokens of any text begin and end, whether a parser can read it or not.

The lexer needs no grammar and never fails: it goes once from left to right, and whatever a parser makes of the text,
the tokens and the white space between them are the whole text. One compiled expression takes every token that its own
first characters decide; the loop stops only at the characters whose meaning depends on what came before: a slash, a
backtick, a brace inside of a template, the brackets of JSX. What must be guessed there is guessed so that one missing
mark does not turn the rest of the file inside out: where a string, template, comment or element does not end as code
of its kind ends, only its first character is a token, and the text behind it is read as code.
"""

from __future__ import annotations

import re
from enum import Enum, IntEnum, auto

from thea_hook.languages.typographic import TYPOGRAPHIC


class Kind(IntEnum):
    """What a lexeme is. TEMPLATE is one run of template text, with the backtick or brace at either end of it."""

    WORD = 1
    NUMBER = 2
    STRING = 3
    COMMENT = 4
    PUNCTUATION = 5
    OTHER = 6
    TEMPLATE = 7
    REGEX = 8
    JSX_TEXT = 9


class _Mode(Enum):
    CODE = auto()
    SUBSTITUTION = auto()
    """``${...}`` of a template."""
    CONTAINER = auto()
    """``{...}`` of JSX."""
    TAG = auto()
    CLOSING_TAG = auto()
    CHILDREN = auto()


_JSX_MODES = frozenset([_Mode.TAG, _Mode.CLOSING_TAG, _Mode.CHILDREN])

# The operators and punctuators of ECMAScript and TypeScript, longest first.
PUNCTUATORS: tuple[bytes, ...] = tuple(
    b">>>= ... === !== **= <<= >>= >>> &&= ||= ??= => == != <= >= && || ?? ?. ++ -- += -= *= /= %= &= |= ^= << >> ** "
    b"{ } ( ) [ ] ; , < > + - * / % & | ^ ! ~ ? : = . @ #".split()
)

# White space beyond ASCII; the byte order mark is one.
_BLANK = rb"\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf"
_LETTER = (
    rb"(?!" + TYPOGRAPHIC + rb")(?!" + _BLANK + rb")[\x80-\xff][\x80-\xbf]*|\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]+\})"
)
_WORD = (
    rb"\#?[A-Za-z_$][A-Za-z0-9_$]*(?![A-Za-z0-9_$\x80-\xff\\])"
    rb"|\#?(?:[A-Za-z_$]|" + _LETTER + rb")(?:[A-Za-z0-9_$]|" + _LETTER + rb")*"
)
_NUMBER = rb"\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*"
# Strings with a backslash go the slow way: tried from every quote of a line that closes none, they take square time.
_PLAIN_STRING = rb"\"[^\"\\\n\r]*\"|'[^'\\\n\r]*'"
_LINE_COMMENT = rb"//[^\n\r]*|\A(?:\xef\xbb\xbf)?\#![^\n\r]*"
_MARKER = rb"^(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])"
_STRAY = rb"(?:" + TYPOGRAPHIC + rb")|[\s\S]"

_HARD, _SKIP = 7, 8


def _pattern(hard: bytes) -> re.Pattern[bytes]:
    """White space and one lexeme behind it, in the group of its kind, or in group 7 where the loop must look."""
    return re.compile(
        rb"[\t\n\v\f\r ]*(?:"
        rb"(" + _WORD + rb")|(" + _NUMBER + rb")|(" + _PLAIN_STRING + rb")|(" + _LINE_COMMENT + rb")"
        rb"|(" + _MARKER + rb"|(?!" + hard + rb")(?:" + b"|".join(map(re.escape, PUNCTUATORS)) + rb"))"
        rb"|(?!" + hard + rb"|" + _BLANK + rb")(" + _STRAY + rb")"
        rb"|(" + hard + rb")"
        rb"|(" + _BLANK + rb"|\Z))",
        re.MULTILINE,
    )


_ELEMENT = rb"|<(?![<=])"
_PATTERNS = {
    (_Mode.CODE, False): _pattern(rb"[`/\"']"),
    (_Mode.CODE, True): _pattern(rb"[`/\"']" + _ELEMENT),
    (_Mode.SUBSTITUTION, False): _pattern(rb"[`/\"'{}]"),
    (_Mode.SUBSTITUTION, True): _pattern(rb"[`/\"'{}]" + _ELEMENT),
    (_Mode.CONTAINER, True): _pattern(rb"[`/\"'{}]" + _ELEMENT),
    (_Mode.TAG, True): _pattern(rb"[`/\"'{}<>;()]"),
    (_Mode.CLOSING_TAG, True): _pattern(rb"[`/\"'{}<>;()]"),
}

_PUNCTUATOR = re.compile(b"|".join(map(re.escape, PUNCTUATORS)))
_STRING = re.compile(rb"\"(?:[^\"\\\n\r]|\\(?:\r\n|[\s\S]))*\"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'")
_REGEX = re.compile(rb"/(?![*/])(?:[^\\/\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+/[A-Za-z]*")
_TEMPLATE = re.compile(rb"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)")
_NESTED_COMMENT = re.compile(rb"^[ \t]*/\*", re.MULTILINE)
# What may follow a value on its line. Behind a backtick that closes nothing there is the text of another template.
_OPENS = re.compile(
    rb"[A-Za-z_$0-9<{\"'@\\#~\x80-\xff]|/(?![*/])"
    rb"|[ \t]+(?!(?:as|in|of|if|is|from|instanceof|satisfies)\b)[A-Za-z_$\"'@#]"
)
_ENDS_STATEMENT = re.compile(rb"[ \t]*[;,)]")

_ATTRIBUTE_STRING = re.compile(rb"\"[^\"<>{}=;]*\"|'[^'<>{}=;]*'")
_OPENING = re.compile(
    rb"<(?:>|(?P<name>[A-Za-z_$][\w$.:-]*)"
    rb"(?:\s*/?>|\s*<|\s+(?!extends\s+[\w$({\[])[\w$]|\s+\{\s*\.\.\.|\s+/[*/]))"
)
_CHILD = re.compile(rb"<(?:>|[A-Za-z_$])")
_CHILDREN_TEXT = re.compile(rb"(?:[^<{\n]|\n(?!(?:={7}|>{7}|\|{7})(?![=>|])))*")
_MARKER_LINE = re.compile(_MARKER, re.MULTILINE)
_ENTITY = re.compile(rb"&\#?\w+;")
# Text between tags that is code in truth: the element above was never closed.
_CODE_LIKE = re.compile(
    rb"[}>]|=>|;[ \t]*(?:\r?\n|//)"
    rb"|^\s*(?:(?:const|let|var)\s+[\w$\[{][^\n]*=|return\s*[(;]|(?:if|for|while|switch)\s*\("
    rb"|export\s+(?:default|const|function|class|type|interface)\b|(?:async\s+)?function\b[^\n]*\(|import\b[^\n]*[\"'])",
    re.MULTILINE,
)

# Words after which an expression begins, so that a slash opens a regular expression.
_BEFORE_EXPRESSION = frozenset(
    b"await case default delete do else extends in instanceof new of return throw typeof void yield".split()
)
# Words whose parentheses are not an expression: a slash behind them opens a regular expression, too.
_BEFORE_CONDITION = frozenset(b"for if while with".split())
# Lexemes and bytes that are looked through for a partner, so that any text takes linear time.
_LONGEST_CONDITION = 200
_LONGEST_ELEMENT = 10_000


def scan(text: bytes, *, jsx: bool) -> tuple[bytes, list[int], list[int]]:
    """The kind, the start and the end of every lexeme in order, comments included; between them is white space."""
    lexer = _Lexer(text, jsx)
    position = 0
    while position >= 0:
        position = lexer.children(position) if lexer.mode is _Mode.CHILDREN else lexer.code(position)
    return bytes(lexer.kinds), lexer.starts, lexer.ends


class _Lexer:
    def __init__(self, text: bytes, jsx: bool) -> None:
        self.text = text
        self.jsx = jsx
        self.kinds = bytearray()
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.mode = _Mode.CODE
        self._depth = 0
        """Braces that are open within a substitution or container, angle brackets within a tag."""
        self._outer: list[tuple[_Mode, int]] = []
        self._last_backtick = text.rfind(b"`")
        self._comment_end = 0
        """Where the next comment ends, or -1 where none does."""
        self._hopeless = {Kind.STRING: 0, Kind.REGEX: 0}
        """Up to where another attempt is not worth it: each may look at a whole line, and a line may be the file."""
        self._hard = {
            b"`": self._backtick,
            b"/": self._slash,
            b'"': self._quote,
            b"'": self._quote,
            b"{": self._opening_brace,
            b"}": self._closing_brace,
            b"<": self._less,
            b">": self._greater,
        }

    def code(self, position: int) -> int:
        """Take lexemes up to the first that depends on its surroundings; its end, or -1 at the end of the text."""
        kinds, starts, ends = self.kinds.append, self.starts.append, self.ends.append
        for match in _PATTERNS[self.mode, self.jsx].finditer(self.text, position):
            group = match.lastindex or _SKIP
            if group < _HARD:
                start, end = match.span(group)
                kinds(group)
                starts(start)
                ends(end)
            elif group == _HARD:
                return self._hard.get(match[_HARD], self._end_of_jsx)(match.start(_HARD))
        return -1

    def _add(self, kind: Kind, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        return end

    def _punctuation(self, start: int) -> int:
        match = _PUNCTUATOR.match(self.text, start)
        return self._add(Kind.PUNCTUATION, start, match.end() if match else start + 1)

    def _enter(self, mode: _Mode) -> None:
        self._outer.append((self.mode, self._depth))
        self.mode, self._depth = mode, 0

    def _leave(self) -> None:
        self.mode, self._depth = self._outer.pop() if self._outer else (_Mode.CODE, 0)

    # ------------------------------------------------------------------ strings, templates, comments, slashes

    def _quote(self, start: int) -> int:
        if self.mode is _Mode.TAG:
            match = _ATTRIBUTE_STRING.match(self.text, start)
            if match is not None:
                return self._add(Kind.STRING, start, match.end())
        return self._try(_STRING, Kind.STRING, start) or self._add(Kind.OTHER, start, start + 1)

    def _try(self, pattern: re.Pattern[bytes], kind: Kind, start: int) -> int | None:
        """Take a string or regular expression, if it ends."""
        if start < self._hopeless[kind]:
            return None
        match = pattern.match(self.text, start)
        if match is not None:
            return self._add(kind, start, match.end())
        line_end = self.text.find(b"\n", start)
        self._hopeless[kind] = line_end if line_end >= 0 else len(self.text)
        return None

    def _backtick(self, start: int) -> int:
        if self.mode is _Mode.SUBSTITUTION and self._closes_unclosed_substitution(start):
            self._leave()
            return self._add(Kind.TEMPLATE, start, start + 1)
        return self._template(start) or self._add(Kind.TEMPLATE, start, start + 1)

    def _template(self, start: int) -> int | None:
        """Take template text from a backtick or the brace that ends a substitution up to the next such place."""
        if start >= self._last_backtick:
            return None
        match = _TEMPLATE.match(self.text, start + 1)
        if match is None:
            return None
        end = match.end()
        if self.text.endswith(b"${", start, end):
            if end > self._last_backtick:
                return None
            self._enter(_Mode.SUBSTITUTION)
        elif _OPENS.match(self.text, end) and b"\n" in self.text[start:end]:
            return None
        return self._add(Kind.TEMPLATE, start, end)

    def _closes_unclosed_substitution(self, start: int) -> bool:
        """Whether a backtick within ``${`` ends the outer template: the brace before it is missing."""
        return self._follows_value() and _ENDS_STATEMENT.match(self.text, start + 1) is not None

    def _slash(self, start: int) -> int:
        if self.text.startswith(b"/*", start):
            return self._block_comment(start)
        if self.mode in _JSX_MODES:
            return self._add(Kind.PUNCTUATION, start, start + 1)
        if self._slash_opens_regex(start):
            end = self._try(_REGEX, Kind.REGEX, start)
            if end is not None:
                return end
        return self._punctuation(start)

    def _block_comment(self, start: int) -> int:
        if 0 <= self._comment_end < start + 4:
            found = self.text.find(b"*/", start + 2)
            self._comment_end = found + 2 if found >= 0 else -1
        end = self._comment_end
        if end < 0 or _NESTED_COMMENT.search(self.text, start + 2, end):
            return self._add(Kind.OTHER, start, start + 2)
        return self._add(Kind.COMMENT, start, end)

    # ------------------------------------------------------------------ what came before

    def _before(self) -> int:
        """The index of the last lexeme that is no comment, or -1."""
        index = len(self.kinds) - 1
        while index >= 0 and self.kinds[index] == Kind.COMMENT:
            index -= 1
        return index

    def _text_of(self, index: int) -> bytes:
        return self.text[self.starts[index] : self.ends[index]]

    def _follows_value(self) -> bool:
        index = self._before()
        if index < 0:
            return False
        if self.kinds[index] == Kind.WORD:
            return self._text_of(index) not in _BEFORE_EXPRESSION
        if self.kinds[index] == Kind.TEMPLATE:
            return not self.text.endswith(b"${", self.starts[index], self.ends[index])
        return self.kinds[index] != Kind.PUNCTUATION or self._text_of(index) in (b")", b"]", b"}")

    def _slash_opens_regex(self, start: int) -> bool:
        index = self._before()
        if index < 0:
            return True
        if self.kinds[index] != Kind.PUNCTUATION:
            return not self._follows_value()
        mark = self._text_of(index)
        if mark == b")":
            return self._closes_condition(index)
        if mark == b"}":
            return b"\n" in self.text[self.ends[index] : start]
        return mark not in (b"]", b"<", b"++", b"--")

    def _closes_condition(self, index: int) -> bool:
        """Whether this parenthesis ends ``if (...)`` and its like. A long condition is rather not looked through."""
        depth = 0
        for place in range(index, max(0, index - _LONGEST_CONDITION), -1):
            if self.kinds[place] == Kind.PUNCTUATION:
                mark = self._text_of(place)
                depth += (mark == b")") - (mark == b"(")
                if depth == 0:
                    return self.kinds[place - 1] == Kind.WORD and self._text_of(place - 1) in _BEFORE_CONDITION
        return False

    # ------------------------------------------------------------------ braces

    def _opening_brace(self, start: int) -> int:
        if self.mode is _Mode.TAG:
            self._enter(_Mode.CONTAINER)
        elif self.mode is _Mode.CLOSING_TAG:
            return self._end_of_jsx(start)
        else:
            self._depth += 1
        return self._add(Kind.PUNCTUATION, start, start + 1)

    def _closing_brace(self, start: int) -> int:
        if self.mode in _JSX_MODES:
            return self._end_of_jsx(start)
        if self._depth:
            self._depth -= 1
        else:
            was_substitution = self.mode is _Mode.SUBSTITUTION
            self._leave()
            end = self._template(start) if was_substitution else None
            if end is not None:
                return end
        return self._add(Kind.PUNCTUATION, start, start + 1)

    # ------------------------------------------------------------------ JSX

    def _less(self, start: int) -> int:
        if self.mode in _JSX_MODES:
            if self.ends[-1] == start and self.kinds[-1] == Kind.WORD:
                self._depth += 1  # type arguments of the element
            elif self.mode is _Mode.TAG:
                self.mode, self._depth = _Mode.CHILDREN, 0
                return start
            else:
                return self._end_of_jsx(start)
        elif self._opens_element(start):
            self._enter(_Mode.TAG)
        return self._add(Kind.PUNCTUATION, start, start + 1)

    def _opens_element(self, start: int) -> bool:
        """Whether an element begins here: where a value is due, and not with a type parameter."""
        if self._follows_value():
            return False
        match = _OPENING.match(self.text, start)
        if match is None:
            return False
        name = match["name"]
        if name is None or name[:1].islower() or not self.text.startswith(b">(", match.end("name")):
            return True
        return self.text.find(b"</" + name + b">", match.end(), match.end() + _LONGEST_ELEMENT) >= 0

    def _greater(self, start: int) -> int:
        if self._depth:
            self._depth -= 1
        elif self.mode is _Mode.CLOSING_TAG:
            self._leave()
            self._leave()
        elif self.ends[-1] == start and self.text[start - 1 : start] == b"/":
            self._leave()
        else:
            self.mode = _Mode.CHILDREN
        return self._add(Kind.PUNCTUATION, start, start + 1)

    def _end_of_jsx(self, start: int) -> int:
        """Go on as in the code around all open elements: what stands here is in no element."""
        if not self._depth:
            while self.mode in _JSX_MODES:
                self._leave()
            return start
        return self._punctuation(start)

    def children(self, position: int) -> int:
        """Take the text between two tags or containers, with the bracket behind it."""
        marker = _MARKER_LINE.match(self.text, position)
        if marker is not None:
            self._add(Kind.PUNCTUATION, position, marker.end())
            line_end = self.text.find(b"\n", position)
            return self._jsx_text(marker.end(), line_end if line_end >= 0 else len(self.text))
        match = _CHILDREN_TEXT.match(self.text, position)
        end = match.end() if match else position
        run = self.text[position:end]
        if b"&" in run:
            run = _ENTITY.sub(b"", run)
        if end == len(self.text) or _CODE_LIKE.search(run):
            return self._end_of_jsx(position)
        self._jsx_text(position, end)
        if self.text.startswith(b"\n", end):
            return end + 1
        if self.text.startswith(b"{", end):
            self._enter(_Mode.CONTAINER)
        elif self.text.startswith(b"</", end):
            self._enter(_Mode.CLOSING_TAG)
        elif _CHILD.match(self.text, end):
            self._enter(_Mode.TAG)
        elif _MARKER_LINE.match(self.text, end):
            return end
        else:
            self._end_of_jsx(end)
            return self._punctuation(end)
        return self._add(Kind.PUNCTUATION, end, end + 1)

    def _jsx_text(self, start: int, end: int) -> int:
        text = self.text[start:end]
        inner = text.strip()
        if inner:
            first = start + text.index(inner)
            self._add(Kind.JSX_TEXT, first, first + len(inner))
        return end
