"""What `let` for `var` leads to."""

from __future__ import annotations

import pytest

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import Reported
from thea_hook.others.repair import candidates
from thea_hook.settings import Settings


def offered(text: str) -> list[str]:
    """The texts that the candidates for a `var` at the beginning make."""
    file = SourceFile("a.mjs", text.encode(), "javascript")
    reported = Reported("eslint", "no-var", "", "a.mjs", Span(0, text.index(";") + 1))
    (found,) = candidates(file, (reported,), Settings(root=".", models=("none",)))
    return [apply_edits(file.text, candidate.edits).decode() for candidate in found]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("var a = f(), b = 1;\nb += a;\ng(b);\n", "const a = f();\nlet b = 1;\nb += a;\ng(b);\n"),
        ("var a = f(), b;\nif (a) b = a;\ng(b);\n", "const a = f();\nlet b;\nif (a) b = a;\ng(b);\n"),
    ],
)
def test_a_declaration_of_which_a_part_is_constant_is_split_at_last(before: str, after: str) -> None:
    first, last = offered(before)
    assert first == before.replace("var", "let")
    assert last == after


def test_one_that_stays_whole_has_one_way_out() -> None:
    assert offered("var a = 1, b = 2;\na += b++;\nf(a);\n") == ["let a = 1, b = 2;\na += b++;\nf(a);\n"]
    assert offered("var a = 1;\nf(a);\n") == ["let a = 1;\nf(a);\n"]
