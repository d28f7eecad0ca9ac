"""Who reads what a file writes to the console."""

from __future__ import annotations

import pytest

from thea_hook.languages.consoles import is_command_line_program


@pytest.mark.parametrize(
    "source",
    [
        b"#!/usr/bin/env node\nf();",
        b"const [file] = process.argv.slice(2);",
        b"import { Command } from 'commander';",
        b"const readline = require('node:readline');",
        b"const a = f();\nconsole.log(a);\n",
    ],
)
def test_a_program_for_the_command_line_is_known_by_what_it_uses(source: bytes) -> None:
    assert is_command_line_program(source)


@pytest.mark.parametrize(
    "source",
    [
        b"export const a = f();\nconsole.log(a);\n",
        b"function f() {\n  console.log(1);\n}\n",
        b"import a from './commander';",
    ],
)
def test_other_files_write_for_their_authors(source: bytes) -> None:
    assert not is_command_line_program(source)
