"""Entries added to a list in braces: the names of an import, the members of a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.languages.nodes import insert, named

if TYPE_CHECKING:
    from tree_sitter import Node


def added(braces: Node, entries: Sequence[str]) -> Edit | None:
    """More entries behind the last one, each on a line of its own if that is; None where there is none yet."""
    members = named(braces)
    if not members:
        return None
    last = members[-1]
    before = (braces.text or b"")[: last.start_byte - braces.start_byte]
    indent = before[before.rfind(b"\n") + 1 :]
    gap = " "
    if b"\n" in before and not indent.strip():
        end = "\r\n" if b"\r\n" in before else "\n"
        gap = f"{end}{indent.decode('utf-8', 'replace')}"
    return insert(last.end_byte, "".join(f",{gap}{entry}" for entry in entries))
