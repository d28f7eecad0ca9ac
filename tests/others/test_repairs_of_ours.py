"""What our rules offer for a finding of ESLint, and that nothing of it is taken for silence.

«» marks what the finding points at.
"""

from __future__ import annotations

import pytest

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import Reported
from thea_hook.others.refusals import refusal
from thea_hook.others.repair import candidates
from thea_hook.settings import Settings

SETTINGS = Settings(root=".", models=("none",))


@pytest.mark.parametrize(
    ("rule", "marked", "after"),
    [
        ("no-plusplus", "const id = «next++»;", "const id = next;\nnext += 1;"),
        ("eqeqeq", "if (a «==» null) f();", "if (a === null || a === undefined) f();"),
        ("no-eq-null", "f(«a != null»);", "f(a !== null && a !== undefined);"),
        ("prefer-destructuring", "const «a = b[0]»;", "const [a] = b;"),
        ("no-throw-literal", "«throw 'late';»", "throw new Error('late');"),
        (
            "prefer-promise-reject-errors",
            "«Promise.reject(`${a} is late`)»;",
            "Promise.reject(new Error(`${a} is late`));",
        ),
        ("no-useless-concat", "f('a' «+» 'b');", "f('ab');"),
        ("no-irregular-whitespace", "// a«\u00a0»b\nf();", "// a b\nf();"),
        ("no-irregular-whitespace", "f(`a«\u00a0»b`);", "f(`a\\u00a0b`);"),
        ("no-multi-str", "const a = «'b\\\nc'»;", "const a = 'b' +\n  'c';"),
        ("no-template-curly-in-string", "const a = 1;\nf(«'${a}'»);", "const a = 1;\nf(`${a}`);"),
        ("no-new-object", "const a = «new Object()»;", "const a = {};"),
        ("no-object-constructor", "const a = «new Object()»;", "const a = {};"),
        ("no-new-wrappers", "const a = «new String(b)»;", "const a = String(b);"),
        ("no-new-symbol", "f(new «Symbol»());", "f(Symbol());"),
        ("no-useless-call", "«a.b.call(a, c)»;", "a.b(c);"),
        ("no-proto", "«a.__proto__» = b;", "Object.setPrototypeOf(a, b);"),
        ("no-self-assign", "f();\na = «a»;\ng();", "f();\ng();"),
        ("no-dupe-keys", "f({ a: 1, b, «a»: 2 });", "f({ b, a: 2 });"),
        ("no-dupe-class-members", "class A {\n  a() {}\n  «a»() { f(); }\n}", "class A {\n  a() { f(); }\n}"),
        ("no-implicit-coercion", "f(«'a' + b + ''»);", "f('a' + b);"),
        ("no-unsafe-optional-chaining", "f((«a?.b»).c);", "f(a?.b?.c);"),
    ],
)
def test_what_our_rule_does_is_offered_for_a_finding_of_that_name(rule: str, marked: str, after: str) -> None:
    head, _, rest = marked.partition("«")
    place, _, tail = rest.partition("»")
    file = SourceFile("a.mjs", f"{head}{place}{tail}".encode(), "javascript")
    span = Span(len(head.encode()), len(f"{head}{place}".encode()))
    offered = candidates(file, (Reported("eslint", rule, rule, file.path, span),), SETTINGS)[0]
    assert [apply_edits(file.text, one.edits).decode() for one in offered if refusal(file, one) is None] == [after]
