from __future__ import annotations

import pytest

from thea_hook.languages.spelling import is_one_slip


@pytest.mark.parametrize("written", ["strng", "sstring", "strihg", "strnig", "strin", "tring", "stringg"])
def test_one_letter_missing_doubled_wrong_or_swapped_is_one_slip(written: str) -> None:
    assert is_one_slip(written, "string")


@pytest.mark.parametrize("written", ["string", "strg", "gnirts", "number", "", "strings!", "tsrnig"])
def test_the_word_itself_and_words_further_away_are_not(written: str) -> None:
    assert not is_one_slip(written, "string")
