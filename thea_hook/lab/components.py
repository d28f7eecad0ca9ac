"""``thea-lab test``: every component tried once on something small, with nothing but what is installed.

A smoke test says that a component works at all on this machine; whether it works well is what ``evaluate`` measures.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from thea_hook.errors import TheaError, UsageError, did_you_mean
from thea_hook.lab import checks
from thea_hook.lab.extra import INSTALL, missing_package


class Component(NamedTuple):
    """What it is, and how to try it: ``check`` says what it saw, and raises where something is wrong."""

    summary: str
    check: Callable[[], str]


COMPONENTS: dict[str, Component] = {
    "lexemes": Component("any bytes cut into lexemes, nothing lost", checks.lexemes),
    "second-parser": Component("the parser that decides what is broken", checks.second_parser),
    "chaos": Component("systematic mistakes, and their undoing", checks.chaos),
    "verify": Component("repairs that only silence the parser are refused", checks.verify),
    "repair": Component("the hook's repair of a broken text", checks.repair),
    "mixers": Component("every sequence mixer on random numbers", checks.mixers),
    "architectures": Component("every network of the registry, small", checks.architectures),
    "mamba": Component("the language model, at once and position by position", checks.mamba),
    "trm": Component("the refiner, whole and in the two parts that are exported", checks.trm),
    "liquid": Component("liquid neurons that go on from their state", checks.liquid),
    "trainer": Component("a few training steps, a checkpoint, and going on from it", checks.trainer),
    "refiner": Component("the same for the refiner", checks.refiner),
    "language": Component("the same for the language model", checks.language),
    "evidence": Component("what the words of models weigh, fitted to a clear case", checks.evidence),
    "mad": Component("the synthetic tasks, and one that is learned in seconds", checks.mad),
    "export": Component("a small network in ONNX, compared with torch", checks.export),
    "session": Component("the shipped weights in ONNX Runtime", checks.session),
}
"""In the order in which they build on each other."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try components and print a line for each; 1 if one failed, else 0. What needs a missing package is named."""
    parser = argparse.ArgumentParser(prog="thea-lab test", description="Try every component once, in seconds.")
    parser.add_argument("--component", action="append", metavar="NAME", help="only this one; may be given again")
    parser.add_argument("--list-components", action="store_true", help="print the names and what they stand for")
    options = parser.parse_args(arguments)
    if options.list_components:
        for name, component in COMPONENTS.items():
            print(f"{name:13} {component.summary}")
        return 0
    states = [_try(name, must_run=bool(options.component)) for name in _chosen(options.component)]
    return int("failed" in states)


def _chosen(names: Sequence[str] | None) -> Sequence[str]:
    for name in names or ():
        if name not in COMPONENTS:
            raise UsageError(f"there is no component `{name}`.{did_you_mean(name, COMPONENTS)}")
    return names or list(COMPONENTS)


def _try(name: str, *, must_run: bool) -> str:
    started = time.perf_counter()
    try:
        state, detail = "ok", COMPONENTS[name].check()
    except ModuleNotFoundError as exc:
        package = missing_package(exc)
        if package and must_run:
            raise
        state, detail = ("missing", f"needs {package}: {INSTALL}") if package else ("failed", str(exc))
    except (checks.Failure, TheaError) as exc:
        state, detail = "failed", str(exc)
    except Exception as exc:  # one broken component says nothing about the others
        state, detail = "failed", f"{type(exc).__name__}: {exc}"
    print(f"{state:8} {name:13} {time.perf_counter() - started:6.2f} s  {detail}", flush=True)
    return state
