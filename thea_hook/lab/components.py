"""``thea-lab test``: every component tried once on something small, with nothing but what is installed.

A smoke test says that a component works at all on this machine; whether it works well is what ``evaluate`` measures.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import TheaError, UsageError, did_you_mean
from thea_hook.lab.extra import INSTALL, missing_package

if TYPE_CHECKING:
    from thea_hook.lab.architectures.tagger import TaggerConfig
    from thea_hook.lab.training.windows import Shard

SAMPLE = b"""import { readFile } from "node:fs/promises";

export async function lines(path, { skip = 0 } = {}) {
  const text = await readFile(path, "utf8");
  return text.split(/\\r?\\n/).slice(skip).map((line) => `${line.trim()}`);
}
"""
BROKEN = SAMPLE.replace(b"(path, {", b"(path {")


class Component(NamedTuple):
    """What it is, and how to try it: ``check`` says what it saw, and raises where something is wrong."""

    summary: str
    check: Callable[[], str]


class Failure(Exception):
    """A component did something else than it should."""


def expect(condition: bool, otherwise: str) -> None:
    """Raise Failure with this text where the condition does not hold."""
    if not condition:
        raise Failure(otherwise)


# ------------------------------------------------------------------ texts


def _sample(text: bytes = SAMPLE) -> SourceFile:
    return SourceFile("sample.js", text, "javascript")


def _lexemes() -> str:
    from thea_hook.languages.lexemes import lex

    for text in (SAMPLE, BROKEN, SAMPLE[:100], b"'\n`${"):
        lexemes = lex(text, "javascript")
        ends = [0, *lexemes.ends]
        gaps = [text[end:start] for end, start in zip(ends, [*lexemes.starts, len(text)], strict=True)]
        joined = b"".join(gap + lexeme for gap, lexeme in zip(gaps, [*lexemes.texts, b""], strict=True))
        expect(joined == text, "the lexemes do not give the text back")
    return f"{len(lex(SAMPLE, 'javascript'))} lexemes"


def _second_parser() -> str:
    from thea_hook.languages.oracle import Answer, judge

    good, bad = judge([_sample(), _sample(BROKEN)])
    expect(good.answer is Answer.PARSES and bad.answer is Answer.BROKEN, "a right text and a broken one look the same")
    return bad.parser


def _chaos() -> str:
    from thea_hook.core.patch import apply_edits
    from thea_hook.lab.chaos.engine import corrupt
    from thea_hook.languages.lexemes import lex

    chance = random.Random(1)
    kinds: set[str] = set()
    for _ in range(50):
        corruption = corrupt(lex(SAMPLE, "javascript"), chance)
        if corruption is not None:
            kinds.update(corruption.kinds)
            expect(apply_edits(corruption.text, corruption.repairs) == SAMPLE, "a corruption cannot be undone")
    expect(len(kinds) > 5, f"only {len(kinds)} kinds of mistakes in fifty tries")
    return f"{len(kinds)} kinds of mistakes"


def _verify() -> str:
    from thea_hook.core.finding import Edit
    from thea_hook.core.source import Span
    from thea_hook.ml.semantic import validate

    place = BROKEN.index(b" {", BROKEN.index(b"(path"))
    repair = [Edit(Span(place, place), b",")]
    silencing = [Edit(Span(0, len(BROKEN)), b"// @ts-nocheck\n")]
    expect(validate(BROKEN, repair, "javascript") is None, "the right repair is refused")
    expect(validate(BROKEN, silencing, "javascript") is not None, "a text that only silences the parser passes")
    return "the repair passes, the degenerate one does not"


def _repair() -> str:
    from thea_hook.lab.evaluation.systems import Product

    (outcome,) = Product().repair([_sample(BROKEN)])
    expect(bool(outcome.found), "the broken text is not found")
    return "mended" if outcome.best == SAMPLE else "found, not mended" if outcome.best == BROKEN else "parses"


# ------------------------------------------------------------------ networks


def _small_config() -> TaggerConfig:
    from thea_hook.lab.architectures.tagger import TaggerConfig
    from thea_hook.ml.features import INPUT_SIZES
    from thea_hook.ml.vocabulary import CLASSES, TAGS

    return TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=64, layers="ca", head_dim=32)


def _mixers() -> str:
    import torch

    from thea_hook.lab.architectures.mixers import LETTERS, MIXERS, MixerConfig

    x, real = torch.randn(2, 20, 64), torch.ones(2, 20)
    for name in LETTERS.values():
        y = MIXERS[name](MixerConfig(64, kernel=5, head_dim=32))(x, real)
        expect(y.shape == x.shape and bool(y.isfinite().all()), f"the mixer {name} gives no numbers")
    return ", ".join(LETTERS.values())


def _architectures() -> str:
    import torch

    from thea_hook.lab.architectures.registry import ARCHITECTURES

    for name, architecture in ARCHITECTURES.items():
        with torch.inference_mode():
            outputs = architecture.build(architecture.small).eval()(architecture.small.example(2, 30))
        for output in outputs if isinstance(outputs, tuple) else (outputs,):
            expect(output.shape[0] == 2 and bool(output.isfinite().all()), f"{name} gives no numbers")
    return ", ".join(ARCHITECTURES)


def _shard() -> Shard:
    """Windows of the broken sample, all alike: what a network can learn in a few steps."""
    import numpy as np

    from thea_hook.lab.training.windows import LENGTH, MAX_TARGETS, Shard
    from thea_hook.languages.lexemes import lex
    from thea_hook.languages.oracle import judge
    from thea_hook.ml.features import COLUMNS, encode
    from thea_hook.ml.subtokens import SubTokens
    from thea_hook.ml.vocabulary import TAG_INDEX, Action, Tag

    file, count = _sample(BROKEN), 2
    lexemes = lex(file.text, file.language)
    encoded = encode(lexemes, judge([file])[0].problems, SubTokens(["path", "text", "line"]))
    rows = np.zeros((count, LENGTH, COLUMNS), np.int16)
    rows[:, : len(encoded)] = encoded
    targets = np.full((count, MAX_TARGETS, 2), -1, np.int16)
    place = lexemes.texts.index(b"path") + 1
    targets[:, 0] = (place, TAG_INDEX[Tag(Action.INSERT, b",")])
    return Shard(rows, np.full(count, len(encoded), np.int16), targets)


def _trainer() -> str:
    import torch

    from thea_hook.lab.training.tagger import TaggerTrainer
    from thea_hook.lab.training.trainer import Recipe, batches

    torch.set_num_threads(1)  # more of them wait for each other where something else is running
    shard, losses = _shard(), []
    with TemporaryDirectory(prefix="thea-lab-") as folder:
        recipe = Recipe(minutes=1.0, seed=1)
        trainer = TaggerTrainer(_small_config(), recipe, Path(folder), torch.device("cpu"))
        for _ in range(5):
            losses += [trainer.train_on(batch) for batch in batches(shard, 4096, random.Random(1))]
        trainer.save()
        again = TaggerTrainer(_small_config(), recipe, Path(folder), torch.device("cpu"))
        expect(again.resume() and again.step == trainer.step, "the training does not go on where it stopped")
    expect(losses[-1] < losses[0], f"the loss went from {losses[0]:.2f} to {losses[-1]:.2f}")
    return f"loss {losses[0]:.2f} to {losses[-1]:.2f} in {len(losses)} steps"


def _export() -> str:
    import torch
    from thea_exporters.build import Job, export

    from thea_hook.lab.architectures.registry import ARCHITECTURES
    from thea_hook.lab.checkpoint import Checkpoint

    torch.manual_seed(1)
    small = ARCHITECTURES["tagger"]
    checkpoint = Checkpoint(small.build(small.small).eval(), "tagger", small.small, 0)
    with TemporaryDirectory(prefix="thea-lab-") as folder:
        # raises where ONNX Runtime and torch differ
        model = export(Job(checkpoint, "tagger", "fp32"), [], Path(folder))
    return f"opset {model.opset}, {model.network.size / 1e6:.1f} MB"


def _session() -> str:
    import numpy as np

    from thea_hook.ml.manifest import read_manifest
    from thea_hook.ml.session import Session

    seen = []
    for name, model in read_manifest().models.items():
        inputs = {
            key: np.ones([length if isinstance(length, int) else 16 for length in kind.shape], kind.dtype)
            for key, kind in model.inputs.items()
        }
        Session(model).run(inputs)
        seen.append(f"{name} ({model.precision})")
    return ", ".join(seen)


COMPONENTS: dict[str, Component] = {
    "lexemes": Component("any bytes cut into lexemes, nothing lost", _lexemes),
    "second-parser": Component("the parser that decides what is broken", _second_parser),
    "chaos": Component("systematic mistakes, and their undoing", _chaos),
    "verify": Component("repairs that only silence the parser are refused", _verify),
    "repair": Component("the hook's repair of a broken text", _repair),
    "mixers": Component("every sequence mixer on random numbers", _mixers),
    "architectures": Component("every network of the registry, small", _architectures),
    "trainer": Component("a few training steps, a checkpoint, and going on from it", _trainer),
    "export": Component("a small network in ONNX, compared with torch", _export),
    "session": Component("the shipped weights in ONNX Runtime", _session),
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
    except (Failure, TheaError) as exc:
        state, detail = "failed", str(exc)
    except Exception as exc:  # one broken component says nothing about the others
        state, detail = "failed", f"{type(exc).__name__}: {exc}"
    print(f"{state:8} {name:13} {time.perf_counter() - started:6.2f} s  {detail}", flush=True)
    return state
