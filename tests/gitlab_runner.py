"""GitLab, as far as a job of ours needs it: inputs become text, and a script runs as the shell executor runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
COMPONENT = ROOT / "templates" / "thea-hook.yml"
INCLUDE = ROOT / "gitlab" / "thea-hook.gitlab-ci.yml"

_INPUT = re.compile(r"\$\[\[ inputs\.([a-z-]+) \]\]")
_TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "number": (int, float)}

STAND_IN = """\
#!/bin/sh
# `python3 -m venv FOLDER`: a pip that writes down what it is asked for, and the thea-hook of this checkout.
[ "$1 $2" = "-m venv" ] || exit 9
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >> "$INSTALLED"\\n' > "$3/bin/pip"
printf '#!/bin/sh\\nexec "{python}" -m thea_hook "$@"\\n' > "$3/bin/thea-hook"
chmod +x "$3/bin/pip" "$3/bin/thea-hook"
"""


class Run(NamedTuple):
    """What a job left behind."""

    code: int
    log: str


def inputs_of(component: str) -> dict[str, Any]:
    """Name -> description of the inputs that a component declares."""
    declared = yaml.safe_load(component.partition("\n---\n")[0])["spec"]["inputs"]
    assert isinstance(declared, dict)
    return declared


def with_inputs(component: str, **given: object) -> dict[str, Any]:
    """The jobs of a component, as GitLab makes them: each input's text in its place, then read as YAML."""
    declared = inputs_of(component)
    values: dict[str, object] = {name: spec["default"] for name, spec in declared.items()}
    values |= {name.replace("_", "-"): value for name, value in given.items()}
    for name, value in values.items():
        spec = declared[name]
        assert isinstance(value, _TYPES[spec.get("type", "string")]), f"{name}: {value!r}"
        assert value in spec.get("options", [value]), f"{name}: {value!r}"
        assert re.search(spec.get("regex", ""), str(value)), f"{name}: {value!r}"
    text = component.partition("\n---\n")[2]
    jobs = yaml.safe_load(_INPUT.sub(lambda match: _text(values[match[1]]), text))
    assert isinstance(jobs, dict)
    return jobs


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Runner:
    """Runs jobs in a clone, with the variables that GitLab sets and none of those around the tests."""

    def __init__(self, folder: Path, clone: Path) -> None:
        self.clone = clone
        self._bin = folder / "bin"
        self._bin.mkdir(parents=True)
        self.installed = folder / "installed"
        python3 = self._bin / "python3"
        python3.write_text(STAND_IN.replace("{python}", sys.executable))
        python3.chmod(0o755)

    def __call__(self, job: Mapping[str, Any], *, shell: str = "bash", **variables: str) -> Run:
        environment = {
            "PATH": f"{self._bin}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self._bin.parent),
            "INSTALLED": str(self.installed),
            "GIT_CONFIG_NOSYSTEM": "1",
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PROJECT_DIR": str(self.clone),
            "CI_PROJECT_URL": "https://gitlab.example.org/group/project",
            "CI_COMMIT_SHA": self._head(),
            **variables,
        }
        for name, value in job["variables"].items():
            environment[name] = re.sub(r"\$(\w+)", lambda match: environment.get(match[1], ""), str(value))
        strict = "set -eo pipefail\n" if shell == "bash" else "set -e\n"
        done = subprocess.run(
            [shell, "-c", strict + "\n".join(job["script"])],
            cwd=self.clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return Run(done.returncode, done.stdout.decode())

    def _head(self) -> str:
        done = subprocess.run(("git", "rev-parse", "HEAD"), cwd=self.clone, capture_output=True, check=True, text=True)
        return done.stdout.strip()
