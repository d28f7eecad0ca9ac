"""Words of a text."""

from __future__ import annotations

from thea_hook.languages.words import WORD, occurrences


def test_a_word_is_what_names_and_keywords_are_made_of() -> None:
    assert WORD.findall("a.$el + _b2(ähn, 1e3, 'return')".encode()) == [b"a", b"$el", b"_b2", "ähn".encode(), b"return"]


def test_only_whole_words_count() -> None:
    assert occurrences(b"name", b"name, names, rename, $name, name.name, (name)") == 4
    assert occurrences(b"$el", b"$el $els a$el") == 1
    assert occurrences(b"name", b"") == 0
