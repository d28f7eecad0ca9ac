"""``thea-lab corpus histories``: real syntax errors from the histories of repositories, as pairs of versions.

Repositories of the manifest keep their split. Another one, whose licence nobody has looked at, is never learned from:
its errors serve to judge and to count, unless its owner has what is learned from. What one owner has among the others
lies in one split.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.globs import Globs
from thea_hook.lab.corpus import breakages, filters, manifest, mining
from thea_hook.lab.corpus.breakages import Breakage
from thea_hook.lab.corpus.manifest import Manifest
from thea_hook.lab.corpus.repairs import Repair, difference, kind_of, repairs, size
from thea_hook.lab.corpus.store import SPLITS, Split
from thea_hook.languages.oracle import judge

MOST_OF_REPOSITORY = 30
MOST_OF_COMMIT = 1
"""Pairs that a repository may give, and a commit of each kind, so that none decides what an error looks like: one
merge leaves its markers in a dozen files."""
SIZES = {"1": range(2), "2 to 5": range(2, 6), "6 to 15": range(6, 16), "more": range(16, sys.maxsize)}
"""Classes of repairs, by the lexemes inserted, deleted or replaced."""
JUDGING: tuple[Split, ...] = ("valid", "test")
CONTEXT = 4
"""Lexemes on either side of a repair that make it the same as another one."""


class Mined(NamedTuple):
    """A pair and what it took to repair it."""

    pair: Breakage
    repair: Repair


def repositories(mirror: Path, names: Sequence[str], held_out: frozenset[str]) -> dict[str, Path]:
    """Name and git folder of the clones in a folder that are not held out; all of them, or those that are named."""
    found = {}
    for path in sorted(mirror.iterdir()):
        name = path.name.replace("+", "/", 1)
        git = next((git for git in (path / "repo" / ".git", path / "repo") if (git / "HEAD").is_file()), None)
        if git is not None and (not names or name in names):
            found[name] = git
    missing = set(names) - set(found)
    refused = [name for name in names if manifest.is_held_out(name, held_out)]
    if missing or refused:
        raise UsageError(
            f"held out for judging: {', '.join(refused)}"
            if refused
            else f"not in {mirror}: {', '.join(sorted(missing))}"
        )
    return {name: git for name, git in found.items() if not manifest.is_held_out(name, held_out)}


def mine_all(found: dict[str, Path], sources: Manifest, out: Path, most: int) -> tuple[list[Breakage], Counter[str]]:
    """The pairs of each repository, and what was counted.

    Each repository is mined into a file of its own, and not again where that file is there from an earlier run.
    """
    excluded = Globs((*filters.NOT_SOURCE, *mining.NOT_WRITTEN_TO_PARSE, *sources.exclude))
    pairs: list[Breakage] = []
    total: Counter[str] = Counter(repositories=len(found))
    for name, git in found.items():
        kept = out / "mined" / f"{name.replace('/', '+')}.jsonl"
        counted = kept.with_suffix(".json")
        if not counted.is_file():
            counts: Counter[str] = Counter()
            breakages.write(kept, mining.mine(name, git, excluded, counts, most))
            counted.write_text(json.dumps(counts), "utf-8")
            print(f"{name}: {counts['pairs']} of {counts['versions']:,} versions", file=sys.stderr)
        pairs += breakages.read(kept)
        total.update(json.loads(counted.read_text("utf-8")))
    return pairs, total


# ------------------------------------------------------------------ pairs that count


def examined(pairs: Sequence[Breakage], counts: Counter[str], settled: Iterable[Breakage] = ()) -> list[Mined]:
    """Each pair with its repair, without those that say what another one says, and none with more than its share.

    ``settled`` are pairs of an earlier run: what says the same as one of them is dropped.
    """
    found = _repaired(pairs)
    mended = judge([SourceFile(mined.pair.path, mined.pair.mended, mined.pair.language) for mined in found])
    seen = {said for mined in _repaired(tuple(settled)) for said in _says(mined)}
    given: Counter[tuple[str, str]] = Counter()
    kept = []
    for mined, verdict in sorted(zip(found, mended, strict=True), key=lambda item: _digest(item[0].pair.before)):
        why = _surplus(mined, seen, given) if not verdict.problems else "the repair needs its white space"
        if why:
            counts[f"dropped: {why}"] += 1
        else:
            kept.append(mined)
    return sorted(kept, key=lambda mined: (mined.pair.repository, mined.pair.path, mined.pair.commit))


def _repaired(pairs: Sequence[Breakage]) -> list[Mined]:
    differences = [(pair.source, difference(pair.before, pair.after, pair.language)) for pair in pairs]
    return [
        Mined(pair._replace(mended=repair.difference.with_hunks(repair.hunks), kind=kind_of(repair)), repair)
        for pair, repair in zip(pairs, repairs(differences, judge), strict=True)
    ]


def _surplus(mined: Mined, seen: set[bytes], given: Counter[tuple[str, str]]) -> str | None:
    """Why a pair adds nothing to those before, or None."""
    pair = mined.pair
    if not seen.isdisjoint(_says(mined)):
        return "says what another says"
    seen |= _says(mined)
    repository, commit = ("repository", pair.repository), (pair.kind, pair.commit)
    if given[commit] >= MOST_OF_COMMIT or given[repository] >= MOST_OF_REPOSITORY:
        return "more than its share"
    given.update((repository, commit))
    return None


def _says(mined: Mined) -> set[bytes]:
    """Two pairs say the same where these meet: the text or the mistake is a copy."""
    return {_digest(b"".join(mined.pair.before.split())), _digest(_signature(mined.repair))}


def _signature(repair: Repair) -> bytes:
    """The repair and the lexemes around it, without white space: equal for copies of one mistake."""
    texts = repair.difference.before.texts
    around = [texts[max(0, hunk.old[0] - CONTEXT) : hunk.old[1] + CONTEXT] for hunk in repair.hunks]
    return b"\0".join([*(text for part in around for text in part), b"", *repair.inserted])


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


# ------------------------------------------------------------------ splits


def split_of(name: str, sources: Manifest) -> Split | None:
    """The split of a repository: that of the manifest, or one of those that judge, the same for all of an owner.

    None where neither will do: its licence is not known, and there is other work of its owner to learn from.
    """
    known = sources.split_of(name)
    if known is not None:
        return known
    owner = name.partition("/")[0].lower()
    related = sources.splits_of_owner(owner)
    for split in JUDGING:
        if split in related:
            return split
    return None if related else JUDGING[int.from_bytes(_digest(owner.encode()), "big") % len(JUDGING)]


# ------------------------------------------------------------------ figures


def statistics(found: Sequence[Mined], splits: dict[str, Split], counts: Counter[str]) -> dict[str, Any]:
    """What was looked at, what was found, and the shares of kinds and sizes."""
    return {
        "counts": dict(counts),
        "splits": {
            split: {
                "repositories": len({mined.pair.repository for mined in chosen}),
                "pairs": len(chosen),
            }
            for split, chosen in _by_split(found, splits).items()
        },
        "kinds": dict(Counter(mined.pair.kind for mined in found).most_common()),
        "size of the repair": _sizes(mined.repair.size for mined in found),
        "size of the whole difference": _sizes(size(mined.repair.difference.hunks) for mined in found),
        "one contiguous span": sum(len(mined.repair.hunks) == 1 for mined in found),
        "nothing but repaired": sum(mined.repair.is_pure for mined in found),
        "repositories": dict(Counter(mined.pair.repository for mined in found).most_common()),
    }


def _by_split(found: Iterable[Mined], splits: dict[str, Split]) -> dict[Split, list[Mined]]:
    chosen: dict[Split, list[Mined]] = {split: [] for split in SPLITS}
    for mined in found:
        chosen[splits[mined.pair.repository]].append(mined)
    return chosen


def _sizes(sizes: Iterable[int]) -> dict[str, int]:
    counts = Counter(next(name for name, range_ in SIZES.items() if size in range_) for size in sizes)
    return {name: counts[name] for name in SIZES}


def _table(figures: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name:44}{count:>10,}" for name, count in figures["counts"].items())
    yield ""
    for split, row in figures["splits"].items():
        yield f"{split:10}{row['pairs']:>6} pairs of {row['repositories']} repositories"
    total = sum(row["pairs"] for row in figures["splits"].values())
    for name in ("kinds", "size of the repair", "size of the whole difference"):
        yield f"\n{name}"
        yield from (f"  {kind:42}{count:>6}{count / max(1, total):>8.1%}" for kind, count in figures[name].items())
    yield ""
    for name in ("one contiguous span", "nothing but repaired"):
        yield f"{name:44}{figures[name]:>6}{figures[name] / max(1, total):>8.1%}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Mine the clones in a folder, write the pairs of each split, and print what they are."""
    parser = argparse.ArgumentParser(
        prog="thea-lab corpus histories", description="Versions that do not parse, each with the next, which does."
    )
    parser.add_argument("--mirror", type=Path, required=True, help="folder with bare clones: owner+name/repo")
    parser.add_argument(
        "--out", type=Path, default=breakages.folder(), help="folder to write to (default: %(default)s)"
    )
    parser.add_argument("--manifest", type=Path, default=manifest.DEFAULT, help="splits, and what is held out")
    parser.add_argument("--repository", action="append", default=[], help="owner/name; all clones by default")
    parser.add_argument(
        "--changes", type=int, default=mining.MOST_CHANGES, help="of each repository, at most (default: %(default)s)"
    )
    parser.add_argument(
        "--keep-judging", action="store_true", help="leave what judges as it is, and look for more to learn from"
    )
    options = parser.parse_args(arguments)
    sources = manifest.load(options.manifest)
    written: tuple[Split, ...] = ("train",) if options.keep_judging else SPLITS
    kept = [pair for split in SPLITS if split not in written for pair in breakages.read_breakages(split, options.out)]
    found = repositories(options.mirror, options.repository, sources.held_out)
    splits = {name: split for name in found if (split := split_of(name, sources)) in written}
    pairs, counts = mine_all({name: found[name] for name in splits}, sources, options.out, options.changes)
    mined = examined(pairs, counts, kept)
    by_split = _by_split(mined, splits)
    for split in written:
        breakages.write(options.out / f"{split}.jsonl", (one.pair for one in by_split[split]))
    figures = statistics(mined, splits, counts)
    (options.out / "statistics.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print("\n".join(_table(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
