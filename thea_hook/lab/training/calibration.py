"""``thea-lab train calibration``: how sure the fixer may be, fitted to what it does with code it has never seen.

A logistic regression from the figures of a search to the probability that its first repair is exactly what a person
wrote, and for each class of repairs the confidence from which on the hook applies it unasked. Every confidence that a
threshold is chosen by comes from a fit that has not seen the repository.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.calibration import calibration as reliability
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.fixer import Fixer, from_checkpoint, from_weights
from thea_hook.lab.training.trials import REAL, Trial, in_processes, questions, try_all
from thea_hook.ml.calibration import FIGURES, SAFE_ODDS, Calibration, class_of, figures_of, is_safe
from thea_hook.ml.subtokens import SubTokens

FOLDS = 5
STIFFNESS, STIFFNESS_OF_CLASSES = 1.0, 2.0
"""How strongly weights, and offsets of classes, are held near zero: classes with few cases stay near the rest."""

PRECISION, LOWER_BOUND, FEWEST = 0.99, 0.98, 81
"""A class is SAFE from where on at least so many held-out repairs are exact, out of so many; the bound is one-sided."""
FEWEST_OF_CLASS = 20
"""How many there have to be of a class that shares its threshold with others."""
REAL_PRECISION = 0.98
"""What the real ones among them have to reach, unless a single one is wrong: synthetic ones must not hide them."""
_Z = 1.2816  # 90 %, one-sided

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """The first repair of a trial as the calibration sees it."""

    figures: tuple[float, ...]
    kind: str
    is_exact: bool
    is_real: bool
    repository: str


def sample_of(trial: Trial) -> Sample | None:
    """None where nothing was found: there is no repair to be sure of."""
    if not trial.repairs:
        return None
    text = trial.question.file.text
    figures, kind = figures_of(text, trial.repairs), class_of(text, trial.repairs[0])
    return Sample(figures, kind, trial.is_exact, trial.is_real, trial.question.repository)


# ------------------------------------------------------------------ fit


def fit(samples: Sequence[Sample]) -> Calibration:
    """The calibration of these samples, without thresholds. Real and synthetic samples weigh the same in total."""
    figures = np.array([sample.figures for sample in samples], float)
    middle, scale = figures.mean(0), figures.std(0) + 1e-6
    kinds = sorted({sample.kind for sample in samples})
    of_class = np.array([[sample.kind == kind for kind in kinds] for sample in samples], float)
    inputs = np.hstack([np.ones((len(samples), 1)), (figures - middle) / scale, of_class])
    stiffness = np.array([1e-6] + [STIFFNESS] * len(FIGURES) + [STIFFNESS_OF_CLASSES] * len(kinds))
    is_exact = np.array([sample.is_exact for sample in samples], float)
    found = logistic(inputs, is_exact, _weights(samples), stiffness)
    slopes, offsets = found[1 : 1 + len(FIGURES)] / scale, found[1 + len(FIGURES) :]
    return Calibration(
        bias=float(found[0] - slopes @ middle),
        weights={name: float(value) for name, value in zip(FIGURES, slopes, strict=True)},
        offsets={kind: float(value) for kind, value in zip(kinds, offsets, strict=True)},
        safe_from={},
    )


def _weights(samples: Sequence[Sample]) -> Floats:
    number = Counter(sample.is_real for sample in samples)
    return np.array([len(samples) / len(number) / number[sample.is_real] for sample in samples])


def logistic(inputs: Floats, right: Floats, weights: Floats, stiffness: Floats) -> Floats:
    """The coefficients of the likeliest logistic regression, by Newton's method."""
    found = np.zeros(inputs.shape[1])
    for _ in range(50):
        claimed = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (weights * (claimed - right)) + stiffness * found
        bend = (inputs * (weights * claimed * (1 - claimed))[:, None]).T @ inputs + np.diag(stiffness)
        step = np.linalg.solve(bend, slope)
        found = found - step * min(1.0, 5.0 / (np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return found


def fold_of(repository: str) -> int:
    """Which part a repository belongs to; the same one always, so that figures of two models can be compared."""
    return crc32(repository.encode()) % FOLDS


def held_out(samples: Sequence[Sample]) -> list[float]:
    """The confidence in every sample by a fit to the other repositories alone."""
    confidences = [0.0] * len(samples)
    for fold in range(FOLDS):
        rest = [sample for sample in samples if fold_of(sample.repository) != fold]
        fitted = fit(rest or samples)
        for index, sample in enumerate(samples):
            if fold_of(sample.repository) == fold:
                confidences[index] = fitted.probability(sample.figures, sample.kind)
    return confidences


# ------------------------------------------------------------------ thresholds


class Claim(NamedTuple):
    """A repair, and how sure a fit is of it."""

    confidence: float
    sample: Sample

    def is_safe(self, safe_from: Mapping[str, float]) -> bool:
        """As ``Calibration.is_safe``, with these thresholds."""
        return is_safe(safe_from, self.sample.kind, self.sample.figures, self.confidence)


def thresholds(claims: Iterable[Claim]) -> dict[str, float]:
    """For each class the lowest confidence from which on it is precise enough; classes that never are have none."""
    groups = _by_kind(claim for claim in claims if claim.sample.figures[0] >= SAFE_ODDS)
    own = {kind: _threshold(group) for kind, group in groups.items()}
    found = {kind: value for kind, value in own.items() if value is not None}
    shared = _shared_threshold({kind: group for kind, group in groups.items() if kind not in found})
    return dict(sorted({**shared, **found}.items()))


def _shared_threshold(groups: Mapping[str, Sequence[Claim]]) -> dict[str, float]:
    """The lowest confidence from which on classes with too few samples to prove anything prove it together.

    Only classes count, and only they get it, that are precise themselves from there on, as far as their samples tell.
    """
    found: dict[str, float] = {}
    for hundredths in range(99, 50, -1):
        safe = {kind: [one for one in group if 100 * one.confidence >= hundredths] for kind, group in groups.items()}
        proven = [claim for group in safe.values() if _may_share(group) for claim in group]
        if is_precise([claim.sample for claim in proven]):
            found = dict.fromkeys((claim.sample.kind for claim in proven), min(claim.confidence for claim in proven))
    return found


def _may_share(claims: Sequence[Claim]) -> bool:
    return len(claims) >= FEWEST_OF_CLASS and _exact([one.sample for one in claims]) >= PRECISION * len(claims)


def _by_kind(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.sample.kind, []).append(claim)
    return groups


def _threshold(claims: Sequence[Claim]) -> float | None:
    ranked = sorted(claims, key=lambda claim: -claim.confidence)
    lowest = None
    for count, claim in enumerate(ranked, 1):
        is_last_of_equals = count == len(ranked) or ranked[count].confidence < claim.confidence
        if is_last_of_equals and is_precise([claim.sample for claim in ranked[:count]]):
            lowest = claim.confidence
    return lowest


def is_precise(samples: Sequence[Sample]) -> bool:
    """Whether repairs like these may be applied unasked."""
    right = sum(sample.is_exact for sample in samples)
    real = [sample for sample in samples if sample.is_real]
    wrong_real = sum(not sample.is_exact for sample in real)
    return (
        len(samples) >= FEWEST
        and right >= PRECISION * len(samples)
        and lower_bound(right, len(samples)) >= LOWER_BOUND
        and wrong_real <= max(1.0, (1 - REAL_PRECISION) * len(real))
    )


def lower_bound(right: int, count: int) -> float:
    """Wilson's lower bound of a share: it lies above that in nine of ten cases."""
    share, z2 = right / count, _Z * _Z
    spread = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return (share + z2 / (2 * count) - spread) / (1 + z2 / count)


def calibrated(samples: Sequence[Sample]) -> Calibration:
    """The fit to all samples with thresholds that hold both in it and where each repository was held out."""
    fitted = fit(samples)
    known = thresholds(Claim(fitted.probability(sample.figures, sample.kind), sample) for sample in samples)
    unseen = thresholds(map(Claim, held_out(samples), samples))
    return fitted._replace(safe_from={kind: max(known[kind], unseen[kind]) for kind in known.keys() & unseen.keys()})


# ------------------------------------------------------------------ report


class ClassFigures(NamedTuple):
    """What the threshold of a class does to held-out repairs. ``safe_from`` is None where the class is never SAFE."""

    samples: int
    exact: int
    safe_from: float | None
    safe: int
    safe_exact: int
    safe_real: int
    safe_real_exact: int


def class_figures(claims: Sequence[Claim], safe_from: Mapping[str, float]) -> dict[str, ClassFigures]:
    """The figures of every class, the most common first."""
    found = {}
    for kind, group in sorted(_by_kind(claims).items(), key=lambda item: -len(item[1])):
        safe = [claim.sample for claim in group if claim.is_safe(safe_from)]
        real = [sample for sample in safe if sample.is_real]
        found[kind] = ClassFigures(
            len(group),
            sum(claim.sample.is_exact for claim in group),
            safe_from.get(kind),
            len(safe),
            _exact(safe),
            len(real),
            _exact(real),
        )
    return found


def honest_precision(samples: Sequence[Sample], confidences: Sequence[float]) -> tuple[int, int]:
    """How many repairs would be SAFE, and how many of them exact, by thresholds chosen on the other folds alone."""
    safe: list[Sample] = []
    claims = list(map(Claim, confidences, samples))
    for fold in range(FOLDS):
        chosen = thresholds(claim for claim in claims if fold_of(claim.sample.repository) != fold)
        safe += [claim.sample for claim in claims if fold_of(claim.sample.repository) == fold and claim.is_safe(chosen)]
    return len(safe), _exact(safe)


def _exact(samples: Sequence[Sample]) -> int:
    return sum(sample.is_exact for sample in samples)


def report(samples: Sequence[Sample], fitted: Calibration, unanswered: int) -> dict[str, object]:
    """Print how reliable held-out confidences are and what the thresholds do; the same as values for the file."""
    confidences = held_out(samples)
    claims = list(map(Claim, confidences, samples))
    found = reliability(_balanced(claims))
    print(f"{len(samples)} repairs, {_exact(samples)} exact; {unanswered} texts without one")
    print(f"\nheld-out confidence, real and synthetic half each: expected calibration error {found.error:.3f}")
    print(f"{'confidence':>12}{'repairs':>9}{'claimed':>9}{'exact':>8}")
    for row in found.bins:
        print(f"{row.low:8.1f}-{row.high:.1f}{row.repairs:9}{100 * row.claimed:8.1f}%{100 * row.right:7.1f}%")
    classes = class_figures(claims, fitted.safe_from)
    print(
        f"\n{'class':32}{'cases':>6}{'exact':>7}{'from':>8}{'SAFE':>6}{'share':>7}{'exact':>8}{'real':>6}{'exact':>8}"
    )
    for kind, of_class in classes.items():
        print(_class_row(kind, of_class))
    safe, exact = honest_precision(samples, confidences)
    print(f"\nthresholds of the other folds: {safe} of {len(samples)} SAFE, exact {_share(exact, safe)} of these")
    return {
        "repairs": len(samples),
        "exact": _exact(samples),
        "texts without a repair": unanswered,
        "expected calibration error": found.error,
        "classes": {kind: row._asdict() for kind, row in classes.items()},
        "by thresholds of the other folds": {"safe": safe, "exact": exact},
    }


def _balanced(claims: Sequence[Claim]) -> list[tuple[float, bool]]:
    """Confidences and outcomes, the real ones so often that they are about as many as the synthetic ones."""
    real = sum(claim.sample.is_real for claim in claims)
    times = max(1, round((len(claims) - real) / real)) if real else 1
    return [
        (claim.confidence, claim.sample.is_exact)
        for claim in claims
        for _ in range(times if claim.sample.is_real else 1)
    ]


def _class_row(kind: str, row: ClassFigures) -> str:
    start = "never" if row.safe_from is None else f"{row.safe_from:.4f}"
    return (
        f"{kind:32}{row.samples:6}{_share(row.exact, row.samples):>7}{start:>8}{row.safe:6}"
        f"{_share(row.safe, row.samples):>7}{_share(row.safe_exact, row.safe):>8}"
        f"{row.safe_real:6}{_share(row.safe_real_exact, row.safe_real):>8}"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fixer on held-out texts, fit its confidence, and write it for the exporter."""
    options = _parser().parse_args(arguments)
    make_fixer = _maker(options)
    cache = data_folder() / "calibration" / f"{make_fixer().key}.jsonl"
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    attempts = in_processes(make_fixer, options.workers)
    trials = try_all(questions(counts), attempts, cache, seconds=60 * options.minutes)
    samples = [sample for sample in map(sample_of, trials) if sample is not None]
    if len({sample.is_exact for sample in samples}) < 2:
        raise UsageError(f"{len(samples)} repairs are too few to fit a confidence to: give it more texts, or minutes")
    fitted = calibrated(samples)
    figures = report(samples, fitted, len(trials) - len(samples))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**fitted._asdict(), "held_out": figures}, indent=1) + "\n", "utf-8")
    print(f"\n{options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train calibration", description=summary, epilog=rest)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="exported weights: what ships is what is measured"
    )
    source.add_argument("--checkpoint", type=Path, metavar="FILE", help="a checkpoint of `thea-lab train tagger`")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the calibration, as JSON")
    parser.add_argument("--single", type=int, default=1_500, metavar="N", help="texts with one mistake (default: 1500)")
    parser.add_argument("--multiple", type=int, default=400, metavar="N", help="with two to five (default: 400)")
    parser.add_argument("--real", type=int, default=2_000, metavar="N", help="at most so many real ones")
    parser.add_argument("--minutes", type=float, default=60.0, help="for new trials; those that were made are kept")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that try (default: 1)")
    return parser


def _maker(options: argparse.Namespace) -> Callable[[], Fixer]:
    if options.weights:
        return partial(from_weights, options.weights)
    subtokens = SubTokens.load(data_folder() / "subtokens.json")
    return partial(from_checkpoint, options.checkpoint, subtokens, torch.device("cpu"))


if __name__ == "__main__":
    raise SystemExit(main())
