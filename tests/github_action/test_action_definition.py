"""action.yml and every workflow that is shown: what they declare, and what the checkers of workflows say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from action_runner import ACTION, DEFINITION
from stand_ins import ROOT

OURS = "thea-hook/thea-hook/github-action"
STEPS: list[dict[str, Any]] = DEFINITION["runs"]["steps"]
INPUTS = (
    "version python-version src args working-directory config fix unsafe-fixes changed-only changed-lines base-ref "
    "fail-level output-format sarif-file rdjson-file summary max-annotations cache"
).split()
OUTPUTS = "exit-code findings fixable fixed sarif-file report-file version".split()


def test_the_inputs_and_outputs_are_these() -> None:
    assert list(DEFINITION["inputs"]) == INPUTS
    assert list(DEFINITION["outputs"]) == OUTPUTS


def test_every_input_is_optional_and_described() -> None:
    for name, spec in DEFINITION["inputs"].items():
        assert (spec["required"], type(spec["default"])) == (False, str), name
        assert spec["description"].endswith("."), name


def test_every_input_reaches_the_scripts_and_only_as_a_variable() -> None:
    (reading,) = [step for step in STEPS if step.get("id") == "prepare"]
    given = {name: value for name, value in reading["env"].items() if name.startswith("THEA_INPUT_")}
    assert given == {
        f"THEA_INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in INPUTS
        if name != "python-version"
    }
    assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_the_scripts_read_every_input() -> None:
    from inputs import Inputs

    assert list(Inputs._fields) == [name.replace("-", "_") for name in INPUTS if name != "python-version"]


def test_other_actions_are_pinned_to_a_commit_with_its_version_beside_it() -> None:
    lines = re.findall("(?m)^ *uses: (.*)$", (ACTION / "action.yml").read_text("utf-8"))
    assert len(lines) == 5
    assert [line for line in lines if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_packages_are_pinned_by_version_and_hash_and_are_those_that_setup_cfg_asks_for() -> None:
    from configparser import ConfigParser

    from packaging.requirements import Requirement

    lock = (ACTION / "requirements.txt").read_text("utf-8")
    entries = [re.sub(r"\s*\\\n\s*", " ", entry) for entry in re.split(r"(?m)^(?=[a-z])", lock)[1:]]
    assert all(entry.count("--hash=sha256:") for entry in entries)
    locked = [Requirement(entry.split(" --hash")[0]) for entry in entries]
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    runs = setup["options"]["install_requires"].strip().splitlines()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    builds = json.loads(re.findall("(?m)^requires = (.*)$", project)[0])
    for wanted in map(Requirement, [*runs, *builds]):
        versions = [str(entry.specifier).removeprefix("==") for entry in locked if entry.name == wanted.name.lower()]
        assert versions, f"{wanted.name} is not locked"
        assert all(wanted.specifier.contains(version) for version in versions), wanted


# ------------------------------------------------------------------ the workflows that are shown

STEP_HEAD = """\
name: Example
on: pull_request
permissions:
  contents: read
concurrency:
  group: example-${{ github.ref }}
  cancel-in-progress: true
jobs:
  example:
    name: Example
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
"""


def shown() -> Iterator[tuple[str, str]]:
    """Every workflow of the examples and the documentation; steps alone get a job around them."""
    for path in sorted((ROOT / "examples" / "github").glob("*.yml")):
        yield path.name, path.read_text("utf-8")
    for document in (ROOT / "README.md", ROOT / "docs" / "ci.md", ACTION / "README.md"):
        blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```$", document.read_text("utf-8"))
        for number, text in enumerate(block for block in blocks if OURS in block):
            whole = text if "jobs:" in text else STEP_HEAD + re.sub("(?m)^(?=.)", "      ", text)
            yield f"{document.parent.name}-{document.stem}-{number}.yml", whole


WORKFLOWS = dict(shown())


@pytest.fixture
def written(tmp_path: Path) -> list[Path]:
    """The workflows as files."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in WORKFLOWS.items():
        (folder / name).write_text(text, "utf-8")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_uses_inputs_and_outputs_that_exist(name: str) -> None:
    text = WORKFLOWS[name]
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if step.get("uses", "").startswith(OURS)]
    assert ours
    assert {key for step in ours for key in step.get("with", {})} <= set(INPUTS)
    ids = [step["id"] for step in ours if "id" in step]
    assert set(re.findall(rf"steps\.(?:{'|'.join(ids) or '-'})\.outputs\.([\w-]+)", text)) <= set(OUTPUTS)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_pins_other_actions_and_has_few_rights(name: str) -> None:
    text = WORKFLOWS[name]
    others = [line for line in re.findall("uses: (.*)", text) if not line.startswith(OURS)]
    assert [line for line in others if not re.match(r"[\w/-]+@[0-9a-f]{40} # v\d", line)] == []
    assert yaml.safe_load(text)["permissions"] in ({}, {"contents": "read"})


def program(name: str) -> str:
    """Where a program is; the test is left out where it is not installed."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    return found or pytest.skip(f"{name} is not installed")


def complaints(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_zizmor_finds_nothing(written: list[Path]) -> None:
    options = ("--offline", "--persona=pedantic", "--no-progress", "--config", ROOT / "zizmor.yml")
    assert complaints(program("zizmor"), *options, ACTION, *written) == ""


def test_the_schemas_of_actions_and_workflows_hold(written: list[Path]) -> None:
    check = program("check-jsonschema")
    assert complaints(check, "--builtin-schema", "vendor.github-actions", ACTION / "action.yml") == ""
    assert complaints(check, "--builtin-schema", "vendor.github-workflows", *written) == ""


def test_actionlint_finds_nothing(written: list[Path]) -> None:
    assert complaints(program("actionlint"), "-no-color", *written) == ""


def test_actionlint_accepts_the_action_with_all_its_inputs(tmp_path: Path) -> None:
    # it checks an action only through a workflow that uses it
    settings = {name: spec["default"] or "x" for name, spec in DEFINITION["inputs"].items()}
    steps = [{"id": "thea", "uses": "./github-action", "with": settings}]
    steps += [{"run": f"echo ${{{{ steps.thea.outputs.{name} }}}}"} for name in OUTPUTS]
    workflow = {"on": "push", "jobs": {"all": {"runs-on": "ubuntu-latest", "steps": steps}}}
    (tmp_path / ".git").mkdir()
    (tmp_path / "github-action").symlink_to(ACTION)
    file = tmp_path / ".github" / "workflows" / "all.yml"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(workflow))
    assert complaints(program("actionlint"), "-no-color", file) == ""
