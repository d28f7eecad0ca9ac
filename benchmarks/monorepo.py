#!/usr/bin/env python3
"""What size costs: 10,000 files in 500 packages with a configuration file each.

    monorepo.py [--packages N] [--files N] [--workers N ...]

Prints CPU seconds of this process for finding the files and for resolving their settings, and for each number of
workers CPU and wall seconds and peak memory of a run without a cache; all runs must report the same. On a busy
machine compare the CPU seconds: wall seconds are whatever the others leave.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from thea_hook.config import Configuration  # noqa: E402
from thea_hook.files import discover  # noqa: E402
from thea_hook.ruleset.selection import known_selectors  # noqa: E402

FUNCTION = (
    "export function f{0}(a, b) {{\n  const both = [a, b].map((x) => x + {0});\n  return both.filter(Boolean);\n}}\n"
)


def write_monorepo(folder: Path, packages: int, files: int) -> None:
    (folder / "package.json").write_text('{"private": true, "workspaces": ["packages/*"]}')
    (folder / "thea-hook.toml").write_text('[per-file-ignores]\n"**/*.test.js" = ["no-undef"]\n')
    for number in range(packages):
        package = folder / f"packages/p{number:03}"
        (package / "src/lib").mkdir(parents=True)
        (package / "package.json").write_text(f'{{"name": "@acme/p{number:03}"}}')
        env = "node" if number % 2 else "browser"
        (package / "thea-hook.toml").write_text(f'extends = "../../thea-hook.toml"\nenv = ["{env}"]\n')
        for index in range(files):
            inside = "src/lib" if index % 2 else "src"
            ending = ".test.js" if index % 5 == 0 else ".js"
            text = "var unused = 1;\n" + "".join(FUNCTION.format(line) for line in range(10))
            (package / inside / f"f{index:02}{ending}").write_text(text)
    for command in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *command], cwd=folder, check=True)


def measure_settings() -> None:
    start = time.process_time()
    configuration = Configuration.load(os.getcwd(), known_rules=known_selectors, environ={})
    found = discover((".",), excluded=configuration.excluded)
    discovered = time.process_time()
    settings = {configuration.settings(path).digest for path, _ in found.candidates}
    resolved = time.process_time()
    print(f"files            {len(found.candidates)}, {len(settings)} different settings")
    print(f"discovery        {discovered - start:.2f} CPU s, configuration files read")
    print(f"settings         {resolved - discovered:.2f} CPU s")


def measure_workers(workers: int, folders: list[str]) -> str:
    command = [sys.executable, "-m", "thea_hook", "--no-cache", "--output-format", "json", "--workers", str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, *folders], env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{workers} workers        {cpu:.2f} CPU s, {wall:.2f} s, largest process {after.ru_maxrss / 1e3:.0f} MB so far"
    )
    return hashlib.sha256(done.stdout).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=500)
    parser.add_argument("--files", type=int, default=20, help="in each package")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--checked", type=int, default=500, help="packages that the runs with workers check")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_monorepo(Path(folder), arguments.packages, arguments.files)
        os.chdir(folder)
        measure_settings()
        folders = [f"packages/p{number:03}" for number in range(min(arguments.checked, arguments.packages))]
        reports = {measure_workers(workers, folders) for workers in arguments.workers}
        os.chdir(ROOT)
    print("reports          " + ("the same" if len(reports) <= 1 else "DIFFERENT"))
    return int(len(reports) > 1)


if __name__ == "__main__":
    sys.exit(main())
