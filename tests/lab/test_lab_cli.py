from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from thea_hook.errors import UsageError
from thea_hook.lab import cli
from thea_hook.lab.cli import COMMANDS, main


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {command.name} " in printed for command in COMMANDS)
    columns = {line.index(command.summary) for command, line in zip(COMMANDS, printed.splitlines()[4:], strict=False)}
    assert len(columns) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_words_behind_a_command_reach_its_module(command: cli.Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, list[str]]] = []

    def load(name: str) -> Any:
        return SimpleNamespace(main=lambda arguments: seen.append((name, arguments)))

    monkeypatch.setattr(importlib, "import_module", load)
    assert main([*command.words, "--flag", "value"]) == 0
    assert seen == [(command.module, ["--flag", "value"])]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trian", "tagger"], "there is no command `trian`"),
        (["train", "taggr"], "Did you mean `train tagger`?"),
        (["train"], "`train` needs one of: vocabulary, chaos, windows, tagger"),
        (["corpus", "--help"], "`corpus` needs one of: build, histories"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_exit_code_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""


def test_what_an_extra_lacks_is_named_with_the_way_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'torch'", name="torch.nn")

    monkeypatch.setattr(importlib, "import_module", load)
    assert main(["train", "tagger"]) == 2
    assert capsys.readouterr().err == "thea-lab: this needs torch: pip install 'thea-hook[lab]'\n"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (UsageError("no such split"), 2, "thea-lab: no such split"),
        (FileNotFoundError(2, "gone", "corpus/train.jsonl"), 2, "corpus/train.jsonl: there is no such file"),
        (ZeroDivisionError("by zero"), 2, "internal error, please report it: ZeroDivisionError: by zero"),
        (ModuleNotFoundError("No module named 'thea_hook.x'", name="thea_hook.x"), 2, "internal error"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_no_failure_ends_in_a_traceback(
    error: BaseException, code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(importlib, "import_module", lambda name: SimpleNamespace(main=fail))
    assert main(["list"]) == code
    assert says in capsys.readouterr().err


def test_help_imports_no_torch() -> None:
    code = "import sys; from thea_hook.lab.cli import main; main(['--help']); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_the_list_names_what_lies_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    for name in ("corpus/train.jsonl", "evaluation/valid/real.jsonl", "models/small/checkpoint.pt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("{}\n{}\n")
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    assert "  corpus/train.jsonl           2 texts, 0.0 MB\n" in printed
    assert "  evaluation/valid/real.jsonl  2 texts" in printed
    assert "  small  0.0 MB" in printed
    assert "  lexemes " in printed


def test_without_torch_the_list_says_what_the_architectures_need(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["list"]) == 0
    assert "they need torch: pip install 'thea-hook[lab]'" in capsys.readouterr().out
