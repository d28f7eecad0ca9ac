"""The container file and the MegaLinter plugin: not built or run here, but held against what they refer to."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import CommandLine

from thea_hook import __version__
from thea_hook.core.source import LANGUAGES

ROOT = Path(__file__).parents[1]
CONTAINERFILE = ROOT / "Containerfile"
PLUGIN = ROOT / "examples/mega-linter-plugin-thea-hook/thea-hook.megalinter-descriptor.yml"


def instructions() -> list[tuple[str, str]]:
    """The instructions of the container file: name and rest."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", "")
    lines = (line.partition(" ") for line in text.split("\n") if line)
    return [(name, rest) for name, _, rest in lines]


def requirements() -> list[str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config["options"]["install_requires"].split("\n")[1:]


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_hadolint_has_no_objection() -> None:
    done = subprocess.run(["hadolint", CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_stage_starts_from_the_same_digest() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", bases[0])


def test_the_image_runs_thea_hook_as_nobody_special() -> None:
    last = dict(instructions())  # of each name the last
    assert int(last["USER"]) > 0
    assert last["ENTRYPOINT"] == '["thea-hook"]'


def test_everything_that_a_build_needs_is_copied() -> None:
    copied = [word for name, rest in instructions() if name == "COPY" and "--from" not in rest for word in rest.split()]
    sources = {word for word in copied if word != "./"}
    assert [name for name in sources if not (ROOT / name).exists()] == []
    manifest = set(re.findall(r"[A-Z]+\.md|rules", (ROOT / "MANIFEST.in").read_text("utf-8")))
    assert {"setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "thea_hook", "exporters"} <= sources
    assert manifest <= sources


# ------------------------------------------------------------------ MegaLinter


def plugin() -> dict[str, Any]:
    value = yaml.safe_load(PLUGIN.read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def linter() -> dict[str, Any]:
    (only,) = plugin()["linters"]
    assert isinstance(only, dict)
    return only


def test_the_descriptor_has_what_megalinter_asks_for() -> None:
    assert PLUGIN.match("**/mega-linter-plugin-*/*.megalinter-descriptor.yml")
    assert plugin().keys() >= {"descriptor_id", "descriptor_type", "linters"}
    assert plugin()["descriptor_type"] in ("language", "format", "tooling_format", "other")
    assert all(command.startswith("RUN ") for command in plugin()["install"]["dockerfile"])  # of a plugin only these
    assert linter().keys() >= {"linter_name", "linter_url", "examples"}
    assert linter()["cli_lint_mode"] in ("file", "project", "list_of_files")
    assert linter()["cli_lint_errors_count"] in ("regex_number", "regex_count", "regex_sum", "total_lines")


def test_megalinter_hands_over_the_files_that_are_checked() -> None:
    assert sorted(plugin()["file_extensions"]) == sorted(LANGUAGES)


def test_megalinter_installs_this_version_and_all_that_alpine_has() -> None:
    words = shlex.split(plugin()["install"]["dockerfile"][0])
    wanted = {word for word in words if re.match(r"[a-z][a-z-]*[=<>]", word)}
    without_wheels = {"numpy", "onnxruntime", "tomli"}  # the models' libraries, and what Python 3.10 lacks
    needed = {line for line in requirements() if re.split(r"[>=<;]", line)[0] not in without_wheels}
    assert wanted == needed | {f"thea-hook=={__version__}"}


def test_the_commands_of_megalinter_are_commands_of_ours(thea: CommandLine, project: Path) -> None:
    (project / "a.mjs").write_text("var a = 1;\nexport default a;\ndebugger;\n")
    (project / "thea-hook.toml").write_text("")
    sarif = linter()["cli_sarif_args"]
    report = str(project / "report.sarif")
    arguments = [
        *linter()["cli_lint_extra_args"],
        *(word.replace("{{SARIF_OUTPUT_FILE}}", report) for word in sarif),
        linter()["cli_config_arg_name"],
        linter()["config_file_name"],
        "a.mjs",
    ]
    done = thea(*arguments)
    assert done.code == 1
    assert Path(report).exists()
    assert len(re.findall(linter()["cli_lint_errors_regex"], done.out)) == 2
    assert thea(*arguments, linter()["cli_lint_fix_arg_name"]).code == 0  # all of it was fixed
    for flag in ("cli_version_arg_name", "cli_help_arg_name"):
        with pytest.raises(SystemExit) as ended:
            thea(linter()[flag])
        assert ended.value.code == 0
