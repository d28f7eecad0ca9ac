"""Who reads what a file writes to the console."""

from __future__ import annotations

import re

_PROMPTS = rb"commander|yargs|cac|meow|minimist|mri|sade|(?:node:)?readline|inquirer|@inquirer/[\w-]+|@clack/prompts"
_COMMAND_LINE = re.compile(
    rb"\A#!|\bprocess\.argv\b|\bprocess\.exit(?:Code)?\b|(?:\bfrom|\brequire\()\s*['\"](?:%s)['\"]" % _PROMPTS
)
_WRITING = re.compile(rb"^(?:await |if \(.*\) )?console\.", re.MULTILINE)
_EXPORTS = re.compile(rb"^export\b|\b(?:module\.)?exports\b|\bdefine\(|^\s*\(?function\s*\(", re.MULTILINE)


def is_command_line_program(source: bytes) -> bool:
    """Whether the file is run from a command line, so that what it writes is what it is for: it says so, or it gives
    nothing to other files and writes outside of all functions."""
    if _COMMAND_LINE.search(source) is not None:
        return True
    return _WRITING.search(source) is not None and _EXPORTS.search(source) is None
