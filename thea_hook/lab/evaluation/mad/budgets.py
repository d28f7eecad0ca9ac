"""How much is trained: the difficulties of each task, and the recipes that every network is given at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from thea_hook.lab.evaluation.mad.tasks import Setting
from thea_hook.lab.evaluation.mad.training import Recipe

_EXAMPLES = (6_400, 3_200, 1_600, 800)


@dataclass(frozen=True)
class Budget:
    """Settings, of which a score is the mean, and recipes, of which the best counts at each setting."""

    settings: tuple[Setting, ...]
    recipe: Recipe
    learning_rates: tuple[float, ...]
    decays: tuple[float, ...]
    tested: int

    def recipes(self, seed: int) -> list[Recipe]:
        """The grid of learning rates and weight decays."""
        grid = product(self.learning_rates, self.decays)
        return [replace(self.recipe, learning_rate=rate, decay=decay, seed=seed) for rate, decay in grid]


def _varied(baseline: Setting, **changes: Iterable[float]) -> Iterator[Setting]:
    """The baseline, and it with one thing changed at a time."""
    yield baseline
    for field, values in changes.items():
        yield from (replace(baseline, **{field: value}) for value in values)  # type: ignore[arg-type]


_PUBLISHED = Budget(
    settings=(
        *_varied(
            Setting("in-context-recall"),
            vocabulary=(32, 64, 128), length=(256, 512, 1024), examples=_EXAMPLES,
        ),
        *_varied(
            Setting("fuzzy-in-context-recall"),
            vocabulary=(32, 64, 128), length=(256, 512, 1024), examples=_EXAMPLES,
        ),
        *_varied(
            Setting("noisy-in-context-recall", vocabulary=32, noise=0.2, noise_vocabulary=16),
            vocabulary=(48, 80, 144), length=(256, 512, 1024), examples=_EXAMPLES, noise=(0.4, 0.6, 0.8),
        ),
        *_varied(
            Setting("selective-copying", length=256),
            vocabulary=(32, 64, 128), length=(512, 1024), examples=_EXAMPLES, copied=(32, 64, 96),
        ),
        *_varied(
            Setting("compression", length=32),
            vocabulary=(32, 64, 128), length=(64, 128, 256), examples=_EXAMPLES,
        ),
        *_varied(
            Setting("memorization", vocabulary=256, length=32, examples=256),
            vocabulary=(512, 1024, 2048, 4096, 8192),
        ),
    ),
    recipe=Recipe(dim=128, batch=128, epochs=200, learning_rate=5e-4, decay=0.0),
    learning_rates=(1e-4, 5e-4, 1e-3),
    decays=(0.0, 0.1),
    tested=1_280,
)  # fmt: skip

_RECALL = Setting("in-context-recall", length=32, examples=6_400)
_FUZZY = Setting("fuzzy-in-context-recall", length=48, examples=6_400, motif=2)
_NOISY = Setting("noisy-in-context-recall", vocabulary=24, length=32, examples=6_400, noise=0.2, noise_vocabulary=8)
_COPYING = Setting("selective-copying", length=32, examples=6_400, copied=4)
_COMPRESSION = Setting("compression", vocabulary=8, length=8, examples=6_400)
_MEMORIZATION = Setting("memorization", vocabulary=256, length=32, examples=256)

_SMALL = Budget(
    settings=(
        *(_RECALL, _FUZZY, _NOISY, _COPYING, _COMPRESSION, _MEMORIZATION),
        replace(_RECALL, length=64),
        replace(_FUZZY, length=64, motif=3),
        replace(_NOISY, noise=0.4),
        replace(_COPYING, length=48, copied=8),
        replace(_COMPRESSION, length=16),
        replace(_MEMORIZATION, vocabulary=1024),
    ),
    recipe=Recipe(dim=32, batch=32, epochs=0, learning_rate=5e-3, decay=0.0, least_steps=600),
    learning_rates=(5e-3, 2e-3),
    decays=(0.0,),
    tested=512,
)

BUDGETS: dict[str, Budget] = {"small": _SMALL, "published": _PUBLISHED}
"""``small`` is minutes on a processor for a table in which the differences show; ``published`` is for GPUs and days."""
