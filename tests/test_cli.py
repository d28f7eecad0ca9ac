"""The command line: flags, exit codes, what goes where."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository

from thea_hook import __version__, checking
from thea_hook.languages import grammars

VAR = "var a = 1;\nMap.f(a);\n"
LET = "const a = 1;\nMap.f(a);\n"
BAD = "Map.f({ a: 1, a: 2 });\n"
BOTH = VAR + BAD
RULES = ("--select", "no-var,prefer-const,no-dupe-keys")


def write(path: str, text: str | bytes) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


# ------------------------------------------------------------------ exit codes

FILES = {"clean": LET, "fixable": VAR, "unfixable": BAD}


@pytest.mark.parametrize(
    ("content", "fix", "exit_zero", "non_zero_on_fix"),
    list(product(FILES, ("", "--fix", "--diff", "--fix-only"), (False, True), (False, True))),
)
def test_exit_codes(
    thea: CommandLine, project: Path, content: str, fix: str, exit_zero: bool, non_zero_on_fix: bool
) -> None:
    file = write("a.mjs", FILES[content])
    flags = [fix] if fix else []
    flags += ["--exit-zero"] if exit_zero else []
    flags += ["--exit-non-zero-on-fix"] if non_zero_on_fix else []
    done = thea(*RULES, *flags)
    left = (content == "fixable" and not fix) or (content == "unfixable" and fix != "--fix-only")
    changed = content == "fixable" and (fix == "--diff" or (fix != "" and non_zero_on_fix))
    assert done.code == (1 if (left or changed) and not exit_zero else 0)
    written = content == "fixable" and fix in ("--fix", "--fix-only")
    assert file.read_text() == (LET if written else FILES[content])


@pytest.mark.parametrize("flags", [[], ["--exit-zero"], ["--fix"], ["--diff", "--exit-zero"], ["--fix-only"]])
def test_a_file_that_cannot_be_checked_is_2_whatever_the_flags(
    thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    def broken(self: checking.Checker, file: object) -> checking.Checked:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(checking.Checker, "check", broken)
    write("a.js", LET)
    done = thea(*flags)
    assert done.code == 2
    assert done.err.endswith("a.js: could not check: internal error, please report it: ZeroDivisionError: a bug\n")


def test_a_read_only_file_is_2_and_its_findings_are_still_shown(thea: CommandLine, project: Path) -> None:
    file = write("a.mjs", BOTH)
    file.chmod(0o444)
    done = thea.json(*RULES, "--fix")
    assert done.code == 2
    assert done.rules == ["no-var", "no-dupe-keys"]
    assert [error["stage"] for error in done.json["errors"]] == ["write"]
    assert file.read_text() == BOTH


def test_a_bug_at_the_top_is_2_and_one_line(thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thea_hook.pipeline.run", lambda *_: 1 // 0)
    done = thea()
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "internal error, please report it: ZeroDivisionError" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use cannot be deleted")
def test_a_working_folder_that_is_gone_is_no_bug(
    thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "gone").mkdir()
    monkeypatch.chdir(project / "gone")
    (project / "gone").rmdir()
    done = thea()
    assert (done.code, done.err) == (2, "thea-hook: the working folder does not exist any more\n")


def test_a_wrong_option_of_a_rule_is_said_once(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", '[rules.eqeqeq]\nmode = "sometimes"\n')
    write("a.js", LET)
    write("b.js", LET)
    done = thea()
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "rule `eqeqeq`: `mode` is one of" in done.err


def test_interruption_is_130(thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("thea_hook.pipeline.run", interrupt)
    done = thea()
    assert done.code == 130
    assert done.err == "thea-hook: interrupted; every file is either as it was or completely fixed\n"


# ------------------------------------------------------------------ errors of the user


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fxi"], "unrecognized arguments: --fxi. Did you mean `--fix`?"),
        (["--output-fromat=json"], "Did you mean `--output-format`?"),
        (["--stag"], "Did you mean `--staged`?"),
        (["--select", "no-vra"], "there is no rule or category `no-vra`. Did you mean `no-var`?"),
        (["--ignore", "stlye"], "there is no rule or category `stlye`. Did you mean `style`?"),
        (["--output-format", "jsno"], "Did you mean `json`?"),
        (["--output-format", "json", "--output-format", "sarif"], "would both go to standard output"),
        (["--preset", "prod"], "invalid choice: 'prod'"),
        (["--workers", "many"], "invalid int value: 'many'"),
        (["--workers", "-1"], "workers"),
        (["--confidence", "1.5"], "confidence"),
        (["--config", "nowhere.toml"], "no such configuration file"),
        (["a.jss"], "no such file or folder: a.jss. Did you mean `a.js`?"),
        (["--file", "b.js"], "no such file or folder: b.js"),
        (["--staged", "--since", "HEAD"], "--staged and --since name different files"),
        (["--staged", "--all-files"], "--staged and --all-files name different files"),
        (["--all-files", "a.js"], "--all-files and a.js name different files"),
        (["--stdin-filename", "x.js", "a.js"], "--stdin-filename and a.js name different files"),
        (["--stdin-filename", "x.js", "--staged"], "--staged and --stdin-filename name different files"),
        (["--stdin-filename", "x.css"], "not a JavaScript or TypeScript file name"),
        (["-"], "reading standard input needs --stdin-filename"),
        (["--changed-lines"], "add --staged or --since REF"),
        (["--prune-baseline"], "--prune-baseline needs --baseline FILE"),
        (["--write-baseline", "--baseline", "b.json"], "give one of them"),
        (["--baseline", "none.json"], "no baseline at none.json: make one with --write-baseline"),
        (["--staged"], "--staged needs a git repository"),
        (["--since", "HEAD"], "--since needs a git repository"),
        (["explain", "no-vra"], "there is no rule `no-vra`. Did you mean `no-var`?"),
        (["explain"], "the following arguments are required: RULE"),
        (["rules", "--output-format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_wrong_usage_is_2_and_says_what_to_do(
    thea: CommandLine, project: Path, arguments: list[str], message: str
) -> None:
    file = write("a.js", VAR)
    done = thea(*arguments, "--fix") if arguments[0] not in ("explain", "rules") else thea(*arguments)
    assert (done.code, done.stdout) == (2, b"")
    assert done.err.startswith("thea-hook: ")
    assert message in done.err
    assert file.read_text() == VAR


def test_an_unknown_key_of_the_configuration_is_2_with_the_nearest_one(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", 'selct = ["no-var"]\n')
    write("a.js", LET)
    done = thea()
    assert done.code == 2
    assert "thea-hook.toml:1: unknown key `selct`. Did you mean `select`?" in done.err


def test_help_and_version_are_0(thea: CommandLine, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for flag, text in (("--help", b"--stdin-filename"), ("--version", f"thea-hook {__version__}".encode())):
        with pytest.raises(SystemExit) as stopped:
            thea(flag)
        assert stopped.value.code == 0
        assert text in capfdbinary.readouterr().out


# ------------------------------------------------------------------ which files


def test_paths_files_and_directories_are_one(thea: CommandLine, project: Path) -> None:
    for name in ("a.js", "b/b.js", "c/c.js", "d/d.js"):
        write(name, BAD)
    done = thea.json("check", "a.js", "--directory", "b", "--file", "c/c.js")
    assert [file["path"] for file in done.json["files"]] == ["a.js", "b/b.js", "c/c.js"]


@pytest.mark.parametrize("arguments", [["a.js", "--quiet", "b.js"], ["a.js", "--quiet", "--", "b.js", "--fix.js"]])
def test_paths_may_stand_between_options(thea: CommandLine, project: Path, arguments: list[str]) -> None:
    for name in ("a.js", "b.js", "--fix.js"):
        (project / name).write_text("debugger;\n")
    done = thea("--output-format", "concise", *arguments)
    assert {line.partition(":")[0] for line in done.out.splitlines()} == {word for word in arguments if ".js" in word}


def test_without_paths_the_folder_is_checked(thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.js", BAD)
    write("sub/b.js", BAD)
    monkeypatch.chdir("sub")
    assert [finding["path"] for finding in thea.json().json["findings"]] == ["b.js"]


def test_all_files_means_the_repository_from_any_folder(
    thea: CommandLine, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.stage("a.js", BAD)
    repository.stage("sub/b.js", BAD)
    monkeypatch.chdir("sub")
    paths = [finding["path"] for finding in thea.json("--all-files").json["findings"]]
    assert sorted(map(os.path.basename, paths)) == ["a.js", "b.js"]


def test_an_excluded_file_is_checked_when_named_unless_force_exclude(thea: CommandLine, project: Path) -> None:
    write("dist/a.js", BAD)
    assert thea("dist/a.js").code == 1
    done = thea("dist/a.js", "--force-exclude")
    assert done.code == 0
    assert "1 excluded" in done.out
    assert thea().code == 0
    assert thea("--exclude", "other").code == 1
    assert thea("a.js" if Path("a.js").exists() else "dist/a.js", "--force-exclude", "--no-force-exclude").code == 1


def test_gitignore_is_respected_unless_told_otherwise(thea: CommandLine, repository: Repository) -> None:
    repository.write(".gitignore", "gen/\n")
    repository.write("gen/a.js", BAD)
    assert thea().code == 0
    assert thea("--no-respect-gitignore").code == 1
    assert thea("gen/a.js").code == 1


def test_skipped_files_are_counted_by_reason(thea: CommandLine, project: Path) -> None:
    write("a.js", b"\0\0")
    write("b.js", "// @generated\n" + BAD)
    write("c.min.js", BAD)
    write("d.js", b"a" * (1 << 20) + b"\n")
    os.symlink("b.js", "e.js")
    done = thea.json()
    assert (done.code, done.json["findings"]) == (0, [])
    assert done.json["stats"]["skipped"] == {
        "binary": 1, "excluded": 1, "generated": 1, "symbolic link": 1, "too large": 1,
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [["--staged"], ["--since", "HEAD"], ["--staged", "--fix"]])
def test_an_empty_selection_is_0_and_never_the_whole_tree(
    thea: CommandLine, repository: Repository, arguments: list[str]
) -> None:
    repository.commit("a.mjs", BOTH)
    done = thea(*arguments)
    assert (done.code, done.out) == (0, "No files to check.\n")
    assert Path("a.mjs").read_text() == BOTH


def test_since_counts_from_the_merge_base(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.js", LET)
    repository.git("checkout", "-q", "-b", "work")
    repository.commit("b.js", BAD)
    repository.git("checkout", "-q", "main")
    repository.commit("c.js", BAD)
    repository.commit("a.js", BAD)
    repository.git("checkout", "-q", "work")
    repository.write("new.js", BAD)
    done = thea.json("--since", "main")
    assert [file["path"] for file in done.json["files"]] == ["b.js", "new.js"]
    assert [file["path"] for file in thea.json("--since", "main", "new.js").json["files"]] == ["new.js"]
    assert [file["path"] for file in thea.json("--since", "main", os.path.abspath("b.js")).json["files"]] == ["b.js"]


def test_since_names_the_nearest_reference(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.js", LET)
    done = thea("--since", "mian")
    assert done.code == 2
    assert "git knows no commit `mian`. Did you mean `main`?" in done.err


def test_an_untracked_link_is_not_followed(thea: CommandLine, repository: Repository, tmp_path: Path) -> None:
    repository.commit("a.js", LET)
    outside = write(str(tmp_path / "outside.js"), VAR)
    os.symlink(outside, "link.js")
    assert thea("--since", "HEAD", "--fix").code == 0
    assert outside.read_text() == VAR


def test_changed_lines_limits_findings_and_fixes(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", "var a = 1;\nf(a);\nvar b = 2;\nf(b);\n")
    repository.write("a.mjs", "var a = 1;\nf(a);\nvar b = 3;\nf(b);\nvar c = 4;\nf(c);\n")
    done = thea.json(*RULES, "--since", "HEAD", "--changed-lines")
    assert [finding["line"] for finding in done.json["findings"]] == [3, 5]
    assert thea(*RULES, "--since", "HEAD", "--changed-lines", "--fix").code == 0
    assert Path("a.mjs").read_text() == "var a = 1;\nf(a);\nconst b = 3;\nf(b);\nconst c = 4;\nf(c);\n"


# ------------------------------------------------------------------ fixing


def test_unsafe_fixes_are_made_on_request_only(thea: CommandLine, project: Path) -> None:
    file = write("a.mjs", "if (x === NaN) f();\n")
    arguments = ("--select", "use-isnan", "--fix")
    assert thea(*arguments).code == 1
    assert file.read_text() == "if (x === NaN) f();\n"
    assert thea("--select", "use-isnan", "--unsafe-fixes").code == 1
    assert file.read_text() == "if (x === NaN) f();\n"
    assert thea(*arguments, "--unsafe-fixes").code == 0
    assert file.read_text() == "if (Number.isNaN(x)) f();\n"


def test_an_unfixable_rule_is_reported_and_left(thea: CommandLine, project: Path) -> None:
    file = write("a.mjs", VAR)
    assert thea(*RULES, "--fix", "--unfixable", "no-var").code == 1
    assert thea(*RULES, "--fix", "--fixable", "prefer-const").code == 1
    assert file.read_text() == VAR


def test_fix_only_says_nothing_of_what_is_left(thea: CommandLine, project: Path) -> None:
    write("a.mjs", BOTH)
    done = thea(*RULES, "--fix-only")
    assert done.code == 0
    assert "no-dupe-keys" not in done.out


AWKWARD = {
    "plain.mjs": VAR.encode(),
    "crlf.mjs": VAR.encode().replace(b"\n", b"\r\n"),
    "bom.mjs": b"\xef\xbb\xbf" + VAR.encode(),
    "no newline.mjs": VAR.encode().rstrip(),
    "söme 'dir'/odd \"name\".mjs": VAR.encode(),
    "separator.mjs": "f('\u2028');\nvar a = 1;\f\nf(a);\rg();\n".encode(),
}


def test_the_diff_is_what_git_apply_takes_and_what_fix_does(thea: CommandLine, repository: Repository) -> None:
    for name, text in AWKWARD.items():
        repository.write(name, text)
    done = thea(*RULES, "--diff")
    assert done.code == 1
    assert {name: Path(name).read_bytes() for name in AWKWARD} == AWKWARD
    Path("fixes.patch").write_bytes(done.stdout)
    repository.git("apply", "fixes.patch")
    applied = {name: Path(name).read_bytes() for name in AWKWARD}
    for name, text in AWKWARD.items():
        repository.write(name, text)
    assert thea(*RULES, "--fix").code == 0
    assert {name: Path(name).read_bytes() for name in AWKWARD} == applied
    assert all(b"const a" in text for text in applied.values())
    assert applied["crlf.mjs"].count(b"\r\n") == 2
    assert thea(*RULES, "--diff").code == 0


def test_the_diff_of_a_subfolder_applies_there(
    thea: CommandLine, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.stage("sub/a.mjs", VAR)
    monkeypatch.chdir("sub")
    patch = thea(*RULES, "--diff").stdout
    subprocess.run(["git", "apply", "-"], input=patch, check=True)
    assert Path("a.mjs").read_text() == LET


# ------------------------------------------------------------------ standard input


def test_standard_input_is_checked_under_its_name(thea: CommandLine, project: Path) -> None:
    done = thea.json(*RULES, "--stdin-filename", "src/x.ts", stdin=BOTH.encode())
    assert done.code == 1
    assert {finding["path"] for finding in done.json["findings"]} == {"src/x.ts"}
    assert thea(*RULES, "-", "--stdin-filename", "x.mjs", stdin=LET.encode()).code == 0


@pytest.mark.parametrize(
    ("text", "fixed", "code"),
    [(VAR.encode(), LET.encode(), 0), (BOTH.encode(), (LET + BAD).encode(), 1), (LET.encode(), LET.encode(), 0)],
)
def test_fixed_standard_input_is_all_that_stdout_holds(
    thea: CommandLine, project: Path, text: bytes, fixed: bytes, code: int
) -> None:
    done = thea(*RULES, "--fix", "--stdin-filename", "x.mjs", stdin=text)
    assert (done.stdout, done.code) == (fixed, code)
    assert ("no-dupe-keys" in done.err) == (code == 1)
    assert not Path("x.mjs").exists()


@pytest.mark.parametrize("text", [b"\xff\xfe var a", b"a\0b", b"// x\n" * 300_000])
def test_standard_input_that_is_not_checked_comes_back_as_it_was(thea: CommandLine, project: Path, text: bytes) -> None:
    done = thea("--fix", "--stdin-filename", "x.js", stdin=text)
    assert (done.code, done.stdout) == (0, text)


def test_excluded_standard_input_comes_back_as_it_was(thea: CommandLine, project: Path) -> None:
    arguments = (*RULES, "--fix", "--stdin-filename", "dist/x.mjs")
    assert thea(*arguments, "--force-exclude", stdin=VAR.encode()).stdout == VAR.encode()
    assert thea(*arguments, stdin=VAR.encode()).stdout == LET.encode()


def test_a_diff_of_standard_input(thea: CommandLine, project: Path) -> None:
    done = thea(*RULES, "--diff", "--stdin-filename", "x.mjs", stdin=VAR.encode())
    assert (done.code, done.out.splitlines()[:2]) == (1, ["--- a/x.mjs", "+++ b/x.mjs"])


# ------------------------------------------------------------------ rules and settings


def test_select_ignore_and_extend_select(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", 'select = ["no-var"]\n')
    write("a.mjs", VAR + BAD + "if (a == b) f();\n")
    assert set(thea.json().rules) == {"no-var"}
    assert set(thea.json("--extend-select", "no-dupe-keys").rules) == {"no-var", "no-dupe-keys"}
    assert set(thea.json("--select", "no-dupe-keys").rules) == {"no-dupe-keys"}
    arguments = ("--isolated", "--select", "no-var,no-dupe-keys", "--ignore", "no-var")
    assert set(thea.json(*arguments).rules) == {"no-dupe-keys"}
    assert thea.json("--ignore", "no-var").rules == []


def test_a_severity_of_the_configuration_does_not_outlive_select(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", '[rules]\neqeqeq = "error"\n')
    write("a.mjs", "if (a == b) f();\n")
    assert "eqeqeq" in thea.json().rules
    assert thea.json("--select", "no-var").rules == []


def test_confidence_hides_the_less_certain(thea: CommandLine, project: Path) -> None:
    write("a.mjs", "if (a = = b) f();\n")
    shown = thea.json("--confidence", "0").json["findings"]
    assert all(finding["confidence"] == 1 for finding in thea.json("--confidence", "1").json["findings"])
    assert len(shown) >= 2


def test_eslint_comments_can_be_turned_off(thea: CommandLine, project: Path) -> None:
    write("a.js", "debugger; // eslint-disable-line no-debugger\n")
    assert thea().code == 0
    assert thea("--no-eslint-directives").code == 1


def test_variables_and_flags(thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEA_OUTPUT_FORMAT", "concise")
    write("a.js", BAD)
    assert thea().out.startswith("a.js:1:1")
    assert thea.json().rules == ["no-dupe-keys"]


def test_show_settings_prints_what_holds_for_a_file(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", '[per-file-ignores]\n"test/*" = ["no-var"]\n')
    done = thea("--show-settings", "--select", "style", "--preset", "edge", "test/a.js")
    shown = json.loads(done.out)
    assert done.code == 0
    assert (shown["select"], shown["confidence"], shown["exempt"]) == (["style"], 0.95, ["no-var"])
    assert shown["source"] == str(project / "thea-hook.toml")


# ------------------------------------------------------------------ output


def test_several_formats_at_once(thea: CommandLine, project: Path) -> None:
    write("a.js", BAD)
    done = thea("--output-format", "concise", "--output-format", "json:out/r.json", "--output-format", "sarif:r.sarif")
    assert done.out.startswith("a.js:1:1")
    assert json.loads(Path("out/r.json").read_text())["findings"][0]["rule"] == "no-dupe-keys"
    assert json.loads(Path("r.sarif").read_text())["version"] == "2.1.0"


def test_statistics_take_the_place_of_the_report(thea: CommandLine, project: Path) -> None:
    write("a.js", BAD * 2)
    assert "2      no-dupe-keys" in thea("--statistics").out
    done = thea("--statistics", "--output-format", "json", "--output-format", "concise:r.txt")
    assert [(row["rule"], row["count"]) for row in done.json] == [("no-dupe-keys", 2)]
    assert Path("r.txt").read_text().count("no-dupe-keys") == 2


def test_the_prefix_leads_from_the_root_of_the_repository(
    thea: CommandLine, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.stage("sub/a.js", BAD)
    repository.write("sub/thea-hook.toml", 'output-format = "gitlab"\n')
    monkeypatch.chdir("sub")
    assert thea().json[0]["location"]["path"] == "sub/a.js"


def test_quiet_leaves_out_the_summary(thea: CommandLine, project: Path) -> None:
    write("a.js", BAD)
    assert thea("-q", "--output-format", "concise").out.count("\n") == 1
    write("a.mjs", VAR)
    assert thea("-q", "--fix", *RULES, "a.mjs").out == ""


@pytest.mark.parametrize(
    ("variables", "flags", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
    ],
)
def test_colour(
    thea: CommandLine,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    flags: list[str],
    coloured: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write("a.js", BAD)
    assert ("\x1b[" in thea(*flags).out) == coloured


def test_a_character_that_the_terminal_lacks_is_no_failure(project: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    for arguments in (["rules"], ["explain", "no-full-width-punctuation"], ["--show-settings"]):
        done = subprocess.run(
            [sys.executable, "-m", "thea_hook", *arguments], env=environment, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")


def progress_at_a_terminal(**variables: str) -> bytes:
    """What a run that takes its time writes to a terminal."""
    master, slave = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PRE_COMMIT")}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", **variables}
    code = "from thea_hook import progress, cli; progress.QUIET_SECONDS = 0.0; cli.main(['--no-cache', '-q'])"
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, stderr=slave, check=True)
    os.set_blocking(master, False)
    os.close(slave)
    try:
        return os.read(master, 65536)
    except (BlockingIOError, OSError):
        return b""
    finally:
        os.close(master)


def test_progress_is_for_people_only(project: Path) -> None:
    write("a.js", LET)
    shown = progress_at_a_terminal()
    assert b"1/1 a.js" in shown
    assert shown.endswith(b"\r\x1b[K")
    assert progress_at_a_terminal(PRE_COMMIT="1") == b""
    assert progress_at_a_terminal(TERM="dumb") == b""


# ------------------------------------------------------------------ rules, explain, health


def test_rules_as_json_have_the_promised_keys(thea: CommandLine) -> None:
    rows = thea("rules", "--output-format", "json").json
    assert len(rows) > 50
    for row in rows:
        assert {"id", "category", "fix", "confidence", "sources", "recommended"} <= row.keys()
        assert row["fix"] in ("safe", "unsafe", "display", "none")
        assert row["category"] in ("syntax", "correctness", "suspicious", "style", "performance", "security")
        assert isinstance(row["recommended"], bool)


def test_rules_as_text_list_every_rule(thea: CommandLine) -> None:
    listed = thea("rules").out
    assert all(f" {row['id']} " in listed for row in thea("rules", "--output-format", "json").json)


def test_explain_tells_what_why_how_and_how_safe(thea: CommandLine) -> None:
    text = thea("explain", "no-var").out
    for part in ("no-var (style", "Reported:", "Left alone:", "becomes", "Fix: safe.", "eslint:no-var"):
        assert part in text


def test_every_rule_can_be_explained(thea: CommandLine) -> None:
    from thea_hook.catalogue_text import explain
    from thea_hook.ruleset.loader import load

    assert all(explain(rule).startswith(rule) for rule in load())


def test_health_check(thea: CommandLine, project: Path) -> None:
    done = thea("--health-check")
    assert done.code == 0
    parts = ["parsers", "rules", "second parser", "settings", "cache", "git", "backends", "models", "second opinion"]
    assert [part for part in parts if f" {part} " not in done.out] == []


def test_the_health_check_says_who_gives_a_second_opinion(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", 'models = ["tagger", "rlm"]\n')
    assert "ok       second opinion  rlm (recursive decomposition)" in thea("--health-check").out
    write("thea-hook.toml", 'models = ["tagger"]\n')
    assert "missing  second opinion  none asked for" in thea("--health-check").out


@pytest.mark.parametrize("error", [ImportError("no grammar"), ValueError("Incompatible Language version 16")])
def test_a_broken_part_makes_the_health_check_2_and_hides_no_other(
    thea: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(grammars, "parse", broken)
    done = thea("--health-check")
    assert done.code == 2
    assert re.search(rf"(?m)^broken   parsers +{type(error).__name__}: {error}$", done.out)
    assert "ok       rules" in done.out


def test_settings_without_effect_are_mentioned_once(thea: CommandLine, project: Path) -> None:
    for name in "abc":
        write(f"{name}/thea-hook.toml", "\nworkers = 2\n")
        write(f"{name}/x.js", LET)
    done = thea()
    assert done.err == (
        f"thea-hook: {project}/a/thea-hook.toml:2: `workers` has no effect: it is decided for the whole run "
        "(2 more in nested files)\n"
    )
    assert thea("--quiet").err == ""


def test_a_wrong_configuration_makes_the_health_check_2(thea: CommandLine, project: Path) -> None:
    write("thea-hook.toml", "colour = 1\n")
    done = thea("--health-check")
    assert done.code == 2
    assert "broken   settings" in done.out


# ------------------------------------------------------------------ processes


def many_files(count: int, text: str = "f(1);\n") -> None:
    filler = "g(2);\n" * 20_000
    for number in range(count):
        write(f"f{number}.js", text + filler)


def start(*arguments: str, setup: str = "") -> subprocess.Popen[bytes]:
    code = f"import sys, os, time; from thea_hook import cli, checking\n{setup}\nsys.exit(cli.main(sys.argv[1:]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


KILLED = """
check = checking.Checker.check
def deadly(self, file):
    if file.text.startswith(b"kill"):
        os.kill(os.getpid(), 9)
    return check(self, file)
checking.Checker.check = deadly
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers must inherit the patched check")
def test_a_killed_worker_is_2_and_the_last_line_names_its_file(project: Path) -> None:
    many_files(6, BAD)
    write("deadly.js", "kill();\n")
    flags = ("--workers", "2", "--no-cache", "--output-format", "json", "--select", "no-dupe-keys")
    process = start(*flags, setup=_forking(KILLED))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    last = err.decode().splitlines()[-1]
    assert last == "thea-hook: deadly.js: could not check: the process working on it was killed"
    assert len(json.loads(out)["findings"]) == 6  # the other files are checked all the same


@pytest.mark.skipif(sys.platform != "linux", reason="workers must inherit the patched check")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_is_130_without_a_traceback(project: Path, workers: str) -> None:
    many_files(6)
    slow = "checking.Checker.check = lambda *_: (os.write(1, b'working'), time.sleep(60))"
    process = start("--workers", workers, "--no-cache", setup=_forking(slow))
    assert process.stdout is not None
    assert process.stdout.read(7) == b"working"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.decode() == "thea-hook: interrupted; every file is either as it was or completely fixed\n"


def _forking(code: str) -> str:
    return f"import multiprocessing; multiprocessing.set_start_method('fork')\n{code}"


def test_a_reader_that_has_enough_is_no_error(project: Path) -> None:
    write("a.js", BAD * 5000)
    process = start("--no-cache")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 0
    process.stderr.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_every_file_is_old_or_new_when_a_fix_is_interrupted(project: Path, number: signal.Signals, code: int) -> None:
    new = LET + "// end\n" * 5_000
    old = VAR + "// end\n" * 5_000
    files = [write(f"f{index:03}.mjs", old) for index in range(200)]
    process = start("--fix", "--no-cache", "--workers", "1", *RULES)
    while files[10].read_text() == old and process.poll() is None:
        pass
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == code
    texts = [file.read_text() for file in files]
    assert set(texts) == {old, new}
    left = {path.name for path in project.iterdir()} - {file.name for file in files}
    assert not left or (number == signal.SIGKILL and all(name.endswith(".tmp") for name in left))
