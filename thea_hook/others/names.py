"""The same rule under another linter's name."""

from __future__ import annotations

import re

# Biome's rules that are ESLint's by another name; most of the others differ by spelling alone (`noVar`, `useYield`).
_BIOME = {
    "noAssignInExpressions": "no-cond-assign",
    "noAsyncPromiseExecutor": "no-async-promise-executor",
    "noDoubleEquals": "eqeqeq",
    "noExtraBooleanCast": "no-extra-boolean-cast",
    "noFallthroughSwitchClause": "no-fallthrough",
    "noSwitchDeclarations": "no-case-declarations",
    "noUndeclaredVariables": "no-undef",
    "noUnusedVariables": "no-unused-vars",
    "noUselessElse": "no-else-return",
    "noUselessEscapeInString": "no-useless-escape",
    "noUselessEscapeInRegex": "no-useless-escape",
    "useArrowFunction": "prefer-arrow-callback",
    "useAsConstAssertion": "prefer-as-const",
    "useBlockStatements": "curly",
    "useConst": "prefer-const",
    "useExponentiationOperator": "prefer-exponentiation-operator",
    "useIsNan": "use-isnan",
    "useLiteralKeys": "dot-notation",
    "useParseIntRadix": "radix",
    "useTemplate": "prefer-template",
    "useValidTypeof": "valid-typeof",
    "useYield": "require-yield",
}

# Rules of ESLint that went on under another name.
_FORMER = {"no-new-object": "no-object-constructor", "no-new-symbol": "no-new-native-nonconstructor"}

UNUSED = frozenset({
    "no-unused-vars", "no-unused-private-class-members", "no-unused-imports", "no-unused-function-parameters",
    "TS6133", "TS6138", "TS6192", "TS6196", "TS6198", "TS6205",
})  # fmt: skip
"""The rules about what nobody uses, TypeScript's by their numbers."""


def our_name(tool: str, rule: str) -> str:
    """What our rule of the same name is called, whether or not there is one: ``no-empty`` for ESLint's
    ``@typescript-eslint/no-empty``, ``no-var`` for Biome's ``suspicious/noVar``."""
    name = rule.rpartition("/")[2]
    if name == "no-duplicates":  # of eslint-plugin-import
        return "no-duplicate-imports"
    if tool != "biome":
        return _FORMER.get(name, name)
    return _BIOME.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def is_about_undeclared(tool: str, rule: str) -> bool:
    """Whether a rule is about names that nothing declares."""
    return our_name(tool, rule) in ("no-undef", "jsx-no-undef")
