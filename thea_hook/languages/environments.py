"""Which global names an environment provides: the browser, node, a test runner, ECMAScript itself.

``environments.json`` holds the names of the npm package ``globals`` and, for the editions of ECMAScript, those that
ESLint adds (the members of ``Object.prototype``). It is read when a rule first asks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache

ALIASES = {"es6": "es2015"}
"""Other names of an environment."""


def globals_for(names: Iterable[str]) -> dict[str, bool]:
    """Global name -> whether it may be assigned, over all named environments; unknown names provide nothing."""
    known: dict[str, bool] = {}
    for name in names:
        for variable, writable in _globals(name).items():
            known[variable] = writable or known.get(variable, False)
    return known


def known_environments() -> list[str]:
    """Every name that ``globals_for`` understands, in alphabetical order."""
    return sorted({*_environments(), *ALIASES})


@cache
def _environments() -> dict[str, dict[str, str]]:
    with open(os.path.join(os.path.dirname(__file__), "environments.json"), encoding="utf-8") as stream:
        environments: dict[str, dict[str, str]] = json.load(stream)["environments"]
    return environments


@cache
def _globals(name: str) -> dict[str, bool]:
    environment = _environments().get(ALIASES.get(name, name), {})
    readonly = dict.fromkeys(environment.get("readonly", "").split(), False)
    return readonly | dict.fromkeys(environment.get("writable", "").split(), True)
