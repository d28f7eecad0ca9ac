from __future__ import annotations

import pytest

from thea_hook.core.source import Span
from thea_hook.languages.strings import (
    code_points,
    cooked,
    decode_plain,
    decode_string,
    decode_template_chars,
    format_number,
    integer_value,
    number_to_string,
    number_value,
    utf16,
)


def whole(text: bytes) -> Span:
    return Span(0, len(text))


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (b"'plain'", "plain"),
        (rb"'\n\t\b\v\f\r'", "\n\t\b\v\f\r"),
        (rb"'\x41\u0042\u{43}'", "ABC"),
        (rb"'\0\7\101\377\400\8'", "\0\7A\xff 08"),
        (rb"'\q\'\"'", "q'\""),
        (b"'a\\\nb\\\r\nc'", "abc"),
        ("'\\\u2028x'".encode(), "x"),
        (rb"'\u{1F600}'", "\ud83d\ude00"),
        ("'😀'".encode(), "\ud83d\ude00"),
    ],
)
def test_a_string_literal_has_the_value_javascript_gives_it(literal: bytes, value: str) -> None:
    decoded = decode_string(literal, whole(literal))
    assert decoded is not None
    assert decoded.value == value


@pytest.mark.parametrize("literal", [rb"'\x4'", rb"'\u12'", rb"'\u{110000}'", rb"'\u{}'", rb"'\u{fffffffffffffffff}'"])
def test_an_escape_that_is_not_allowed_has_no_value(literal: bytes) -> None:
    assert decode_string(literal, whole(literal)) is None


def test_each_unit_knows_the_bytes_it_was_written_with() -> None:
    text = "x = 'é\\x41\\\n😀'".encode()
    decoded = decode_string(text, Span(4, len(text)))
    assert decoded is not None
    assert decoded.value == "éA\ud83d\ude00"
    written = [text[start:end] for start, end in zip(decoded.starts, decoded.ends, strict=True)]
    assert written == ["é".encode(), b"\\x41", "😀".encode(), "😀".encode()]
    assert decoded.span(1, 1) == Span(decoded.starts[1], decoded.starts[1])
    assert text[slice(*decoded.span(0, 2))] == "é\\x41".encode()


def test_a_template_has_no_octal_escapes_and_one_kind_of_line_break() -> None:
    def cooked(text: bytes) -> str | None:
        decoded = decode_template_chars(text, whole(text))
        return None if decoded is None else decoded.value

    assert cooked(b"a\r\nb\rc\nd") == "a\nb\nc\nd"
    assert cooked(rb"\0") == "\0"
    assert cooked(rb"\01") is None
    assert cooked(rb"\1") is None
    assert cooked(rb"\8") is None
    assert cooked(rb"\`\${") == "`${"


def test_plain_text_keeps_its_backslashes() -> None:
    assert decode_plain(rb"/a\nb/", Span(1, 5)).value == r"a\nb"


def test_code_units_and_code_points_convert_both_ways() -> None:
    assert utf16("a😀") == "a\ud83d\ude00"
    assert code_points(utf16("a😀")) == "a😀"
    assert code_points("\ud83d") == "\ud83d"


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0", 0),
        ("1_000", 1000),
        ("0xFF", 255),
        ("0B11", 3),
        ("0o17", 15),
        ("017", 15),
        ("089", 89),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E+400", float("inf")),
        ("9" * 400, float("inf")),
        ("9" * 10_000, float("inf")),
        ("0x" + "f" * 5000, float("inf")),
        ("9007199254740993", 9007199254740992),
        ("12n", 12),
    ],
)
def test_a_number_literal_has_the_value_javascript_gives_it(literal: str, value: float) -> None:
    assert number_value(literal) == value


def test_an_integer_literal_keeps_its_exact_value() -> None:
    assert integer_value("9007199254740993") == 9007199254740993
    assert integer_value("0x1_0n") == 16
    assert integer_value("1.5") is None
    assert integer_value("1e3") is None
    assert integer_value("0xg") is None
    assert number_value("abc") is None


@pytest.mark.parametrize(
    ("literal", "printed"),
    [
        ("1.0", "1"),
        ("0x10", "16"),
        ("1e21", "1e+21"),
        ("123456789012345678901", "123456789012345680000"),
        ("1.5e300", "1.5e+300"),
        ("0.000001", "0.000001"),
        ("1.25e-7", "1.25e-7"),
        (".1", "0.1"),
        ("12.50", "12.5"),
        ("0", "0"),
        ("1e999", "Infinity"),
        ("1_000n", "1000"),
    ],
)
def test_a_number_is_printed_as_javascript_does(literal: str, printed: str) -> None:
    assert number_to_string(literal) == printed


def test_special_numbers_are_printed_by_name() -> None:
    assert format_number(float("nan")) == "NaN"
    assert format_number(float("-inf")) == "-Infinity"
    assert format_number(-2.5) == "-2.5"
    assert number_to_string("x") is None
    assert number_to_string("0x" + "f" * 10_000 + "n") is None


def test_the_text_between_quotes_can_be_decoded_alone() -> None:
    assert cooked(r"\u{1F600}\n") == "😀\n"
    assert cooked(r"\u{}") is None
