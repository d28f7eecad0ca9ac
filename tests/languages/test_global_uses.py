from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.languages.global_uses import calls_of, is_global_member, is_global_name
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import descend, text

KNOWN = {"RegExp": False, "Math": False, "globalThis": False}


def module(code: str) -> Module:
    return Module(SourceFile("case.mjs", code.encode(), "javascript"))


def calls(code: str) -> list[str]:
    return [text(use.node) for use in calls_of(("RegExp", "Math"), module(code).scopes, KNOWN)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("RegExp('a'); new Math", ["RegExp('a')", "new Math"]),
        ("globalThis.RegExp(); globalThis['Math']?.()", ["globalThis.RegExp()", "globalThis['Math']?.()"]),
        ("const R = RegExp; new R()", ["new R()"]),
        ("let R; R = RegExp; R()", ["R()"]),
        ("const { RegExp: R = x, Math } = globalThis; R(Math())", ["R(Math())", "Math()"]),
        ("const g = globalThis; g.Math()", ["g.Math()"]),
        ("(a ? b : RegExp)(); (0, Math)()", ["(a ? b : RegExp)()", "(0, Math)()"]),
        ("function f(R = RegExp) { R() }", ["R()"]),
        ("a = b = RegExp; (c ??= Math)()", ["(c ??= Math)()"]),
        ("const a = RegExp, b = a; a = b; b()", ["b()"]),
    ],
)
def test_a_global_is_followed_to_where_it_is_called(code: str, found: list[str]) -> None:
    assert calls(code) == found


@pytest.mark.parametrize(
    "code",
    [
        "function RegExp() {} RegExp()",
        "RegExp = own; RegExp()",
        "Math.max()",
        "RegExp`a`",
        "f(RegExp)",
        "window.RegExp()",
        "(RegExp ? a : b)()",
        "const [R] = RegExp; R()",
    ],
)
def test_what_is_not_a_call_of_the_global_is_left_out(code: str) -> None:
    assert calls(code) == []


def test_a_long_chain_of_names_is_followed_without_recursion() -> None:
    names = "".join(f"const a{i + 1} = a{i};" for i in range(2000))
    assert calls(f"const a0 = RegExp; {names} a2000()") == ["a2000()"]


def test_a_global_and_its_member_are_recognised() -> None:
    parsed = module("Number.NaN; Number['NaN']; own.NaN; (NaN)")
    found = {
        text(node)
        for node in descend(parsed.root)
        if is_global_member(node, "Number", "NaN", parsed.scopes) or is_global_name(node, "NaN", parsed.scopes)
    }
    assert found == {"Number.NaN", "Number['NaN']", "(NaN)", "NaN"}
