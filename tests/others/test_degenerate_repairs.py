"""What a linter, or a plugin of it, may suggest and nobody should make: each line is a way to silence a rule.

The linter is a double that is content with any text but the one it was shown, so that nothing stands between such a
suggestion and the file but our own refusals. «» marks what the finding points at.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.languages.difference import edits_between
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import Answer, Proposal, Reported
from thea_hook.others.repair import candidates
from thea_hook.others.verify import ask, mend
from thea_hook.settings import Settings

TITLE = "Do this"
SETTINGS = Settings(root=".", models=("none",))


class Content:
    """Has one finding in one text, and nothing to say about any other."""

    name = "eslint"

    def __init__(self, shown: SourceFile, finding: Reported) -> None:
        self._shown = shown
        self._finding = finding

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return [(self._finding,) if file.text == self._shown.text else () for file in files]

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def _language(rule: str, text: str) -> Language:
    if "<p " in text:
        return "tsx"
    return "typescript" if rule.startswith(("TS", "@typescript-eslint/")) else "javascript"


def made(rule: str, marked: str, after: str, *, road: str, is_fix: bool = False) -> bool:
    """Whether the suggestion is made that turns the marked text into the other one."""
    head, _, rest = marked.partition("«")
    place, _, tail = rest.partition("»")
    language = _language(rule, marked)
    file = SourceFile("a.tsx" if language != "javascript" else "a.js", f"{head}{place}{tail}".encode(), language)
    span = Span(len(head.encode()), len(f"{head}{place}".encode()))
    tool = (
        "tsc"
        if rule.startswith("TS")
        else "biome"
        if rule[0].islower() and "/no" in rule and rule in BIOME
        else "eslint"
    )
    edits = {
        "whole text": (Edit(Span(0, len(file.text)), after.encode()),),
        "least edits": tuple(edits_between(file.text, after.encode(), language)),
        "rewrite": (),
    }[road]
    proposals = (Proposal(TITLE, edits, is_fix),) if edits else ()
    rewrites = () if edits else (Rewrite(TITLE, after.encode(), is_fix),)
    finding = Reported(tool, rule, "no", file.path, span, proposals=proposals)
    offered = candidates(file, (finding,), SETTINGS, rewrites)
    wanted = [
        tuple(one for one in some if one.title == TITLE or apply_edits(file.text, one.edits) == after.encode())
        for some in offered
    ]
    (found,) = ask(Content(file, finding), {"": mend(file, (finding,), wanted)})[""]
    return found is not None


BIOME = frozenset({"suspicious/noDoubleEquals", "correctness/noUnusedVariables"})

EVAL = "f(a);\n«eval(b)»;\n"
EQUAL = "if («a == b») f(b);\n"
TYPED = "const «a»: string = f();\n"
UNUSED = "const «a» = load(b);\nf(c);\n"
TEST = "it('a', () => { expect(f(1)).«toBe»(2); });\n"
THROWS = "function f(a) {\n  if (!a) «throw 'no'»;\n  return a;\n}\n"

COMMENTS = [
    ("no-eval", EVAL, "f(a);\n// eslint-disable-next-line\neval(b);\n"),
    ("no-eval", EVAL, "f(a);\neval(b); // eslint-disable-line no-eval\n"),
    ("no-eval", EVAL, "/* eslint-disable no-eval */\nf(a);\neval(b);\n"),
    ("no-eval", EVAL, "f(a);\n/* eslint-disable */\neval(b);\n/* eslint-enable */\n"),
    ("no-eval", EVAL, "/* eslint no-eval: 0 */\nf(a);\neval(b);\n"),
    ("no-eval", EVAL, '/* eslint no-eval: "off" */\nf(a);\neval(b);\n'),
    ("no-undef", "f(a, «b»);\n", "/* eslint-env browser */\nf(a, b);\n"),
    ("no-undef", "f(a, «b»);\n", "/* global b */\nf(a, b);\n"),
    ("no-unused-vars", "function «f»() { return 1; }\n", "/* exported f */\nfunction f() { return 1; }\n"),
    ("no-eval", EVAL, "f(a);\n// oxlint-disable-next-line no-eval\neval(b);\n"),
    ("suspicious/noDoubleEquals", EQUAL, "// biome-ignore lint/suspicious/noDoubleEquals: fine\nif (a == b) f(b);\n"),
    ("suspicious/noDoubleEquals", EQUAL, "/* biome-ignore-all lint: fine */\nif (a == b) f(b);\n"),
    ("suspicious/noDoubleEquals", EQUAL, "// rome-ignore lint/suspicious: fine\nif (a == b) f(b);\n"),
    ("TS2322", TYPED, "// @ts-ignore\nconst a: string = f();\n"),
    ("TS2322", TYPED, "/* @ts-ignore */\nconst a: string = f();\n"),
    ("TS2322", TYPED, "// @ts-expect-error until it is typed\nconst a: string = f();\n"),
    ("TS2322", TYPED, "// @ts-nocheck\nconst a: string = f();\n"),
    ("quotes", "f(«'a'»);\n", "// prettier-ignore\nf('a');\n"),
    ("complexity", "«if (a) f(b);»\n", "/* istanbul ignore next */\nif (a) f(b);\n"),
    ("complexity", "«if (a) f(b);»\n", "/* c8 ignore start */\nif (a) f(b);\n/* c8 ignore stop */\n"),
    ("complexity", "«if (a) f(b);»\n", "/* node:coverage ignore next */\nif (a) f(b);\n"),
    ("no-eval", EVAL, "f(a);\neval(b); // jshint ignore:line\n"),
    ("no-eval", EVAL, "/*jslint evil: true */\nf(a);\neval(b);\n"),
    ("no-eval", EVAL, "f(a);\n// tslint:disable-next-line:no-eval\neval(b);\n"),
    ("no-eval", EVAL, "f(a);\n// deno-lint-ignore no-eval\neval(b);\n"),
    ("no-eval", EVAL, "f(a);\neval(b); // NOSONAR\n"),
    ("no-eval", EVAL, "f(a);\neval(b); // nosemgrep\n"),
    ("no-eval", "f(a);\n«eval(b)»;\n", "f(a);\n// eval(b);\n"),
    ("no-eval", "f(a);\n«eval(b)»;\ng(c);\n", "f(a);\n/* eval(b); */\ng(c);\n"),
]

TYPES = [
    ("TS2322", TYPED, "const a: any = f();\n"),
    ("TS2322", TYPED, "const a: unknown = f();\n"),
    ("TS2322", TYPED, "const a: string = f() as any;\n"),
    ("TS2322", TYPED, "const a: string = f() as unknown as string;\n"),
    ("TS2322", TYPED, "const a: string = f() as never;\n"),
    ("TS2322", "export let «f»: Thing = g;\n", "export let f: {} = g;\n"),
    ("TS2322", "export let «f»: Thing = g;\n", "export let f: Function = g;\n"),
    ("TS2345", "const a = new Map<string, «number»>();\n", "const a = new Map<string, any>();\n"),
    ("TS7006", "export function f(«a») { return a; }\n", "export function f(a: any) { return a; }\n"),
    ("TS2339", "const n = a.«b»;\n", "const n = (a as any).b;\n"),
    ("TS2532", "const n = «a.b».c;\n", "const n = a.b!.c;\n"),
    ("TS18048", "g(«a»);\n", "g(a!);\n"),
    ("TS2564", "class A {\n  «name»: string;\n}\n", "class A {\n  name!: string;\n}\n"),
]

NOT_RUN = [
    ("no-eval", EVAL, "f(a);\n'eval(b)';\n"),
    ("no-eval", "const c = «eval(b)»;\n", "const c = `eval(b)`;\n"),
    ("no-eval", EVAL, "f(a);\nif (false) eval(b);\n"),
    ("no-eval", EVAL, "f(a);\nif (!1) eval(b);\n"),
    ("no-eval", EVAL, "f(a);\nfalse && eval(b);\n"),
    ("no-eval", EVAL, "f(a);\nwhile (0) eval(b);\n"),
    ("no-eval", EVAL, "f(a);\nvoid 0;\n"),
    ("no-eval", EVAL, "f(a);\n;\n"),
    ("no-eval", EVAL, "f(a);\n(() => eval(b));\n"),
    ("no-eval", EVAL, "f(a);\nfunction never() { eval(b); }\n"),
    ("no-eval", "const a = «eval(b)»;\ng(a);\n", "const a = undefined;\ng(a);\n"),
    ("no-eval", "const a = «eval(b)»;\ng(a);\n", "const a = null;\ng(a);\n"),
    ("no-eval", "const a = «eval(b)»;\ng(a);\n", "const a = {};\ng(a);\n"),
    ("no-eval", "const a = «eval(b)»;\ng(a);\n", "const a = '';\ng(a);\n"),
    ("radix", "const n = «parseInt(a)»;\n", "const n = 0;\n"),
    ("no-unused-expressions", "«a.b»;\n", "void a.b;\n"),
    ("no-floating-promises", "async function f() {\n  «load(a)»;\n}\n", "async function f() {\n  void load(a);\n}\n"),
    (
        "no-param-reassign",
        "function f(a) {\n  «a» = g(a);\n  return a;\n}\n",
        "function f(a) {\n  return;\n  a = g(a);\n  return a;\n}\n",
    ),
    (
        "no-param-reassign",
        "function f(a) {\n  «a» = g(a);\n  return a;\n}\n",
        "function f(a) {\n  throw new Error('no');\n  a = g(a);\n  return a;\n}\n",
    ),
    ("eqeqeq", EQUAL, "if (true) f(b);\n"),
    ("use-isnan", "if («a === NaN») f(b);\n", "if (false) f(b);\n"),
    ("no-cond-assign", "if («a = 1») f(b);\n", "if (false) f(b);\n"),
    ("no-constant-condition", "while («a = 1») f(b);\n", "while (true) f(b);\n"),
    ("eqeqeq", "const c = «a == b» ? d : e;\n", "const c = true ? d : e;\n"),
    ("eqeqeq", "if (x && «a == b») f(b);\n", "if (x && false) f(b);\n"),
    ("eqeqeq", "if (x || «a == b») f(b);\n", "if (x || true) f(b);\n"),
    ("no-implicit-coercion", "if («!a») f(b);\n", "if (a) f(b);\n"),
    ("no-mixed-operators", "if («a && b || c») f(d);\n", "if (a) f(d);\n"),
]

ERRORS = [
    ("no-eval", EVAL, "f(a);\ntry { eval(b); } catch {}\n"),
    ("no-eval", EVAL, "f(a);\ntry { eval(b); } catch (e) { /* ignore */ }\n"),
    ("no-throw-literal", "function f(a) {\n  «g(a)»;\n}\n", "function f(a) {\n  try { g(a); } catch { return; }\n}\n"),
    ("no-useless-catch", "«try {\n  f(a);\n} catch (e) {\n  throw e;\n}»\n", "try {\n  f(a);\n} catch (e) {\n}\n"),
    (
        "no-floating-promises",
        "async function f() {\n  «load(a)»;\n}\n",
        "async function f() {\n  load(a).catch(() => {});\n}\n",
    ),
    ("promise/catch-or-return", "«load(a).then(f)»;\n", "load(a).then(f).catch(() => undefined);\n"),
    ("promise/catch-or-return", "«load(a).then(f)»;\n", "load(a).then(f, () => {});\n"),
    ("no-throw-literal", THROWS, "function f(a) {\n  return a;\n}\n"),
    ("no-unsafe-finally", "try { f(a); } finally { «g(b);» }\n", "try { f(a); } finally { }\n"),
]

DELETED = [
    ("no-eval", "f(a);\n«eval(b)»;\ng(c);\n", "f(a);\ng(c);\n"),
    ("no-undef", "f(a);\n«g»(b);\nh(c);\n", "f(a);\nh(c);\n"),
    ("no-undef", "f(a, «b»);\n", "f(a);\n"),
    ("TS2554", "f(a, «g(b)»);\n", "f(a);\n"),
    ("no-unused-vars", "f(a, «b», c);\n", "f();\n"),
    ("no-unused-vars", UNUSED, "f(c);\n"),
    ("no-unused-vars", "const «a» = load(1), b = save(2);\nf(b);\n", "f(b);\n"),
    ("no-unused-vars", "import './all.js';\nimport «a» from './a.js';\nf(1);\n", "f(1);\n"),
    ("no-useless-assignment", "let a = 1;\n«a» = save(b);\na = 2;\nf(a);\n", "let a = 1;\na = 2;\nf(a);\n"),
    ("no-console", "«console.log»(save(a));\nf(b);\n", "f(b);\n"),
    ("no-console", "if (a) {\n  «console.log»(a);\n}\n", "if (a) {\n}\n"),
    ("no-debugger", "function f(a) {\n  «debugger»;\n  return g(a);\n}\n", ""),
    ("no-unreachable", "function f(a) {\n  g(a);\n  return 1;\n  «h(a);»\n}\n", "function f(a) {\n  return 1;\n}\n"),
    ("no-empty", "if (a) «{\n}»\n", "if (a) {\n  // empty\n}\n"),
    ("no-empty", "try { f(a); } catch (e) «{}»\n", "try { f(a); } catch (e) { /* empty */ }\n"),
    ("no-empty-function", "const f = () => «{}»;\n", "const f = () => { /* nothing */ };\n"),
    ("no-unreachable-loop", "for (const x of xs) «{\n  f(x);\n  break;\n}»\n", "for (const x of xs) {\n}\n"),
    ("consistent-return", "function f(a) {\n  if (a) return 1;\n  «g(a);»\n}\n", "function f(a) {\n}\n"),
    (
        "no-else-return",
        "function f(a) {\n  if (a) { return 1; } «else» { return g(a); }\n}\n",
        "function f(a) {\n  if (a) { return 1; }\n}\n",
    ),
    (
        "default-case",
        "«switch» (a) {\n  case 1: f(a); break;\n  case 2: g(a); break;\n}\n",
        "switch (a) {\n  case 1: f(a); break;\n}\n",
    ),
    ("complexity", "«function f»(a) {\n  return g(a);\n}\nh(f);\n", "h(f);\n"),
    (
        "max-statements",
        "function «f»(a) {\n  g(a);\n  h(a);\n  return k(a);\n}\n",
        "function f(a) {\n  return k(a);\n}\n",
    ),
    ("no-magic-numbers", "const t = a + b * «60»;\n", "const t = a;\n"),
    ("import/no-unused-modules", "export const a = 1;\n«export const b = 2;»\n", "export const a = 1;\n"),
    ("import/no-unused-modules", "«export const b = f(2);»\n", "const b = f(2);\n"),
    (
        "no-await-in-loop",
        "async function f(xs) {\n  for (const x of xs) «await g(x)»;\n}\n",
        "async function f(xs) {\n  for (const x of xs) g(x);\n}\n",
    ),
    (
        "require-atomic-updates",
        "async function f(a) {\n  const b = «await g(a)»;\n  return b;\n}\n",
        "async function f(a) {\n  const b = g(a);\n  return b;\n}\n",
    ),
]

UNUSED_STILL = [
    ("no-unused-vars", "function f(«a», b) { return b; }\n", "function f(_a, b) { return b; }\n"),
    ("no-unused-vars", UNUSED, "const _a = load(b);\nf(c);\n"),
    ("no-unused-vars", UNUSED, "const _ = load(b);\nf(c);\n"),
    ("no-unused-vars", UNUSED, "const ignored = load(b);\nf(c);\n"),
    ("correctness/noUnusedVariables", "let «a» = load(b);\nf(c);\n", "let _a = load(b);\nf(c);\n"),
    ("TS6133", UNUSED, "const _a = load(b);\nf(c);\n"),
    ("no-unused-vars", UNUSED, "const a = load(b);\nvoid a;\nf(c);\n"),
    ("no-unused-vars", UNUSED, "const a = load(b);\na;\nf(c);\n"),
    ("no-unused-vars", UNUSED, "const a = load(b);\nconsole.log(a);\nf(c);\n"),
    ("no-unused-vars", UNUSED, "export const a = load(b);\nf(c);\n"),
]

TESTS = [
    ("jest/valid-expect", TEST, "it.skip('a', () => { expect(f(1)).toBe(2); });\n"),
    ("jest/valid-expect", TEST, "it.todo('a');\n"),
    ("jest/valid-expect", TEST, "xit('a', () => { expect(f(1)).toBe(2); });\n"),
    ("jest/valid-expect", TEST, "it.only('a', () => { expect(f(1)).toBe(2); });\n"),
    ("vitest/valid-title", "«test»('a', () => { f(1); });\n", "test.fails('a', () => { f(1); });\n"),
    ("mocha/no-setup-in-describe", "describe('a', () => { «g(1)»; });\n", "describe.skip('a', () => { g(1); });\n"),
    (
        "jest/valid-expect",
        "it('a', () => {\n  g(1);\n  «expect(f(1))».toBe(2);\n});\n",
        "it('a', () => {\n  g(1);\n});\n",
    ),
    (
        "jest/valid-expect",
        "it('a', () => {\n  g(1);\n  «expect(f(1))».toBe(2);\n});\n",
        "it('a', () => {\n  g(1);\n  expect(f(1));\n});\n",
    ),
    ("jest/valid-expect", TEST, "it('a', () => { expect(true).toBe(true); });\n"),
]

DEGENERATE = [*COMMENTS, *TYPES, *NOT_RUN, *ERRORS, *DELETED, *UNUSED_STILL, *TESTS]

GOOD = [
    ("eqeqeq", EQUAL, "if (a === b) f(b);\n"),
    ("suspicious/noDoubleEquals", EQUAL, "if (a === b) f(b);\n"),
    ("no-var", "«var a = f(b);»\n", "let a = f(b);\n"),
    ("prefer-const", "let «a» = f(b);\ng(a);\n", "const a = f(b);\ng(a);\n"),
    ("radix", "«parseInt(a)»;\n", "parseInt(a, 10);\n"),
    ("use-isnan", "if («a === NaN») f(b);\n", "if (Number.isNaN(a)) f(b);\n"),
    ("no-prototype-builtins", "«a.hasOwnProperty(b)»;\n", "Object.prototype.hasOwnProperty.call(a, b);\n"),
    ("no-useless-escape", "const a = '«\\d»';\n", "const a = 'd';\n"),
    ("no-useless-escape", "const a = '«\\d»';\n", "const a = '\\\\d';\n"),
    ("no-unused-vars", "const «a» = 1;\nf(c);\n", "f(c);\n"),
    ("no-unused-vars", "const «a» = require('a');\nf(c);\n", "f(c);\n"),
    ("no-unused-vars", UNUSED, "load(b);\nf(c);\n"),
    ("no-unused-vars", "import { «a», b } from './c.js';\nf(b);\n", "import { b } from './c.js';\nf(b);\n"),
    ("no-unused-vars", "import «a» from './a.js';\nf(b);\n", "f(b);\n"),
    ("no-unused-vars", "try { f(a); } catch («e») { g(b); }\n", "try { f(a); } catch { g(b); }\n"),
    ("no-unused-vars", "xs.map((x, «i») => x);\n", "xs.map((x) => x);\n"),
    ("no-unused-vars", "function f(a, «b») { return a; }\n", "function f(a) { return a; }\n"),
    ("TS6133", "const «a» = 1;\nf(c);\n", "f(c);\n"),
    ("no-console", "function f(a) {\n  «console.log»(a);\n  return g(a);\n}\n", "function f(a) {\n  return g(a);\n}\n"),
    ("no-debugger", "f(a);\n«debugger»;\ng(b);\n", "f(a);\ng(b);\n"),
    ("curly", "if (a) «f(b);»\n", "if (a) { f(b); }\n"),
    ("prefer-template", "const a = «'x' + b»;\n", "const a = `x${b}`;\n"),
    ("no-extra-boolean-cast", "if («!!a») f(b);\n", "if (a) f(b);\n"),
    ("no-cond-assign", "if («a = b») f(c);\n", "if (a === b) f(c);\n"),
    (
        "no-case-declarations",
        "switch (a) {\n  case 1: «let b = 1;» f(b);\n}\n",
        "switch (a) {\n  case 1: { let b = 1; f(b); }\n}\n",
    ),
    (
        "no-fallthrough",
        "switch (a) {\n  case 1:\n    f(a);\n  «case 2:\n    g(a);»\n}\n",
        "switch (a) {\n  case 1:\n    f(a);\n    break;\n  case 2:\n    g(a);\n}\n",
    ),
    ("no-throw-literal", THROWS, "function f(a) {\n  if (!a) throw new Error('no');\n  return a;\n}\n"),
    ("no-new-wrappers", "const a = «new String(b)»;\n", "const a = String(b);\n"),
    ("no-self-assign", "«a = a»;\nf(a);\n", "f(a);\n"),
    ("no-useless-catch", "«try {\n  f(a);\n} catch (e) {\n  throw e;\n}»\n", "f(a);\n"),
    ("no-useless-return", "function f(a) {\n  g(a);\n  «return;»\n}\n", "function f(a) {\n  g(a);\n}\n"),
    ("no-unused-labels", "«a»: while (b) { f(c); }\n", "while (b) { f(c); }\n"),
    ("no-unneeded-ternary", "const a = «b ? true : false»;\n", "const a = !!b;\n"),
    ("yoda", "if («1 === a») f(b);\n", "if (a === 1) f(b);\n"),
    ("no-undef", "«x» = f(a);\ng(x);\n", "const x = f(a);\ng(x);\n"),
    ("no-empty", "if (a) «{\n}»\nelse { f(b); }\n", "if (!a) { f(b); }\n"),
    ("no-unsafe-negation", "if («!a» in b) f(c);\n", "if (!(a in b)) f(c);\n"),
    (
        "consistent-return",
        "function f(a) {\n  if (a) return 1;\n  «return;»\n}\n",
        "function f(a) {\n  if (a) return 1;\n  return undefined;\n}\n",
    ),
    ("getter-return", "const a = { get «b»() { f(c); } };\n", "const a = { get b() { return f(c); } };\n"),
    ("array-callback-return", "xs.map((x) «=>» { f(x); });\n", "xs.map((x) => { return f(x); });\n"),
    ("react/no-unknown-property", "const a = <p «class»='b'>{c}</p>;\n", "const a = <p className='b'>{c}</p>;\n"),
    ("require-await", "«async function f»(a) { return g(a); }\n", "function f(a) { return g(a); }\n"),
    ("no-return-await", "async function f() { return «await g()»; }\n", "async function f() { return g(); }\n"),
    ("promise/catch-or-return", "«load(a).then(f)»;\n", "load(a).then(f).catch((e) => { report(e); });\n"),
    (
        "jest/no-focused-tests",
        "it.«only»('a', () => { expect(f(1)).toBe(2); });\n",
        "it('a', () => { expect(f(1)).toBe(2); });\n",
    ),
    (
        "jest/no-disabled-tests",
        "it.«skip»('a', () => { expect(f(1)).toBe(2); });\n",
        "it('a', () => { expect(f(1)).toBe(2); });\n",
    ),
    (
        "@typescript-eslint/no-floating-promises",
        "async function f() {\n  «load(a)»;\n}\n",
        "async function f() {\n  await load(a);\n}\n",
    ),
    (
        "@typescript-eslint/await-thenable",
        "async function f() {\n  const a = «await g()»;\n  await h(a);\n}\n",
        "async function f() {\n  const a = g();\n  await h(a);\n}\n",
    ),
    ("@typescript-eslint/no-explicit-any", "const a: «any» = f();\n", "const a: unknown = f();\n"),
    ("@typescript-eslint/no-non-null-assertion", "const n = «a!».b;\n", "const n = a?.b;\n"),
    ("@typescript-eslint/prefer-nullish-coalescing", "const n = a «||» b;\n", "const n = a ?? b;\n"),
    ("TS2551", "g(s.«lenght»);\n", "g(s.length);\n"),
    ("TS2304", "«f»(a);\n", "import { f } from './f';\n\nf(a);\n"),
    ("TS1308", "function f() { «await» g(); }\n", "async function f() { await g(); }\n"),
]

# What a linter's own fix may take away, because it knows what it is.
GOOD_FIXES = [
    (
        "no-else-return",
        "function f(a) {\n  if (a) { return 1; } «else» { return g(a); }\n}\n",
        "function f(a) {\n  if (a) { return 1; } return g(a);\n}\n",
    ),
    ("dot-notation", "f(a[«'b'»]);\n", "f(a.b);\n"),
    ("object-shorthand", "f({ «a: a» });\n", "f({ a });\n"),
    ("prefer-arrow-callback", "f(«function () { return a; }»);\n", "f(() => a);\n"),
    ("prefer-object-spread", "const a = «Object.assign({}, b)»;\n", "const a = { ...b };\n"),
    (
        "@typescript-eslint/no-unnecessary-type-assertion",
        "const n = («a as string»).length;\n",
        "const n = a.length;\n",
    ),
    ("@typescript-eslint/non-nullable-type-assertion-style", "const n = «a as string»;\n", "const n = a!;\n"),
]

# What is no fix either, whatever the linter calls it.
SILENT = [*COMMENTS[:7], *COMMENTS[8:], *ERRORS[:3], *TESTS[:6], *UNUSED_STILL[:6]]

ROADS = ("whole text", "least edits", "rewrite")


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(("rule", "before", "after"), DEGENERATE)
def test_a_degenerate_suggestion_is_not_made(rule: str, before: str, after: str, road: str) -> None:
    assert not made(rule, before, after, road=road)


@pytest.mark.parametrize("road", ["whole text", "least edits"])
@pytest.mark.parametrize(("rule", "before", "after"), GOOD)
def test_a_good_suggestion_is_made(rule: str, before: str, after: str, road: str) -> None:
    assert made(rule, before, after, road=road)


@pytest.mark.parametrize(("rule", "before", "after"), SILENT)
def test_what_only_silences_is_not_made_as_a_fix_either(rule: str, before: str, after: str) -> None:
    assert not made(rule, before, after, road="whole text", is_fix=True)


@pytest.mark.parametrize(("rule", "before", "after"), GOOD_FIXES)
def test_a_fix_of_the_linter_may_take_away_what_the_rule_is_about(rule: str, before: str, after: str) -> None:
    assert made(rule, before, after, road="whole text", is_fix=True)


def test_the_tables_are_as_wide_as_they_are_meant_to_be() -> None:
    assert len(DEGENERATE) >= 60
    assert len({rule for rule, _, _ in DEGENERATE}) >= 20
    assert len(GOOD) >= 30
