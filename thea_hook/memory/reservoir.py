"""Which of more suggestions than there is room for are kept: class-balancing reservoir sampling.

A. Chrysakis and M.-F. Moens, "Online Continual Learning from Imbalanced Data", ICML 2020. Plain reservoir sampling
keeps a stream's own proportions, so that after a month of ``prefer-const`` nothing else would be left. Here, as long as
there is room, everything is kept. After that, a class that was the largest at some time counts as full:

- a record of a class that is not full takes the place of one of the largest class, drawn by chance;
- one of a full class is kept with the probability kept / seen of that class, in the place of one of its own, which is
  reservoir sampling within the class.

So every class that is not full is kept whole, and each full one is a fair sample of all that was seen of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import NamedTuple


class Seen(NamedTuple):
    """A class: how many of its records came by, how many are kept, and whether it was ever the largest."""

    seen: int = 0
    kept: int = 0
    full: bool = False


class Choice(NamedTuple):
    """Whether a new record is kept, and which one goes for it: the ``number``-th of the class ``victim``, if any."""

    keeps: bool
    victim: str = ""
    number: int = 0
    became_full: str = ""


def choose(classes: Mapping[str, Seen], name: str, capacity: int, chance: Random) -> Choice:
    """What to do with a new record of a class, whose ``seen`` counts it already."""
    if sum(entry.kept for entry in classes.values()) < capacity:
        return Choice(True)
    largest = max(sorted(classes), key=lambda other: classes[other].kept)
    own = classes[name]
    if not own.full and own.kept < classes[largest].kept:
        return Choice(True, largest, chance.randrange(classes[largest].kept), largest)
    if chance.random() * own.seen < own.kept:
        return Choice(True, name, chance.randrange(own.kept), largest)
    return Choice(False, became_full=largest)
