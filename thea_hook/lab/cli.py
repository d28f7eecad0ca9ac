"""``thea-lab``: the road from a corpus to the models that the hook ships, one command a step."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import NamedTuple

from thea_hook import __version__
from thea_hook.errors import TheaError, UsageError, did_you_mean
from thea_hook.lab.extra import INSTALL, missing_package

INTERRUPTED = 130


class Command(NamedTuple):
    """Words of the command line, and the module whose ``main`` takes the arguments behind them."""

    words: tuple[str, ...]
    module: str
    summary: str

    @property
    def name(self) -> str:
        return " ".join(self.words)


COMMANDS: tuple[Command, ...] = (
    Command(("list",), "thea_hook.lab.inventory", "architectures, corpora, weights and components"),
    Command(("test",), "thea_hook.lab.components", "try every component once, in seconds"),
    Command(("corpus", "build"), "thea_hook.lab.corpus.build", "source files, without duplicates, split by repository"),
    Command(
        ("corpus", "histories"), "thea_hook.lab.corpus.histories", "versions that do not parse, each with the next"
    ),
    Command(("train", "vocabulary"), "thea_hook.lab.subtokens", "the sub-tokens of names, from the training split"),
    Command(("train", "chaos"), "thea_hook.lab.chaos.preview", "break files of the corpus, and show how"),
    Command(("train", "windows"), "thea_hook.lab.training.windows", "training data of tagger and refiner, as arrays"),
    Command(("train", "tagger"), "thea_hook.lab.training.tagger", "the tagger, from the start or from where it was"),
    Command(("train", "tokens"), "thea_hook.lab.training.language_data", "the corpus as ids, for the language model"),
    Command(("train", "language"), "thea_hook.lab.training.language", "the language model that judges repairs"),
    Command(("train", "refiner"), "thea_hook.lab.training.refiner", "a recursive network that says all edits at once"),
    Command(("train", "halting"), "thea_hook.lab.training.halting", "when the refiner has thought enough"),
    Command(("train", "ablations"), "thea_hook.lab.training.ablations", "what each part of the tagger is worth"),
    Command(("train", "evidence"), "thea_hook.lab.training.evidence", "how much the word of each model weighs"),
    Command(("train", "self"), "thea_hook.lab.training.self_training", "a round of learning from its own repairs"),
    Command(("train", "continuous"), "thea_hook.lab.training.continuous", "learning from the memory of suggestions"),
    Command(("train", "eslint"), "thea_hook.lab.training.eslint", "repairs that the project's own linter agrees to"),
    Command(("train", "calibration"), "thea_hook.lab.training.calibration", "how sure the fixer may be, and when"),
    Command(("train", "controller"), "thea_hook.lab.training.controller", "how sure repairs are, with a run in mind"),
    Command(("train", "semantic"), "thea_hook.lab.training.semantic", "examples of degenerate fixes to refuse"),
    Command(("export",), "thea_exporters.cli", "ONNX files and their manifest from a checkpoint"),
    Command(("evaluate", "syntax"), "thea_hook.lab.evaluation.syntax", "how many broken texts are mended, and exactly"),
    Command(("evaluate", "recursion"), "thea_hook.lab.evaluation.recursion", "whether the refiner gains by iterating"),
    Command(("evaluate", "controller"), "thea_hook.lab.evaluation.controller", "whether a run tells what to hold back"),
    Command(("evaluate", "decomposition"), "thea_hook.lab.evaluation.decomposition", "what taking texts apart brings"),
    Command(("evaluate", "scorer"), "thea_hook.lab.evaluation.scorer", "what the language model's word is worth"),
    Command(("evaluate", "speed"), "thea_hook.lab.evaluation.speed", "what a broken file adds to the time of a run"),
    Command(("evaluate", "mad"), "thea_hook.lab.evaluation.mad.cli", "which sequence mixers recall, copy and memorise"),
    Command(("generate-diffs",), "thea_hook.lab.generate_diffs", "break files, mend them, and write the diffs"),
    Command(("validate",), "thea_hook.lab.validate", "whether diffs are repairs: parsers, validation, linter, teacher"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a check failed, 2 wrong usage or our failure."""
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal that cannot show a character is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(sys.argv[1:] if argv is None else argv)
    except TheaError as exc:
        print(f"thea-lab: {exc}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as exc:
        package = missing_package(exc)
        if package is None:
            return _internal_error(exc)
        print(f"thea-lab: this needs {package}: {INSTALL}", file=sys.stderr)
        return 2
    except FileNotFoundError as exc:
        print(f"thea-lab: {exc.filename or exc}: there is no such file", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("thea-lab: interrupted; what was written before is whole", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader (`| head`) has what it wanted; without this Python complains again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as exc:
        return _internal_error(exc)


def _internal_error(exc: Exception) -> int:
    print(f"thea-lab: internal error, please report it: {type(exc).__name__}: {exc}", file=sys.stderr)
    if os.environ.get("THEA_TRACEBACK"):
        raise exc
    return 2


def _dispatch(argv: Sequence[str]) -> int:
    words = list(argv)
    if not words or words[0] in ("-h", "--help"):
        print(usage(COMMANDS))
        return 0
    if words == ["--version"]:
        print(f"thea-lab {__version__}")
        return 0
    command = _command(words)
    module = importlib.import_module(command.module)
    code = module.main(words[len(command.words) :])
    return int(code or 0)


def _command(words: Sequence[str]) -> Command:
    for command in COMMANDS:
        if tuple(words[: len(command.words)]) == command.words:
            return command
    group = [command for command in COMMANDS if command.words[0] == words[0]]
    if group and (len(words) == 1 or words[1].startswith("-")):
        raise UsageError(f"`{words[0]}` needs one of: {', '.join(command.words[1] for command in group)}")
    given = " ".join(words[:2] if group else words[:1])
    hint = did_you_mean(given, (command.name for command in COMMANDS))
    raise UsageError(f"there is no command `{given}`.{hint} See `thea-lab --help`.")


def usage(commands: Iterable[Command]) -> str:
    """What ``thea-lab --help`` prints."""
    lines = ["usage: thea-lab COMMAND [options]", "", "Each command has its own --help.", ""]
    rows = [(command.name, command.summary) for command in commands]
    width = max(len(name) for name, _ in rows)
    lines += [f"  {name:{width}} {summary}" for name, summary in rows]
    lines += ["", "THEA_LAB_DATA names the folder of corpora, checkpoints and figures (default: build/lab)."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
