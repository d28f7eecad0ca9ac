"""How long the language model takes: for a step behind shorter and longer texts, and for the candidates of a file.

    python benchmarks/language_model.py [--weights FOLDER] [--lines 300] [--candidates 8] [--steps 200]

Prints the milliseconds of a step from a state that is kept, after so many ids were read (they must not grow), and what
it takes to judge some candidates for a file: cold, with the import of the runtime and the loading of the weights, and
warm. Two threads, as in the hook; of several rounds the fastest, and behind it the median, which is far from it where
others use the processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ml.tasks import Candidate, Request, TaskType

if TYPE_CHECKING:
    from thea_hook.ml.scorer import Scorer

READ = (1_000, 10_000, 100_000)
ROUNDS = 7

FUNCTION = """export async function load{number}(path, options = {{}}) {{
  const lines = (await read(path)).split("\\n");
  for (const [index, line] of lines.entries()) {{
    if (line.startsWith("#{number}") && index > {number}) {{
      options.found(line.slice({number}), {{ path, line, index }});
    }}
  }}
  return lines.filter((line) => line.length > {number});
}}

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, help="a folder of weights (default: the shipped ones)")
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    request = broken_file(arguments.lines, arguments.candidates)

    began = time.perf_counter()
    from thea_hook.ml.manifest import read_manifest
    from thea_hook.ml.scorer import Scorer
    from thea_hook.ml.session import Resources

    scorer = Scorer.of(read_manifest(arguments.weights), "onnxruntime", Resources("cpu"))
    scorer.solve(request)
    cold = time.perf_counter() - began
    warm = [_seconds(lambda: scorer.solve(request)) for _ in range(ROUNDS)]
    size = f"{arguments.lines} lines, {arguments.candidates} candidates"
    print(f"{size}: cold {1e3 * cold:.0f} ms, warm {1e3 * min(warm):.0f} ms ({1e3 * median(warm):.0f})")
    for read, times, state in steps(scorer, arguments.steps):
        fastest, usual = 1e3 * min(times), 1e3 * median(times)
        print(f"a step after {read:>7,} ids: {fastest:.2f} ms ({usual:.2f}), state of {state / 1e3:.0f} kB")
    return 0


def broken_file(lines: int, count: int) -> Request:
    """A file that lost a bracket in its middle, and candidates that put one at different places."""
    text = "".join(FUNCTION.format(number=number) for number in range(lines // FUNCTION.count("\n") + 1))
    text = "".join(text.splitlines(keepends=True)[:lines])
    middle = text.index("options.found(", len(text) // 2)
    place = text.index(", {", middle) - 1
    broken = text[:place] + text[place + 1 :]
    candidates = tuple(
        Candidate((broken[: place + shift] + ")" + broken[place + shift :]).encode(), "benchmark")
        for shift in range(count)
    )
    file = SourceFile("file.js", broken.encode(), "javascript")
    return Request(TaskType.CODE_REPAIR, file, Verdict(Answer.BROKEN), candidates)


def steps(scorer: Scorer, count: int) -> Iterator[tuple[int, list[float], int]]:
    """After so many ids: the seconds of some steps, and bytes of the state."""
    from thea_hook.languages.lexemes import lex
    from thea_hook.ml.language_tokens import encode

    model = scorer.model
    code = "".join(FUNCTION.format(number=number) for number in range(100)).encode()
    ids = cycle(encode(lex(code), scorer.subtokens).ids)
    reading, read = model.read([next(ids)]), 1
    for length in READ:
        reading = model.read(list(islice(ids, length - read)), reading)
        read = length
        following = list(islice(ids, count))
        yield read, [_seconds(partial(model.step, [reading], [item])) for item in following], reading.state.nbytes


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
