"""The ``global`` comment of a file, with more names in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import insert
from thea_hook.others.undeclared.header import end_of_header, line_end

_REASON = re.compile(rb"\s-{2,}\s")
_WIDTH = 100


def with_globals(module: Module, names: Sequence[str]) -> Edit:
    """The names in the file's first ``global`` comment, or in one at its top."""
    for entry in module.scopes.global_comments:
        if entry.kind == "global":
            comment = entry.node.text or b""
            reason = _REASON.search(comment)
            end = reason.start() if reason else len(comment) - len(b"*/")
            end = len(comment[:end].rstrip(b" \t\r\n,"))
            return insert(entry.node.start_byte + end, "".join(f", {name}" for name in names))
    end_of_line = line_end(module.text)
    lines = [""]
    for name in names:
        if lines[-1] and len(lines[-1]) + len(name) > _WIDTH:
            lines.append("")
        lines[-1] += f"{', ' if lines[-1] else ''}{name}"
    listed = f",{end_of_line}   ".join(lines)
    return insert(end_of_header(module, directives=False), f"/* global {listed} */{end_of_line}")
