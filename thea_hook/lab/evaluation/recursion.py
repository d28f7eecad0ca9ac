"""``thea-lab evaluate recursion``: whether thinking again makes the refiner better, and than what.

On held-out windows: how often the whole set of edits is right after some iterations, and each edit. On whole texts with
two to five mistakes: the text that its likeliest set leads to, without any parser's help, beside that of a tagger that
makes one edit after the other, and what both find where a parser judges their proposals.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.architectures.tiny_recursive import Answer as SetAnswer
from thea_hook.lab.architectures.tiny_recursive import TinyRecursive
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.lab.evaluation.cases import SPLITS, Case, load, sample
from thea_hook.lab.evaluation.distance import same_lexemes
from thea_hook.lab.evaluation.intervals import Share, share
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.fixer import CONTEXT_LENGTH, Fixer, from_weights
from thea_hook.lab.training.refiner import ITERATIONS, judged
from thea_hook.lab.training.trainer import Batch, each_once, mixed_precision
from thea_hook.lab.training.windows import PURPOSES, Shard, load_shard
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ml.edits import edit_of
from thea_hook.ml.manifest import read_manifest
from thea_hook.ml.refiner import Refiner
from thea_hook.ml.session import Resources
from thea_hook.ml.tagger import Broken
from thea_hook.ml.tasks import Request, TaskType

MISTAKES = range(2, 6)
MOST_EDITS = 8


# ------------------------------------------------------------------ windows


SUREST = "surest of {}"


class OfWindows(NamedTuple):
    """After so many iterations: windows whose set is right; of the edits that are due, those made, and the reverse."""

    iterations: str
    windows: int
    whole_set: float
    found: float
    right: float


def of_windows(network: TinyRecursive, shard: Shard, counts: Sequence[int] = ITERATIONS) -> list[OfWindows]:
    """The figures for windows with two to five places to edit; last those of the answers that it is surest of."""
    places = [len({int(place) for place, _ in targets if place >= 0}) for targets in shard.targets]
    chosen = [index for index, number in enumerate(places) if number in MISTAKES]
    parts = []
    with torch.inference_mode(), mixed_precision(torch.device("cpu")):
        for batch in each_once(Shard(*(values[chosen] for values in shard))):
            x, real = network.encode(batch.rows)
            state = network.start(x, real)
            answers = [network.answer(state.y, real)]
            for _ in range(max(counts)):
                state = network.iterate(x, state, real)
                answers.append(network.answer(state.y, real))
            parts.append(torch.stack([_counted(answer, batch, real) for answer in answers]))
    found = torch.cat(parts, 1)  # [iterations + 1, windows, figures]
    surest = found[1:, :, -1].argmax(0) + 1
    named = {str(count): found[count] for count in counts}
    named[SUREST.format(max(counts))] = found[surest, torch.arange(found.shape[1])]
    return [_figures(name, figures) for name, figures in named.items()]


def _counted(answer: SetAnswer, batch: Batch, real: Tensor) -> Tensor:
    """Of each window [b, 5]: whether the set is right, edits that are made, due, and both; and how sure it is."""
    made, tags = (answer.edit > 0) & (real > 0), answer.tag.argmax(-1)
    due, right = torch.zeros(len(real)), torch.zeros(len(real))
    for (window, place), wanted in _pairs(batch.targets).items():
        due[window] += 1
        right[window] += bool(made[window, place]) and int(tags[window, place]) in wanted
    whole = judged(answer, batch.targets, real).is_right.float()
    return torch.stack((whole, made.sum(1).float(), due, right, answer.halt.float()), 1)


def _figures(name: str, counted: Tensor) -> OfWindows:
    whole, made, due, right = counted[:, :4].sum(0).tolist()
    return OfWindows(name, len(counted), whole / max(1, len(counted)), right / max(1.0, due), right / max(1.0, made))


def _pairs(targets: torch.Tensor) -> dict[tuple[int, int], set[int]]:
    """Window and place -> the tags that are right there."""
    found: dict[tuple[int, int], set[int]] = {}
    for window, rows in enumerate(targets.tolist()):
        for place, tag in rows:
            if place >= 0:
                found.setdefault((window, place), set()).add(tag)
    return found


# ------------------------------------------------------------------ whole texts

Mend = Callable[[SourceFile, Verdict], bytes | None]


class OfTexts(NamedTuple):
    """How often a system's first text is the right one, all of it or but for white space, and its seconds a text."""

    name: str
    exact: Share
    exact_but_spaces: Share
    seconds: float


def of_texts(systems: dict[str, Mend], cases: Sequence[Case]) -> list[OfTexts]:
    """The figures of each system over the cases."""
    verdicts = judge([case.file for case in cases])
    found = []
    for name, mend in systems.items():
        began = time.monotonic()
        texts = [mend(case.file, verdict) or case.before for case, verdict in zip(cases, verdicts, strict=True)]
        seconds = (time.monotonic() - began) / len(cases)
        pairs = list(zip(cases, texts, strict=True))
        found.append(
            OfTexts(
                name,
                share((case.repository, text == case.after) for case, text in pairs),
                share((case.repository, same_lexemes(text, case.after, case.language)) for case, text in pairs),
                seconds,
            )
        )
        print(table_of_texts(found[-1:]), flush=True)
    return found


def without_parser(files: Sequence[SourceFile]) -> list[Verdict]:
    """Lets every text pass, so that the likeliest set is the answer."""
    return [Verdict(Answer.PARSES) for _ in files]


def refined(refiner: Refiner) -> Mend:
    """The likeliest of the texts that a refiner proposes."""

    def mend(file: SourceFile, verdict: Verdict) -> bytes | None:
        found = refiner.solve(Request(TaskType.ITERATIVE_REFINEMENT, file, verdict))
        return found[0].text if found else None

    return mend


def one_by_one(fixer: Fixer) -> Mend:
    """The text after the tagger's likeliest edit, and the likeliest one then, until it parses."""

    def mend(file: SourceFile, verdict: Verdict) -> bytes | None:
        for _ in range(MOST_EDITS):
            lexemes = lex(file.text, file.language)
            suggestions = fixer.tagger.suggest([Broken(lexemes, verdict.problems)], 4)[0]
            edits = [edit for each in suggestions if (edit := edit_of(lexemes, each.step)) is not None]
            if not edits:
                break
            file = file._replace(text=apply_edits(file.text, edits[:1]))
            (verdict,) = judge([file])
            if verdict.answer is not Answer.BROKEN:
                break
        return file.text

    return mend


def searched(fixer: Fixer) -> Mend:
    """The likeliest text that the product's search finds."""

    def mend(file: SourceFile, verdict: Verdict) -> bytes | None:
        repairs = fixer.repairs(file, verdict)
        return repairs[0].text if repairs else None

    return mend


def systems_of(folder: Path) -> dict[str, Mend]:
    """What is compared, from one folder of weights."""
    manifest, resources, fixer = read_manifest(folder), Resources("cpu", threads=1, seconds=600.0), from_weights(folder)

    def refiner(**options: object) -> Mend:
        return refined(
            Refiner.of(manifest, "onnxruntime", resources, context_length=CONTEXT_LENGTH, **options)  # type: ignore[arg-type]
        )

    found = {
        f"refiner, iterations: {count}": refiner(iterations=count, judge=without_parser)
        for count in ITERATIONS
        if count
    }
    return {
        **found,
        "tagger, one edit after the other": one_by_one(fixer),
        "refiner, parser as judge": refiner(),
        "tagger, search with the parser": searched(fixer),
    }


# ------------------------------------------------------------------ report


def table_of_windows(rows: Sequence[OfWindows]) -> str:
    """The figures as Markdown."""
    lines = ["| iterations | windows | whole set right | edits found | made edits right |", "|--:|--:|--:|--:|--:|"]
    for row in rows:
        shares = f"{row.whole_set:.1%} | {row.found:.1%} | {row.right:.1%}"
        lines.append(f"| {row.iterations} | {row.windows} | {shares} |")
    return "\n".join(lines)


def table_of_texts(rows: Sequence[OfTexts]) -> str:
    """The figures as Markdown."""
    lines = ["| system | right text | but for white space | seconds |", "|---|--:|--:|--:|"]
    lines += [f"| {row.name} | {row.exact} | {row.exact_but_spaces} | {row.seconds:.2f} |" for row in rows]
    return "\n".join(lines)


def plot(windows: Sequence[OfWindows], texts: Sequence[OfTexts], path: Path) -> None:
    """Share right against iterations, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4.5))
    counted = [row for row in windows if row.iterations.isdigit()]
    counts = [int(row.iterations) for row in counted]
    axes.plot(counts, [row.whole_set for row in counted], marker="o", label="window: whole set right")
    axes.plot(counts, [row.found for row in counted], marker="o", label="window: edits found")
    for row, style in zip((row for row in texts if row.name.startswith("tagger")), ("--", ":"), strict=False):
        axes.axhline(row.exact.value, color="grey", linestyle=style, label=f"text: {row.name}")
    refined_texts = [row for row in texts if row.name.startswith("refiner, iterations")]
    if refined_texts:
        axes.plot(
            [count for count in ITERATIONS if count][: len(refined_texts)],
            [row.exact.value for row in refined_texts],
            marker="s",
            label="text: refiner without a parser",
        )
    axes.set(xlabel="iterations", ylabel="share right", ylim=(0, 1))
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.15), ncol=2)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab evaluate recursion``: the refiner after some iterations, beside the tagger."""
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate recursion", description=summary, epilog=rest)
    parser.add_argument("--checkpoint", type=Path, help="for the windows (default: models/trm/refiner.pt)")
    parser.add_argument("--model-path", type=Path, metavar="FOLDER", help="weights for the texts; none without")
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument("--windows", type=int, default=1_000, metavar="N", help="held-out windows, of the last shard")
    parser.add_argument("--sample", type=int, default=200, metavar="N", help="texts of synthetic-n")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="a picture of the figures")
    options = parser.parse_args(arguments)
    root = data_folder()
    path = options.checkpoint or root / "models" / "trm" / "refiner.pt"
    network = load_checkpoint(path).network
    if not isinstance(network, TinyRecursive):
        raise UsageError(f"{path} is no checkpoint of a recursive network")
    paths = sorted((root / PURPOSES["refiner"].folder / "valid").glob("*.npz"))
    if not paths:
        raise UsageError("no held-out windows: make some with `thea-lab train windows --for refiner --split valid`")
    shard = load_shard(paths[-1])
    windows = of_windows(network, Shard(*(values[: options.windows] for values in shard)))
    print(table_of_windows(windows), flush=True)
    cases = sample(load("synthetic-n", options.split), options.sample)
    texts = of_texts(systems_of(options.model_path), cases) if options.model_path else []
    out = root / "evaluation" / f"recursion-{options.split}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = {"windows": [row._asdict() for row in windows], "texts": [row._asdict() for row in texts]}
    out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    if texts:
        print("\n" + table_of_texts(texts))
    if options.plot:
        plot(windows, texts, options.plot)
    return 0
