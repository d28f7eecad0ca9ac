"""The trainer of the tagger, on a shard of one text."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.finding import Edit  # noqa: E402
from thea_hook.core.source import SourceFile, Span  # noqa: E402
from thea_hook.lab.architectures.tagger import TaggerConfig  # noqa: E402
from thea_hook.lab.checkpoint import load_checkpoint  # noqa: E402
from thea_hook.lab.training import windows  # noqa: E402
from thea_hook.lab.training.tagger import TaggerTrainer, loss_of, plot  # noqa: E402
from thea_hook.lab.training.trainer import (  # noqa: E402
    STEP,
    Batch,
    Recipe,
    batches,
    pick_shard,
    without_features,
)
from thea_hook.lab.training.windows import MAX_TARGETS, Shard, load_shard, windows_of, write_shards  # noqa: E402
from thea_hook.languages.oracle import Answer, Verdict  # noqa: E402
from thea_hook.ml.features import COLUMNS, FIRST_FEATURE, INPUT_SIZES, LAYOUT  # noqa: E402
from thea_hook.ml.subtokens import SubTokens  # noqa: E402
from thea_hook.ml.vocabulary import CLASSES, TAGS  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

CONFIG = TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=32, layers="ca", head_dim=16)
RECIPE = Recipe(minutes=1.0, batch_lexemes=512)
CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Windows of one broken text to train on, and to evaluate on."""
    monkeypatch.setattr(windows, "SHARD", 16)
    file = SourceFile("a.js", b"f(a, b;\ng(c);\n", "javascript")
    repairs = [Edit(Span(6, 6), b")")]

    def stream():  # type: ignore[no-untyped-def]
        while True:
            yield from windows_of(file, repairs, Verdict(Answer.BROKEN), SubTokens(["f"]), random.Random(1))

    for split in ("train", "valid"):
        write_shards(stream(), tmp_path / split, "a", 2)
    return tmp_path


@pytest.fixture
def shard(folder: Path) -> Shard:
    return load_shard(folder / "train" / "a-0000.npz")


def trainer(folder: Path, recipe: Recipe = RECIPE) -> TaggerTrainer:
    return TaggerTrainer(CONFIG, recipe, folder, CPU)


def one_batch(shard: Shard) -> Batch:
    return next(batches(shard, 512, random.Random(1)))


def of_lengths(*lengths: int) -> Shard:
    """Windows without content."""
    count = len(lengths)
    rows = np.zeros((count, max(lengths), COLUMNS), np.int16)
    rows[:, 0, 1] = np.arange(count)  # tells them apart
    return Shard(rows, np.array(lengths, np.int16), np.full((count, MAX_TARGETS, 2), -1, np.int16))


# ------------------------------------------------------------------ batches


def test_batches_have_few_shapes_and_the_size_asked_for() -> None:
    chance = random.Random(1)
    shard = of_lengths(*[chance.randrange(3, 384) for _ in range(400)])
    shapes = [tuple(batch.rows.shape) for batch in batches(shard, 4096, chance)]
    assert len(set(shapes)) <= 384 // STEP
    assert all(length % STEP == 0 or length == 383 for _, length, _ in shapes)
    assert all(count * length <= 4096 for count, length, _ in shapes)


def test_every_window_is_in_some_batch() -> None:
    shard = of_lengths(*range(5, 60))
    seen = {int(row[0, 1]) for batch in batches(shard, 256, random.Random(1)) for row in batch.rows}
    assert seen == set(range(len(shard.lengths)))


def test_no_window_is_cut_short() -> None:
    shard = of_lengths(*range(5, 60))
    for batch in batches(shard, 256, random.Random(1)):
        longest = max(int(shard.lengths[int(row[0, 1])]) for row in batch.rows)
        assert longest <= batch.rows.shape[1]


# ------------------------------------------------------------------ loss


def test_the_likelier_any_right_edit_the_lower_the_loss(folder: Path) -> None:
    """With two right edits either may be chosen: a window that allows both is easier than one that allows one."""
    model = trainer(folder).model.eval()
    rows = CONFIG.example(1, 20)
    targets = torch.full((3, MAX_TARGETS, 2), -1)
    targets[0, 0] = targets[2, 0] = torch.tensor([3, 7])
    targets[1, 0] = targets[2, 1] = torch.tensor([5, 9])
    with torch.no_grad():
        one, other, both = (float(loss_of(model, Batch(rows, targets[index : index + 1]))[0]) for index in range(3))
    assert np.exp(-both) == pytest.approx(np.exp(-one) + np.exp(-other), rel=1e-4)


def test_the_loss_of_a_right_text_is_that_of_finding_nothing(folder: Path) -> None:
    model = trainer(folder).model.eval()
    rows = CONFIG.example(2, 20)
    with torch.no_grad():
        loss, right = loss_of(model, Batch(rows, torch.full((2, MAX_TARGETS, 2), -1)))
        position, _ = model(rows)
    assert float(loss) == pytest.approx(-float(position.log_softmax(-1)[:, -1].mean()), rel=1e-4)
    assert right.tolist() == [[found, found] for found in (position.argmax(1) == 20).tolist()]


def test_training_lowers_the_loss(folder: Path, shard: Shard) -> None:
    started = trainer(folder)
    started.seconds = 30.0  # behind the warm-up
    batch = one_batch(shard)
    losses = [started.train_on(batch) for _ in range(6)]
    assert losses[1] < losses[0]
    assert losses[-1] < losses[0] - 1


# ------------------------------------------------------------------ what is left out


def rows_of_ones(count: int) -> torch.Tensor:
    return torch.ones((count, 3, COLUMNS), dtype=torch.int64)


def test_the_word_of_the_parser_is_left_out_of_some_windows() -> None:
    rows = without_features(rows_of_ones(2_000), layout=True, chance=torch.Generator().manual_seed(1))
    first_of_parser = FIRST_FEATURE + len(LAYOUT)
    silent = (rows[:, :, first_of_parser:] == 0).all(-1).all(-1)
    assert 0.07 < float(silent.float().mean()) < 0.13
    assert bool((rows[~silent] == 1).all())
    assert bool((rows[:, :, :first_of_parser] == 1).all())


def test_without_layout_only_layout_is_left_out() -> None:
    rows = without_features(rows_of_ones(4), layout=False, chance=None)
    layout = slice(FIRST_FEATURE, FIRST_FEATURE + len(LAYOUT))
    assert bool((rows[:, :, layout] == 0).all())
    assert int(rows.sum()) == 4 * 3 * (COLUMNS - len(LAYOUT))


def test_at_evaluation_everything_is_there() -> None:
    assert bool((without_features(rows_of_ones(4), layout=True, chance=None) == 1).all())


# ------------------------------------------------------------------ a run, and going on with it


def test_a_checkpoint_resumes_to_the_same_state(folder: Path, shard: Shard) -> None:
    batch = one_batch(shard)
    first = trainer(folder)
    for _ in range(3):
        first.train_on(batch)
    first.save()
    second = trainer(folder)
    assert second.resume()
    assert (second.step, second.seconds, second.shards_seen) == (first.step, first.seconds, first.shards_seen)
    second.seconds = first.seconds = 30.0
    assert second.train_on(batch) == pytest.approx(first.train_on(batch))
    for name, value in first.model.state_dict().items():
        assert torch.allclose(value, second.model.state_dict()[name], atol=1e-6)
        assert torch.allclose(first.average[name], second.average[name], atol=1e-6)


def test_without_a_checkpoint_there_is_nothing_to_resume(folder: Path) -> None:
    assert not trainer(folder).resume()


def test_a_run_begins_with_the_weights_of_another_but_for_mixers_of_another_kind(folder: Path, shard: Shard) -> None:
    first = trainer(folder)
    first.train_on(one_batch(shard))
    first.save()
    second = TaggerTrainer(replace(CONFIG, layers="cc"), RECIPE, folder / "second", CPU)
    new = second.start_from(first.path)
    assert new
    assert all(name.startswith("blocks.1.mixer.") for name in new)
    for name, value in second.model.state_dict().items():
        assert torch.equal(value, second.average[name])
        assert name in new or torch.equal(value, first.average[name])
    assert (second.step, second.seconds) == (0, 0.0)


def test_what_a_checkpoint_gives_to_others_is_the_average(folder: Path, shard: Shard) -> None:
    run = trainer(folder)
    for _ in range(3):
        run.train_on(one_batch(shard))
    run.save()
    loaded = load_checkpoint(run.path)
    assert (loaded.architecture, loaded.config, loaded.step) == ("tagger", CONFIG, 3)
    for name, value in loaded.network.state_dict().items():
        assert torch.equal(value, run.average[name])


def test_a_run_reports_and_stops_when_its_minutes_are_over(folder: Path) -> None:
    recipe = Recipe(minutes=0.01, batch_lexemes=512)
    run = TaggerTrainer(CONFIG, recipe, folder / "run", CPU)
    run.run(folder, evaluate_every=0.1, stop_after=60.0)
    assert run.seconds >= 0.6
    assert run.log[-1]["step"] == run.step
    logged = json.loads((folder / "run" / "log.json").read_text("utf-8"))
    assert [entry["loss"] for entry in logged] == [entry["loss"] for entry in run.log]
    assert run.log[-1]["loss"] < run.log[0]["loss"] or len(run.log) == 1
    plot(run.log, folder / "curves.png")
    assert (folder / "curves.png").stat().st_size > 1_000
    again = TaggerTrainer(CONFIG, recipe, folder / "run", CPU)
    assert again.resume()
    steps = again.step
    again.run(folder, evaluate_every=0.1, stop_after=60.0)
    assert again.step == steps


def test_the_learning_rate_rises_and_then_falls_to_nothing(folder: Path) -> None:
    run = trainer(folder)
    rates = []
    for run.seconds in (0.0, 1.0, 1.8, 30.0, 60.0):
        rates.append(run.rate())
    assert rates[0] == 0
    assert rates[1] == pytest.approx(1 / 1.8)
    assert rates[2] == pytest.approx(1.0)
    assert 0.4 < rates[3] < 0.6
    assert rates[4] == pytest.approx(0.0)


def test_each_epoch_sees_every_shard_in_an_order_of_its_own(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.npz").touch()
    epochs = [[pick_shard(tmp_path, 6 * epoch + turn, seed=1).name for turn in range(6)] for epoch in range(3)]
    assert all(len(set(epoch)) == 6 for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_without_windows_to_evaluate_on_no_training_begins(folder: Path) -> None:
    for path in (folder / "valid").iterdir():
        path.unlink()
    own = TaggerTrainer(CONFIG, RECIPE, folder / "run", CPU)
    with pytest.raises(FileNotFoundError, match="valid: no windows"):
        own.run(folder, evaluate_every=60.0, stop_after=0.1)
    assert own.step == 0


def test_without_windows_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="thea-lab train windows"):
        pick_shard(tmp_path, 0, seed=1)
