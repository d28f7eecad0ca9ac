"""The meaning of control flow: what can be reached, and which segments code lies on."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.core.source import Language
from thea_hook.languages.controlflow import ControlFlow, Visitor, build, trace
from thea_hook.languages.grammars import parse
from thea_hook.languages.nodes import FUNCTIONS
from thea_hook.languages.segments import Segment


def first_function(code: str, language: Language = "javascript") -> Node:
    stack = [parse(code.encode(), language).root_node]
    while stack:
        node = stack.pop()
        if node.type in FUNCTIONS:
            return node
        stack.extend(reversed(node.children))
    raise AssertionError("no function in the code")


def flow_of(body: str, head: str = "function f()") -> ControlFlow:
    return build(first_function(f"{head} {{ {body} }}"))


def texts(nodes: tuple[Node, ...]) -> list[str]:
    return [(node.text or b"").decode() for node in nodes]


@pytest.mark.parametrize(
    "body",
    [
        "return 1; dead();",
        "throw e; dead();",
        "for (;;) { live(); } dead();",
        "while (true) live(); dead();",
        "while ((1)) live(); dead();",
        "do { live(); } while ('yes'); dead();",
        "if (a) return; else throw b; dead();",
        "switch (a) { case 1: return; default: throw b; } dead();",
        "switch (a) { default: return; case 1: throw b; } dead();",
        "try { return; } finally { live(); } dead();",
        "try { live(); } finally { return; } dead();",
        "try { return; } catch { dead(); }",
        "try { live(); return; } catch (e) { throw e; } dead();",
        "out: { for (;;) { continue; } } dead();",
        "for (const a of b) { continue; dead(); }",
        "out: while (a) { break out; dead(); }",
        "while (a || true) live(); return; dead();",
    ],
)
def test_nothing_after_a_jump_is_reached(body: str) -> None:
    assert texts(flow_of(body).unreachable)[-1:] == ["dead();"]


@pytest.mark.parametrize(
    "body",
    [
        "if (a) return; live();",
        "while (a) { return; } live();",
        "while (true) { if (a) break; } live();",
        "while (0x0) { live(); } live();",
        "while (0n) { live(); } live();",
        "for (; '';) { live(); } live();",
        "out: while (true) { while (true) { break out; } } live();",
        "out: { break out; } live();",
        "switch (a) { case 1: return; } live();",
        "switch (a) { default: break; } live();",
        "switch (a) { case 1: default: } live();",
        "try { f(); return; } catch { } live();",
        "try { return a.b; } catch { live(); } live();",
        "try { return a; } catch { live(); }",
        "do { if (a) continue; return; } while (b); live();",
        "const g = () => { return; }; live();",
        "class A { static { return_: { break return_; } } } live();",
        "while (`x`) { live(); } live();",
    ],
)
def test_what_some_path_gets_to_is_reached(body: str) -> None:
    assert flow_of(body).unreachable == ()


def test_a_generator_can_be_resumed_with_a_throw() -> None:
    body = "try { yield; while (true); } catch { live(); }"
    assert flow_of(body, head="function* f()").unreachable == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", True),
        ("a();", True),
        ("return 1;", False),
        ("throw a;", False),
        ("if (a) return 1;", True),
        ("if (a) return 1; else return 2;", False),
        ("while (true) {}", False),
        ("while (true) { break; }", True),
        ("try { return f(); } catch {}", True),
        ("try { return f(); } finally { g(); }", False),
        ("switch (a) { case 1: return 1; case 2: return 2; default: return 3; }", False),
        ("switch (a) { case 1: return 1; case 2: return 2; }", True),
        ("const g = () => { return 1; };", True),
    ],
)
def test_whether_execution_falls_off_the_end(body: str, expected: bool) -> None:
    assert flow_of(body).falls_off_end is expected


@pytest.mark.parametrize(
    ("body", "loops"),
    [
        ("while (a) { return; }", 1),
        ("while (a) { f(); }", 0),
        ("do { break; } while (a);", 1),
        ("do { if (b) continue; break; } while (a);", 0),
        ("for (;;) { return; }", 1),
        ("for (; a; b()) { return; }", 1),
        ("for (; a; b()) { if (c) continue; return; }", 0),
        ("for (const a of b) { throw a; }", 1),
        ("for (const a in b) { if (a) break; }", 0),
        ("outer: for (const a of b) { for (const c of a) { continue outer; } }", 1),
        ("return; while (a) { return; }", 0),
    ],
)
def test_loops_that_never_come_to_a_second_iteration(body: str, loops: int) -> None:
    assert len(flow_of(body).single_pass_loops) == loops


def test_a_case_is_open_when_its_end_is_reached() -> None:
    function = first_function("function f() { switch (a) { case 1: x(); case 2: break; case 3: default: y(); } }")
    stack, cases = [function], []
    while stack:
        node = stack.pop()
        if node.type in ("switch_case", "switch_default"):
            cases.append(node)
        stack.extend(reversed(node.children))
    assert [case.id in build(function).open_cases for case in cases] == [True, False, True, True]


def test_functions_fields_and_static_blocks_are_paths_of_their_own() -> None:
    root = parse(b"class A { a = b ? c : d; static { return_(); } m() { e(); } }", "javascript").root_node
    seen = Names()
    trace(root, seen)
    assert seen.names == ["A"]


class Names(Visitor):
    """The identifiers in the order of evaluation, and the segments there are."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.started: list[Segment] = []
        self.loops = 0

    def enter(self, node: Node) -> None:
        if node.type == "identifier":
            self.names.append((node.text or b"").decode())

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        self.started.append(segment)

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        self.loops += 1


def names_in(code: str, language: Language = "javascript") -> Names:
    seen = Names()
    assert trace(first_function(code, language), seen) is not None
    return seen


def test_a_method_s_key_is_evaluated_outside_the_method() -> None:
    assert names_in("class A { [key](a = b) { c; } }").names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("a; b;", 1),
        ("a ? b : c;", 4),
        ("a && b;", 3),
        ("a ||= b;", 3),
        ("a ?? b;", 3),
        ("(a && b) || c;", 4),
        ("a?.b;", 3),
        ("a?.b.c(d);", 3),
        ("a?.b?.c;", 4),
        ("if (a) b;", 3),
        ("if (a && b) c;", 4),
        ("const { a = b } = c;", 3),
        ("a = b + c;", 1),
    ],
)
def test_expressions_fork_where_they_short_cut(body: str, segments: int) -> None:
    assert len(names_in(f"function f() {{ {body} }}").started) == segments


def test_types_do_not_fork() -> None:
    seen = names_in("function f(a?: A | B): a is C { (a as D)!.b satisfies E; }", "typescript")
    assert len(seen.started) == 1


def test_a_default_value_of_a_parameter_forks() -> None:
    assert len(names_in("function f(a: number = 1) { a; }", "typescript").started) == 3


def test_a_visitor_sees_the_way_back_of_a_loop() -> None:
    seen = names_in("function f() { while (a) { b; } }")
    test = next(segment for segment in seen.started if segment.looped_from)
    assert seen.loops == 1
    assert len(test.previous) == 2


def test_code_in_finally_lies_on_two_segments() -> None:
    class Widest(Visitor):
        width = 0

        def enter(self, node: Node) -> None:
            self.width = max(self.width, len(self.segments))

    widest = Widest()
    trace(first_function("function f() { try { a(); } finally { b(); } }"), widest)
    assert widest.width == 2


def test_nothing_is_claimed_about_a_path_with_a_syntax_error() -> None:
    function = first_function("function f() { return 1; if (; dead(); }")
    assert build(function) == ControlFlow()
    assert trace(function, Visitor()) is None


@pytest.mark.parametrize(
    "code",
    [
        "{" * 10_000 + "}" * 10_000,
        "if (a) {" * 3_000 + "}" * 3_000,
        "try { a(); } finally {" * 60 + "}" * 60,
        "a || " * 3_000 + "b",
        "(" * 3_000 + "a" + ")" * 3_000,
        "if (a) b(); else " * 3_000 + "c();",
    ],
    ids=["blocks", "ifs", "finally in finally", "logical", "parentheses", "else-if"],
)
def test_hostile_nesting_ends(code: str) -> None:
    root = parse(code.encode(), "javascript").root_node
    assert build(root).unreachable == ()
    assert trace(root, Visitor()) is not None
