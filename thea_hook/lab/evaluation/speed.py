"""``thea-lab evaluate speed``: the time that a broken file adds to a run of the hook.

Runs the command line over files of some 300 lines, each as it is and with a mistake in it, in turns and in new
processes without a cache. The difference is what finding and mending the mistake costs, loading the models included;
the same repair in a process that has the models loaded already is timed beside it. With ``--below`` only files count
of which the hook is not surer than that in the end: those for which it takes the longest way.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.cases import SETS, SPLITS, Case, load
from thea_hook.lab.evaluation.systems import Product

LINES = range(250, 351)
COMMAND = (sys.executable, "-m", "thea_hook", "--isolated", "--no-cache", "--select", "syntax", "--workers", "1")


class Timing(NamedTuple):
    """Seconds for one case: a run over the whole file, over the broken one, and the repair with the models loaded."""

    whole: float
    broken: float
    loaded: float

    @property
    def added(self) -> float:
        return self.broken - self.whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the times; 0 when it is done."""
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate speed", description=summary, epilog=rest)
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument("--set", choices=tuple(SETS), default="synthetic-1", help="where the files are from")
    parser.add_argument("--below", type=float, default=1.1, metavar="CONFIDENCE", help="only files of less")
    parser.add_argument("--models", default="all", metavar="NAMES")
    parser.add_argument("--model-path", metavar="FOLDER")
    parser.add_argument("--cases", type=int, default=20, metavar="N")
    options = parser.parse_args(arguments)
    flags = ["--models", options.models, *(["--model-path", options.model_path] if options.model_path else [])]
    product = Product(options.models, options.model_path)
    of_size = (case for case in load(options.set, options.split) if case.before.count(b"\n") in LINES)
    cases = list(islice((case for case in of_size if _is_below(case, options.below, product)), options.cases))
    if not cases:
        raise UsageError(f"no such case of {options.set} has {LINES.start} to {LINES.stop - 1} lines")
    list(product.repair([cases[0].file]))  # loads the models
    timings = [_timing(case, flags, product) for case in cases]
    print(report(timings))
    return 0


def _is_below(case: Case, confidence: float, product: Product) -> bool:
    if confidence > 1:
        return True
    (outcome,) = product.repair([case.file])
    return outcome.confidence is None or outcome.confidence < confidence


def report(timings: Sequence[Timing]) -> str:
    """Medians and 95th percentiles in milliseconds, as Markdown."""
    lines = [f"{len(timings)} files of {LINES.start} to {LINES.stop - 1} lines", ""]
    lines += ["| ms | median | 95 % |", "|---|---:|---:|"]
    for title, values in (
        ("whole file, new process", [timing.whole for timing in timings]),
        ("broken file, new process", [timing.broken for timing in timings]),
        ("added by the mistake", [timing.added for timing in timings]),
        ("repair, models loaded", [timing.loaded for timing in timings]),
    ):
        ordered = sorted(1000 * value for value in values)
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        lines.append(f"| {title} | {statistics.median(ordered):.0f} | {high:.0f} |")
    return "\n".join(lines)


def _timing(case: Case, flags: Sequence[str], product: Product) -> Timing:
    with TemporaryDirectory(prefix="thea-lab-") as name:
        path = Path(name, f"sample{Path(case.path).suffix}")
        path.write_bytes(case.after)
        whole = _run(path, flags)
        path.write_bytes(case.before)
        broken = _run(path, flags)
    (outcome,) = product.repair([case.file])
    return Timing(whole, broken, outcome.seconds)


def _run(path: Path, flags: Sequence[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run([*COMMAND, *flags, str(path)], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise UsageError(f"thea-hook failed: {done.stderr.decode('utf-8', 'replace')[:500]}")
    return time.perf_counter() - started
