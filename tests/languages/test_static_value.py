from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.languages.grammars import Module
from thea_hook.languages.static_value import StaticValue, static_value, string_units


def value_of_last(code: str) -> StaticValue | None:
    module = Module(SourceFile("case.mjs", code.encode(), "javascript"))
    expression = module.root.named_children[-1].named_children[0]
    return static_value(expression, module.text, module.scopes)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a\\n'", "a\n"),
        ("`a${'b'}${1}c`", "ab1c"),
        ("String.raw`\\d${'x'}`", "\\dx"),
        ("'a' + 1 + true + null", "a1truenull"),
        ("1 + 0x10 + true", 18.0),
        ("('a', 'b') || 'c'", None),
        ("null ?? 'a'", "a"),
        ("'' || 'b'", "b"),
        ("'a' && 'b'", "b"),
        ("0 ? 'a' : 'b'", "b"),
        ("const a = 'x'; a + a", "xx"),
        ("var a = 'x'; a", "x"),
        ("let a = 'x'; a = 'y'; a", None),
        ("const { a } = b; a", None),
        ("a", None),
        ("f('a')", None),
        ("10n", None),
    ],
)
def test_an_expression_has_a_value_where_that_is_certain(code: str, value: object) -> None:
    found = value_of_last(code)
    assert (None if found is None else found.value) == value


def test_values_convert_to_strings_as_javascript_does() -> None:
    texts = [StaticValue(value).to_string() for value in ("a", 1e21, 0.5, True, False, None)]
    assert texts == ["a", "1e+21", "0.5", "true", "false", "null"]
    assert not StaticValue(float("nan")).truthy


def test_constants_that_double_each_other_are_given_up() -> None:
    doubling = "".join(f"const a{i + 1} = a{i} + a{i};" for i in range(1000))
    assert value_of_last(f"const a0 = 'x'; {doubling} a1000") is None


def test_string_units_read_strings_and_plain_templates_only() -> None:
    module = Module(SourceFile("case.mjs", b"'a'; `b`; `c${d}`; 1", "javascript"))
    nodes = [statement.named_children[0] for statement in module.root.named_children]
    decoded = [string_units(node, module.text) for node in nodes]
    assert [None if each is None else each.value for each in decoded] == ["a", "b", None, None]
