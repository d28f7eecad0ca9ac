"""Scopes, variables and references, on small pieces of code.

A use of a name is written down as ``name@offset`` in the order of the file, a declaration by the offset of its name.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tree_sitter import Node

from thea_hook.core.source import Language, Span
from thea_hook.languages.grammars import ModuleKind, parse
from thea_hook.languages.scope import Reference, Scope, ScopeManager, analyze

TYPESCRIPT: Language = "typescript"


def scopes_of(code: str, language: Language = "javascript", kind: ModuleKind = "module") -> ScopeManager:
    text = code.encode()
    return analyze(parse(text, language).root_node, language=language, module_kind=kind, text=text)


def node_at(scopes: ScopeManager, start: int, end: int | None = None) -> Node:
    node = scopes.root.descendant_for_byte_range(start, start + 1 if end is None else end)
    assert node is not None
    return node


def kinds(scope: Scope) -> Any:
    """The tree of scope kinds below a scope, as nested tuples: ``(kind, child, child, ...)``."""
    return (scope.kind, *map(kinds, scope.children))


def declared_in(scope: Scope) -> dict[str, list[str]]:
    return {v.name: [d.kind for d in v.definitions] for v in scope.variables.values() if not v.implicit}


def resolutions(scopes: ScopeManager) -> dict[str, int | None]:
    """``name@offset`` of every reference -> the offset of the first definition it resolves to."""
    ordered = sorted(scopes.references, key=lambda reference: reference.start)
    return {f"{reference.name}@{reference.start}": definition_of(reference) for reference in ordered}


def definition_of(reference: Reference) -> int | None:
    if reference.resolved is None or reference.resolved.implicit:
        return None
    return reference.resolved.definitions[0].name.start_byte


def accesses(scopes: ScopeManager, name: str) -> list[str]:
    """How each reference of a name uses it: r, w or rw, with ``i`` where the write initialises."""
    found = sorted((r for r in scopes.references if r.name == name), key=lambda reference: reference.start)
    return ["r" * r.is_read + "w" * r.is_write + "i" * r.is_init for r in found]


class TestScopes:
    @pytest.mark.parametrize(
        ("code", "tree"),
        [
            ("{ }", (("block",),)),
            ("function f() { }", (("function",),)),
            ("function f() { { } }", (("function", ("block",)),)),
            ("x => x", (("function",),)),
            ("(function () {})", (("function",),)),
            ("(function f() {})", (("function-name", ("function",)),)),
            ("(function* f() {})", (("function-name", ("function",)),)),
            ("({ m() {}, get [k]() {} })", (("function",), ("function",))),
            ("for (let i;;) {}", (("for", ("block",)),)),
            ("for (var i;;) {}", (("block",),)),
            ("for (const x of y) {}", (("for", ("block",)),)),
            ("for (x of y) {}", (("block",),)),
            ("switch (a) { case 1: }", (("switch",),)),
            ("try { } catch (e) { }", (("block",), ("catch", ("block",)))),
            ("try { } catch { }", (("block",), ("catch", ("block",)))),
            ("class A { m() {} static { } }", (("class", ("function",), ("class-static-block",)),)),
            ("class A { x = 1; y; z = () => {} }", (("class", ("class-field",), ("class-field", ("function",))),)),
        ],
    )
    def test_javascript_nests_them_as_the_language_does(self, code: str, tree: Any) -> None:
        assert kinds(scopes_of(code, kind="script").global_scope) == ("global", *tree)

    @pytest.mark.parametrize(
        ("code", "tree"),
        [
            ("type T = 1", ()),
            ("type T<A> = A", (("type",),)),
            ("interface I { m(): void }", (("function-type",),)),
            ("interface I<A> { (): void; new (): I<A> }", (("type", ("function-type",), ("function-type",)),)),
            ("let f: (a: A) => B", (("function-type",),)),
            ("type T = A extends B ? C : D", (("conditional-type",),)),
            ("type T = { [K in A]: B }", (("mapped-type",),)),
            ("enum E { A }", (("enum",),)),
            ("namespace N { { } }", (("namespace", ("block",)),)),
            ("declare module 'm' { }", (("namespace",),)),
            ("declare global { }", (("namespace",),)),
            ("declare function f(): void", (("function",),)),
            ("abstract class A { abstract m(): void; n(): void; n() {} }", (("class", *[("function",)] * 3),)),
        ],
    )
    def test_typescript_adds_those_of_types(self, code: str, tree: Any) -> None:
        assert kinds(scopes_of(code, TYPESCRIPT).global_scope) == ("global", ("module", *tree))

    @pytest.mark.parametrize(
        ("kind", "tree"),
        [("script", ("global",)), ("module", ("global", ("module",))), ("commonjs", ("global", ("function",)))],
    )
    def test_the_file_has_a_scope_of_its_own_unless_it_is_a_script(self, kind: ModuleKind, tree: Any) -> None:
        scopes = scopes_of("let a", kind=kind)
        assert kinds(scopes.global_scope) == tree
        assert "a" in scopes.scopes[-1].variables

    def test_they_are_listed_in_source_order_outer_first(self) -> None:
        scopes = scopes_of("function f() { { } } { }").scopes
        assert [scope.kind for scope in scopes] == ["global", "module", "function", "block", "block"]

    def test_a_with_statement_makes_a_scope(self) -> None:
        scopes = scopes_of("with (o) { x }", kind="script")
        assert kinds(scopes.global_scope) == ("global", ("with", ("block",)))

    @pytest.mark.parametrize(
        ("code", "kind", "strict"),
        [
            ("function f() { }", "script", False),
            ("function f() { }", "module", True),
            ("function f() { 'use strict' }", "script", True),
            ('function f() { // why\n "other"; "use strict"; }', "script", True),
            ("function f() { x; 'use strict' }", "script", False),
            ("'use strict'; function f() { }", "script", True),
            ("class A { m() { } }", "script", True),
            ("() => 'use strict'", "script", False),
        ],
    )
    def test_strictness_comes_from_modules_classes_and_directives(
        self, code: str, kind: ModuleKind, strict: bool
    ) -> None:
        function = next(scope for scope in scopes_of(code, kind=kind).scopes if scope.kind == "function")
        assert function.is_strict is strict


class TestDeclarations:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("var a; let b; const c = 1;", {"a": ["var"], "b": ["let"], "c": ["const"]}),
            ("{ using a = b }", {}),
            ("{ var a; { var b } } if (x) var c; for (var d of e);", {name: ["var"] for name in "abcd"}),
            ("try { } catch { var a }", {"a": ["var"]}),
            ("function a() { var b }", {"a": ["function"]}),
            ("async function a() {} function* b() {}", {"a": ["function"], "b": ["function"]}),
            ("class A {}", {"A": ["class"]}),
            ("var a; var a; function a() {}", {"a": ["var", "var", "function"]}),
            ("const { a, b: c, ...d } = e", {name: ["const"] for name in "acd"}),
            ("const [a, , { b = 1 }, ...[c]] = e", {name: ["const"] for name in "abc"}),
            ("import a from 'm'", {"a": ["import"]}),
            ("import a, * as b from 'm'", {"a": ["import"], "b": ["import"]}),
            ("import { a, b as c, default as d } from 'm'", {name: ["import"] for name in "acd"}),
            ("export const a = 1; export default function b() {}", {"a": ["const"], "b": ["function"]}),
            ("export * as a from 'm'; export { b } from 'm'; export * from 'm'", {}),
            ("a: for (;;) break a", {}),
            ("a = 1", {}),
        ],
    )
    def test_top_level_names_of_javascript(self, code: str, expected: dict[str, list[str]]) -> None:
        assert declared_in(scopes_of(code).scopes[1]) == expected

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("import type A from 'm'", {"A": ["import-type"]}),
            ("import { type A, B } from 'm'", {"A": ["import-type"], "B": ["import"]}),
            ("import a = require('m')", {"a": ["import"]}),
            ("import a = N.b", {"a": ["import"]}),
            ("type A = 1; interface B {}", {"A": ["type"], "B": ["interface"]}),
            ("interface A {} class A {} namespace A {}", {"A": ["interface", "class", "namespace"]}),
            ("enum A { B }", {"A": ["enum"]}),
            ("namespace A { let b }", {"A": ["namespace"]}),
            ("declare module 'a' { let b }", {}),
            ("declare global { var a: 1 }", {}),
            ("abstract class A {}", {"A": ["class"]}),
            ("declare const a: 1; declare function b(): void", {"a": ["const"], "b": ["function"]}),
            ("function a(x: 1): 1; function a(x: any) {}", {"a": ["function", "function"]}),
            ("using a = b", {"a": ["using"]}),
        ],
    )
    def test_top_level_names_of_typescript(self, code: str, expected: dict[str, list[str]]) -> None:
        assert declared_in(scopes_of(code, TYPESCRIPT).scopes[1]) == expected

    def test_parameters_of_every_form(self) -> None:
        function = scopes_of("function f(a, b = 1, { c, d: [e] }, ...g) {}").scopes[-1]
        assert declared_in(function) == {name: ["parameter"] for name in "abceg"}

    def test_parameters_of_every_form_in_typescript(self) -> None:
        code = "function f(this: T, a?: T, { b }: T = c, ...d: T[]) {}"
        assert declared_in(scopes_of(code, TYPESCRIPT).scopes[-1]) == {name: ["parameter"] for name in "abd"}

    def test_a_function_has_arguments_and_an_arrow_does_not(self) -> None:
        function, arrow = scopes_of("function f() {} () => {}").scopes[2:]
        assert function.variables["arguments"].implicit
        assert "arguments" not in arrow.variables

    def test_a_catch_parameter_is_a_binding(self) -> None:
        scopes = scopes_of("try { } catch ({ message }) { message }")
        assert declared_in(scopes.scopes[3]) == {"message": ["catch"]}
        assert resolutions(scopes) == {"message@30": 17}

    def test_a_block_keeps_its_functions(self) -> None:
        scopes = scopes_of("{ function f() {} } f()", kind="script")
        assert resolutions(scopes) == {"f@20": None}

    def test_a_class_has_its_name_inside_as_well(self) -> None:
        scopes = scopes_of("class A { m() { A } } A")
        module, body = scopes.scopes[1:3]
        assert [reference.start for reference in body.variables["A"].references] == [16]
        assert [reference.start for reference in module.variables["A"].references] == [22]

    def test_the_name_of_a_function_expression_is_known_inside_only(self) -> None:
        assert resolutions(scopes_of("(function f() { f }); f")) == {"f@16": 10, "f@22": None}

    def test_enum_members_see_each_other(self) -> None:
        scopes = scopes_of("enum E { A, 'b' = A, c = b }; A", TYPESCRIPT)
        assert resolutions(scopes) == {"A@18": 9, "b@25": 12, "A@30": None}

    def test_a_name_written_with_an_escape_is_the_plain_name(self) -> None:
        assert resolutions(scopes_of(r"var \u0061b, \u{63}; ab; c")) == {"ab@21": 4, "c@25": 13}

    def test_offsets_are_bytes(self) -> None:
        assert resolutions(scopes_of("/* é */ let ü = 1; ü")) == {"ü@13": 13, "ü@21": 13}

    def test_definitions_name_their_nodes(self) -> None:
        scopes = scopes_of("import { a } from 'm'; const b = 1; function c(d = 1) {} for (const e of a);", TYPESCRIPT)
        found = {v.name: v.definitions[0] for v in scopes.variables if v.definitions}
        nodes = {name: (d.node.type, d.parent.type if d.parent else None) for name, d in found.items()}
        assert nodes == {
            "a": ("import_specifier", "import_statement"),
            "b": ("variable_declarator", "lexical_declaration"),
            "c": ("function_declaration", None),
            "d": ("function_declaration", "required_parameter"),
            "e": ("for_in_statement", None),
        }


class TestReferences:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("let x; x", ["r"]),
            ("let x = 1", ["wi"]),
            ("let x; x = 1", ["w"]),
            ("let x; x += 1", ["rw"]),
            ("let x; x ||= 1", ["rw"]),
            ("let x; x++; --x", ["rw", "rw"]),
            ("let x; (x) = 1; ((x))++", ["w", "rw"]),
            ("let x; [x] = y; ({ x } = y); ({ a: x } = y); [...x] = y", ["w"] * 4),
            ("let x; [x = 1] = y", ["w", "w"]),
            ("let { x = 1 } = y", ["wi", "wi"]),
            ("let x; x.a = 1; x[0]++", ["r", "r"]),
            ("let x; for (x of y); for (x in y); for ([x] of y);", ["w"] * 3),
            ("for (const x of y);", ["wi"]),
            ("for (var x = 1;;);", ["wi"]),
            ("function f(x) {}", []),
            ("function f(x = 1) {}", ["wi"]),
            ("let x; delete x, typeof x, void x", ["r", "r", "r"]),
            ("let x; ({ x, y: x, [x]: 1 })", ["r", "r", "r"]),
            ("let x; a.x, a?.x, { x: 1 }", []),
            ("let x; a[x], a?.[x]", ["r", "r"]),
            ("let x; `${x}`, x`t`, new x, x(), [...x]", ["r"] * 5),
            ("let x; x: for (;;) break x", []),
            ("let x; class A { x = 1; #x; x() {} }", []),
            ("let x; class A { [x] = x; [x]() {} }", ["r", "r", "r"]),
            ("let x; export { x, x as y }", ["r", "r"]),
            ("let x; export default x", ["r"]),
            ("let x; export { x } from 'm'", []),
            ("import { x as y } from 'm'", []),
            ("let x; import.meta.x", []),
        ],
    )
    def test_how_a_name_is_used(self, code: str, expected: list[str]) -> None:
        assert accesses(scopes_of(code), "x") == expected

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("(x as any) = 1", ["w"]),
            ("x! = 1", ["w"]),
            ("x!++", ["rw"]),
            ("(<any>x) += 1", ["rw"]),
            ("(x satisfies T).y = 1", ["r"]),
            ("let y: typeof x", ["r"]),
            ("let y: [x: number, x?: string, ...x: T[]]", []),
            ("interface I { [x: string]: T; x: T; x(): T }", []),
            ("interface I { [x]: T }", ["r"]),
            ("function f(x): x is T {}", ["r"]),
            ("function f(x): asserts x {}", ["r"]),
            ("class A { constructor(private x) {} }", []),
            ("import y = x.z.w", ["r"]),
            ("namespace N.x {}", []),
            ("@x class A { @x m() {} }", ["r", "r"]),
            ("export = x", ["r"]),
        ],
    )
    def test_how_a_name_is_used_in_typescript(self, code: str, expected: list[str]) -> None:
        assert accesses(scopes_of(code, TYPESCRIPT), "x") == expected

    def test_a_write_knows_what_is_written(self) -> None:
        scopes = scopes_of("let { a = 1 } = b; a = 2; a++; for (a of c);")
        written = [r.write_expression.text if r.write_expression else None for r in scopes.references if r.name == "a"]
        assert written == [b"1", b"b", b"2", None, b"c"]

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("let x; { let x; x } x", {"x@16": 13, "x@20": 4}),
            ("x; { var x }", {"x@0": 9}),
            ("x; var x", {"x@0": 7}),
            ("let x; function f(x) { x }", {"x@23": 18}),
            ("let x; function f(a = x) { var x }", {"a@18": 18, "x@22": 4}),
            ("let x; function f(a = x) { x; var x }", {"a@18": 18, "x@22": 4, "x@27": 34}),
            ("function f() { arguments }", {"arguments@15": None}),
            ("try { } catch (e) { var e = 1 } e", {"e@24": 15, "e@32": 24}),
            ("switch (a) { case 0: let a }", {"a@8": None}),
            ("for (let i = 0; i;) { let i; i } i", {"i@9": 9, "i@16": 9, "i@29": 26, "i@33": None}),
            ("class A extends A {}", {"A@16": 6}),
            ("class A { static { var x } y = x }", {"x@31": None}),
            ("undefined", {"undefined@0": None}),
        ],
    )
    def test_what_a_name_means(self, code: str, expected: dict[str, int | None]) -> None:
        assert resolutions(scopes_of(code)) == expected

    def test_through_lists_what_a_scope_does_not_resolve(self) -> None:
        scopes = scopes_of("let a; function f(b) { a; { b; c } }")
        function = scopes.scopes[2]
        assert [reference.name for reference in function.through] == ["a", "c"]
        assert [reference.name for reference in scopes.global_scope.through] == ["c"]
        assert [reference.name for reference in scopes.unresolved] == ["c"]

    def test_references_of_a_variable_come_in_order(self) -> None:
        scopes = scopes_of("a; { a = 1 } let a; a++")
        assert [r.start for r in scopes.scopes[1].variables["a"].references] == [0, 5, 20]


class TestJsx:
    def test_components_are_references_and_elements_are_not(self) -> None:
        scopes = scopes_of("<Foo a={b}><div/><x.y/><this.z/></Foo>")
        assert {r.name: r.is_jsx for r in scopes.references} == {"Foo": True, "b": False, "x": True}

    def test_typescript_refers_in_closing_tags_too(self) -> None:
        assert [r.start for r in scopes_of("<A.B></A.B>", "tsx").references] == [1, 7]
        assert [r.start for r in scopes_of("<A.B></A.B>").references] == [1]


class TestTypes:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("type T = 1; let T = 2; let x: T; T", {"T@16": 5, "T@30": 5, "T@33": 5}),
            ("const A = 1; let b: A", {"A@6": 6, "A@20": None}),
            ("type A = 1; A", {"A@12": None}),
            ("class A {} let b: A; A", {"A@18": 6, "A@21": 6}),
            ("enum A {} let b: A; A", {"A@17": 5, "A@20": 5}),
            ("import { A } from 'm'; let b: A; A", {"A@30": 9, "A@33": 9}),
            ("namespace A {} let b: A.B.C", {"A@22": 10}),
            ("type T<A> = A; type B = A", {"A@12": 7, "A@24": None}),
            ("type T<A, B = A> = B", {"A@14": 7, "B@19": 10}),
            ("type T = A extends infer B ? B : B", {"A@9": None, "B@29": 25, "B@33": None}),
            ("type T = A extends (x: infer B) => 1 ? B : 1", {"A@9": None, "B@39": 29}),
            ("type T = { [K in A as K]: K }", {"A@17": None, "K@22": 12, "K@26": 12}),
            ("function f<A>(a: A): A { let b: A }", {"A@17": 11, "A@21": 11, "A@32": 11}),
            ("let f: (a: A, b: typeof a) => 1", {"A@11": None, "a@24": 8}),
            ("interface I<A> extends J<A> { a: A }", {"J@23": None, "A@25": 12, "A@33": 12}),
            ("class C<A> extends D<A> implements E<A> {}", {"D@19": None, "A@21": 8, "E@35": None, "A@37": 8}),
            ("function f(x): x is A {}", {"x@15": 11, "A@20": None}),
            ("let a: bigint | undefined | string", {}),
            ("type A = 1; tag<A>`x`", {"tag@12": None, "A@16": 5}),
            ("x as A; <B>x", {"x@0": None, "A@5": None, "B@9": None, "x@11": None}),
            ("x satisfies A", {"x@0": None, "A@12": None}),
        ],
    )
    def test_what_a_name_means(self, code: str, expected: dict[str, int | None]) -> None:
        assert resolutions(scopes_of(code, TYPESCRIPT)) == expected

    def test_an_export_can_mean_a_value_and_a_type(self) -> None:
        scopes = scopes_of("export { a, type B }; export type { C }; export default d", TYPESCRIPT)
        meanings = {r.name: (r.is_value, r.is_type) for r in scopes.references}
        assert meanings == {"a": (True, True), "B": (False, True), "C": (False, True), "d": (True, True)}

    def test_variables_know_whether_they_are_types_or_values(self) -> None:
        code = "type T = 1; let v; class C {} enum E {} import { i } from 'm'"
        module = scopes_of(code, TYPESCRIPT).scopes[1]
        assert {v.name: (v.is_value, v.is_type) for v in module.variables.values()} == {
            "T": (False, True),
            "v": (True, False),
            "C": (True, True),
            "E": (True, True),
            "i": (True, True),
        }

    def test_decorators_of_a_method_parameter_see_the_class(self) -> None:
        scopes = scopes_of("import dec from 'm'; class A { m(@dec() dec) { dec } }", TYPESCRIPT)
        assert resolutions(scopes) == {"dec@34": 7, "dec@47": 40}


class TestLookups:
    def test_scope_of_a_node_that_makes_a_scope_is_the_one_around_it(self) -> None:
        scopes = scopes_of("foo(x => { x })")
        arrow, body = node_at(scopes, 4, 14), node_at(scopes, 9, 14)
        assert (arrow.type, body.type) == ("arrow_function", "statement_block")
        assert scopes.scope_of(arrow).kind == "module"
        assert scopes.scope_of(body).kind == "function"
        assert scopes.acquire(arrow) is scopes.scope_of(body)
        assert scopes.acquire(body) is None

    @pytest.mark.parametrize(
        ("code", "start", "kind"),
        [
            ("function f(a) { b }", 9, "module"),
            ("function f(a) { b }", 11, "function"),
            ("(function f() { })", 10, "function-name"),
            ("class A extends B { }", 6, "module"),
            ("class A extends B { }", 16, "class"),
            ("class A { [k]() {} }", 11, "class"),
            ("class A { x = y }", 14, "class-field"),
            ("for (const x of y);", 16, "for"),
            ("switch (a) { case b: }", 8, "module"),
            ("switch (a) { case b: }", 18, "switch"),
            ("try { } catch (e) { }", 15, "catch"),
        ],
    )
    def test_scope_of_a_name(self, code: str, start: int, kind: str) -> None:
        scopes = scopes_of(code)
        assert scopes.scope_of(node_at(scopes, start)).kind == kind

    def test_the_program_stands_in_the_global_scope_and_makes_the_module_scope(self) -> None:
        scopes = scopes_of("\n a")
        assert scopes.scope_of(scopes.root) is scopes.global_scope
        module = scopes.acquire(scopes.root)
        assert module is scopes.scopes[1]
        assert module.span == Span(0, 3)

    def test_declared_lists_what_a_declaration_declares(self) -> None:
        scopes = scopes_of("const { a, b } = 1, c = 2; function f(x, y) {} import d, { e } from 'm'")
        statements = [child for child in scopes.root.named_children if child.type != "empty_statement"]
        names = [sorted(variable.name for variable in scopes.declared(statement)) for statement in statements]
        assert names == [["a", "b", "c"], ["f", "x", "y"], ["d", "e"]]
        assert [v.name for v in scopes.declared(statements[0].named_children[1])] == ["c"]
        assert scopes.declared(scopes.root) == []

    def test_variable_at_answers_for_uses_and_bindings(self) -> None:
        scopes = scopes_of("let a; a; b")
        variable = scopes.scopes[1].variables["a"]
        assert scopes.variable_at(node_at(scopes, 4)) is variable
        assert scopes.variable_at(node_at(scopes, 7)) is variable
        assert scopes.variable_at(node_at(scopes, 10)) is None
        assert [scopes.is_global(node_at(scopes, start)) for start in (4, 7, 10)] == [False, False, True]

    def test_lookup_answers_what_a_name_would_mean(self) -> None:
        scopes = scopes_of("let a; function f(b = 1) { let c }")
        default, body = node_at(scopes, 22), node_at(scopes, 31)
        assert scopes.lookup("a", default) is scopes.scopes[1].variables["a"]
        assert scopes.lookup("c", default) is None
        assert scopes.lookup("c", body) is not None
        assert scopes.lookup("f", body) is not None
        assert scopes.lookup("z", body) is None

    def test_the_variable_scope_is_where_var_goes(self) -> None:
        scopes = scopes_of("{ { } } function f() { { } }").scopes
        assert scopes[3].variable_scope is scopes[1]
        assert scopes[5].variable_scope is scopes[4]


class TestGlobalComments:
    def test_every_form_is_read_in_order(self) -> None:
        code = (
            "/* global a, b:writable c : false */ /*globals d: off -- no: e */ /* exported e */ /* eslint-env node */"
        )
        entries = [(c.kind, c.name, c.access) for c in scopes_of(code).global_comments]
        assert entries == [
            ("global", "a", "readonly"),
            ("global", "b", "writable"),
            ("global", "c", "readonly"),
            ("global", "d", "off"),
            ("exported", "e", "readonly"),
            ("env", "node", "readonly"),
        ]

    def test_other_comments_and_strings_are_not_read(self) -> None:
        assert scopes_of("// global a\n/* globally b */ '/* global c */'").global_comments == []


class TestBrokenCode:
    @pytest.mark.parametrize("code", ["function (", "class { x = }", "let = ;", "for (const", "import {", "({ a: } = "])
    @pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
    def test_it_is_analyzed_as_far_as_it_goes(self, code: str, language: Language) -> None:
        scopes = scopes_of(f"let known; {code}\nknown", language)
        assert "known" in scopes.scopes[1].variables


@pytest.mark.node
def test_the_reference_implementations_agree(tmp_path: Path) -> None:
    packages = os.environ.get("THEA_NODE_PACKAGES", "")
    if not shutil.which("node") or not (Path(packages) / "node_modules/@typescript-eslint/scope-manager").is_dir():
        pytest.skip("needs node, and THEA_NODE_PACKAGES naming a folder with eslint-scope and scope-manager")
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from benchmarks.scope_parity import compare

    files = [tmp_path / "code.mjs", tmp_path / "code.ts"]
    files[0].write_text(
        "import a from 'm'; export function f(b = a, { c }) { var d = () => b; for (c of d) arguments }"
    )
    files[1].write_text(
        "type T<A> = A extends infer B ? B : never; class C<A> { x = C; m(a: A): a is T<A> { return a } }"
    )
    result = compare(Path(packages), files)
    assert result.files == 2
    assert result.disagreements == []
