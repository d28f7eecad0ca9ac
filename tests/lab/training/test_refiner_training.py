"""The trainer of the refiner: what its loss asks for, and a few steps on one text."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.finding import Edit  # noqa: E402
from thea_hook.core.source import SourceFile, Span  # noqa: E402
from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig  # noqa: E402
from thea_hook.lab.architectures.tiny_recursive import Answer, RecursiveConfig  # noqa: E402
from thea_hook.lab.checkpoint import load_checkpoint  # noqa: E402
from thea_hook.lab.training import windows  # noqa: E402
from thea_hook.lab.training.refiner import ITERATIONS, RefinerTrainer, judged  # noqa: E402
from thea_hook.lab.training.trainer import Batch, Recipe, batches  # noqa: E402
from thea_hook.lab.training.windows import Shard, load_shard, windows_of, write_shards  # noqa: E402
from thea_hook.languages.oracle import Answer as Word  # noqa: E402
from thea_hook.languages.oracle import Verdict  # noqa: E402
from thea_hook.ml.features import INPUT_SIZES  # noqa: E402
from thea_hook.ml.steps import set_of  # noqa: E402
from thea_hook.ml.subtokens import SubTokens  # noqa: E402
from thea_hook.ml.vocabulary import CLASSES, TAGS  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

SHAPE = TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=32, layers="c", head_dim=16)
CONFIG = RecursiveConfig.from_dict({**SHAPE.to_dict(), "core": "ca", "supervised": 2})
RECIPE = Recipe(minutes=1.0, batch_lexemes=512)
CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Windows of a text with two mistakes to train on, and to evaluate on."""
    monkeypatch.setattr(windows, "SHARD", 16)
    file = SourceFile("a.js", b"f(a, b;\ng(c;\n", "javascript")
    repairs = [Edit(Span(6, 6), b")"), Edit(Span(11, 11), b")")]

    def stream():  # type: ignore[no-untyped-def]
        while True:
            yield from windows_of(file, repairs, Verdict(Word.BROKEN), SubTokens(["f"]), random.Random(1), set_of)

    for split in ("train", "valid"):
        write_shards(stream(), tmp_path / split, "a", 2)
    return tmp_path


def trainer(folder: Path) -> RefinerTrainer:
    return RefinerTrainer(CONFIG, RECIPE, folder, CPU)


def one_batch(shard: Shard) -> Batch:
    return next(batches(shard, 512, random.Random(1)))


def answer(edited: dict[int, int], length: int = 6, tags: int = 9) -> Answer:
    """One that is sure of these edits, and of nothing else."""
    edit, tag = torch.full((1, length), -12.0), torch.zeros(1, length, tags)
    for place, chosen in edited.items():
        edit[0, place] = 12.0
        tag[0, place, chosen] = 15.0
    return Answer(edit, tag, torch.zeros(1))


def targets(*pairs: tuple[int, int]) -> torch.Tensor:
    return torch.tensor([[*pairs, *[(-1, -1)] * (8 - len(pairs))]])


REAL = torch.tensor([[1.0, 1.0, 1.0, 1.0, 1.0, 0.0]])


@pytest.mark.parametrize(
    ("edited", "wanted"),
    [
        pytest.param({1: 3, 4: 2}, [(1, 3), (4, 2)], id="both edits"),
        pytest.param({1: 3}, [(1, 5), (1, 3)], id="one of two tags that are right there"),
        pytest.param({}, [], id="nothing where nothing is wrong"),
    ],
)
def test_a_sure_answer_that_is_the_whole_set_costs_nothing(
    edited: dict[int, int], wanted: list[tuple[int, int]]
) -> None:
    loss, is_right = judged(answer(edited), targets(*wanted), REAL)
    assert is_right.tolist() == [True]
    assert loss.item() < 0.001


@pytest.mark.parametrize(
    ("edited", "wanted"),
    [
        pytest.param({1: 3}, [(1, 3), (4, 2)], id="one edit of two"),
        pytest.param({1: 3, 4: 2}, [(1, 3)], id="one edit too many"),
        pytest.param({1: 4}, [(1, 3)], id="another tag"),
        pytest.param({}, [(1, 3)], id="nothing where something is wrong"),
    ],
)
def test_an_answer_that_is_not_the_whole_set_is_wrong_and_costs(
    edited: dict[int, int], wanted: list[tuple[int, int]]
) -> None:
    loss, is_right = judged(answer(edited), targets(*wanted), REAL)
    assert is_right.tolist() == [False]
    assert loss.item() > 10


def test_what_is_said_of_padding_does_not_matter() -> None:
    loss, is_right = judged(answer({1: 3, 5: 2}), targets((1, 3)), REAL)
    assert is_right.tolist() == [True]
    assert loss.item() < 0.001


def test_before_any_iteration_it_says_what_the_tagger_says(folder: Path) -> None:
    tagger = Tagger(SHAPE)
    tagger.norm.weight.data.uniform_(0.5, 2.0)
    run = trainer(folder)
    run.start_from(tagger)
    rows = one_batch(load_shard(folder / "train" / "a-0000.npz")).rows
    with torch.no_grad():
        edit, tag = run.model(rows, iterations=0)
        positions, tags = tagger(rows)
    real = rows[:, :, 0] != 0
    np.testing.assert_allclose(edit[real], positions[:, :-1][real], atol=2e-4)
    np.testing.assert_allclose(tag[real], tags[real], atol=2e-4)


def test_it_learns_from_a_batch_and_goes_on_where_it_was(folder: Path) -> None:
    batch = one_batch(load_shard(folder / "train" / "a-0000.npz"))
    run = trainer(folder)
    run.seconds = 30.0  # behind the warm-up
    losses = [run.train_on(batch) for _ in range(8)]
    assert losses[-1] < 0.8 * losses[0]
    assert run.step == 8
    run.save()
    again = trainer(folder)
    assert again.resume()
    assert again.train_on(batch) == pytest.approx(run.train_on(batch))
    loaded = load_checkpoint(folder / "checkpoint.pt")
    assert (loaded.architecture, loaded.config) == ("tiny-recursive-packed", CONFIG)


def test_a_report_has_figures_for_every_number_of_iterations(folder: Path) -> None:
    run = trainer(folder)
    run.run(folder, evaluate_every=0.0, stop_after=0.5)
    last = run.log[-1]
    for number in ITERATIONS:
        assert last[f"loss_{number}"] > 0
        assert 0 <= last[f"right_{number}"] <= 1
        assert last[f"halt_{number}"] > 0


def test_the_encoder_learns_more_slowly_than_what_is_new(folder: Path) -> None:
    rates: dict[bool, set[float]] = {True: set(), False: set()}
    run = trainer(folder)
    run.train_on(one_batch(load_shard(folder / "train" / "a-0000.npz")))
    encoder = {id(parameter) for parameter in run.model.encoder.parameters()}
    for group in run.optimiser.param_groups:
        rates[id(group["params"][0]) in encoder].add(group["lr"])
    assert max(rates[True]) < min(rates[False])


def test_the_specified_grid_learns_from_a_batch_too(folder: Path) -> None:
    grid = replace(CONFIG, layers="", core="hv", lines=8, columns=64, norm="rms", inner=1, cycles=2)
    run = RefinerTrainer(grid, RECIPE, folder, CPU)
    run.seconds = 30.0
    batch = one_batch(load_shard(folder / "train" / "a-0000.npz"))
    losses = [run.train_on(batch) for _ in range(8)]
    assert losses[-1] < losses[0]
