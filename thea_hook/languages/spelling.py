"""Words that differ by one slip of the fingers."""

from __future__ import annotations

import os.path


def is_one_slip(written: str, meant: str) -> bool:
    """Whether one letter is missing, too many or wrong, or two neighbours are swapped (Damerau's four errors)."""
    start = len(os.path.commonprefix((written, meant)))
    left, right = written[start:], meant[start:]
    end = len(os.path.commonprefix((left[::-1], right[::-1])))
    left, right = left[: len(left) - end], right[: len(right) - end]
    if (len(left), len(right)) in ((0, 1), (1, 0), (1, 1)):
        return True
    return len(left) == 2 and left == right[::-1]
