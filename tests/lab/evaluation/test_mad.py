from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.evaluation.mad import cli  # noqa: E402
from thea_hook.lab.evaluation.mad.budgets import BUDGETS, Budget  # noqa: E402
from thea_hook.lab.evaluation.mad.networks import CAUSAL_MIXERS, Architecture, architectures, network  # noqa: E402
from thea_hook.lab.evaluation.mad.report import Run, markdown, plot, scores, verdict  # noqa: E402
from thea_hook.lab.evaluation.mad.tasks import TASKS, Setting, training_examples, unseen_examples  # noqa: E402
from thea_hook.lab.evaluation.mad.training import Recipe, train  # noqa: E402

CPU = torch.device("cpu")
EASY = Setting("memorization", vocabulary=16, length=16, examples=64)
RECIPE = Recipe(dim=16, batch=16, epochs=1, learning_rate=1e-2, decay=0.0)
SETTINGS = (
    Setting("in-context-recall", 8, 8, 16),
    Setting("in-context-recall", 8, 12, 16),
    Setting("fuzzy-in-context-recall", 9, 20, 16, motif=2),
    Setting("noisy-in-context-recall", 12, 8, 16, noise=0.2, noise_vocabulary=4),
    Setting("selective-copying", 8, 12, 16, copied=2),
    Setting("compression", 8, 8, 16),
    EASY,
)


def test_every_mixer_takes_part_alone_and_with_attention() -> None:
    names = [architecture.name for architecture in architectures()]
    assert names[: len(CAUSAL_MIXERS)] == list(CAUSAL_MIXERS)
    assert {f"{mixer} + attention" for mixer in CAUSAL_MIXERS if mixer != "attention"} == set(
        names[len(CAUSAL_MIXERS) :]
    )
    assert "mamba" in names


def test_all_networks_are_of_like_size() -> None:
    models = [network(architecture, SETTINGS[0], 32) for architecture in architectures()]
    sizes = [sum(parameter.numel() for parameter in model.parameters()) for model in models]
    assert max(sizes) < 1.5 * min(sizes)


@pytest.mark.parametrize("architecture", architectures(), ids=lambda entry: entry.name)
def test_no_network_sees_what_it_is_asked_for(architecture: Architecture) -> None:
    torch.manual_seed(0)
    setting = SETTINGS[1]
    model = network(architecture, setting, 16).eval()
    tokens = torch.randint(0, 8, (1, 11))
    changed = tokens.clone()
    changed[0, 6:] = (changed[0, 6:] + 1) % 8
    before, after = model(tokens), model(changed)
    assert before.shape == (1, 11, 8)
    assert torch.allclose(before[:, :6], after[:, :6], atol=1e-5)
    assert not torch.allclose(before[:, 6:], after[:, 6:], atol=1e-3)


@pytest.mark.parametrize("architecture", architectures(), ids=lambda entry: entry.name)
def test_compression_tells_every_token_from_the_last_state(architecture: Architecture) -> None:
    torch.manual_seed(0)
    setting = SETTINGS[5]
    model = network(architecture, setting, 16)
    inner: list[torch.Tensor] = []
    model.decoder.register_forward_pre_hook(lambda _, inputs: inner.append(inputs[0]))
    assert model(torch.randint(0, 8, (3, 8))).shape == (3, 8, 8)
    differences = inner[0] - model.waves
    assert torch.allclose(differences, differences[:, :1].expand_as(differences), atol=1e-5)


@pytest.mark.parametrize("mixer", CAUSAL_MIXERS)
def test_a_tiny_network_learns_an_easy_setting(mixer: str) -> None:
    data, test = training_examples(EASY, 1), unseen_examples(EASY, 32, 1)
    learned = train(Architecture((mixer, mixer)), EASY, replace(RECIPE, least_steps=60), data, test, CPU)
    assert learned.accuracy > 3 * TASKS["memorization"].chance(EASY)
    assert learned.parameters > 1000


def test_the_same_seed_trains_to_the_same_accuracy() -> None:
    data, test = training_examples(EASY, 1), unseen_examples(EASY, 32, 1)
    architecture = Architecture(("gated_conv", "attention"))
    first, again = (train(architecture, EASY, RECIPE, data, test, CPU).accuracy for _ in range(2))
    assert first == again


def test_steps_are_those_of_the_epochs_or_the_least() -> None:
    assert replace(RECIPE, epochs=3).steps(EASY) == 12
    assert replace(RECIPE, least_steps=50).steps(EASY) == 50


def test_the_published_budget_is_that_of_the_suite() -> None:
    published = BUDGETS["published"]
    counts = {task: sum(setting.task == task for setting in published.settings) for task in TASKS}
    assert counts == {
        "in-context-recall": 11,
        "fuzzy-in-context-recall": 11,
        "noisy-in-context-recall": 14,
        "selective-copying": 13,
        "compression": 11,
        "memorization": 6,
    }
    assert len(published.recipes(seed=1)) == 6
    assert published.recipe.steps(published.settings[0]) == 20_000


def test_every_budget_covers_all_tasks() -> None:
    for budget in BUDGETS.values():
        assert {setting.task for setting in budget.settings} == set(TASKS)


def test_a_score_is_the_mean_over_settings_of_the_best_run() -> None:
    first, second = SETTINGS[:2]
    found = scores([Run("mamba", first, 0.2), Run("mamba", first, 0.6), Run("mamba", second, 0.4)])
    assert found.tasks == {"mamba": {"in-context-recall": pytest.approx(0.5)}}
    assert found.settings["mamba"] == {first: 0.6, second: 0.4}


def test_what_is_said_of_the_published_order_follows_from_the_figures() -> None:
    recall = SETTINGS[0]
    runs = [Run("attention", recall, 0.9), Run("monarch", recall, 0.5), Run("mamba", recall, 0.905)]
    text = markdown(scores([*runs, Run("monarch + attention", recall, 0.95)]))
    assert "| in-context-recall | attention, mamba | 90.0 %, 90.5 % | no difference |" in text
    assert "| in-context-recall | mamba, monarch | 90.5 %, 50.0 % | visible |" in text
    assert "Of 2 published orders: 1 no difference, 1 visible." in text
    assert "monarch + attention: 95.0 % in the mean, +5.0 points to its better part, attention" in text
    assert (verdict(0.5, 0.9), verdict(0.9, 0.5)) == ("reversed", "visible")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setitem(BUDGETS, "small", Budget(SETTINGS, RECIPE, (1e-2, 2e-2), (0.0,), tested=8))
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    return tmp_path / "evaluation" / "mad-small.jsonl"


def test_the_command_writes_a_whole_table_and_its_picture(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    document = tmp_path / "page.md"
    document.write_text("# MAD\n" + "\n".join(cli.MARKS) + "\nthe end\n", "utf-8")
    picture = tmp_path / "images" / "mad.png"
    assert cli.main(["--device", "cpu", "--insert", str(document), "--plot", str(picture)]) == 0
    rows = capsys.readouterr().out.splitlines()
    names = [architecture.name for architecture in architectures()]
    assert (
        rows[0] == f"{len(names) * 14} of {len(names) * 14} runs: 7 of 7 settings, 2 of 2 recipes at each in the mean."
    )
    table = rows[2 : rows.index("", 2)]
    assert [row.split("|")[1].strip() for row in table[2:]] == [*names, "chance"]
    assert all(row.count(" %") == len(TASKS) + 1 for row in table[2:])
    assert all(any(str(setting) in row for row in rows) for setting in SETTINGS)
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = document.read_text("utf-8")
    assert table[0] in text
    assert text.endswith("the end\n")
    assert len(tiny.read_text("utf-8").splitlines()) == len(names) * len(SETTINGS) * 2


def test_runs_that_are_done_are_not_repeated(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--device", "cpu", "--tasks", "memorization", "--layers", "mamba", "attention"]
    with pytest.raises(UsageError, match="no setting"):
        cli.main([*arguments, "--only-done"])
    cli.main(arguments)
    first = capsys.readouterr().out
    monkeypatch.setattr(cli, "train", None)
    cli.main(arguments)
    assert capsys.readouterr().out == first
    assert {tuple(json.loads(line)["layers"]) for line in tiny.read_text("utf-8").splitlines()} == {
        ("mamba", "mamba"),
        ("attention", "attention"),
    }


def test_a_run_that_was_cut_off_while_it_wrote_is_done_again(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--device", "cpu", "--tasks", "memorization", "--layers", "attention"]
    cli.main(arguments)
    first, lines = capsys.readouterr().out, tiny.read_text("utf-8")
    tiny.write_text(lines[:-9], "utf-8")
    cli.main(arguments)
    assert capsys.readouterr().out == first
    assert len(tiny.read_text("utf-8").splitlines()) == len(lines.splitlines())


def test_a_setting_counts_when_all_layers_have_done_it(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--device", "cpu", "--layers", "mamba", "attention"]
    cli.main([*arguments, "--tasks", "memorization", "compression"])
    lines = tiny.read_text("utf-8").splitlines(keepends=True)
    tiny.write_text("".join(line for line in lines if '"compression"' not in line or '"mamba"' not in line), "utf-8")
    capsys.readouterr()
    cli.main([*arguments, "--only-done"])
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "4 of 28 runs: 1 of 7 settings, 2 of 2 recipes at each in the mean."
    assert rows[2] == "| layers | memorization | mean |"


def test_panels_stand_for_the_tasks_there_are(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "mad.png"
    plot(scores([Run("mamba", SETTINGS[0], 0.5)]), path)
    assert path.stat().st_size > 1000
