"""The same rule under another linter's name."""

from __future__ import annotations

import re

from thea_hook.others.findings import Reported

# Biome's rules that are ESLint's by another name; most of the others differ by spelling alone (`noVar`, `useYield`).
_BIOME = {
    "noAssignInExpressions": "no-cond-assign",
    "noAsyncPromiseExecutor": "no-async-promise-executor",
    "noDoubleEquals": "eqeqeq",
    "noExtraBooleanCast": "no-extra-boolean-cast",
    "noFallthroughSwitchClause": "no-fallthrough",
    "noSwitchDeclarations": "no-case-declarations",
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


def our_name(reported: Reported) -> str:
    """What our rule of the same name is called, whether or not there is one."""
    if reported.tool != "biome":
        return reported.name
    return _BIOME.get(reported.name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", reported.name).lower()
