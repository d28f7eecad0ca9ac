"""The hooks under real pre-commit, in real repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_repository import Repository

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
SETTINGS = 'select = ["no-var", "prefer-const", "no-dupe-keys", "syntax"]\n'
VAR, CONST = "var a = 1;\nf(a);\n", "const a = 1;\nf(a);\n"
BAD = "f({ a: 1, a: 2 });\n"
LINES = [f"f({number});\n" for number in range(30)]

pytest.importorskip("pre_commit")


def manifest() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}


class Hooked(Repository):
    """A repository with one of our hooks, run from this checkout by this interpreter."""

    def use(self, hook_id: str) -> None:
        hook = manifest()[hook_id]
        hook["language"] = "system"
        hook["entry"] = f"'{sys.executable}' -m {hook['entry'].replace('thea-hook', 'thea_hook')}"
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
        self.write("thea-hook.toml", SETTINGS)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "Begin")

    def pre_commit(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of pre-commit."""
        command = (sys.executable, "-m", "pre_commit", *arguments)
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    def try_commit(self) -> tuple[int, str]:
        done = subprocess.run(("git", "commit", "-m", "Try"), cwd=self.folder, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    def read(self, path: str = "a.mjs") -> str:
        return (self.folder / path).read_bytes().decode()


@pytest.fixture
def hooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("THEA_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("SKIP", "PRE_COMMIT", "PRE_COMMIT_COLOR"):
        monkeypatch.delenv(name, raising=False)
    made = Hooked(tmp_path / "hooked")
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def fixing(hooked: Hooked) -> Hooked:
    hooked.use("thea-hook-fix")
    return hooked


def test_the_manifest_is_valid() -> None:
    done = subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)], check=False)
    assert done.returncode == 0
    assert list(manifest()) == ["thea-hook", "thea-hook-fix"]


def test_every_extension_is_checked_and_nothing_else(hooked: Hooked) -> None:
    hooked.use("thea-hook")
    names = [f"a.{ending}" for ending in ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")]
    for name in names:
        hooked.stage(name, BAD)
    hooked.stage("a.json", '{"a": 1, "a": 2}\n')
    hooked.stage("js", BAD)
    hooked.stage("video.ts", b"G@\x11\x10\0" * 40)
    code, output = hooked.pre_commit("run")
    assert code == 1
    assert [name for name in names if f"--> {name}:1:" not in output] == []
    assert output.count("no-dupe-keys") == len(names)


def test_the_checking_hook_writes_nothing(hooked: Hooked) -> None:
    hooked.use("thea-hook")
    hooked.stage("a.mjs", VAR)
    code, output = hooked.pre_commit("run")
    assert (code, "no-var" in output, hooked.read()) == (1, True, VAR)


def test_an_installed_hook_stops_the_commit_until_the_fix_is_staged(fixing: Hooked) -> None:
    assert fixing.pre_commit("install")[0] == 0
    fixing.stage("a.mjs", VAR)
    code, output = fixing.try_commit()
    assert (code, "files were modified by this hook" in output, fixing.read()) == (1, True, CONST)
    fixing.git("add", "a.mjs")
    assert fixing.try_commit()[0] == 0
    assert fixing.git("status", "--porcelain") == ""
    assert fixing.git("show", "HEAD:a.mjs") == CONST.strip()


def test_what_cannot_be_fixed_stops_the_commit(fixing: Hooked) -> None:
    assert fixing.pre_commit("install")[0] == 0
    fixing.stage("a.mjs", BAD)
    code, output = fixing.try_commit()
    assert (code, "no-dupe-keys" in output) == (1, True)
    assert "\r" not in output
    fixing.stage("a.mjs", "f();\n")
    assert fixing.try_commit()[0] == 0


def test_text_that_does_not_parse_is_repaired(fixing: Hooked) -> None:
    fixing.stage("a.mjs", "if (a = = b) {\n  f();\n}\n")
    assert fixing.pre_commit("run")[0] == 1
    assert fixing.read() == "if (a == b) {\n  f();\n}\n"


@pytest.mark.parametrize("distance", [1, 3, 4, 10])
def test_an_unstaged_edit_near_a_fix_is_never_lost(fixing: Hooked, distance: int) -> None:
    """pre-commit stashes the edit; where the fix comes too near, it takes the fix back and says so."""
    lines = list(LINES)
    lines[14] = "var v = 1; f(v);\n"
    fixing.stage("a.mjs", "".join(lines))
    lines[14 + distance] = "unstaged();\n"
    fixing.write("a.mjs", "".join(lines))
    code, output = fixing.pre_commit("run")
    left = fixing.read()
    fixed = "".join(lines).replace("var v", "const v")
    assert code == 1
    assert left == fixed or (left == "".join(lines) and "Rolling back fixes" in output)
    assert (left == fixed) == (distance > 3)


def test_line_ends_and_byte_order_mark_stay(fixing: Hooked) -> None:
    fixing.stage("crlf.mjs", VAR.replace("\n", "\r\n"))
    fixing.stage("bom.mjs", "\ufeff" + VAR)
    fixing.stage("end.mjs", VAR.rstrip())
    assert fixing.pre_commit("run")[0] == 1
    assert fixing.read("crlf.mjs") == CONST.replace("\n", "\r\n")
    assert fixing.read("bom.mjs") == "\ufeff" + CONST
    assert fixing.read("end.mjs") == CONST.rstrip()


def test_links_and_submodules_are_left_alone(fixing: Hooked, tmp_path: Path) -> None:
    outside = tmp_path / "outside.mjs"
    outside.write_text(VAR)
    os.symlink(outside, fixing.folder / "link.mjs")
    module = Repository(tmp_path / "module")
    module.commit("inner.mjs", VAR)
    fixing.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module.root, "module.mjs")
    fixing.git("add", "link.mjs")
    assert fixing.pre_commit("run")[0] == 0
    assert outside.read_text() == VAR
    assert fixing.read("module.mjs/inner.mjs") == VAR
    assert os.path.islink(fixing.folder / "link.mjs")


def test_odd_paths(fixing: Hooked) -> None:
    names = ["with space.mjs", 'it\'s "quoted".mjs', "ünïcödé/日本.mjs", "a$b;c&d.mjs", "[id]/page*.mjs"]
    for name in names:
        fixing.write(name, VAR)
    fixing.git("add", ".")
    assert fixing.pre_commit("run")[0] == 1
    assert [fixing.read(name) for name in names] == [CONST] * len(names)


def test_excluded_files_are_left_alone_though_pre_commit_names_them(fixing: Hooked) -> None:
    fixing.stage("dist/a.mjs", VAR)
    fixing.stage("b.min.js", VAR)
    assert fixing.pre_commit("run")[0] == 0
    assert fixing.read("dist/a.mjs") == VAR


def test_a_merge_in_progress_is_checked_when_it_is_committed(fixing: Hooked) -> None:
    fixing.commit("a.mjs", "f(1);\n")
    fixing.git("checkout", "-q", "-b", "other")
    fixing.commit("a.mjs", "f(2);\n")
    fixing.git("checkout", "-q", "main")
    fixing.commit("a.mjs", "f(3);\n")
    with pytest.raises(AssertionError):
        fixing.git("merge", "other")
    assert fixing.pre_commit("install")[0] == 0
    fixing.git("add", "a.mjs")  # with its conflict markers
    code, output = fixing.try_commit()
    assert (code, "no-merge-conflict-markers" in output) == (1, True)
    assert "<<<<<<<" in fixing.read()
    fixing.stage("a.mjs", VAR)
    assert (fixing.try_commit()[0], fixing.read()) == (1, CONST)
    fixing.git("add", "a.mjs")
    assert fixing.try_commit()[0] == 0
    assert len(fixing.git("show", "--no-patch", "--format=%P").split()) == 2


def test_two_chunks_fix_what_one_would(fixing: Hooked) -> None:
    """pre-commit splits a list of files that is longer than 128 KiB."""
    folder = "/".join("d" * 100 for _ in range(2))
    names = [f"{folder}/{number:04}.mjs" for number in range(700)]
    for name in names:
        fixing.write(name, "f();\n")
    for name in (names[0], names[-1]):
        fixing.write(name, VAR)
    fixing.git("add", ".")
    code, output = fixing.pre_commit("run", "--verbose")
    assert code == 1
    assert output.count("No problems left in ") == 2
    assert [fixing.read(name) for name in (names[0], names[-1])] == [CONST, CONST]


def test_an_error_of_ours_stops_the_commit(fixing: Hooked) -> None:
    fixing.write("thea-hook.toml", 'selct = ["no-var"]\n')
    fixing.git("add", "thea-hook.toml")
    fixing.stage("a.mjs", "f();\n")
    code, output = fixing.pre_commit("run")
    assert (code, "- exit code: 2" in output) == (1, True)
    assert "unknown key `selct`. Did you mean `select`?" in output


# ------------------------------------------------------------------ with an environment of its own


@pytest.mark.skipif(not os.environ.get("THEA_TRY_REPO"), reason="installs from a package index: set THEA_TRY_REPO=1")
def test_try_repo_builds_an_environment_that_works(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")
    hooked.write("thea-hook.toml", SETTINGS)
    hooked.stage("a.mjs", VAR + BAD)
    code, output = hooked.pre_commit("try-repo", str(ROOT), "thea-hook-fix", "--verbose")
    assert code == 1, output
    assert "no-dupe-keys" in output
    assert hooked.read() == CONST + BAD


# ------------------------------------------------------------------ the other hook managers

NODE_PACKAGES = os.environ.get("THEA_NODE_PACKAGES", "")


def node_tool(name: str) -> str:
    """The command of an npm package; skips the test where it is not installed."""
    tool = Path(NODE_PACKAGES, "node_modules", ".bin", name)
    if not NODE_PACKAGES or not tool.exists():
        pytest.skip(f"needs {name}: set THEA_NODE_PACKAGES to a folder with node_modules")
    return str(tool)


@pytest.fixture
def on_path(hooked: Hooked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    """A repository, and ``thea-hook`` as a command."""
    command = tmp_path / "bin" / "thea-hook"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m thea_hook "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    hooked.write("thea-hook.toml", SETTINGS)
    hooked.git("add", ".")
    hooked.git("commit", "-q", "-m", "Begin")
    return hooked


@pytest.mark.node
def test_the_recipe_for_lint_staged(on_path: Hooked) -> None:
    tool = node_tool("lint-staged")
    on_path.stage(".lintstagedrc.json", '{"*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}": "thea-hook --fix"}\n')
    on_path.git("commit", "-q", "-m", "Configure")
    on_path.stage("a file.mjs", VAR)
    done = subprocess.run([tool], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert on_path.git("show", ":a file.mjs") == CONST.strip()
    on_path.stage("b.mjs", BAD)
    done = subprocess.run([tool], capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert "no-dupe-keys" in done.stdout + done.stderr
    assert on_path.read("b.mjs") == BAD


@pytest.mark.node
def test_the_recipe_for_lefthook(on_path: Hooked) -> None:
    tool = node_tool("lefthook")
    recipe = {"glob": "*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}", "run": "thea-hook --fix {staged_files}", "stage_fixed": True}
    on_path.stage("lefthook.yml", yaml.safe_dump({"pre-commit": {"commands": {"thea-hook": recipe}}}))
    on_path.git("commit", "-q", "-m", "Configure")
    subprocess.run([tool, "install"], capture_output=True, check=True)
    on_path.stage("a file.mjs", VAR)
    assert on_path.try_commit()[0] == 0
    assert on_path.git("show", "HEAD:a file.mjs") == CONST.strip()
    on_path.stage("b.mjs", BAD)
    code, output = on_path.try_commit()
    assert (code, "no-dupe-keys" in output) == (1, True)
