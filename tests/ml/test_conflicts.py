"""The ways to resolve a conflict, and which of them comes first."""

from __future__ import annotations

from thea_hook.ml.conflicts import resolutions

SHORT, LONG = b"const a = 1;\n", b"const a = 1;\nconst b = 2;\n"


def conflict(ours: bytes, theirs: bytes) -> bytes:
    return b"<<<<<<< HEAD\n" + ours + b"=======\n" + theirs + b">>>>>>> topic\n"


def ranked(text: bytes) -> list[bytes]:
    return [seed.text for seed in sorted(resolutions(text), key=lambda seed: -seed.score)]


def test_the_longer_side_comes_first_then_the_other_then_both() -> None:
    assert ranked(conflict(LONG, SHORT)) == [LONG, SHORT, LONG + SHORT]
    assert ranked(conflict(SHORT, LONG)) == [LONG, SHORT, SHORT + LONG]


def test_of_two_sides_as_long_ours_comes_first() -> None:
    assert ranked(conflict(b"a();\n", b"b();\n")) == [b"a();\n", b"b();\n", b"a();\nb();\n"]


def test_all_conflicts_of_a_text_are_resolved_to_one_side() -> None:
    text = b"first();\n" + conflict(SHORT, b"") + b"between();\n" + conflict(b"", LONG)
    assert ranked(text)[0] == b"first();\nbetween();\n" + LONG  # theirs: two lines against one


def test_a_text_without_conflicts_has_no_resolutions() -> None:
    assert ranked(b"a <<<<<<< b;\n") == []
