"""How a file is laid out, so that a fix that writes or takes away lines fits in."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span
from thea_hook.languages import layout, nodes
from thea_hook.languages.grammars import parse


def find(code: str, kind: str) -> Node:
    return next(node for node in nodes.descend(parse(code.encode(), "javascript").root_node) if node.type == kind)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"if (a) {\n    f();\n}\n", "    "),
        (b"if (a) {\n\tf();\n}\n", "\t"),
        (b"/**\n * f\n */\nif (a) {\n  f(\n      b);\n}\n", "  "),
        (b"f();\n", "  "),
    ],
)
def test_a_step_of_indentation_is_what_the_file_uses_after_a_brace(source: bytes, expected: str) -> None:
    assert layout.indentation(source) == expected


def test_lines_are_moved_but_not_those_of_templates() -> None:
    code = "{\n  f(`\n  a`);\n\n  g();\n}"
    where = Span(0, len(code))
    deeper = apply_edits(code.encode(), list(layout.shifted(find(code, "statement_block"), where, "  ", code.encode())))
    assert deeper == b"{\n    f(`\n  a`);\n\n    g();\n  }"
    back = list(layout.unshifted(find(deeper.decode(), "statement_block"), Span(0, len(deeper)), "  ", deeper))
    assert apply_edits(deeper, back) == code.encode()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a()\nf();\n[1].map(g)", False),
        ("a();\nf();\n[1].map(g)", True),
        ("a();\nf();\nb();", True),
        ("if (a) f();", False),
        ("{ f(); }", True),
    ],
)
def test_a_statement_is_removable_where_its_neighbours_stay_apart(code: str, expected: bool) -> None:
    start = code.index("f()")
    calls = nodes.descend(parse(code.encode(), "javascript").root_node)
    statement = next(node for node in calls if node.type == "expression_statement" and node.start_byte == start)
    assert layout.is_removable(statement) is expected


@pytest.mark.parametrize(
    ("code", "gone", "expected"),
    [
        ("a();\n  b();\nc();", "b();", "a();\nc();"),
        ("a(); b(); c();", "b();", "a(); c();"),
        ("a();\n\nb();\n\nc();", "b();", "a();\n\nc();"),
        ("{\n  b();\n\n  c();\n}", "b();", "{\n  c();\n}"),
        ("a();\n\nb();\n", "b();", "a();\n"),
        ("{\n  a();\n\n  b();\n}", "b();", "{\n  a();\n}"),
        ("a();\r\n\r\nb();\r\n\r\nc();", "b();", "a();\r\n\r\nc();"),
    ],
)
def test_code_is_removed_with_the_lines_that_it_fills(code: str, gone: str, expected: str) -> None:
    start = code.index(gone)
    edit = layout.without(Span(start, start + len(gone)), code.encode())
    assert apply_edits(code.encode(), [edit]).decode() == expected
