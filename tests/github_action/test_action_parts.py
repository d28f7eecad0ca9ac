"""The modules of the action on their own: what runs of the whole do not reach."""

from __future__ import annotations

from pathlib import Path

import action_runner
import prepare
import pytest
from comparison import trust
from inputs import Inputs, from_json, read
from install import expose_command, requirement
from outcome import limited, verdict
from places import interpreter
from workflow import StepError, set_output

DEFAULTS = {
    f"THEA_INPUT_{name.upper().replace('-', '_')}": spec["default"]
    for name, spec in action_runner.DEFINITION["inputs"].items()
}


def given(**texts: str) -> Inputs:
    return read({**DEFAULTS, **{f"THEA_INPUT_{name.upper()}": text for name, text in texts.items()}})


def test_the_defaults_are_these() -> None:
    assert given() == Inputs(
        version="", src=(".",), args=(), working_directory=".", config="", fix=False, unsafe_fixes=False,
        changed_only=None, changed_lines=False, base_ref="", fail_level="info", output_format="full", sarif_file="",
        rdjson_file="", summary=True, max_annotations=30, cache=True,
    )  # fmt: skip


def test_inputs_survive_the_way_to_the_next_step() -> None:
    inputs = given(src="a 'b \"c' d\u2028e", args="--x=\u202e%0A", base_ref="x::y")
    assert from_json(inputs.to_json()) == inputs


@pytest.mark.parametrize(
    "text, words",
    [
        ("a b\n  c\t", ("a", "b", "c")),
        (r"packages\web 'C:\my files\x'", (r"packages\web", r"C:\my files\x")),
        ('"it\'s" a#b #c', ("it's", "a#b", "#c")),
        ("--x='a b' \"\"", ("--x=a b", "")),
        ("  \n ", (".",)),
    ],
)
def test_words_are_those_of_a_shell_but_for_backslashes(text: str, words: tuple[str, ...]) -> None:
    assert given(src=text).src == words


@pytest.mark.parametrize(
    "version", ["1", "1.2.3", "v1.2.3", "1.0.0rc1", "latest", ">=1.2,<2", "~= 1.2", "==1.*", "!=1.0"]
)
def test_versions_are_accepted(version: str) -> None:
    assert given(version=version).version == version


@pytest.mark.parametrize(
    "inputs, words",
    [
        ({"version": "newest"}, "`version: newest` is no version"),
        ({"version": ">=1,"}, "is no version"),
        ({"version": "1 --index-url=x"}, "is no version"),
        ({"version": "1; touch x"}, "is no version"),
        ({"fix": "yes"}, "`fix: yes` means nothing: write `true` or `false`"),
        ({"fix": ""}, "`fix: ` means nothing"),
        ({"changed_only": "sometimes"}, "write `true`, `false` or `auto`"),
        ({"max_annotations": "-1"}, "`max-annotations: -1` is no number"),
        ({"max_annotations": "many"}, "is no number"),
        ({"src": "'open"}, "has a quote without its partner"),
        ({"working_directory": "nowhere"}, "is no folder of"),
        ({"changed_only": "false", "changed_lines": "true"}, "leave out `changed-only: false`"),
    ],
)
def test_inputs_that_mean_nothing_are_named(inputs: dict[str, str], words: str) -> None:
    with pytest.raises(StepError) as caught:
        given(**inputs)
    assert words in str(caught.value)


def test_a_python_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 18))
    with pytest.raises(StepError, match=r"needs Python 3\.10 or newer: change `python-version`"):
        prepare.main()


def test_yaml_may_write_booleans_as_it_likes() -> None:
    assert given(fix="True", changed_only="FALSE", summary=" false\n")[5:8] == (True, False, False)


@pytest.mark.parametrize(
    "version, wanted",
    [("latest", "thea-hook"), ("1.2", "thea-hook==1.2"), ("v1.2", "thea-hook==v1.2"), (">=1", "thea-hook>=1")],
)
def test_a_version_becomes_a_requirement(version: str, wanted: str) -> None:
    assert requirement(version) == wanted


@pytest.mark.parametrize(
    "code, severities, level, expected",
    [
        (0, [], "info", 0),
        (1, ["info"], "info", 1),
        (1, ["info"], "warning", 0),
        (1, ["warning", "info"], "warning", 1),
        (1, ["warning"], "error", 0),
        (1, ["warning", "error"], "error", 1),
        (1, ["error"], "none", 0),
        (1, [], "error", 1),  # --exit-non-zero-on-fix
        (1, [], "none", 0),
        (2, [], "none", 2),
        (-9, [], "none", -9),
    ],
)
def test_the_verdict_follows_the_level(code: int, severities: list[str], level: str, expected: int) -> None:
    assert verdict(code, severities, level) == expected


ANNOTATIONS = ["::error file=a::1", "::notice file=b::2", "::warning file=c::3"]


@pytest.mark.parametrize("most, shown", [(0, 3), (3, 3), (2, 2), (1, 1)])
def test_annotations_are_limited(most: int, shown: int) -> None:
    found = limited([*ANNOTATIONS, "::notice title=thea-hook::4 more"], most, 7)
    assert found[:shown] == ANNOTATIONS[:shown]
    (notice,) = found[shown:]
    assert notice.startswith(
        f"::notice title=thea-hook::{7 - most} more" if shown < 3 else "::notice title=thea-hook::4"
    )


def test_the_command_is_copied_where_links_take_a_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    scripts = interpreter(windows=True).parent
    assert scripts == tmp_path / "thea-hook" / "venv" / "Scripts"
    scripts.mkdir(parents=True)
    for name in ("python.exe", "thea-hook.exe", "thea-lab.exe"):
        (scripts / name).write_text(name)
    folder = expose_command(tmp_path / "bin", windows=True)
    assert [(path.name, path.read_text(), path.is_symlink()) for path in folder.iterdir()] == [
        ("thea-hook.exe", "thea-hook.exe", False)
    ]


def test_no_value_of_an_output_can_know_what_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    for _ in range(2):
        set_output("a", "1")
    delimiters = (tmp_path / "output").read_text().split("\n")[2::3]
    assert len(set(delimiters)) == 2
    assert min(map(len, delimiters)) >= 32


def test_only_the_repository_of_the_folder_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / "packages" / "web").mkdir(parents=True)
    assert trust(str(tmp_path / "shop" / "packages" / "web"), {"GIT_CONFIG_COUNT": "1"}) == {
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": (tmp_path / "shop").as_posix(),
        "GIT_CONFIG_KEY_2": "safe.bareRepository",
        "GIT_CONFIG_VALUE_2": "explicit",
    }
