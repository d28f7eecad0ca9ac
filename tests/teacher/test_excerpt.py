"""What the teacher is shown: little, but the lines that matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from questions import BROKEN

from thea_hook.core.source import Language, SourceFile
from thea_hook.errors import ParseTimeout
from thea_hook.languages.oracle import tree_sitter_verdict
from thea_hook.teacher.excerpt import Excerpt, excerpt_of, problems_of


def excerpt(text: bytes, most_bytes: int = 6_000, language: Language = "javascript") -> Excerpt | None:
    file = SourceFile({"javascript": "a.mjs", "typescript": "a.ts", "tsx": "a.tsx"}[language], text, language)
    return excerpt_of(file, problems_of(file, tree_sitter_verdict(file)), most_bytes)


def shown(text: bytes, most_bytes: int = 6_000) -> bytes:
    found = excerpt(text, most_bytes)
    assert found is not None
    return text[slice(*found.span)]


def function(name: str, body: str = "  return input + 1;\n  // done\n") -> bytes:
    return f"export function {name}(input) {{\n{body * 4}}}\n\n".encode()


def test_the_block_around_the_error_is_shown_and_not_its_neighbours() -> None:
    text = (
        b"".join(function(f"before{n}") for n in range(9))
        + BROKEN[60:]
        + b"".join(function(f"after{n}") for n in range(9))
    )
    part = shown(text)
    assert b"for (const item of items {" in part
    assert b"before0" not in part
    assert b"after8" not in part


def test_declarations_of_the_names_in_the_lines_come_along() -> None:
    text = BROKEN.replace(b"const limit = 10;\n", b"const limit = 10;\nconst other = 11;\n" + function("unrelated") * 3)
    found = excerpt(text)
    assert found is not None
    declared = [text[slice(*place)] for place in found.declarations]
    assert b"const limit = 10;" in declared
    assert b'import { load } from "./store.js";' in declared
    assert not [line for line in declared if b"other" in line or b"unrelated" in line]


def test_the_lines_are_whole_and_counted() -> None:
    found = excerpt(BROKEN)
    assert found is not None
    start, end = found.span
    assert start == 0 or BROKEN[start - 1 : start] == b"\n"
    assert end == len(BROKEN) or BROKEN[end - 1 : end] == b"\n"
    assert found.first_line == BROKEN[:start].count(b"\n") + 1
    assert found.problems


def test_a_line_that_is_too_long_is_not_shown() -> None:
    assert excerpt(b"f(" + b"a," * 20_000 + b";\n", most_bytes=4_000) is None


def test_errors_far_apart_are_looked_at_where_the_parser_stopped() -> None:
    text = b"a = = b;\n" + b"f();\n" * 4_000 + b"g(;\n"
    found = excerpt(text, most_bytes=2_000)
    assert found is None or found.span.end - found.span.start <= 2_000


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
@given(
    text=st.lists(
        st.sampled_from(["{", "}", "(", ")", "\n", "  ", "\t", "a", "=", ";", "`", "'", "function f", "\r\n", "é"]),
        max_size=80,
    ).map("".join)
)
def test_no_text_breaks_it_and_no_excerpt_is_larger_than_allowed(language: Language, text: str) -> None:
    try:
        found = excerpt(text.encode(), 64, language)
    except ParseTimeout:  # a grammar that does not come to an end is no verdict to ask about
        return
    if found is not None:
        assert 0 <= found.span.start <= found.span.end <= len(text.encode())
        assert found.span.end - found.span.start <= 64
        assert all(place.end <= found.span.start or found.span.end <= place.start for place in found.declarations)
