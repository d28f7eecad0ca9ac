"""The checks of ``thea-lab test``: each tries a part of the lab on something small, and says what it saw."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol, TypeVar

from thea_hook.core.source import SourceFile

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


class Failure(Exception):
    """A component did something else than it should."""


def expect(condition: bool, otherwise: str) -> None:
    """Raise Failure with this text where the condition does not hold."""
    if not condition:
        raise Failure(otherwise)


# ------------------------------------------------------------------ texts


def _sample(text: bytes = SAMPLE) -> SourceFile:
    return SourceFile("sample.js", text, "javascript")


def lexemes() -> str:
    from thea_hook.languages.lexemes import lex

    for text in (SAMPLE, BROKEN, SAMPLE[:100], b"'\n`${"):
        lexemes = lex(text, "javascript")
        ends = [0, *lexemes.ends]
        gaps = [text[end:start] for end, start in zip(ends, [*lexemes.starts, len(text)], strict=True)]
        joined = b"".join(gap + lexeme for gap, lexeme in zip(gaps, [*lexemes.texts, b""], strict=True))
        expect(joined == text, "the lexemes do not give the text back")
    return f"{len(lex(SAMPLE, 'javascript'))} lexemes"


def second_parser() -> str:
    from thea_hook.languages.oracle import Answer, judge

    good, bad = judge([_sample(), _sample(BROKEN)])
    expect(good.answer is Answer.PARSES and bad.answer is Answer.BROKEN, "a right text and a broken one look the same")
    return bad.parser


def chaos() -> str:
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


def verify() -> str:
    from thea_hook.core.finding import Edit
    from thea_hook.core.source import Span
    from thea_hook.ml.semantic import validate

    place = BROKEN.index(b" {", BROKEN.index(b"(path"))
    repair = [Edit(Span(place, place), b",")]
    silencing = [Edit(Span(0, len(BROKEN)), b"// @ts-nocheck\n")]
    expect(validate(BROKEN, repair, "javascript") is None, "the right repair is refused")
    expect(validate(BROKEN, silencing, "javascript") is not None, "a text that only silences the parser passes")
    return "the repair passes, the degenerate one does not"


def repair() -> str:
    from thea_hook.lab.evaluation.systems import Product

    (outcome,) = Product().repair([_sample(BROKEN)])
    expect(bool(outcome.found), "the broken text is not found")
    return "mended" if outcome.best == SAMPLE else "found, not mended" if outcome.best == BROKEN else "parses"


# ------------------------------------------------------------------ networks


def _one_thread() -> None:
    """Several wait for each other where something else is running."""
    import torch

    torch.set_num_threads(1)


def _small_config() -> TaggerConfig:
    from thea_hook.lab.architectures.tagger import TaggerConfig
    from thea_hook.ml.features import INPUT_SIZES
    from thea_hook.ml.vocabulary import CLASSES, TAGS

    return TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=64, layers="ca", head_dim=32)


def mixers() -> str:
    import torch

    from thea_hook.lab.architectures.mixers import LETTERS, MIXERS, MixerConfig

    _one_thread()
    x, real = torch.randn(2, 20, 64), torch.ones(2, 20)
    for name in LETTERS.values():
        y = MIXERS[name](MixerConfig(64, kernel=5, head_dim=32))(x, real)
        expect(y.shape == x.shape and bool(y.isfinite().all()), f"the mixer {name} gives no numbers")
    return ", ".join(LETTERS.values())


def architectures() -> str:
    import torch

    from thea_hook.lab.architectures.registry import ARCHITECTURES

    _one_thread()
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


def mamba() -> str:
    import torch

    from thea_hook.lab.architectures.mamba import Mamba, MambaConfig
    from thea_hook.lab.architectures.selective_scan import kernel

    _one_thread()
    torch.manual_seed(1)
    network = Mamba(MambaConfig(vocabulary=40, dim=32, layers=2, states=4)).eval()
    ids, (recent, state), each = network.config.example(2, 30), network.start(2), []
    with torch.inference_mode():
        whole = network(ids)
        for position in ids.unbind(1):
            logits, recent, state = network.step(position, recent, state)
            each.append(logits)
    expect(torch.allclose(torch.stack(each, 1), whole, atol=1e-4), "step by step it says something else than at once")
    return f"the scan {'in tensors: there is no C compiler' if kernel() is None else 'by its compiled kernel'}"


def trm() -> str:
    import torch

    from thea_hook.lab.architectures.tiny_recursive import RecursiveConfig, TinyRecursive, part_of

    _one_thread()
    torch.manual_seed(1)
    config = RecursiveConfig.from_dict({**_small_config().to_dict(), "layers": "c", "core": "ca"})
    network, iterations = TinyRecursive(config).eval(), 3
    encoder, iteration = part_of(network, "encoder"), part_of(network, "iteration")
    features = config.example(2, 30)
    with torch.inference_mode():
        edit, tag = network(features, iterations)
        x, z = encoder(features)
        y = x
        for _ in range(iterations):
            y, z, *found = iteration(x, y, z)
    same = torch.allclose(found[0], edit, atol=1e-4) and torch.allclose(found[1], tag, atol=1e-4)
    expect(same, "its two parts say something else than the whole")
    return f"{iterations} iterations of a core of {len(config.core)} blocks"


def liquid() -> str:
    import torch

    from thea_hook.lab.architectures.liquid import CELLS, Liquid, LiquidConfig

    _one_thread()
    for cell in CELLS:
        torch.manual_seed(1)
        network = Liquid(LiquidConfig(4, cell))
        inputs, state, each = network.config.example(2, 10), None, []
        with torch.inference_mode():
            whole = network(inputs)
            for step in inputs.unbind(1):
                output, state = network.run(step.unsqueeze(1), state)
                each.append(output)
        expect(torch.allclose(torch.cat(each, 1), whole, atol=1e-5), f"{cell} does not go on from its state")
    return ", ".join(CELLS)


def mad() -> str:
    import torch

    from thea_hook.lab.evaluation.mad.networks import Architecture
    from thea_hook.lab.evaluation.mad.tasks import TASKS, Setting, training_examples, unseen_examples
    from thea_hook.lab.evaluation.mad.training import Recipe, train

    _one_thread()
    for task in TASKS:
        setting = Setting(task, length=32, examples=8, copied=4)
        expect(bool((unseen_examples(setting, 8, 1).targets >= 0).any()), f"{task} asks nothing")
    facts, recipe = Setting("memorization", length=8, examples=64), Recipe(16, 16, 30, 1e-2, 0.0)
    attention = Architecture(("attention",))
    data, test = training_examples(facts, 1), unseen_examples(facts, 32, 1)
    accuracy = train(attention, facts, recipe, data, test, torch.device("cpu")).accuracy
    expect(accuracy > 2 * TASKS["memorization"].chance(facts), f"attention memorises {accuracy:.0%} of seven facts")
    return f"{len(TASKS)} tasks; attention memorises {accuracy:.0%}"


class _Learner(Protocol):
    step: int

    def save(self) -> None: ...

    def resume(self) -> bool: ...


Learner = TypeVar("Learner", bound=_Learner)


def _learns(make: Callable[[Path], Learner], losses_of: Callable[[Learner], list[float]]) -> str:
    """A few steps, a checkpoint, and going on from it."""
    _one_thread()
    with TemporaryDirectory(prefix="thea-lab-") as folder:
        trainer = make(Path(folder))
        losses = losses_of(trainer)
        trainer.save()
        again = make(Path(folder))
        expect(again.resume() and again.step == trainer.step, "the training does not go on where it stopped")
    expect(losses[-1] < losses[0], f"the loss went from {losses[0]:.2f} to {losses[-1]:.2f}")
    return f"loss {losses[0]:.2f} to {losses[-1]:.2f} in {len(losses)} steps"


def trainer() -> str:
    import torch

    from thea_hook.lab.training.tagger import TaggerTrainer
    from thea_hook.lab.training.trainer import Recipe, batches

    shard = _shard()
    return _learns(
        lambda folder: TaggerTrainer(_small_config(), Recipe(minutes=1.0), folder, torch.device("cpu")),
        lambda trainer: [trainer.train_on(batch) for _ in range(5) for batch in batches(shard, 4096, random.Random(1))],
    )


def refiner() -> str:
    import torch

    from thea_hook.lab.architectures.tiny_recursive import RecursiveConfig
    from thea_hook.lab.training.refiner import RefinerTrainer
    from thea_hook.lab.training.trainer import Recipe, batches

    shard, config = _shard(), RecursiveConfig.from_dict({**_small_config().to_dict(), "core": "c", "supervised": 2})
    return _learns(
        lambda folder: RefinerTrainer(config, Recipe(minutes=1.0), folder, torch.device("cpu")),
        lambda trainer: [trainer.train_on(batch) for _ in range(5) for batch in batches(shard, 512, random.Random(1))],
    )


def language() -> str:
    import numpy as np
    import torch

    from thea_hook.lab.architectures.mamba import MambaConfig
    from thea_hook.lab.training.language import Recipe, Trainer
    from thea_hook.languages.lexemes import lex
    from thea_hook.ml.language_tokens import VOCABULARY, encode
    from thea_hook.ml.subtokens import SubTokens

    ids = encode(lex(SAMPLE, "javascript"), SubTokens(["path", "text", "line"])).ids
    rows, config = np.array([ids, ids], np.int64), MambaConfig(VOCABULARY, dim=32, layers=1, states=4)
    return _learns(
        lambda folder: Trainer(config, Recipe(minutes=1.0), folder, torch.device("cpu")),
        lambda trainer: [trainer.train_on(rows) for _ in range(5)],
    )


def evidence() -> str:
    from thea_hook.lab.training.evidence import fit
    from thea_hook.lab.training.hearings import Hearing
    from thea_hook.lab.training.trials import Question
    from thea_hook.ml.evidence import SCORER, judged
    from thea_hook.ml.tasks import Candidate

    texts = SAMPLE, BROKEN.replace(b"(path", b"(")
    candidates = [
        Candidate(text, "ml:tagger", (), {"tagger": -1.0, SCORER: ratio})
        for text, ratio in zip(texts, (2.0, -2.0), strict=True)
    ]
    question = Question("synthetic-1", "sample", _sample(BROKEN), (SAMPLE,))
    weighing = fit([Hearing(question, 0.5, tuple(candidates))] * 20, [SCORER])
    first, second = judged(BROKEN, candidates, weighing)
    expect(first.candidate.text == SAMPLE, "what the language model finds likelier comes second")
    return f"right {first.probability:.0%} sure, wrong {second.probability:.0%}"


def export() -> str:
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


def session() -> str:
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
