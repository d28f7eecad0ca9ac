"""``@{name}`` holes in messages and fixes."""

from __future__ import annotations

import re
from collections.abc import Mapping

HOLE = re.compile(r"@\{(\w+)\}")


def holes(template: str) -> list[str]:
    """The names a template asks for, in order."""
    return HOLE.findall(template)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every hole filled. Raises KeyError for a name without a value."""
    return HOLE.sub(lambda match: values[match[1]], template)
