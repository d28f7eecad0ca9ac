"""What a format may be told beside the report itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class RuleInfo(NamedTuple):
    """What a report says about a rule: its summary, why it exists, where to read on."""

    summary: str
    why: str = ""
    url: str | None = None


def no_rule_info(rule_id: str) -> RuleInfo | None:
    """Nothing is known about any rule."""
    return None


class FormatOptions(NamedTuple):
    """How to write a report.

    ``unsafe_fixes`` is what the run was asked to do: marks and hints depend on it. ``show_fixes`` adds a list
    of what was fixed to the formats for people, ``closing`` the lines that sum up. ``prefix`` is the way from
    the root of the repository to the folder that paths are relative to; the formats that a server reads put it
    before every relative path. ``source_url`` is what comes before such a path in the address of a file's text; empty
    where no server shows it. ``routing`` asks for what each file says about the models that were asked,
    ``fingerprints`` for the names by which fixes can be voted on.
    """

    version: str
    colour: bool = False
    unsafe_fixes: bool = False
    show_fixes: bool = False
    closing: bool = True
    rule: Callable[[str], RuleInfo | None] = no_rule_info
    prefix: str = ""
    source_url: str = ""
    routing: bool = False
    fingerprints: bool = False
