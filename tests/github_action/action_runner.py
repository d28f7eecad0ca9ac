"""Runs the composite action as the runner of GitHub does, over a real checkout, without the service.

What a step sees follows actions/runner: the variables of ``src/Runner.Worker/GitHubContext.cs``, no ``INPUT_*``, each
step with files of its own for outputs, path, variables and summary; ``run`` texts go to bash with the options of
``ScriptHandlerHelpers.cs``. Steps that use an action are replaced by stand-ins, and what they were given is kept.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import runner_files
import yaml
from runner_commands import Annotation, Command, Log
from runner_expressions import condition, interpolate
from stand_ins import ROOT, CacheService, python_without_network, used_actions

ACTION = ROOT / "github-action"
DEFINITION: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))

sys.path.insert(0, str(ACTION))  # for the tests of the modules themselves


@dataclass
class Done:
    """What the action left behind."""

    code: int
    outputs: dict[str, str]
    log: Log
    summary: str
    path: list[str]
    used: list[tuple[str, dict[str, str]]]
    """Steps with ``uses``: the action with its version, and its settings."""
    failed_step: str | None

    @property
    def annotations(self) -> list[Annotation]:
        return self.log.annotations

    @property
    def shown(self) -> str:
        """The log without its colours."""
        return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(self.log.lines))

    @property
    def report(self) -> Any:
        """The JSON report."""
        return json.loads(Path(self.outputs["report-file"]).read_bytes())


@dataclass
class Job:
    """A job on a runner: where it works, what started it. Each call of ``run`` is a step that uses the action."""

    workspace: Path
    temporary: Path
    event_name: str = "push"
    event: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the workflow sets with ``env``."""

    def __post_init__(self) -> None:
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.cache = CacheService(self.temporary / "caches")
        self._python = python_without_network(self.temporary / "tool")
        self._runner_temp = self.temporary / "temp"
        self._runner_temp.mkdir()

    def new_runner(self) -> None:
        """Go on with an empty temporary folder, as the next run of the workflow does; the caches stay."""
        self._runner_temp = self.temporary / f"temp of run {len(list(self.temporary.iterdir()))}"
        self._runner_temp.mkdir()

    @property
    def pip_calls(self) -> list[list[str]]:
        """What pip was asked for."""
        calls = self._runner_temp / "thea-hook" / "pip-calls"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    def run(self, **settings: str | bool | int) -> Done:
        """Run the action with these inputs, ``_`` for ``-``; the others have their defaults."""
        given = {name.replace("_", "-"): str(value).lower() if isinstance(value, bool) else str(value)
                 for name, value in settings.items()}  # fmt: skip
        assert set(given) <= set(DEFINITION["inputs"]), "an input that action.yml does not have"
        inputs = {name: given.get(name, spec["default"]) for name, spec in DEFINITION["inputs"].items()}
        return _Run(self, inputs).all_steps()

    def github(self) -> dict[str, str]:
        """The part of the context ``github`` that is the same for all steps."""
        event_path = self._runner_temp / "event.json"
        event_path.write_text(json.dumps(self.event))
        return {
            "action_path": str(ACTION),
            "event_name": self.event_name,
            "event_path": str(event_path),
            "repository": "octo-org/shop",
            "server_url": "https://github.example.org",
            "sha": _head(self.workspace),
            "workspace": str(self.workspace),
        }

    @property
    def runner_temp(self) -> Path:
        return self._runner_temp

    @property
    def python(self) -> Path:
        return self._python


class _Run:
    """One use of the action."""

    def __init__(self, job: Job, inputs: Mapping[str, str]) -> None:
        self._job = job
        self._github = job.github()
        self._steps: dict[str, dict[str, Any]] = {}
        self._contexts: dict[str, Any] = {
            "inputs": inputs,
            "steps": self._steps,
            "github": self._github,
            "runner": {"temp": str(job.runner_temp), "os": "Linux", "arch": "X64"},
            "status": "success",
        }
        self._actions = used_actions(job.python, job.cache)
        self._environment: dict[str, str] = {}
        self._done = Done(0, {}, Log(str(job.workspace)), "", [], [], None)

    def all_steps(self) -> Done:
        for step in DEFINITION["runs"]["steps"]:
            if condition(step.get("if", "success()"), self._contexts):
                outputs = self._use(step) if "uses" in step else self._execute(step)
                self._steps[step.get("id", step["name"])] = {"outputs": outputs}
        for name, spec in DEFINITION["outputs"].items():
            self._done.outputs[name] = interpolate(spec["value"], self._contexts)
        return self._done

    def _use(self, step: Mapping[str, Any]) -> dict[str, str]:
        settings = {name: interpolate(str(value), self._contexts) for name, value in step["with"].items()}
        self._done.used.append((step["uses"], settings))
        return self._actions[step["uses"].partition("@")[0]](settings)

    def _execute(self, step: Mapping[str, Any]) -> dict[str, str]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        folder = self._job.runner_temp / f"step {len(list(self._job.runner_temp.iterdir()))} of it"
        folder.mkdir()
        files = {name: folder / name for name in ("output", "path", "env", "step_summary")}
        for file in files.values():
            file.touch()
        (folder / "script.sh").write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", folder / "script.sh"],
            cwd=self._job.workspace,
            env=self._variables(step, files),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self._done.log.read(done.stdout.decode("utf-8"))
        if done.returncode:
            self._contexts["status"] = "failure"
            self._done.code, self._done.failed_step = done.returncode, step["name"]
            message = f"Process completed with exit code {done.returncode}."
            self._done.log.add_issue(Command("error", {}, message))
        return self._read(files)

    def _variables(self, step: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, str]:
        context = {**self._github, **{name: str(path) for name, path in files.items()}}
        own = {name: interpolate(str(value), self._contexts) for name, value in step.get("env", {}).items()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        git = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
        path = os.pathsep.join([*reversed(self._done.path), kept["PATH"]])
        return {
            **kept, **git, "CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(self._job.runner_temp), **self._job.variables, **self._environment,
            **{f"GITHUB_{name.upper()}": value for name, value in context.items()}, **own, "PATH": path,
        }  # fmt: skip

    def _read(self, files: Mapping[str, Path]) -> dict[str, str]:
        self._environment |= dict(runner_files.pairs(files["env"].read_text("utf-8")))
        self._done.path += [line for line in files["path"].read_text("utf-8").split("\n") if line]
        self._done.summary += runner_files.summary(files["step_summary"].read_text("utf-8"))
        return dict(runner_files.pairs(files["output"].read_text("utf-8")))


def _head(folder: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip()
