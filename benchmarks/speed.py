#!/usr/bin/env python3
"""CPU and wall seconds of thea-hook and its peers, on the same files, with the same rules, in the same run.

    speed.py [--peers FOLDER] [--tree FOLDER] [--runs N] [--out FILE.json]

FOLDER of ``--peers`` holds ``node_modules`` with the packages of ``benchmarks/peers/package.json``; where it does not,
they are installed there with npm. Runs are interleaved, so that a busy machine is busy for everybody; figures are
medians. The tree is by default the TypeScript source of the npm package zod: 332 files, 89,000 lines.

CPU seconds are user and system time of the process and its children; memory is the largest resident set of one process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
RULES = (
    "no-var prefer-const eqeqeq no-debugger use-isnan valid-typeof no-self-assign no-dupe-keys no-unsafe-negation "
    "no-compare-neg-zero no-extra-semi no-unused-vars no-cond-assign no-unreachable no-empty"
).split()
BIOME_RULES = (
    "suspicious/noVar style/useConst suspicious/noDoubleEquals suspicious/noDebugger correctness/useIsNan "
    "correctness/useValidTypeof correctness/noSelfAssign suspicious/noDuplicateObjectKeys suspicious/noUnsafeNegation "
    "suspicious/noCompareNegZero correctness/noUnusedVariables suspicious/noAssignInExpressions "
    "correctness/noUnreachable suspicious/noEmptyBlockStatements"
).split()
ESLINT_CONFIG = """
import parser from "@typescript-eslint/parser";
const rules = Object.fromEntries(%s.map((rule) => [rule, "error"]));
export default [
  { files: ["**/*.{js,mjs,cjs,jsx}"], rules },
  { files: ["**/*.{ts,mts,cts,tsx}"], languageOptions: { parser }, rules },
];
"""
NAMED = 10
"""How many files a commit has."""


@dataclass
class Tool:
    """A command line; ``{files}`` stands for the files."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)


@dataclass
class Sample:
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    peak: float = 0.0
    """MB"""


def tools(peers: Path, config: Path, cache: Path) -> list[Tool]:
    ours = [sys.executable, "-m", "thea_hook", "--isolated", "--quiet", "--output-format", "json", "--workers", "1"]
    select = ["--select", ",".join(RULES)]
    run = peers / "node_modules" / ".bin"
    only = [f"--only={rule}" for rule in BIOME_RULES]
    allow = ["-A", "all", *(word for rule in RULES if rule != "no-extra-semi" for word in ("-D", rule))]
    found = [
        Tool("thea-hook, 15 rules, cold", [*ours, *select, "--no-cache", "{files}"]),
        Tool("thea-hook, 15 rules, unchanged files", [*ours, *select, "--cache-dir", str(cache), "{files}"]),
        Tool("thea-hook, recommended, cold", [*ours, "--no-cache", "{files}"]),
        Tool(
            "eslint", [str(run / "eslint"), "--config", str(config), "--no-warn-ignored", "--format", "json", "{files}"]
        ),
        Tool("biome (npm)", [str(run / "biome"), "lint", *only, "--max-diagnostics=none", "{files}"]),
        Tool("oxlint (npm)", [str(run / "oxlint"), *allow, "--format", "json", "{files}"]),
    ]
    native = next(peers.glob("node_modules/@biomejs/cli-*/biome"), None)
    if native is not None:
        found.append(Tool("biome (native)", [str(native), "lint", *only, "--max-diagnostics=none", "{files}"]))
    return [tool for tool in found if Path(tool.command[0]).exists()]


def measure(tool: Tool, files: list[str], cwd: Path) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of one run."""
    command = [word for part in tool.command for word in (files if part == "{files}" else [part])]
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONDONTWRITEBYTECODE": "", **tool.environ}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, wall, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def compare(found: list[Tool], files: list[str], cwd: Path, runs: int) -> Mapping[str, Sample]:
    samples = {tool.name: Sample() for tool in found}
    for tool in found:
        measure(tool, files, cwd)  # fills the file system's cache, and ours
    for _ in range(runs):
        for tool in random.sample(found, len(found)):
            cpu, wall, peak = measure(tool, files, cwd)
            sample = samples[tool.name]
            sample.cpu.append(cpu)
            sample.wall.append(wall)
            sample.peak = max(sample.peak, peak)
    return samples


def show(title: str, samples: Mapping[str, Sample]) -> None:
    reference = statistics.median(samples["eslint"].cpu) if "eslint" in samples else None
    print(f"\n{title}\n\n| tool | CPU s | wall s | peak MB | times less CPU than ESLint |\n|---|---|---|---|---|")
    for name, sample in samples.items():
        cpu, wall = statistics.median(sample.cpu), statistics.median(sample.wall)
        ratio = f"{reference / cpu:.1f}" if reference else ""
        print(f"| {name} | {cpu:.3f} | {wall:.3f} | {sample.peak:.0f} | {ratio} |")


def _sources(tree: Path) -> list[str]:
    endings = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")
    paths = (path for path in tree.rglob("*") if path.name.endswith(endings) and not path.name.endswith(".d.ts"))
    return sorted(str(path.relative_to(tree)) for path in paths if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=HERE / "peers")
    parser.add_argument("--tree", type=Path, help="a folder of sources (default: zod's, from the peers)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path, help="all samples as JSON")
    args = parser.parse_args()
    peers = args.peers.resolve()
    if not (peers / "node_modules").is_dir():
        if shutil.which("npm") is None:
            sys.exit("the peers come from npm, and npm is not installed")
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=peers, check=True)
    tree = args.tree or peers / "node_modules" / "zod" / "src"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # a copy, as every tool leaves out what lies in node_modules, and nobody's configuration is near
        copy = work / "tree"
        shutil.copytree(tree, copy)
        files = _sources(copy)
        (work / "node_modules").symlink_to(peers / "node_modules")
        config = work / "eslint.config.mjs"
        config.write_text(ESLINT_CONFIG % json.dumps(RULES))
        found = tools(peers, config, work / "cache")
        step = max(1, len(files) // NAMED)
        few = compare(found, files[::step][:NAMED], copy, args.runs * 2)
        size = sum((copy / name).stat().st_size for name in files[::step][:NAMED])
        show(f"A commit of {NAMED} files ({size / 1e3:.0f} kB)", few)
        whole = compare(found, ["."], copy, args.runs)
        show(f"The whole tree ({len(files)} files)", whole)
        if args.out:
            args.out.write_text(json.dumps({"few": few, "tree": whole}, default=vars, indent=1))


if __name__ == "__main__":
    main()
