"""Run thea-hook once, and make of its reports what the job shows: log, annotations, summary, outputs, exit code."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import inputs
import places
from comparison import commit_to_compare_with, trust
from inputs import Inputs
from outcome import Outcome, limited, outcome_of
from prepare import results_prefix
from workflow import StepError, append_summary, command, print_guarded, run, set_output


class Reports(NamedTuple):
    """The files that one run writes; None for what was not asked for. Paths are absolute."""

    json: Path
    annotations: Path | None
    summary: Path | None
    sarif: Path | None
    rdjson: Path | None


def main() -> int:
    given = inputs.from_json(os.environ["THEA_INPUTS"])
    since = commit_to_compare_with(given, os.environ["GITHUB_EVENT_NAME"], _event())
    reports = make_reports(given, Path(tempfile.mkdtemp(prefix="report-", dir=places.home())))
    arguments = command_line(given, since, reports)
    print_guarded(f"thea-hook {shlex.join(arguments)}")
    done = subprocess.run(
        [str(places.interpreter()), "-I", "-m", "thea_hook", *arguments],
        cwd=given.working_directory,
        env=environment(given.working_directory, os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    complaints = done.stderr.decode("utf-8", "backslashreplace")
    print_guarded(done.stdout.decode("utf-8", "backslashreplace"))
    print_guarded(complaints)
    if not reports.json.exists():
        print(command("error", complaints.strip() or f"thea-hook ended with {done.returncode} and without a report"))
        return done.returncode or 2
    outcome = outcome_of(json.loads(reports.json.read_bytes()), done.returncode, given)
    if outcome.exit_code not in (0, 1) and not outcome.errors:  # files that failed have annotations of their own
        print(command("error", complaints.strip()))
    _publish(given, outcome, reports)
    return outcome.verdict


def _event() -> Mapping[str, Any]:
    path = os.environ.get("GITHUB_EVENT_PATH")
    return json.loads(Path(path).read_bytes()) if path else {}


def make_reports(given: Inputs, folder: Path) -> Reports:
    """Where the reports go: those for the steps that follow where the inputs say, the others in a folder of ours."""
    return Reports(
        json=folder / "report.json",
        annotations=folder / "annotations" if given.max_annotations else None,
        summary=folder / "summary.md" if given.summary else None,
        sarif=_in_workspace("sarif-file", given.sarif_file),
        rdjson=_in_workspace("rdjson-file", given.rdjson_file),
    )


def _in_workspace(name: str, file: str) -> Path | None:
    """The path of a report; None where none is wanted. Raises StepError where a link would lead it elsewhere."""
    if not file:
        return None
    path = Path(os.path.normpath(Path(os.environ["GITHUB_WORKSPACE"]).resolve() / file))
    if not os.path.isabs(file) and path.resolve() != path:  # a pull request may bring a link of that name
        raise StepError(f"`{name}: {file}` is, or lies behind, a symbolic link: name a file of the workspace.")
    return path


def command_line(given: Inputs, since: str | None, reports: Reports) -> list[str]:
    """The arguments of thea-hook."""
    wanted = {
        "json": reports.json,
        "github": reports.annotations,
        "markdown": reports.summary,
        "sarif": reports.sarif,
        "rdjson": reports.rdjson,
    }
    outputs = [f"{name}:{path}" for name, path in wanted.items() if path is not None]
    if given.output_format != "github":  # the annotations alone: their file is printed by this step
        outputs.insert(0, given.output_format)
    return [
        *(f"--output-format={output}" for output in outputs),
        "--color=always",
        *([f"--config={given.config}"] if given.config else []),
        *(["--fix"] if given.fix else []),
        *(["--unsafe-fixes"] if given.unsafe_fixes else []),
        *([f"--since={since}"] if since else []),
        *(["--changed-lines"] if since and given.changed_lines else []),
        f"--cache-dir={places.results(given.working_directory)}" if given.cache else "--no-cache",
        *given.args,
        "--",
        *given.src,
    ]


def environment(folder: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of thea-hook: the job's own, without those of this action."""
    kept = {name: value for name, value in environ.items() if not name.startswith("THEA_INPUT")}
    return {**kept, **trust(folder, environ)}


def _publish(given: Inputs, outcome: Outcome, reports: Reports) -> None:
    if reports.annotations is not None:
        lines = reports.annotations.read_text("utf-8").split("\n")[:-1]
        print("\n".join(limited(lines, given.max_annotations, outcome.findings + outcome.errors)))
    if reports.summary is not None:
        append_summary(reports.summary.read_text("utf-8"))
    for name in ("exit_code", "findings", "fixable", "fixed"):
        set_output(name.replace("_", "-"), str(getattr(outcome, name)))
    set_output("report-file", str(reports.json))
    set_output("sarif-file", str(reports.sarif) if reports.sarif is not None and reports.sarif.is_file() else "")
    if given.cache:
        set_output("results-key", results_prefix(given) + content_of(places.results(given.working_directory)))


def content_of(folder: Path) -> str:
    """A name for what the files hold, so that results are kept only where they changed."""
    state = sha256()
    for path in sorted(folder.glob("*")):
        data = path.read_bytes()
        state.update(f"{path.name} {len(data)}\n".encode() + data)
    return state.hexdigest()[:16]


if __name__ == "__main__":
    run(main)
