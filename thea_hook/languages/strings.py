r"""The values of string, template, regular expression and number literals.

A decoded text is a sequence of UTF-16 code units, as ECMAScript sees it (a lone surrogate is allowed), and remembers
which source bytes each unit was written with: a check looks at the value and reports the place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from thea_hook.core.source import Span

SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

# An escape of a string literal (ECMA-262, 12.9.4 and B.1.1); what no branch takes is an escape that is not allowed.
_ESCAPE = re.compile(
    r"""\\(?:
        (?P<line>\r\n|[\n\r\u2028\u2029])
      | x(?P<hex>[0-9a-fA-F]{2})
      | u(?P<unit>[0-9a-fA-F]{4})
      | u\{(?P<point>[0-9a-fA-F]+)\}
      | (?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)
      | (?P<other>[^xu])
    )""",
    re.VERBOSE,
)


class Decoded(NamedTuple):
    """A text and where it was written: unit ``i`` of ``value`` stands at the bytes ``starts[i]`` to ``ends[i]``."""

    value: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The source bytes of the units from ``start`` to ``end``; both ends of an empty range lie together."""
        if start < end:
            return Span(self.starts[start], self.ends[end - 1])
        place = self.starts[start] if start < len(self.starts) else self.ends[-1] if self.ends else 0
        return Span(place, place)


def utf16(text: str) -> str:
    """The text with every character beyond U+FFFF as two surrogates, so that its length is the one JavaScript sees."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(units[index] | units[index + 1] << 8) for index in range(0, len(units), 2))


def code_points(units: str) -> str:
    """The text with every surrogate pair as one character: the inverse of ``utf16``; lone surrogates stay."""
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def cooked(raw: str) -> str | None:
    """The value of the text between the quotes of a string literal, by characters; None as for ``decode_string``."""
    text = raw.encode("utf-8", "surrogateescape")
    decoded = _decode_escapes(text, Span(0, len(text)), template=False)
    return None if decoded is None else code_points(decoded.value)


def decode_plain(text: bytes, span: Span) -> Decoded:
    """The source text of a span as it stands, without escapes: the body of a regular expression, a JSX text."""
    return _collect(_plain_pieces(text[span.start : span.end].decode("utf-8", "surrogatepass"), span.start))


def decode_string(text: bytes, span: Span) -> Decoded | None:
    """The value of a string literal whose span includes its quotes; None where an escape is not allowed."""
    return _decode_escapes(text, Span(span.start + 1, span.end - 1), template=False)


def decode_template_chars(text: bytes, span: Span) -> Decoded | None:
    """The cooked value of the characters of a template between its backquotes and ``${..}``; None as for a string.

    A template has no octal escapes, and CR and CRLF become LF.
    """
    return _decode_escapes(text, span, template=True)


def _decode_escapes(text: bytes, span: Span, *, template: bool) -> Decoded | None:
    raw = text[span.start : span.end].decode("utf-8", "surrogatepass")
    if "\\" not in raw and "\r" not in raw:
        return _collect(_plain_pieces(raw, span.start))
    pieces: list[tuple[str, int, int]] = []
    index = 0
    offset = span.start
    while index < len(raw):
        if raw[index] == "\\":
            match = _ESCAPE.match(raw, index)
            value = _escape_value(match, raw, template) if match is not None else None
            if match is None or value is None:
                return None
            source = match.group()
        elif template and raw[index] == "\r":
            source = raw[index : index + 2] if raw.startswith("\r\n", index) else "\r"
            value = "\n"
        else:
            source = value = raw[index]
        end = offset + len(source.encode("utf-8", "surrogatepass"))
        pieces.append((value, offset, end))
        index += len(source)
        offset = end
    return _collect(iter(pieces))


def _escape_value(match: re.Match[str], raw: str, template: bool) -> str | None:
    if match["line"] is not None:
        return ""
    digits = match["hex"] or match["unit"] or match["point"]
    if digits is not None:
        value = int(digits, 16)
        return chr(value) if value <= 0x10FFFF else None
    octal = match["octal"]
    if octal is None:
        other = match["other"]
        return None if template and other in "89" else SIMPLE_ESCAPES.get(other, other)
    if template and (octal != "0" or raw[match.end() : match.end() + 1].isdigit()):
        return None
    return chr(int(octal, 8))


def _plain_pieces(raw: str, offset: int) -> Iterator[tuple[str, int, int]]:
    if raw.isascii():
        for index, character in enumerate(raw, offset):
            yield character, index, index + 1
        return
    for character in raw:
        end = offset + len(character.encode("utf-8", "surrogatepass"))
        yield character, offset, end
        offset = end


def _collect(pieces: Iterator[tuple[str, int, int]]) -> Decoded:
    value: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for text, start, end in pieces:
        for unit in utf16(text):
            value.append(unit)
            starts.append(start)
            ends.append(end)
    return Decoded("".join(value), tuple(starts), tuple(ends))


# A number literal without its separators (ECMA-262, 12.9.3 and B.1.1).
_LEGACY_OCTAL = re.compile(r"0[0-7]+")
_RADIX = {"x": 16, "o": 8, "b": 2}


def integer_value(literal: str) -> int | None:
    """The exact value of an integer literal of any base, ``BigInt`` or not; None with a fraction or an exponent."""
    digits = literal.replace("_", "").lower().removesuffix("n")
    if len(digits) > 1 and digits[0] == "0" and digits[1] in _RADIX:
        return _to_int(digits[2:], _RADIX[digits[1]])
    return _to_int(digits, 8 if _LEGACY_OCTAL.fullmatch(digits) else 10)


def _to_int(digits: str, base: int) -> int | None:
    try:
        return int(digits, base) if digits.isalnum() else None
    except ValueError:  # not digits of this base, or more of them than Python converts
        return None


def number_value(literal: str) -> float | None:
    """The value of a number literal, rounded and overflowing as in JavaScript; None for what is not a number."""
    integer = integer_value(literal)
    try:
        return float(integer if integer is not None else literal.replace("_", ""))
    except OverflowError:
        return float("inf")
    except ValueError:
        return None


def number_to_string(literal: str) -> str | None:
    """What ``String(literal)`` gives; None for what is not a number, or is an integer too long to be a name."""
    if literal.endswith("n"):
        integer = integer_value(literal)
        return str(integer) if integer is not None and abs(integer) < LARGEST_PRINTED else None
    value = number_value(literal)
    return None if value is None else format_number(value)


LARGEST_PRINTED = 1 << 4096


def format_number(value: float) -> str:
    """A number as JavaScript prints it (ECMA-262, 6.1.6.1.20): ``1``, ``0.5``, ``1e+21``, ``Infinity``."""
    if value != value:
        return "NaN"
    if value < 0:
        return "-" + format_number(-value)
    if value == 0:
        return "0"
    if value == float("inf"):
        return "Infinity"
    # Python's repr has the same shortest digits, but puts the point and the exponent differently.
    mantissa, _, exponent = repr(float(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"
