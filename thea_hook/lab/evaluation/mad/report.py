"""The scores of MAD as a table and a picture, and beside them what was published of such mixers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from thea_hook.lab.evaluation.mad.networks import ATTENTION, JOINED
from thea_hook.lab.evaluation.mad.tasks import TASKS, Setting

MARGIN = 0.02
"""Scores that differ by less than this count as equal."""


class Run(NamedTuple):
    """What one training of an architecture reached."""

    architecture: str
    setting: Setting
    accuracy: float


class Published(NamedTuple):
    """On a task one mixer did better than another."""

    task: str
    better: str
    worse: str


_LONG_CONVOLUTION, _STATE_SPACE = "monarch", "mamba"

PUBLISHED = (
    Published("in-context-recall", ATTENTION, _STATE_SPACE),
    Published("in-context-recall", _STATE_SPACE, _LONG_CONVOLUTION),
    Published("fuzzy-in-context-recall", ATTENTION, _STATE_SPACE),
    Published("fuzzy-in-context-recall", ATTENTION, _LONG_CONVOLUTION),
    Published("noisy-in-context-recall", _STATE_SPACE, ATTENTION),
    Published("noisy-in-context-recall", ATTENTION, _LONG_CONVOLUTION),
    Published("selective-copying", ATTENTION, _LONG_CONVOLUTION),
    Published("selective-copying", _LONG_CONVOLUTION, _STATE_SPACE),
    Published("compression", _STATE_SPACE, _LONG_CONVOLUTION),
    Published("compression", ATTENTION, _LONG_CONVOLUTION),
    Published("memorization", _STATE_SPACE, ATTENTION),
    Published("memorization", _LONG_CONVOLUTION, ATTENTION),
)
"""The order of the Transformer, Hyena (here Monarch's long convolution) and Mamba in the paper's averages."""


class Scores(NamedTuple):
    """Accuracies by architecture, in the order of their runs."""

    tasks: dict[str, dict[str, float]]
    """By task, the mean over its settings."""
    settings: dict[str, dict[Setting, float]]
    """By setting, the best of the runs."""

    def mean(self, architecture: str) -> float:
        return fmean(self.tasks[architecture].values())


def scores(runs: Iterable[Run]) -> Scores:
    """The best run of every architecture at every setting, and the means of these over the settings of a task."""
    best: dict[str, dict[Setting, float]] = {}
    for run in runs:
        row = best.setdefault(run.architecture, {})
        row[run.setting] = max(run.accuracy, row.get(run.setting, 0.0))
    means = {
        architecture: {
            task: fmean(value for setting, value in row.items() if setting.task == task)
            for task in TASKS
            if any(setting.task == task for setting in row)
        }
        for architecture, row in best.items()
    }
    return Scores(means, best)


def markdown(found: Scores) -> str:
    """The table, and what it has of the published order."""
    tasks = [task for task in TASKS if any(task in row for row in found.tasks.values())]
    return "\n".join([*_table(found, tasks), "", *_orders(found), "", *_hybrids(found), "", *_settings(found, tasks)])


def _table(found: Scores, tasks: Sequence[str]) -> Iterator[str]:
    yield f"| layers | {' | '.join(tasks)} | mean |"
    yield f"|---|{'---:|' * (len(tasks) + 1)}"
    for name, row in found.tasks.items():
        cells = [f"{100 * row[task]:.1f} %" if task in row else "-" for task in tasks]
        yield f"| {name} | {' | '.join(cells)} | {100 * found.mean(name):.1f} % |"
    guesses = [chance(found, task) for task in tasks]
    yield f"| chance | {' | '.join(f'{100 * guess:.1f} %' for guess in guesses)} | {100 * fmean(guesses):.1f} % |"


def chance(found: Scores, task: str) -> float:
    """How often a guess is right, in the mean over the settings of the task."""
    settings = {setting for row in found.settings.values() for setting in row if setting.task == task}
    return fmean(TASKS[task].chance(setting) for setting in settings)


def _orders(found: Scores) -> Iterator[str]:
    yield "| task | published order | here | |"
    yield "|---|---|---:|---|"
    verdicts = []
    for task, better, worse in PUBLISHED:
        if all(task in found.tasks.get(name, {}) for name in (better, worse)):
            first, second = found.tasks[better][task], found.tasks[worse][task]
            verdicts.append(verdict(first, second))
            yield f"| {task} | {better}, {worse} | {100 * first:.1f} %, {100 * second:.1f} % | {verdicts[-1]} |"
    counts = ", ".join(f"{count} {name}" for name, count in Counter(verdicts).most_common())
    yield ""
    yield f"Of {len(verdicts)} published orders: {counts or 'none could be looked at'}."


def verdict(better: float, worse: float) -> str:
    """Whether a published order shows in two accuracies."""
    if better - worse >= MARGIN:
        return "visible"
    return "reversed" if worse - better >= MARGIN else "no difference"


def _hybrids(found: Scores) -> Iterator[str]:
    """That a hybrid is better than its parts, which the paper says, or not."""
    for name in found.tasks:
        parts = name.split(JOINED)
        if len(parts) > 1 and all(part in found.tasks for part in parts):
            best = max(parts, key=found.mean)
            gain = found.mean(name) - found.mean(best)
            yield (
                f"- {name}: {100 * found.mean(name):.1f} % in the mean, {100 * gain:+.1f} points to its better part, "
                f"{best} (published: hybrids lead; {verdict(found.mean(name), found.mean(best))})."
            )


def _settings(found: Scores, tasks: Sequence[str]) -> Iterator[str]:
    yield "| task | setting | chance | lowest, highest |"
    yield "|---|---|---:|---:|"
    for task in tasks:
        rows = found.settings.values()
        for setting in dict.fromkeys(setting for row in rows for setting in row if setting.task == task):
            values = [row[setting] for row in rows if setting in row]
            reached = f"{100 * min(values):.1f} %, {100 * max(values):.1f} %"
            yield f"| {task} | {setting} | {100 * TASKS[task].chance(setting):.1f} % | {reached} |"


def plot(found: Scores, path: Path) -> None:
    """A panel for each task: bars for the scores, dots for the settings, a line at chance."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(found.tasks)[::-1]
    tasks = [task for task in TASKS if any(task in row for row in found.tasks.values())]
    figure, panels = pyplot.subplots(
        1, len(tasks), figsize=(2.2 * len(tasks) + 1.5, 0.35 * len(names) + 1.2), sharey=True, squeeze=False
    )
    for panel, task in zip(panels[0], tasks, strict=True):
        panel.barh(names, [found.tasks[name].get(task, 0.0) for name in names], color="#9ecae1")
        for name in names:
            dots = [value for setting, value in found.settings[name].items() if setting.task == task]
            panel.plot(dots, [name] * len(dots), "o", color="#08519c", markersize=3)
        panel.axvline(chance(found, task), color="#636363", linestyle="--", linewidth=1)
        panel.set(title=task.replace("-in-context", "\nin-context"), xlim=(0, 1.03))
        panel.title.set_fontsize(9)
    figure.supxlabel("share of answers right; dots: settings, dashed: chance", fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
