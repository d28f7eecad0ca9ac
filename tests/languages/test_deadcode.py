"""Which code paths are found to hold dead code, and that the quick test before the analysis misses none."""

from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.languages.controlflow import build
from thea_hook.languages.deadcode import paths_with_dead_code
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import FUNCTIONS, descend

DEAD = [
    "return; a();",
    "if (a) { return; } else { throw b; } c();",
    "if (a) return; else if (b) return; else return; c();",
    "while (true) { a(); } b();",
    "for (;;) a(); b();",
    "do { return; } while (a); b();",
    "switch (a) { case 1: return; default: throw b; } c();",
    "switch (a) { case 1: return; b(); }",
    "try { return; } catch { a(); }",
    "try { for (;;) {} } finally { a(); }",
    "try { return; } finally { a(); } b();",
    "try { a(); } finally { return; } b();",
    "a: { for (;;) { b(); } } c();",
    "{ { return; } } a();",
]
ALIVE = [
    "return a();",
    "if (a) return; b();",
    "while (a) { return; } b();",
    "for (;;) { if (a) break; } b();",
    "switch (a) { case 1: return; } b();",
    "try { a(); return; } catch { b(); } c();",
    "return function () { a(); };",
    "a: { break a; } b();",
]


def module(body: str) -> Module:
    return Module(SourceFile("a.js", f"function f() {{ {body} }}".encode(), "javascript"))


@pytest.mark.parametrize("body", DEAD)
def test_a_path_with_dead_code_is_found(body: str) -> None:
    assert [path.type for path in paths_with_dead_code(module(body))] == ["function_declaration"]


@pytest.mark.parametrize("body", ALIVE)
def test_a_path_without_dead_code_is_not(body: str) -> None:
    assert paths_with_dead_code(module(body)) == []


@pytest.mark.parametrize("body", DEAD + ALIVE)
def test_the_quick_test_agrees_with_the_full_analysis(body: str) -> None:
    parsed = module(body)
    roots = [parsed.root, *(node for node in descend(parsed.root) if node.type in FUNCTIONS)]
    assert paths_with_dead_code(parsed) == [root for root in roots if build(root).unreachable]
