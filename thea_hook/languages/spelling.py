"""Words that differ by one slip of the fingers."""

from __future__ import annotations


def is_one_slip(written: str, meant: str) -> bool:
    """Whether one letter is missing, too many or wrong, or two neighbours are swapped (Damerau's four errors)."""
    start = _common(written, meant)
    left, right = written[start:], meant[start:]
    end = _common(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    if (len(left), len(right)) in ((0, 1), (1, 0), (1, 1)):
        return True
    return len(left) == 2 and left == right[::-1]


def _common(left: str, right: str) -> int:
    """How many letters two words have in common at their start."""
    shorter = min(len(left), len(right))
    return next((place for place in range(shorter) if left[place] != right[place]), shorter)
